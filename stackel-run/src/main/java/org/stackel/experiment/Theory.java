package org.stackel.experiment;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.stackel.algorithm.Algorithms;
import org.stackel.algorithm.BilevelAlgorithm;
import org.stackel.config.InvalidInputException;
import org.stackel.config.Options;
import org.stackel.config.Rules;
import org.stackel.theory.Analysis;
import org.stackel.theory.Constants;
import org.stackel.theory.TheoryPlan;

/**
 * Hyperparameters from an algorithm's analysis: {@code "schedule": "theory"} with an {@code
 * epsilon} and the problem's {@code constants}.
 *
 * @param epsilon the norm of ∇Φ to be reached
 * @param constants the problem's constants, as far as the algorithm's analysis needs them
 */
public record Theory(double epsilon, Constants constants) {
  /** The key in an algorithm's block. */
  static final String KEY = "schedule";

  private static final String NAME = "theory";
  private static final String EPSILON = "epsilon";
  private static final String CONSTANTS = "constants";

  /** Larger numbers of steps are reported as astronomical. */
  private static final double MANY = 1e9;

  /** Whole numbers beyond are no longer exact in a file. */
  private static final long MOST = 1L << 53;

  private static final long EVALUATIONS = 1000;
  private static final long CHECKPOINTS = 100;

  public Theory {
    new Rules("the theory schedule").positive(EPSILON, epsilon);
  }

  /**
   * What theory gives.
   *
   * @param options hyperparameters, as an experiment file has them
   * @param settings the number of steps, and how often to evaluate and save
   */
  record Plan(Map<String, Object> options, Map<String, Object> settings) {}

  /**
   * Takes the keys of a theory schedule out of an algorithm's block. Two forms: {@code "schedule":
   * "theory"} with epsilon and constants beside it, and {@code "schedule": {"type": "theory",
   * "epsilon": …, "constants": …}}, which saved experiments have.
   *
   * @return null if there is none
   */
  static @Nullable Theory take(String algorithm, Map<String, @Nullable Object> options) {
    if (!options.containsKey(KEY)) {
      return null;
    }
    Object schedule = options.remove(KEY);
    var rules = new Rules(algorithm);
    if (schedule instanceof Map<?, ?> map) {
      var nested = new LinkedHashMap<String, @Nullable Object>();
      map.forEach((key, value) -> nested.put(String.valueOf(key), value));
      rules.oneOf(KEY, String.valueOf(nested.remove("type")), List.of(NAME));
      try {
        return read(algorithm, nested);
      } catch (InvalidInputException e) {
        throw e.under(KEY);
      }
    }
    rules.oneOf(KEY, String.valueOf(schedule), List.of(NAME));
    var flat = new LinkedHashMap<String, @Nullable Object>();
    for (String key : List.of(EPSILON, CONSTANTS)) {
      if (options.containsKey(key)) {
        flat.put(key, options.remove(key));
      }
    }
    return read(algorithm, flat);
  }

  private static Theory read(String algorithm, Map<String, @Nullable Object> given) {
    String owner = "the theory schedule of " + algorithm;
    for (String key : given.keySet()) {
      if (!key.equals(EPSILON) && !key.equals(CONSTANTS)) {
        throw Options.unknownKey(key, List.of(EPSILON, CONSTANTS), owner);
      }
    }
    if (!(given.get(EPSILON) instanceof Number epsilon)) {
      throw new InvalidInputException(
              "%s needs an epsilon: the norm of ∇Φ to be reached.".formatted(capital(owner)),
              "\"epsilon\": 0.1 was meant.")
          .atKey(EPSILON);
    }
    Constants constants = Constants.NONE;
    if (given.get(CONSTANTS) instanceof Map<?, ?> map) {
      var values = new LinkedHashMap<String, @Nullable Object>();
      map.forEach((key, value) -> values.put(String.valueOf(key), value));
      try {
        constants = Options.bind(Constants.NONE, values, "the constants");
      } catch (InvalidInputException e) {
        throw e.under(CONSTANTS);
      }
    }
    return new Theory(epsilon.doubleValue(), constants);
  }

  private static String capital(String text) {
    return text.substring(0, 1).toUpperCase(Locale.ROOT) + text.substring(1);
  }

  /** Whether a key of an algorithm's block belongs to its theory schedule. */
  static boolean isPart(String key, Map<?, ?> block) {
    Object schedule = block.get(KEY);
    boolean isFlat = schedule instanceof String && Set.of(EPSILON, CONSTANTS).contains(key);
    return schedule != null && (key.equals(KEY) || isFlat);
  }

  /** As a saved experiment has it. */
  Map<String, @Nullable Object> toMap() {
    var map = new LinkedHashMap<String, @Nullable Object>();
    map.put("type", NAME);
    map.put(EPSILON, epsilon);
    map.put(CONSTANTS, constants.given());
    return map;
  }

