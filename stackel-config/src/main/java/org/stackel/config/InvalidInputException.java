package org.stackel.config;

import java.util.Objects;
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

  /**
   * @param problem what is wrong, with its value and the rule; a sentence
   * @param maybe what could help, a sentence without its first word "Maybe"
   */
  public InvalidInputException(String problem, String maybe) {
    this(problem, maybe, null, null, null);
  }

  private InvalidInputException(
      String problem,
      String maybe,
      @Nullable String key,
      @Nullable String location,
      @Nullable Throwable cause) {
    super(problem, cause);
    this.problem = problem;
    this.maybe = maybe;
    this.key = key;
    this.location = location;
  }

  /** The same complaint about the option with this dotted path, unless a path is known already. */
  public InvalidInputException atKey(String path) {
    return new InvalidInputException(
        problem, maybe, key == null ? path : key, location, getCause());
  }

  /** The same complaint, its path prefixed: {@code period} becomes {@code algorithm.period}. */
  public InvalidInputException under(String prefix) {
    String path = key == null ? prefix : prefix + "." + key;
    return new InvalidInputException(problem, maybe, path, location, getCause());
  }

  /**
   * The same complaint at a place such as {@code train.csv:17}, unless a place is known already.
   */
  public InvalidInputException at(String place) {
    return new InvalidInputException(
        problem, maybe, key, location == null ? place : location, getCause());
  }

  /** The same complaint with what led to it. */
  public InvalidInputException causedBy(Throwable cause) {
    return new InvalidInputException(problem, maybe, key, location, cause);
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
