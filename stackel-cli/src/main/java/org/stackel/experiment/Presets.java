package org.stackel.experiment;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.stackel.config.InvalidInputException;
import org.stackel.config.Options;

/** The catalogue of ready experiments. */
public final class Presets {
  private static final List<Preset> ALL =
      List.of(
          new Preset(
              "clean-wordnet",
              "find wrong labels among definitions of 38 topics; 40 % are moved to the next class",
              Map.of(
                  Scale.TINY,
                  wordNet(Map.of("trainSize", 1_000, "trustedSize", 300, "testSize", 500), 100),
                  Scale.SMALL,
                  wordNet(Map.of(), 1_000))), // the problem's own sizes
          new Preset(
              "logistic",
              "a penalty for each feature of a logistic regression, from validation examples",
              Map.of(
                  Scale.TINY,
                  preset("logistic-hpo", Map.of("features", 5, "examples", 200), 100),
                  Scale.SMALL,
                  preset("logistic-hpo", Map.of(), 2_000))),
          new Preset(
              "matrix-sensing",
              "a matrix of rank 5 from measurements; full batches",
              Map.of(
                  Scale.TINY,
                  preset("matrix-sensing", Map.of("d", 10, "r", 2), 200),
                  Scale.SMALL,
                  preset("matrix-sensing", Map.of(), 1_000))),
          new Preset(
              "matrix-sensing-stochastic",
              "a matrix of rank 5 from measurements; minibatches of 10",
              Map.of(
                  Scale.TINY,
                  preset("matrix-sensing", Map.of("d", 10, "r", 2, "batch", 10), 200),
                  Scale.SMALL,
                  preset("matrix-sensing", Map.of("batch", 10), 2_000))),
          new Preset(
              "pl-game",
              "a game whose lower level is not strongly convex; full batches",
              Map.of(
                  Scale.TINY,
                  preset("pl-game", Map.of("d", 10, "r", 5, "n", 200, "coupling", 0.01), 200),
                  Scale.SMALL,
                  preset("pl-game", Map.of("coupling", 0.02), 2_000))),
          new Preset(
              "pl-game-stochastic",
              "a game whose lower level is not strongly convex; minibatches of 10",
              Map.of(
                  Scale.TINY,
                  preset(
                      "pl-game",
                      Map.of("d", 10, "r", 5, "n", 200, "coupling", 0.01, "batch", 10),
                      200),
                  Scale.SMALL,
                  preset("pl-game", Map.of("coupling", 0.02, "batch", 10), 2_000))),
          new Preset(
              "quadratic-demo",
              "the smallest bilevel problem, with a closed form: a few milliseconds",
              Map.of(Scale.SMALL, quadratic(100), Scale.TINY, quadratic(10))),
          new Preset(
              "quadratic-sum",
              "means of random quadratics in 100 numbers at each level; minibatches of 64",
              Map.of(
                  Scale.TINY,
                  preset("quadratic-sum", Map.of("d", 10, "p", 10, "n", 100, "batch", 16), 200),
                  Scale.SMALL,
                  preset("quadratic-sum", Map.of(), 2_000))));

  private Presets() {}

  /** How much of the data and how many steps. */
  public enum Scale {
    /** Seconds: to see that it works. */
    TINY,
    /** Minutes on a laptop: to see what it does. */
    SMALL,
    /** The published sizes. */
    PAPER
  }

  /**
   * An experiment with a name.
   *
   * @param name what {@code stackel run} takes
   * @param summary one line
   * @param scales the experiment for every scale it has, as an experiment file has it
   */
  public record Preset(String name, String summary, Map<Scale, Map<String, ?>> scales) {
    /**
     * The experiment of one scale.
     *
     * @throws InvalidInputException if it is not there in this scale
     */
    public Draft draft(Scale scale) {
      Map<String, ?> values = scales.get(scale);
      if (values == null) {
        throw new InvalidInputException(
                "The preset %s has no scale %s.".formatted(name, Options.kebab(scale)),
                "one of %s was meant."
                    .formatted(
                        String.join(
                            ", ", scales.keySet().stream().sorted().map(Options::kebab).toList())))
            .at("--scale");
      }
      return Draft.of("preset " + name, values);
    }
  }

  /** All presets. */
  public static List<Preset> all() {
    return ALL;
  }

  /** The preset of this name, or null. */
  public static @Nullable Preset find(String name) {
    return ALL.stream().filter(preset -> preset.name().equals(name)).findFirst().orElse(null);
  }

  /** The preset of this name, which exists. */
  static Preset named(String name) {
    return java.util.Objects.requireNonNull(find(name));
  }

  private static Map<String, ?> wordNet(Map<String, Integer> sizes, long steps) {
    var problem = new LinkedHashMap<String, Object>(sizes);
    problem.put("type", "data-cleaning");
    return Map.of("problem", problem, "algorithm", Map.of("type", "slip"), "steps", steps);
  }

  /** A problem with some options, SLIP on it, and the others at their defaults. */
  private static Map<String, ?> preset(String type, Map<String, ?> options, long steps) {
    var problem = new LinkedHashMap<String, Object>();
    problem.put("type", type);
    problem.putAll(options);
    return Map.of(
        "problem",
        problem,
        "algorithm",
        Map.of("type", "slip"),
        "steps",
        steps,
        "evaluateEvery",
        Math.max(10, steps / 100));
  }

  private static Map<String, ?> quadratic(long steps) {
    return Map.of(
        "problem",
        Map.of(
            "type", "quadratic",
            "A", List.of(List.of(2)),
            "B", List.of(List.of(1)),
            "d", List.of(3),
            "E", List.of(List.of(1)),
            "x0", List.of(1)),
        "algorithm",
        Map.of("type", "slip", "upperLr", 0.05, "lowerLr", 0.1, "linearSystemLr", 0.1),
        "steps",
        steps);
  }
}