  /**
   * The hyperparameters of an algorithm.
   *
   * @param given hyperparameters that stand in the file; of these the analysis of adambo needs its
   *     {@code epsilon}, which is Adam's
   * @param steps number of steps in the file; null for the number from theory
   * @throws InvalidInputException if constants are missing, or the algorithm has no such schedule
   */
  Plan plan(String algorithm, Map<String, ?> given, @Nullable Object steps) {
    TheoryPlan result = schedule(algorithm, given);
    long length = steps instanceof Number number ? number.longValue() : steps(result);
    var settings = new LinkedHashMap<String, Object>();
    settings.put("steps", length);
    settings.putAll(every(length));
    var options = new LinkedHashMap<String, Object>();
    result
        .options()
        .forEach(
            (name, value) ->
                options.put(name, value instanceof TheoryPlan.Length n ? whole(n.value()) : value));
    return new Plan(options, settings);
  }

  /** How often a run of so many steps is evaluated and saved. */
  public static Map<String, Long> every(long steps) {
    return Map.of(
        "evaluateEvery",
        Math.max(1, steps / EVALUATIONS),
        "checkpointEvery",
        Math.max(1, steps / CHECKPOINTS));
  }

  private TheoryPlan schedule(String algorithm, Map<String, ?> given) {
    return schedule(algorithm, Algorithms.create(algorithm, given), epsilon, constants);
  }

  /**
   * The schedule of an algorithm.
   *
   * @throws InvalidInputException naming every constant that is missing, or if it has no schedule
   */
  static TheoryPlan schedule(
      String name, BilevelAlgorithm<?> algorithm, double epsilon, Constants constants) {
    var analysis = new Analysis(epsilon, constants);
    TheoryPlan plan = algorithm.theory(analysis);
    if (plan == null) {
      throw new InvalidInputException(
              "There is no theory schedule for %s.".formatted(name),
              "one of %s was meant.".formatted(String.join(", ", known())))
          .atKey(KEY);
    }
    List<String> missing = analysis.missing();
    if (!missing.isEmpty()) {
      throw new InvalidInputException(
              "The theory schedule of %s needs the constant%s %s."
                  .formatted(name, missing.size() == 1 ? "" : "s", String.join(", ", missing)),
              "`stackel check --constants` estimates them.")
          .atKey(CONSTANTS);
    }
    return plan;
  }

  /** The algorithms that have a schedule. */
  private static List<String> known() {
    return Algorithms.all().stream()
        .filter(entry -> entry.defaults().theory(new Analysis(1, Constants.NONE)) != null)
        .map(Algorithms.Entry::name)
        .toList();
  }

  private static long steps(TheoryPlan result) {
    return Math.min(whole(result.steps()), Settings.NO_LIMIT);
  }

  private static long whole(double length) {
    return length >= MOST ? MOST : Math.max(0, (long) Math.ceil(length));
  }

  /** Remarks: values from theory, values that replace them, and astronomical lengths. */
  List<String> remarks(String algorithm, Map<String, @Nullable Object> options, long steps) {
    TheoryPlan result = schedule(algorithm, options);
    var remarks = new ArrayList<String>();
    var values = new ArrayList<String>();
    var astronomical = new ArrayList<String>();
    result
        .options()
        .forEach(
            (name, value) -> {
              boolean isLength = value instanceof TheoryPlan.Length;
              Object plain =
                  value instanceof TheoryPlan.Length n ? (Object) whole(n.value()) : value;
              Object actual = options.get(name);
              boolean isOwn = same(plain, actual);
              values.add(name + " " + text(actual) + (isOwn ? "" : " (given)"));
              if (isLength && isOwn && plain instanceof Long n && n > MANY) {
                astronomical.add("%s %s".formatted(name, text(n)));
              }
            });
    remarks.add("theory, epsilon %s: %s".formatted(text(epsilon), String.join(", ", values)));
    boolean isOwn = steps == steps(result);
    remarks.add(
        isOwn
            ? "theory asks for %s steps".formatted(text(result.steps()))
            : String.format(
                Locale.ROOT,
                "theory asks for %s steps; %,d are given",
                text(result.steps()),
                steps));
    if (isOwn && result.steps() > MANY) {
      astronomical.add("steps " + text(result.steps()));
    }
    if (!astronomical.isEmpty()) {
      remarks.add(
          "This is astronomically long: %s. Use a larger epsilon, give --steps, or set the key in the file."
              .formatted(String.join(", ", astronomical)));
    }
    remarks.addAll(result.remarks());
    return remarks;
  }

  private static boolean same(Object plain, @Nullable Object actual) {
    if (plain instanceof Number a && actual instanceof Number b) {
      return a.doubleValue() == b.doubleValue();
    }
    return plain instanceof Map<?, ?> || plain.equals(actual);
  }

  private static String text(@Nullable Object value) {
    if (value instanceof Map<?, ?> schedule) {
      return schedule.entrySet().stream()
          .filter(entry -> entry.getValue() != null)
          .map(entry -> entry.getKey() + " " + text(entry.getValue()))
          .collect(Collectors.joining(", ", "(", ")"));
    }
    if (!(value instanceof Number number)) {
      return String.valueOf(value);
    }
    String text = String.format(Locale.ROOT, "%.4g", number.doubleValue());
    return text.contains(".") && !text.contains("e") ? text.replaceFirst("\\.?0+$", "") : text;
  }
}
