package org.stackel.problem;

import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.stackel.config.InvalidInputException;
import org.stackel.config.Options;
import org.stackel.plugin.Plugins;

/** The catalogue of problems. */
public final class Problems {
  private static final String WHAT = "problem";

  private Problems() {}

  /**
   * One problem.
   *
   * @param name what experiment files call it
   * @param defaults its options with their defaults; an empty list or text must be given
   * @param summary one line
   * @param properties what decides which algorithms run on it
   */
  public record Entry(
      String name, ProblemOptions defaults, String summary, Set<Property> properties) {
    /**
     * The entry of a problem: what its {@link ProblemInfo} says.
     *
     * @param defaults its options with their defaults
     * @throws IllegalArgumentException if they are no record
     */
    public static Entry of(ProblemOptions defaults) {
      if (!(defaults instanceof Record)) {
        throw new IllegalArgumentException(
            "The options of a problem must be a record, whose components are the keys");
      }
      ProblemInfo info = defaults.getClass().getAnnotation(ProblemInfo.class);
      return new Entry(
          defaults.typeName(),
          defaults,
          info == null ? "" : info.summary(),
          Problems.properties(defaults));
    }

    /** The options with their defaults, as JSON has them. */
    public Map<String, @Nullable Object> options() {
      return Options.toMap((Record) defaults);
    }
  }

  /**
   * All problems, by name: those of the class path and of plug-ins.
   *
   * @throws InvalidInputException if a plug-in is broken
   */
  public static List<Entry> all() {
    return List.copyOf(byName().values());
  }

  private static Map<String, Entry> byName() {
    return Plugins.entries(ProblemOptions.class, WHAT, e -> List.of(Entry.of(e)), Entry::name);
  }

  /** What is known of a problem's structure before it is opened. */
  public static Set<Property> properties(ProblemOptions problem) {
    ProblemInfo info = problem.getClass().getAnnotation(ProblemInfo.class);
    return info == null ? Set.of() : Set.of(info.properties());
  }

  /** Whether the catalogue makes this kind of problem by its name. */
  public static boolean contains(ProblemOptions problem) {
    Entry entry = byName().get(problem.typeName());
    return entry != null && entry.defaults().getClass() == problem.getClass();
  }

  /**
   * The problem of this name.
   *
   * @throws InvalidInputException if there is none
   */
  public static Entry named(String name) {
    return Plugins.find(byName(), name, WHAT);
  }

  /**
   * A problem's options with some given and the others at their defaults.
   *
   * @param options values as JSON has them: numbers, words, lists, maps
   * @throws InvalidInputException for an unknown name or key, or a value against the rules
   */
  public static ProblemOptions create(String name, Map<String, ?> options) {
    return (ProblemOptions) Options.bind((Record) named(name).defaults(), options, name);
  }

  /**
   * A problem's options with some given and the others as they suit those and an algorithm.
   *
   * @param options values as JSON has them: numbers, words, lists, maps
   * @param algorithm what the algorithm is like
   * @throws InvalidInputException for an unknown name or key, or a value against the rules
   */
  public static ProblemOptions create(String name, Map<String, ?> options, Set<Trait> algorithm) {
    ProblemOptions general = named(name).defaults();
    Map<String, @Nullable Object> given =
        Options.current(((Record) general).getClass(), options, name);
    ProblemOptions defaults = general.suitedTo(given, algorithm);
    return (ProblemOptions) Options.bind((Record) defaults, options, name);
  }
}
