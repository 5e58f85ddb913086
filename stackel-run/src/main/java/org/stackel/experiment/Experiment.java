package org.stackel.experiment;

import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.stackel.algorithm.Algorithms;
import org.stackel.algorithm.BilevelAlgorithm;
import org.stackel.config.InvalidInputException;
import org.stackel.config.Options;
import org.stackel.config.Rules;
import org.stackel.plugin.Origin;
import org.stackel.problem.BilevelProblem;
import org.stackel.problem.LowerSolver;
import org.stackel.problem.Metrics;
import org.stackel.problem.ProblemOptions;
import org.stackel.problem.Problems;
import org.stackel.problem.Scales;
import org.stackel.runfile.ExperimentFile;
import org.stackel.runfile.FormatVersion;
import org.stackel.runfile.RunFiles;
import org.stackel.tensor.Arithmetic;
import org.stackel.tensor.Cuda;
import org.stackel.tensor.Device;
import org.stackel.tensor.Seed;
import org.stackel.tensor.StateScope;

/**
 * Everything that determines a run.
 *
 * <p>Hyperparameters that nobody gave follow from the problem's scales, which may depend on its
 * data: an experiment that was read from a file is complete when its problem has been opened
 * ({@link #completed}). Making one reads no data.
 *
 * @param problemType name of the problem in the catalogue
 * @param problem its options
 * @param algorithmType name of the algorithm in the catalogue
 * @param algorithm the algorithm with its hyperparameters
 * @param settings everything else
 * @param theory what hyperparameters that were left out follow from; null if from nothing
 * @param pending what is left to the data; null if the experiment is complete
 */
