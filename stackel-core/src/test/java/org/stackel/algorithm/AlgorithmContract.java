package org.stackel.algorithm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.assertj.core.api.Assertions.within;

import java.lang.reflect.Method;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.stackel.algorithm.Algorithms.Entry;
import org.stackel.config.InvalidInputException;
import org.stackel.config.Options;
import org.stackel.optim.Schedule;
import org.stackel.oracle.CountingOracle;
import org.stackel.problem.BilevelProblem;
import org.stackel.problem.Problems;
import org.stackel.tensor.Device;
import org.stackel.tensor.NativeObjects;
import org.stackel.tensor.Seed;
import org.stackel.tensor.StateScope;
import org.stackel.tensor.Tensors;

/**
 * What every algorithm promises. A module's test of its own algorithms is a class that extends this
 * one.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
public abstract class AlgorithmContract {
  /** Rates that suit the matrix problem; an algorithm takes the keys that it has. */
  private static final Map<String, Object> RATES =
      Map.of(
          "upperLr", Map.of("type", "power", "initial", .1, "exponent", .5),
          "lowerLr", .2,
          "linearSystemLr", .2,
          "valueLr", .2,
          "neumannStep", .25,
          "neumannTerms", 4);

  /** Values at or beyond an edge, by name, where need be with the algorithm before it. */
  private static final Map<String, List<Object>> BEYOND =
      Map.ofEntries(
          Map.entry("momentum", List.of(1, 1.5)),
          Map.entry("beta1", List.of(1)),
          Map.entry("beta2", List.of(1)),
          Map.entry("adambo.epsilon", List.of(0)),
          Map.entry("period", List.of(0)),
          Map.entry("lowerSteps", List.of(0)),
          Map.entry("extrapolation", List.of(1)),
          Map.entry("averaging", List.of(0, 1.5)),
          Map.entry("scale", List.of(0)),
          Map.entry("offset", List.of(0)),
          Map.entry("upperRate", List.of(0)),
          Map.entry("lowerRate", List.of(0)),
          Map.entry("neumannTerms", List.of(0, 1L << 31)),
          Map.entry("neumannStep", List.of(0)),
          Map.entry("bgs-opt.unrolledSteps", List.of(11)),
          Map.entry("truncate", List.of(0)),
          Map.entry("linearSystemSteps", List.of(0)),
          Map.entry("valueSteps", List.of(0)),
          Map.entry("adaptSteps", List.of(0)),
          Map.entry("penalty", List.of(0)),
          Map.entry("barrier", List.of(0)),
          Map.entry("multiplier", List.of(0)),
          Map.entry("relaxation", List.of(0, 1.5)),
          Map.entry("k", List.of(0)),
          Map.entry("m", List.of(0, .5)),
          Map.entry("coefficients.upperX", List.of(0)),
          Map.entry("coefficients.upperY", List.of(0)),
          Map.entry("coefficients.lowerY", List.of(0)),
          Map.entry("coefficients.cross", List.of(0)),
          Map.entry("coefficients.hessian", List.of(0)),
          Map.entry("curvatureMin", List.of(0)),
          Map.entry("curvatureMax", List.of(0)),
          Map.entry("upperGradientBound", List.of(0)),
          Map.entry("crossBound", List.of(0)),
          Map.entry("lowerRadius", List.of(0)),
          Map.entry("linearSystemRadius", List.of(0)),
          Map.entry("refinement.steps", List.of(0, Long.MAX_VALUE)),
          Map.entry("refinement.epochs", List.of(31)),
          Map.entry("refinement.lr", List.of(0)),
          Map.entry("refinement.radius", List.of(0)));

  private static final double NAN = Double.NaN;
  private static final double INFINITE = Double.POSITIVE_INFINITY;

  /** The algorithms under test. */
  protected abstract Stream<Entry> entries();

  /** Hyperparameters of an algorithm for which the common rates do not suit. */
  protected Map<String, ?> ownRates(String name) {
    return Map.of();
  }

  /** Whether the number of Hessian products differs from step to step. */
  protected boolean isOfRandomLength(BilevelAlgorithm<?> algorithm) {
    return "c".equals(Options.toMap((Record) algorithm).get("neumannForm"));
  }

  protected Stream<Arguments> entriesAndSamplings() {
    return entries().flatMap(e -> samplings(e).stream().map(s -> Arguments.of(e.name(), s)));
  }

  private static List<String> samplings(Entry entry) {
    return entry.options().containsKey("sampling")
        ? List.of("independent", "shared")
        : List.of(Options.kebab(entry.defaults().sampling()));
  }

  protected BilevelAlgorithm<?> create(String name, String sampling) {
    var options = new HashMap<String, @Nullable Object>();
    Map<String, @Nullable Object> known = Algorithms.named(name).options();
    RATES.forEach(
        (key, value) -> {
          if (known.containsKey(key)) {
            options.put(key, value);
          }
        });
    options.putAll(ownRates(name));
    options.put("sampling", sampling);
    return Algorithms.create(name, options);
  }

  protected static BilevelProblem<?> open(double noise) {
    var options =
        new HashMap<String, Object>(
            Map.of(
                "A", List.of(List.of(2, 0), List.of(0, 4)),
                "B", List.of(List.of(1, 0), List.of(1, 2)),
                "c", List.of(1, 0),
                "d", List.of(1, 1),
                "E", List.of(List.of(1, 0), List.of(0, 1)),
                "x0", List.of(1, -1),
                "noise", Map.of("gradient", noise, "hessian", noise)));
    // In a scope: what opening leaves behind is not left to the garbage collector.
    try (var scope = StateScope.open()) {
      return Problems.create("quadratic", options).open(new Seed(0), Device.CPU64);
    }
  }

  // ---- the state -----------------------------------------------------------------------------

  /** A state that says what is like x, of 3 numbers here, says it of all that is. */
  @ParameterizedTest
  @MethodSource("entries")
  void statesSayWhatIsLikeX(Entry entry) {
    Map<String, Object> sizes = Map.of("d", 3, "p", 4, "n", 6, "batch", 3);
    try (var problem = Problems.create("quadratic-sum", sizes).open(new Seed(0), Device.CPU64);
        var run = Runs.start(entry.defaults(), problem, new Seed(0)).steps(1)) {
      Set<String> marked = StateScope.marked(run.state(), LikeX.class);
      if (marked.contains("x")) {
        StateScope.tensors(run.state())
            .forEach(
                (name, tensor) ->
                    assertThat(marked.contains(name)).as(name).isEqualTo(tensor.size(0) == 3));
      } else {
        assertThat(marked).isEmpty();
      }
    }
  }

  // ---- options -------------------------------------------------------------------------------

  @ParameterizedTest
  @MethodSource("entries")
  void defaultsAreWhatNothingGivenMakes(Entry entry) {
    assertThat(Algorithms.create(entry.name(), Map.of())).isEqualTo(entry.defaults());
  }

  @ParameterizedTest
  @MethodSource("entries")
  void optionsSurviveTheWayOutAndIn(Entry entry) {
    assertThat(Algorithms.create(entry.name(), entry.options())).isEqualTo(entry.defaults());
    for (String sampling : samplings(entry)) {
      BilevelAlgorithm<?> other = create(entry.name(), sampling);
      assertThat(other).isNotEqualTo(entry.defaults());
      assertThat(Options.kebab(other.sampling())).isEqualTo(sampling);
      Map<String, @Nullable Object> options = Options.toMap((Record) other);
      assertThat(Algorithms.create(entry.name(), options)).isEqualTo(other);
    }
  }

  Stream<Arguments> illegalValues() {
    var cases = new ArrayList<Arguments>();
    entries().forEach(entry -> collect(entry.name(), "", (Record) entry.defaults(), cases));
    return cases.stream();
  }

  private static void collect(String name, String prefix, Record record, List<Arguments> cases) {
    for (RecordComponent component : record.getClass().getRecordComponents()) {
      String path = prefix + component.getName();
      Object value = read(component, record);
      if (value instanceof Record nested && !(value instanceof Schedule)) {
        collect(name, path + ".", nested, cases);
      }
      var illegal = new ArrayList<@Nullable Object>(kindsOf(component.getType()));
      illegal.addAll(BEYOND.getOrDefault(path, List.of()));
      illegal.addAll(BEYOND.getOrDefault(name + "." + path, List.of()));
      if (!component.getAnnotatedType().isAnnotationPresent(Nullable.class)) {
        illegal.add(null);
      }
      illegal.forEach(wrong -> cases.add(Arguments.of(name, path, wrong)));
    }
  }

  /** What no component of this type takes. */
  private static List<Object> kindsOf(Class<?> type) {
    if (type == Schedule.class) {
      return List.of(0, -1, NAN, INFINITE, "fast", true, List.of(1));
    }
    if (type == double.class || type == Double.class) {
      return List.of(-1, NAN, INFINITE, "0.1", true, List.of(1));
    }
    if (type == long.class || type == int.class || type == Long.class || type == Integer.class) {
      return List.of(-1, 1.5, NAN, INFINITE, 1e300, "3", true);
    }
    if (type == boolean.class) {
      return List.of("true", 1);
    }
    if (type.isEnum()) {
      return List.of("no-such-word", 1, true);
    }
    if (Record.class.isAssignableFrom(type)) {
      return List.of(1, "word");
    }
    throw new AssertionError("A component of type " + type + ": teach this test its values.");
  }

  private static Object read(RecordComponent component, Record record) {
    try {
      Method accessor = component.getAccessor();
      accessor.setAccessible(true);
      return accessor.invoke(record);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(e);
    }
  }

  @ParameterizedTest(name = "{0}: {1} = {2}")
  @MethodSource("illegalValues")
  void anIllegalValueIsRefusedByName(String name, String path, @Nullable Object value) {
    String[] keys = path.split("\\.");
    Object option = value;
    for (int i = keys.length - 1; i >= 0; i--) {
      var map = new HashMap<String, @Nullable Object>();
      map.put(keys[i], option);
      option = map;
    }
    @SuppressWarnings("unchecked")
    var options = (Map<String, ?>) option;
    var thrown =
        catchThrowableOfType(InvalidInputException.class, () -> Algorithms.create(name, options));
    assertThat(thrown).as("exception").isNotNull();
    assertThat(thrown.key()).isEqualTo(path);
    assertThat(thrown.getMessage())
        .startsWith("The " + keys[keys.length - 1] + " (")
        .contains(name)
        .contains("\nMaybe ");
  }

  @ParameterizedTest
  @MethodSource("entries")
  void anUnknownKeyNamesTheNearest(Entry entry) {
    for (String key : entry.options().keySet()) {
      assertThatThrownBy(() -> Algorithms.create(entry.name(), Map.of(key + "x", 1)))
          .isInstanceOf(InvalidInputException.class)
          .hasMessageContaining("'%sx' is unknown to %s".formatted(key, entry.name()))
          .hasMessageContaining("Maybe '%s' was meant".formatted(key));
    }
  }

  // ---- steps ---------------------------------------------------------------------------------

  @ParameterizedTest
  @MethodSource("entriesAndSamplings")
  void theSameSeedGivesTheSameBits(String name, String sampling) {
    var algorithm = create(name, sampling);
    try (var problem = open(.1);
        var one = Runs.start(algorithm, problem, new Seed(1)).steps(9);
        var two = Runs.start(algorithm, problem, new Seed(1)).steps(9);
        var other = Runs.start(algorithm, problem, new Seed(2)).steps(9)) {
      assertSameBits(two.numbers(), one.numbers());
      assertThat(other.numbers().get("x")).isNotEqualTo(one.numbers().get("x"));
    }
  }

  private static void assertSameBits(Map<String, double[]> found, Map<String, double[]> expected) {
    assertThat(found.keySet()).isEqualTo(expected.keySet());
    expected.forEach((key, numbers) -> assertThat(found.get(key)).as(key).isEqualTo(numbers));
  }

  @ParameterizedTest
  @MethodSource("entriesAndSamplings")
  void aRunGoesOnFromCopiedTensorsAndTheStepNumber(String name, String sampling) {
    var algorithm = create(name, sampling);
    for (int k : new int[] {1, 7}) {
      try (var problem = open(.1);
          var whole = Runs.start(algorithm, problem, new Seed(1)).steps(2L * k);
          var half = Runs.start(algorithm, problem, new Seed(1)).steps(k);
          var resumed = half.copy().steps(k)) {
        assertThat(resumed.t()).isEqualTo(2L * k);
        assertSameBits(resumed.numbers(), whole.numbers());
      }
    }
  }

  @ParameterizedTest
  @MethodSource("entriesAndSamplings")
  void nativeObjectsDoNotPileUp(String name, String sampling) {
    try (var problem = open(.1);
        var run = Runs.start(create(name, sampling), problem, new Seed(1))) {
      run.steps(12);
      long before = NativeObjects.settled();
      assertThat(before).isPositive();
      run.steps(24); // whole periods, so that no tensor is shared by two states at the end
      assertThat(StateScope.livePointers()).isEqualTo(before);
    }
  }

  @ParameterizedTest
  @MethodSource("entriesAndSamplings")
  void aStepLeavesItsArgumentsAlone(String name, String sampling) {
    assertPure(create(name, sampling));
  }

  private static <S extends Record & AlgorithmState> void assertPure(
      BilevelAlgorithm<S> algorithm) {
    try (var problem = open(.1)) {
      @SuppressWarnings("unchecked")
      var run = (Runs<S>) Runs.start(algorithm, problem, new Seed(1));
      run.steps(4);
      Map<String, double[]> before = run.numbers();
      try (var scope = StateScope.open()) {
        S once = algorithm.step(run.t(), run.state(), run.oracle());
        S twice = algorithm.step(run.t(), run.state(), run.oracle());
        assertSameBits(run.numbers(), before);
        assertSameBits(Runs.numbers(twice), Runs.numbers(once));
        assertThat(Runs.numbers(once).get("x")).isNotEqualTo(before.get("x"));
      }
      run.close();
    }
  }

  /** All but those of the warm start. */
  Stream<Arguments> schedules() {
    return entries()
        .flatMap(
            entry ->
                Arrays.stream(entry.defaults().getClass().getRecordComponents())
                    .filter(component -> component.getType() == Schedule.class)
                    .filter(component -> !component.getName().equals("warmStartLr"))
                    .map(component -> Arguments.of(entry.name(), component.getName())));
  }

  /** A step of a falling size is the step of the constant that it has fallen to. */
  @ParameterizedTest
  @MethodSource("schedules")
  void aScheduleIsReadAtTheStep(String name, String key) {
    int step = 4; // one in which bo-rep moves y
    double first = .0625;
    var falling = Map.of("type", "step", "initial", first, "factor", .5, "every", 1);
    try (var problem = MatrixProblem.PROBLEM.open(new Seed(0), Device.CPU64);
        var run = Runs.start(scheduled(name, key, falling), problem, new Seed(1)).steps(step)) {
      var now = run.next(scheduled(name, key, first / (1 << step)));
      var atFirst = run.next(scheduled(name, key, first));
      run.steps(1);
      assertSameBits(run.numbers(), now);
      assertThat(bits(now)).isNotEqualTo(bits(atFirst));
      assertThat(bits(now)).noneMatch(column -> column.contains("N"));
    }
  }

  private static BilevelAlgorithm<?> scheduled(String name, String key, Object value) {
    var options = new HashMap<String, Object>(Map.of(key, value));
    if (Algorithms.named(name).options().containsKey("penalty")) {
      options.put("penalty", 1); // stays in bounds with larger steps
    }
    return Algorithms.create(name, options);
  }

  private static List<String> bits(Map<String, double[]> numbers) {
    return numbers.entrySet().stream()
        .map(column -> column.getKey() + Arrays.toString(column.getValue()))
        .toList();
  }

  @ParameterizedTest
  @MethodSource("entriesAndSamplings")
  void runsInSinglePrecision(String name, String sampling) {
    var options = Map.of("A", List.of(List.of(2)), "B", List.of(List.of(1)));
    try (var problem = Problems.create("quadratic", options).open(new Seed(0), Device.CPU);
        var run = Runs.start(create(name, sampling), problem, new Seed(1))) {
      var types = new ArrayList<String>();
      run.steps(3);
      StateScope.tensors(run.state())
          .values()
          .forEach(tensor -> types.add(tensor.scalar_type().intern().name()));
      assertThat(types).containsOnly("Float");
    }
  }

  @ParameterizedTest
  @MethodSource("entriesAndSamplings")
  void asksTheOracleAsOftenAsTheCatalogueSays(String name, String sampling) {
    var algorithm = create(name, sampling);
    Map<String, @Nullable Object> options = Options.toMap((Record) algorithm);
    var variables = new HashMap<>(Map.of("p", 2.0));
    Map.of(
            "N", "lowerSteps",
            "I", "period",
            "Q", "neumannTerms",
            "M", "innerSteps",
            "S", "linearSystemSteps",
            "K", "adaptSteps",
            "V", "valueSteps",
            "U", "unrolledSteps")
        .forEach(
            (variable, key) -> {
              if (options.get(key) instanceof Number number) {
                variables.put(variable, number.doubleValue());
              }
            });
    var expected = new LinkedHashMap<String, Double>();
    expected.put("∇f", 0.0);
    expected.put("∇g", 0.0);
    expected.put("Hv", 0.0);
    expected.put("Jv", 0.0);
    String text = Algorithms.named(name).calls();
    expected.putAll(CallFormula.read(text, variables, sampling.equals("shared")));
    try (var problem = open(0);
        var run = Runs.start(algorithm, problem, new Seed(1)).steps(1)) {
      int steps = 60; // whole periods
      var counts = new double[4];
      for (int i = 0; i < steps; i++) {
        var counting = new CountingOracle(run.oracle());
        run.step(counting);
        counts[0] += counting.calls().gradientF();
        counts[1] += counting.calls().gradientG();
        counts[2] += counting.calls().hessianVector();
        counts[3] += counting.calls().crossVector();
      }
      double[] perStep = expected.values().stream().mapToDouble(count -> count * steps).toArray();
      if (isOfRandomLength(algorithm)) { // as many as the random lengths say
        double terms = variables.get("Q");
        assertThat(counts[2]).as(text).isCloseTo(perStep[2], within(4 * Math.sqrt(steps) * terms));
        counts[2] = perStep[2];
      }
      assertThat(counts).as(text).containsExactly(perStep, within(1e-9));
    }
  }

  @Test
  void everyStateIsMadeOfDetachedTensors() {
    entries()
        .forEach(
            entry -> {
              try (var problem = open(0);
                  var run = Runs.start(entry.defaults(), problem, new Seed(1)).steps(2)) {
                var tensors = StateScope.tensors(run.state());
                assertThat(tensors).containsKeys("x", "y");
                assertThat(tensors.values()).noneMatch(tensor -> tensor.requires_grad());
                assertThat(tensors.values()).allMatch(Tensors::isFinite);
              }
            });
  }
}
