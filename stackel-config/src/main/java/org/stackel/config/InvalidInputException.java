package org.stackel.config;

import java.util.Objects;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Something that a user gave is wrong: a command, a key, a value, a file.
 *
 * <p>The message is one line with what is wrong, its value and the rule, preceded by the place
 * ({@code file:line}) where it is known, and then a line starting with "Maybe".
 */
public final class InvalidInputException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final String problem;
  private final String maybe;
  private final @Nullable String key;
  private final @Nullable String location;

  /** Where " of" and an owner are to be put into the problem; -1 if nowhere. */
  private final int ownerAt;

  /**
   * @param problem what is wrong, with its value and the rule; a sentence
   * @param maybe what could help, a sentence without its first word "Maybe"
   */
  public InvalidInputException(String problem, String maybe) {
    this(problem, maybe, null, null, null, -1);
  }

  private InvalidInputException(
      String problem,
      String maybe,
      @Nullable String key,
      @Nullable String location,
      @Nullable Throwable cause,
      int ownerAt) {
    super(problem, cause);
    this.problem = Shown.of(problem);
    this.maybe = Shown.of(maybe);
    this.key = key;
    this.location = location;
    this.ownerAt = ownerAt;
  }

  /**
   * A complaint about an option of nobody yet.
   *
   * @param option what is wrong, such as "The batch (0)"
   * @param rule what it breaks, such as "must be at least 1."
   */
  static InvalidInputException withoutOwner(String option, String rule, String maybe) {
    return new InvalidInputException(option + " " + rule, maybe, null, null, null, option.length());
  }

  /** The same complaint with the owner of the option, unless one is known already. */
  InvalidInputException ofOwner(String owner) {
    return ownerAt < 0
        ? this
        : new InvalidInputException(
            problem.substring(0, ownerAt) + " of " + owner + problem.substring(ownerAt),
            maybe,
            key,
            location,
            getCause(),
            -1);
  }

  /** The same complaint with another path. */
  InvalidInputException withKey(String path) {
    return new InvalidInputException(problem, maybe, path, location, getCause(), ownerAt);
  }

  /** The same complaint about the option with this dotted path, unless a path is known already. */
  public InvalidInputException atKey(String path) {
    return withKey(key == null ? path : key);
  }

  /** The same complaint, its path prefixed: {@code period} becomes {@code algorithm.period}. */
  public InvalidInputException under(String prefix) {
    return withKey(key == null ? prefix : prefix + "." + key);
  }

  /**
   * The same complaint at a place such as {@code train.csv:17}, unless a place is known already; an
   * empty one is none.
   */
  public InvalidInputException at(String place) {
    String first = location == null && !place.isEmpty() ? place : location;
    return new InvalidInputException(problem, maybe, key, first, getCause(), ownerAt);
  }

  /**
   * The same complaint with other advice.
   *
   * @param other what could help, a sentence without its first word "Maybe"
   */
  public InvalidInputException withAdvice(String other) {
    return new InvalidInputException(problem, other, key, location, getCause(), ownerAt);
  }

  /** The same complaint in other words. */
  public InvalidInputException worded(UnaryOperator<String> change) {
    return new InvalidInputException(
        change.apply(problem), change.apply(maybe), key, location, getCause(), ownerAt);
  }

  /** The same complaint with what led to it. */
  public InvalidInputException causedBy(Throwable cause) {
    return new InvalidInputException(problem, maybe, key, location, cause, ownerAt);
  }

  /** The dotted path of the option, such as {@code algorithm.period}. */
  public @Nullable String key() {
    return key;
  }

  /** The place of the mistake, such as {@code experiment.json:12}. */
  public @Nullable String location() {
    return location;
  }

  @Override
  public String getMessage() {
    boolean isNamed = location == null || problem.startsWith(location + " "); // such as --tune
    String where = isNamed ? "" : location + ": ";
    return Objects.requireNonNull(where + problem + "\nMaybe " + maybe);
  }
}