public record Experiment(
    String problemType,
    ProblemOptions problem,
    String algorithmType,
    BilevelAlgorithm<?> algorithm,
    Settings settings,
    @Nullable Theory theory,
    @Nullable Pending pending) {

  static final String OWNER = "the experiment";

  /** Key of a part that was made in Java: its class, in place of a name in the catalogue. */
  private static final String JAVA = "java";

  private static final List<String> LOWER =
      List.of("lowerLr", "adaptLr", "linearSystemLr", "neumannStep");
  private static final List<String> SETTINGS =
      Arrays.stream(Settings.class.getRecordComponents()).map(RecordComponent::getName).toList();

  /**
   * What is left to the data.
   *
   * @param given hyperparameters that do not follow from them
   * @param steps number of steps that the others follow from
   * @param epochs passes through the training set that give the number of steps; 0 if that is given
   */
  record Pending(Map<String, @Nullable Object> given, long steps, long epochs) {}

  public Experiment {
    settings = settings.on(problem);
  }

  /**
   * An experiment whose hyperparameters are all given. Neither its problem nor its algorithm need
   * be in a catalogue.
   *
   * @param problem a problem, as {@link org.stackel.bilevel.Bilevel} states it or as a record
   * @param algorithm a record with its hyperparameters
   * @throws InvalidInputException if the algorithm is no record
   */
  public static Experiment of(
      ProblemOptions problem, BilevelAlgorithm<?> algorithm, Settings settings) {
    return new Experiment(
        problem.typeName(),
        problem,
        Algorithms.Entry.of(algorithm).name(),
        algorithm,
        settings,
        null,
        null);
  }

  /**
   * The experiment of a file, of whose problem and algorithm it has the names only.
   *
   * @param values as JSON has them
   * @throws InvalidInputException if the file is about another problem or algorithm
   */
  static Experiment of(
      Map<String, ?> values, ProblemOptions problem, BilevelAlgorithm<?> algorithm) {
    checkKeys(values);
    Experiment given = of(problem, algorithm, new Settings());
    checkType("problem", values, given.problemType);
    checkType("algorithm", values, given.algorithmType);
    return of(problem, algorithm, Options.bind(new Settings(), rest(values), OWNER));
  }

  private static void checkType(String key, Map<String, ?> values, String given) {
    Object found = values.get(key) instanceof Map<?, ?> part ? part.get("type") : null;
    if (!given.equals(found)) {
      throw new InvalidInputException(
              "The %s of this run is %s, not %s.".formatted(key, found, given),
              "the directory of another run was meant.")
          .atKey(key + ".type");
    }
  }

  private static void checkKeys(Map<String, ?> values) {
    FormatVersion.check(values);
    var known = new ArrayList<>(List.of(FormatVersion.KEY, "problem", "algorithm"));
    known.addAll(SETTINGS);
    for (String key : values.keySet()) {
      if (!known.contains(key)) {
        throw Options.unknownKey(key, known, OWNER);
      }
    }
  }

  private static Map<String, Object> rest(Map<String, ?> values) {
    var rest = new LinkedHashMap<String, Object>(values);
    rest.keySet().removeAll(List.of(FormatVersion.KEY, "problem", "algorithm"));
    return rest;
  }

  /**
   * The experiment with these values and the others at their defaults.
   *
   * @param values as JSON has them
   * @throws InvalidInputException with the dotted path as its key, for the first mistake
   */
  public static Experiment of(Map<String, ?> values) {
    checkKeys(values);
    Part problem =
        part("problem", values, Problems.all().stream().map(Problems.Entry::name).toList());
    Part algorithm =
        part("algorithm", values, Algorithms.all().stream().map(Algorithms.Entry::name).toList());
    Map<String, Object> rest = rest(values);
    Theory theory = theory(algorithm);
    var given = new LinkedHashMap<String, @Nullable Object>();
    if (theory != null) {
      Theory.Plan plan =
          under(
              "algorithm",
              () -> theory.plan(algorithm.type(), algorithm.options(), rest.get("steps")));
      given.putAll(plan.options());
      plan.settings().forEach(rest::putIfAbsent);
    }
    Algorithms.Entry entry = under("algorithm", () -> Algorithms.named(algorithm.type()));
    given.putAll(under("algorithm", () -> entry.current(algorithm.options())));
    Problems.Entry kind = under("problem", () -> Problems.named(problem.type()));
    Settings settings = Options.bind(Settings.defaults(kind.defaults()), rest, OWNER);
    ProblemOptions options =
        under("problem", () -> Problems.create(problem.type(), problem.options(), entry.traits()));
    return new Experiment(
        problem.type(),
        options,
        algorithm.type(),
        under("algorithm", () -> Algorithms.create(algorithm.type(), given)),
        settings,
        theory,
        new Pending(given, settings.steps(), 0));
  }

  private static @Nullable Theory theory(Part algorithm) {
    try {
      return Theory.take(algorithm.type(), algorithm.options());
    } catch (InvalidInputException e) {
      throw e.under("algorithm");
    }
  }

  private record Part(String type, Map<String, @Nullable Object> options) {}

  private static Part part(String key, Map<String, ?> values, List<String> types) {
    if (!(values.get(key) instanceof Map<?, ?> map)) {
      String example = "\"%s\": {\"type\": \"%s\"} was meant.".formatted(key, types.get(0));
      throw values.get(key) == null
          ? new InvalidInputException("The experiment has no %s.".formatted(key), example)
              .atKey(key)
          : new Rules(OWNER).broken(key, values.get(key), "must be an object", example);
    }
    var options = new LinkedHashMap<String, @Nullable Object>();
    map.forEach((name, value) -> options.put(String.valueOf(name), value));
    if (options.get(JAVA) instanceof String madeBy) {
      throw new InvalidInputException(
              "The %s '%s' was created in Java, by %s; a file cannot recreate it."
                  .formatted(key, options.get("type"), madeBy),
              "Stackel.resume(directory, problem, algorithm) was meant, in that program.")
          .atKey(key);
    }
    if (!(options.remove("type") instanceof String type)) {
      throw new InvalidInputException(
              "The %s needs a type: its name in quotes.".formatted(key),
              "one of %s was meant.".formatted(String.join(", ", types)))
          .atKey(key + ".type");
    }
    return new Part(type, options);
  }

  private interface Maker<T> {
    T make();
  }

  private static <T> T under(String prefix, Maker<T> maker) {
    try {
      return maker.make();
    } catch (InvalidInputException e) {
      throw e.under(prefix);
    }
  }

  /** Where the numbers are. */
  public Device device() {
    return new Device(settings.device(), precision());
  }

  private Device.Precision precision() {
    return Objects.requireNonNull(settings.dtype()); // the constructor sees to it
  }

  /**
   * Opens the problem on data that the seed determines.
   *
   * @throws InvalidInputException for options or data that are wrong, and if algorithm and problem
   *     do not go together
   */
  public BilevelProblem<?> open() {
    if (!device().isAvailable()) {
      throw new Rules(OWNER)
          .broken(
              "device",
              "cuda",
              "must be a processor that libtorch finds here",
              Cuda.advice("\"cpu\""));
    }
    Seed seed = new Seed(settings.seed());
    BilevelProblem<?> opened = under("problem", () -> problem.open(seed.child("data"), device()));
    if (opened == null) {
      throw new InvalidInputException(
          "The problem %s was not opened: its method open returned null."
              .formatted(Origin.of(problem.getClass())),
          "the method is not written yet; it must return a BilevelProblem.");
    }
    return fitting(opened);
  }

  /**
   * The problem on the data of another one that {@link #open} opened for an experiment with the
   * same seed and device, and that is closed later; null if it reads other data.
   *
   * @throws InvalidInputException if algorithm and problem do not go together
   */
  public @Nullable BilevelProblem<?> openOn(BilevelProblem<?> data) {
    BilevelProblem<?> opened = data.onSameData(problem);
    return opened == null ? null : fitting(opened);
  }

  private BilevelProblem<?> fitting(BilevelProblem<?> opened) {
    try {
      Algorithms.Entry.of(algorithm).check(problemType, opened);
    } catch (InvalidInputException e) {
      opened.close();
      throw e;
    }
    return opened;
  }

  /** This experiment with all that was left to the data of the opened problem. */
  public Experiment completed(BilevelProblem<?> opened) {
    if (pending == null) {
      return this;
    }
    ProblemOptions resolved = opened.resolved();
    Scales scales = opened.scales(pending.epochs() == 0 ? pending.steps() : steps(opened));
    BilevelAlgorithm<?> suited =
        under(
            "algorithm",
            () ->
                scales == null
                    ? algorithm
                    : Algorithms.create(algorithmType, scales, pending.given()));
    return new Experiment(
        problemType,
        resolved == null ? problem : resolved,
        algorithmType,
        suited,
        pending.epochs() == 0
            ? settings
            : Options.bind(settings, Map.of("steps", steps(opened)), OWNER),
        theory,
        null);
  }

  private long steps(BilevelProblem<?> opened) {
    long each = opened.stepsPerEpoch();
    if (each == 0) {
      throw new InvalidInputException(
              "--epochs needs a problem with a training set.", "--steps was meant.")
          .at("--epochs");
    }
    return Objects.requireNonNull(pending).epochs() * each;
  }

  /** The same, complete; opens the problem for it if anything is left to its data. */
  public Experiment completed() {
    if (pending == null) {
      return this;
    }
    try (var scope = StateScope.open();
        var opened = open()) {
      return completed(opened);
    }
  }

  /** The same with as many steps as the passes through the training set need; 0 for none. */
  Experiment withEpochs(long epochs) {
    return epochs == 0 || pending == null
        ? this
        : with(settings, new Pending(pending.given(), pending.steps(), epochs));
  }

  private Experiment with(Settings other, @Nullable Pending left) {
    return new Experiment(problemType, problem, algorithmType, algorithm, other, theory, left);
  }

  /** Remarks on the metrics of a completed run, in sentences. */
  public List<String> remarks(Metrics metrics) {
    return problem.remarks(algorithmType, lowerLr(), metrics);
  }

  /**
   * The algorithm's step sizes of the lower level that do not change, by name: what must be small
   * enough for the curvature there. None if it makes no such steps.
   */
  public Map<String, Double> lowerLr() {
    Map<String, @Nullable Object> options = Options.toMap((Record) algorithm);
    var steps = new LinkedHashMap<String, Double>();
    if (Options.kebab(LowerSolver.NEWTON).equals(options.get("lowerSolver"))) {
      return steps;
    }
    for (String key : LOWER) {
      if (options.get(key) instanceof Number step) {
        steps.put(key, step.doubleValue());
      }
    }
    return steps;
  }

  /** The same experiment with another number of steps. */
  public Experiment withSteps(long steps) {
    return withSettings(Map.of("steps", steps));
  }

  /** The same experiment with another seed. */
  public Experiment withSeed(long seed) {
    return withSettings(Map.of("seed", seed));
  }

  /** The same experiment with some settings changed; hyperparameters stay as they are. */
  public Experiment withSettings(Map<String, ?> changed) {
    return with(Options.bind(settings, changed, OWNER), pending);
  }

  /** The same experiment, complete, with some hyperparameters changed. */
  public Experiment withHyperparameters(Map<String, ?> changed) {
    Record options = (Record) algorithm;
    BilevelAlgorithm<?> other =
        under(
            "algorithm", () -> (BilevelAlgorithm<?>) Options.bind(options, changed, algorithmType));
    return new Experiment(problemType, problem, algorithmType, other, settings, theory, pending);
  }

  /** Remarks on the experiment, in sentences: the values of a theory schedule. */
  public List<String> remarks() {
    return theory == null
        ? List.of()
        : theory.remarks(algorithmType, Options.toMap((Record) algorithm), settings.steps());
  }

  /** The names of the algorithm's hyperparameters. */
  public List<String> hyperparameters() {
    return List.copyOf(Options.toMap((Record) algorithm).keySet());
  }

  /** Every key with its value, in a fixed order, as an experiment file has it. */
  public Map<String, @Nullable Object> toMap() {
    return RunFiles.toMap(toFile());
  }

  /** As experiment.json has it. */
  public ExperimentFile toFile() {
    Map<String, @Nullable Object> hyperparameters =
        part(algorithmType, algorithm, Algorithms.contains(algorithm));
    if (pending != null) { // the others are not known yet
      hyperparameters
          .keySet()
          .removeIf(key -> !key.equals("type") && !pending.given().containsKey(key));
    }
    if (theory != null) {
      hyperparameters.put(Theory.KEY, theory.toMap());
    }
    return new ExperimentFile(
        part(problemType, problem, Problems.contains(problem)),
        hyperparameters,
        settings.seed(),
        settings.steps(),
        settings.evaluateEvery(),
        settings.checkpointEvery(),
        Options.kebab(precision()),
        settings.precision() == Arithmetic.FP32 ? null : Options.kebab(settings.precision()),
        Options.kebab(settings.device()),
        settings.threads(),
        settings.pieces(),
        Options.kebab(settings.check()),
        settings.keep() == Keep.LAST ? null : Options.kebab(settings.keep()),
        settings.onDivergence() == OnDivergence.STOP
            ? null
            : Options.kebab(settings.onDivergence()),
        settings.maxSeconds(),
        settings.maxOracleCalls(),
        settings.maxSamples());
  }

  /**
   * @param isCatalogued whether its name and its options say everything
   */
  private static Map<String, @Nullable Object> part(
      String type, Object part, boolean isCatalogued) {
    var map = new LinkedHashMap<String, @Nullable Object>();
    map.put("type", type);
    if (!isCatalogued) {
      map.put(JAVA, part.getClass().getName());
    }
    if (part instanceof Record options) {
      map.putAll(Options.toMap(options));
    }
    return map;
  }
}
