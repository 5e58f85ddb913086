package org.stackel.check;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.stackel.algorithm.Algorithms;
import org.stackel.config.InvalidInputException;
import org.stackel.experiment.Experiment;
import org.stackel.hypergradient.Formula;
import org.stackel.hypergradient.Hypergradient;
import org.stackel.hypergradient.Neumann;
import org.stackel.hypergradient.SampledHypergradient;
import org.stackel.problem.Metrics;
import org.stackel.problem.Noise;
import org.stackel.reference.Derivatives;
import org.stackel.reference.Finding;
import org.stackel.reference.LowerSystem;
import org.stackel.reference.Reference;
import org.stackel.run.MetricsRow;
import org.stackel.run.RunListener;
import org.stackel.run.RunOutcome;
import org.stackel.runfile.CheckFile.Verdict;
import org.stackel.tensor.Device;
import org.stackel.tensor.Layout;
import org.stackel.tensor.NativeObjects;
import org.stackel.tensor.Seed;
import org.stackel.tensor.StateScope;
import org.stackel.tensor.Tensors;

class CheckTest {
  private static final CheckPlan START = new CheckPlan(1, List.of(0L), 4, 4, 0, List.of());

  /** The scalar problem y² - xy, ½(y-3)² + ½x², at the origin: the hypergradient is -1.5. */
  private static Map<String, Object> scalar(Object... changes) {
    var problem = new HashMap<String, Object>();
    problem.put("type", "quadratic");
    problem.put("A", List.of(List.of(2)));
    problem.put("B", List.of(List.of(1)));
    problem.put("d", List.of(3));
    problem.put("E", List.of(List.of(1)));
    for (int i = 0; i < changes.length; i += 2) {
      problem.put((String) changes[i], changes[i + 1]);
    }
    return problem;
  }

  /** Three numbers above, two below; Hessian and cross derivative move. */
  private static Map<String, Object> curved(Object... changes) {
    var problem = new HashMap<String, Object>();
    problem.put("type", "quadratic");
    problem.put("A", List.of(List.of(2, 0.5), List.of(0.5, 1)));
    problem.put("B", List.of(List.of(1, 0.3, -0.5), List.of(0.2, -1, 0.7)));
    problem.put("d", List.of(1, -1));
    problem.put("E", List.of(List.of(1, 0, 0), List.of(0, 2, 0), List.of(0, 0, 1)));
    problem.put("F", List.of(List.of(0.1, 0.2, 0.3), List.of(0.4, 0.5, 0.6)));
    problem.put("x0", List.of(0.5, -0.3, 0.8));
    problem.put("coupling", "tanh");
    problem.put("quartic", 0.3);
    for (int i = 0; i < changes.length; i += 2) {
      problem.put((String) changes[i], changes[i + 1]);
    }
    return problem;
  }

  private static Experiment experiment(
      Map<String, ?> problem, Map<String, ?> algorithm, long steps) {
    return Experiment.of(Map.of("problem", problem, "algorithm", algorithm, "steps", steps));
  }

  private static CheckResult check(Experiment experiment, CheckPlan plan) {
    return Check.run(experiment, plan, new RunListener() {}, sentence -> {}).result();
  }

  private static EstimatorCheck.Row row(CheckResult.Point point, String name) {
    return point.rows().stream().filter(r -> r.name().contains(name)).findFirst().orElseThrow();
  }

  // ---- what is right passes --------------------------------------------------------------------

  static Stream<String> algorithms() {
    return Algorithms.all().stream().map(Algorithms.Entry::name);
  }

  @ParameterizedTest
  @ValueSource(strings = {"slip", "adambo", "amigo", "stocbio"})
  void algorithmsPassWithNoise(String name) {
    passesWithNoise(name);
  }

  @Tag("slow")
  @ParameterizedTest
  @MethodSource("algorithms")
  void everyAlgorithmPassesWithNoise(String name) {
    passesWithNoise(name);
  }

  private void passesWithNoise(String name) {
    var problem = curved("noise", Map.of("gradient", 0.1, "hessian", 0.05));
    CheckResult result =
        check(
            experiment(problem, Map.of("type", name), 2),
            new CheckPlan(1, List.of(), 6, 4, 0, List.of()));
    assertThat(result.wrong()).isEmpty();
    assertThat(result.points()).extracting(CheckResult.Point::step).containsExactly(2L);
    assertThat(result.points().get(0).derivatives())
        .extracting(Finding::verdict)
        .containsOnly(Verdict.RIGHT);
  }

  static Stream<Map<String, ?>> problems() {
    return Stream.of(
        Map.of("type", "toy", "name", "unbounded-exponential"),
        Map.of("type", "toy", "name", "minimax"),
        Map.of("type", "toy", "name", "sine"),
        Map.of("type", "pl-game"),
        Map.of("type", "matrix-sensing", "d", 4, "r", 2),
        Map.of("type", "logistic-hpo", "features", 3, "examples", 40),
        Map.of("type", "quadratic-sum", "d", 4, "p", 3, "n", 32, "batch", 8));
  }

  @ParameterizedTest
  @MethodSource("problems")
  void otherProblemsPass(Map<String, ?> problem) {
    assertThat(check(experiment(problem, Map.of("type", "slip"), 3), START).wrong()).isEmpty();
  }

  @Test
  void singlePrecisionIsCheckedInDouble() {
    var values = new HashMap<String, Object>();
    values.put("problem", curved());
    values.put("algorithm", Map.of("type", "adambo"));
    values.put("steps", 3);
    values.put("dtype", "float32");
    CheckResult result = check(Experiment.of(values), START);
    assertThat(result.wrong()).isEmpty();
    List<Finding> derivatives = result.points().get(0).derivatives();
    assertThat(derivatives)
        .filteredOn(f -> !f.what().contains("fp32"))
        .allSatisfy(f -> assertThat(f.value()).isLessThan(1e-7));
    assertThat(derivatives)
        .filteredOn(f -> f.what().contains("fp32"))
        .hasSize(2)
        .allSatisfy(f -> assertThat(f.value()).isBetween(1e-9, 1e-5))
        .allSatisfy(f -> assertThat(f.bound()).isNull());
  }

  @ParameterizedTest
  @CsvSource({
    "precision=tf32, needs the device cuda",
    "precision=bf16 dtype=float64, has no effect on float64"
  })
  void precisionWithoutEffectIsRefused(String settings, String rule) {
    var values = new HashMap<String, Object>();
    values.put("problem", curved());
    values.put("algorithm", Map.of("type", "adambo"));
    values.put("dtype", "float32");
    for (String each : settings.split(" ")) {
      values.put(each.split("=")[0], each.split("=")[1]);
    }
    assertThatThrownBy(() -> Experiment.of(values))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining(rule);
  }

  // ---- numbers that are known ------------------------------------------------------------------

  /** Bias 1.5 (1 - 0.25 · 2)^terms. */
  @ParameterizedTest
  @CsvSource({"a, 1, .75", "a, 3, .1875", "b, 3, .09375", "a, 10, .00146484375"})
  void biasOfTheSeriesIsTheClosedForm(String form, int terms, double bias) {
    var adamBo =
        Map.of(
            "type",
            "adambo",
            "warmStartSteps",
            0,
            "neumannForm",
            form,
            "neumannTerms",
            terms,
            "neumannStep",
            0.25);
    CheckResult.Point point = check(experiment(scalar(), adamBo, 1), START).points().get(0);
    assertThat(point.hypergradient()).isCloseTo(1.5, within(1e-12));
    EstimatorCheck.Row own = point.rows().get(0);
    assertThat(own.isOwn()).isTrue();
    assertThat(own.name())
        .isEqualTo("adambo: Neumann %s, %d × 0.250".formatted(form.toUpperCase(), terms));
    assertThat(own.bias()).isCloseTo(bias, within(1e-12));
    assertThat(own.deviation()).isZero();
    assertThat(own.error()).isCloseTo(bias, within(1e-12));
    double products = form.equals("a") ? terms * (terms - 1) / 2.0 : terms;
    assertThat(own.calls())
        .containsEntry("hessianVector", products)
        .containsEntry("gradientF", 1.0);
    assertThat(row(point, "conjugate gradients").bias()).isLessThan(1e-12);
  }

  /** z after t steps is -1.5 (1 - (1 - 2ν)^t): -0.3, -0.54, -0.732 for ν = 0.1. */
  @Test
  void carriedSolutionIsThatOfTheRun() {
    var slip = Map.of("type", "slip", "upperLr", 1e-12, "lowerLr", 1e-12, "linearSystemLr", 0.1);
    CheckResult result =
        check(experiment(scalar(), slip, 3), new CheckPlan(1, List.of(1L, 3L), 2, 1, 0, List.of()));
    assertThat(result.points().get(0).rows().get(0).bias()).isCloseTo(1.5 - .3, within(1e-9));
    assertThat(result.points().get(1).rows().get(0).bias()).isCloseTo(1.5 - .732, within(1e-9));
  }

  /** Form C at Q = 3: values 2.25, 1.125, .5625, standard deviation .70156. */
  @Test
  void deviationIsThatOfTheRandomLength() {
    var adamBo =
        Map.of(
            "type",
            "adambo",
            "warmStartSteps",
            0,
            "neumannForm",
            "c",
            "neumannTerms",
            3,
            "neumannStep",
            0.25);
    CheckPlan plan = new CheckPlan(1, List.of(0L), 300, 1, 0, List.of());
    EstimatorCheck.Row own =
        check(experiment(scalar(), adamBo, 1), plan).points().get(0).rows().get(0);
    assertThat(own.deviation()).isCloseTo(.70156, within(.1));
    assertThat(own.bias()).isCloseTo(.1875, within(.15));
    assertThat(own.biasError()).isCloseTo(own.deviation() / Math.sqrt(300), within(1e-12));
    assertThat(own.cosine()).isCloseTo(1, within(1e-12));
    assertThat(own.findings()).extracting(Finding::verdict).containsOnly(Verdict.RIGHT);
  }

  @Test
  void distanceFromTheMinimiserIsTheMetric() {
    var listener =
        new RunListener() {
          private Metrics last = Metrics.NONE;

          @Override
          public void evaluated(MetricsRow row) {
            last = row.metrics();
          }
        };
    var experiment = experiment(curved(), Map.of("type", "slip"), 10);
    CheckResult.Point end =
        Check.run(experiment, new CheckPlan(1, List.of(10L), 2, 1, 0, List.of()), listener, s -> {})
            .result()
            .points()
            .get(0);
    assertThat(end.lowerError().distance())
        .isCloseTo(listener.last.get("lowerDistance"), within(1e-9));
    assertThat(end.lowerError().norm())
        .isCloseTo(listener.last.get("hypergradientNorm"), within(1e-9));
    assertThat(end.lowerError().slope().verdict()).isEqualTo(Verdict.RIGHT);
    assertThat(end.lowerError().error()).isPositive();
  }

  // ---- what is wrong is found

  private static final TwoLosses.Loss UPPER =
      (x, y) -> y.sin().sum().add(Tensors.scale(0.5, x.dot(x))).add(y.dot(x));
  private static final TwoLosses.Loss LOWER =
      (x, y) -> {
        Tensor offset = y.sub(x.tanh());
        return offset.dot(offset).add(Tensors.scale(0.1, y.pow(new Scalar(4.0)).sum()));
      };

  /** The gradient in y is right, but it is a constant: its own derivatives are zero. */
  private static Tensor withoutSecondDerivative(Tensor x, Tensor y) {
    Tensor loss = LOWER.at(x, y);
    Tensor offset = Tensors.scale(2, y.sub(x.tanh()));
    Tensor slope = offset.add(Tensors.scale(0.4, y.pow(new Scalar(3.0)))).detach();
    Tensor linear = slope.dot(y.sub(y.detach()));
    Tensor inX = loss.sub(loss.detach());
    return loss.detach().add(linear).add(Tensors.scale(0, inX));
  }

  static Stream<Arguments> wrongProblems() {
    return Stream.of(
        Arguments.of(
            "upper sign",
            UPPER.withDerivatives(-1),
            LOWER,
            List.of("upper gradient in x", "upper gradient in y")),
        Arguments.of(
            "upper scale",
            UPPER.withDerivatives(1.001),
            LOWER,
            List.of("upper gradient in x", "upper gradient in y")),
        Arguments.of(
            "lower sign",
            UPPER,
            LOWER.withDerivatives(-1),
            List.of("lower gradient in x", "lower gradient in y")),
        Arguments.of(
            "lower scale",
            UPPER,
            LOWER.withDerivatives(2),
            List.of("lower gradient in x", "lower gradient in y")),
        Arguments.of(
            "x is cut off",
            UPPER,
            (TwoLosses.Loss) (x, y) -> LOWER.at(x.detach(), y),
            List.of("lower gradient in x", "cross-vector product")),
        Arguments.of(
            "no second derivatives",
            UPPER,
            (TwoLosses.Loss) CheckTest::withoutSecondDerivative,
            List.of("Hessian-vector product", "cross-vector product")));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("wrongProblems")
  void wrongProblemsAreFound(
      String name, TwoLosses.Loss upper, TwoLosses.Loss lower, List<String> wrong) {
    CheckResult result = check(new TwoLosses(2, 2, upper, lower).experiment(1), START);
    assertThat(result.passed()).isFalse();
    assertThat(result.points().get(0).derivatives())
        .filteredOn(f -> f.verdict() == Verdict.WRONG)
        .extracting(Finding::what)
        .containsAll(wrong);
  }

  @Test
  void theSameLossesRightPass() {
    assertThat(check(new TwoLosses(2, 2, UPPER, LOWER).experiment(3), CheckPlan.DEFAULTS).wrong())
        .isEmpty();
  }

  @Test
  void theWrongPartIsNamed() {
    TwoLosses.Loss upper =
        (x, y) -> x.dot(x).add(y.narrow(0, 0, 2).sum()).add(y.narrow(0, 2, 2).detach().sin().sum());
    var problem =
        new TwoLosses(
            Layout.vector("x", 4),
            Layout.EMPTY.with("encoder", 2).with("head", 2),
            upper,
            LOWER,
            Noise.NONE);
    assertThat(check(problem.experiment(1), START).points().get(0).derivatives())
        .extracting(Finding::what)
        .contains("upper gradient in y (head)");
  }

  /** A maximum has kinks; they are not errors. */
  @Test
  void kinksAreNoErrors() {
    TwoLosses.Loss lower = (x, y) -> LOWER.at(x, y).add(y.relu().sum());
    assertThat(check(new TwoLosses(3, 3, UPPER, lower).experiment(2), START).wrong()).isEmpty();
  }

  /** Half the slope, or half the curvature, where y₀ is beyond 0.3 by this much. */
  private static TwoLosses.Loss kinkAt(double distance) {
    return (x, y) -> {
      Tensor beyond = y.narrow(0, 0, 1).sub(new Scalar(0.3 + distance)).relu().sum();
      return LOWER.at(x, y).add(beyond).add(beyond.mul(beyond)).add(beyond.mul(x.sum()));
    };
  }

  private static List<Finding> derivatives(TwoLosses.Loss lower) {
    try (var scope = StateScope.open();
        var problem = new TwoLosses(2, 2, UPPER, lower).open(new Seed(0), Device.CPU64)) {
      var reference = Reference.of(problem, new Seed(1), 2);
      return new Derivatives(reference, Device.CPU64, new Seed(2))
          .compare(
              Tensors.of(Device.CPU64, new double[] {0.5, -0.7}),
              Tensors.of(Device.CPU64, new double[] {0.3, -0.2}),
              problem.upperLayout(),
              problem.lowerLayout());
    }
  }

  /** Two differences across the kink differ by little, and are far from the derivative. */
  @ParameterizedTest
  @ValueSource(doubles = {3e-8, 1e-7, 3e-7, 1e-6, 3e-6, -1e-7, -1e-6})
  void kinksVeryNearThePointAreNoErrors(double distance) {
    assertThat(derivatives(kinkAt(distance)))
        .extracting(Finding::verdict)
        .doesNotContain(Verdict.WRONG);
  }

  @ParameterizedTest
  @CsvSource({"1e-7, -1", "1e-7, 1.001", "1e-6, -1", "1e-6, 1.001", "3e-6, 1.001", "1, 1.00001"})
  void wrongDerivativesNearAKinkAreErrors(double distance, double factor) {
    assertThat(derivatives(kinkAt(distance).withDerivatives(factor)))
        .filteredOn(each -> each.what().startsWith("lower gradient in"))
        .extracting(Finding::verdict)
        .containsExactly(Verdict.WRONG, Verdict.WRONG);
  }

  private static SampledHypergradient changed(SampledHypergradient right, double factor) {
    return (x, y) -> {
      Hypergradient found = right.at(x, y);
      Tensor v = Tensors.scale(factor, found.solution());
      Tensor implicit = found.direction().sub(x);
      // x is ∇x f where E is the identity and F is zero.
      return new Hypergradient(x.add(Tensors.scale(factor, implicit)), v);
    };
  }

  @ParameterizedTest
  @ValueSource(doubles = {-1, 2, 0.5, 1.001})
  void wrongEstimatorsAreFound(double factor) {
    var neumann = new Neumann(Neumann.Form.A, 3, 0.25);
    var plan =
        new CheckPlan(1, List.of(0L), 16, 4, 0, List.of())
            .with(
                List.of(
                    new Candidate(
                        "changed",
                        oracle -> changed(neumann.sample(oracle), factor),
                        new Formula.Series(0.25, 3)),
                    new Candidate("as it is", neumann::sample, new Formula.Series(0.25, 3))));
    var problem = scalar("x0", List.of(0.5), "noise", Map.of("gradient", 0.01, "hessian", 0.01));
    CheckResult result = check(experiment(problem, Map.of("type", "slip"), 1), plan);
    assertThat(result.passed()).isFalse();
    assertThat(result.wrong()).allMatch(each -> each.contains("changed"));
    List<Finding> findings = row(result.points().get(0), "changed").findings();
    assertThat(findings.get(0).verdict()).isEqualTo(Verdict.WRONG);
    if (Math.abs(factor - 1) > 0.1) {
      assertThat(findings.get(1).verdict()).isEqualTo(Verdict.WRONG);
    }
    assertThat(row(result.points().get(0), "as it is").findings())
        .extracting(Finding::verdict)
        .containsOnly(Verdict.RIGHT);
  }

  /**
   * With a step of 1/2 on a curvature of 2 only the empty product is not zero: 9 of 10 estimates
   * have no part of the mean, and a few may look as if they had no variance.
   */
  @ParameterizedTest
  @ValueSource(ints = {2, 8, 30})
  void aRandomLengthThatFewEstimatesMissIsNoError(int samples) {
    for (int seed = 0; seed < 5; seed++) {
      var values = new HashMap<String, Object>();
      values.put("problem", scalar());
      values.put(
          "algorithm",
          Map.of("type", "adambo", "neumannForm", "c", "neumannTerms", 10, "neumannStep", 0.5));
      values.put("steps", 1);
      values.put("seed", seed);
      CheckPlan plan = new CheckPlan(1, List.of(0L), samples, 1, 0, List.of());
      assertThat(check(Experiment.of(values), plan).wrong()).isEmpty();
    }
  }

  /** Two numbers with noise may agree by chance, and be far from the mean. */
  @Test
  void twoEstimatesThatDifferAreUnclear() {
    var problem = scalar("noise", Map.of("gradient", 0.01, "hessian", 0.01));
    CheckPlan two = new CheckPlan(1, List.of(0L), 2, 1, 0, List.of());
    CheckPlan eight = new CheckPlan(1, List.of(0L), 8, 1, 0, List.of());
    assertThat(mean(check(experiment(problem, Map.of("type", "adambo"), 1), two)))
        .isEqualTo(Verdict.UNCLEAR);
    assertThat(mean(check(experiment(problem, Map.of("type", "adambo"), 1), eight)))
        .isEqualTo(Verdict.RIGHT);
  }

  private static Verdict mean(CheckResult result) {
    return result.points().get(0).rows().get(0).findings().stream()
        .filter(each -> each.what().endsWith("mean of estimates"))
        .findFirst()
        .orElseThrow()
        .verdict();
  }

  /** Its formula is the series at y* only; here y is there: y = x/2 = 0. */
  @Test
  void unrolledStepsAreTheSeriesAtTheMinimiser() {
    var itd = Map.of("type", "itd", "lowerSteps", 3, "lowerLr", 0.25);
    EstimatorCheck.Row own =
        check(experiment(scalar(), itd, 1), START).points().get(0).rows().get(0);
    assertThat(own.name()).isEqualTo("itd: unrolled, 3 × 0.250");
    assertThat(own.isOwn()).isTrue();
    assertThat(own.bias()).isCloseTo(.1875, within(1e-12));
  }

  /** Full batches and a Hessian of rank 5: more iterations than that follow rounding. */
  @Test
  void conjugateGradientsMayFollowNoiseOnASingularHessian() {
    var game = Map.of("type", "pl-game", "d", 10, "r", 5, "n", 200, "coupling", 0.01);
    var values = new HashMap<String, Object>();
    values.put("problem", game);
    values.put("algorithm", Map.of("type", "slip"));
    values.put("steps", 20);
    assertThat(check(Experiment.of(values), CheckPlan.DEFAULTS).wrong()).isEmpty();
  }

  /** The solution of another head, say. */
  @Test
  void anEstimateWithAnotherIndexIsFound() {
    var neumann = new Neumann(Neumann.Form.B, 3, 0.25);
    Candidate.Sampler rolled =
        oracle -> {
          SampledHypergradient right = neumann.sample(oracle);
          return (x, y) -> {
            Hypergradient found = right.at(x, y);
            return new Hypergradient(found.direction(), found.solution().roll(1));
          };
        };
    var plan = START.with(List.of(new Candidate("rolled", rolled, new Formula.Series(0.25, 4))));
    assertThat(check(experiment(curved(), Map.of("type", "slip"), 1), plan).wrong())
        .isNotEmpty()
        .allMatch(each -> each.contains("rolled, "));
  }

  /** x of the step before, say. */
  @Test
  void anEstimateAtAnotherPointIsFound() {
    var neumann = new Neumann(Neumann.Form.B, 3, 0.25);
    Candidate.Sampler moved =
        oracle -> {
          SampledHypergradient right = neumann.sample(oracle);
          return (x, y) -> right.at(x.add(new Scalar(1e-3)), y);
        };
    var plan = START.with(List.of(new Candidate("moved", moved, new Formula.Series(0.25, 4))));
    assertThat(check(experiment(curved(), Map.of("type", "slip"), 1), plan).wrong())
        .isNotEmpty()
        .allMatch(each -> each.contains("moved, "));
  }

  @Test
  void seriesThatIsTooLongIsFound() {
    var neumann = new Neumann(Neumann.Form.B, 3, 0.25);
    var plan =
        START.with(
            List.of(new Candidate("one more", neumann::sample, new Formula.Series(0.25, 3))));
    assertThat(check(experiment(scalar(), Map.of("type", "slip"), 1), plan).wrong())
        .anyMatch(each -> each.contains("one more, on one batch"));
  }

  // ---- where there is no hypergradient

  private static TwoLosses saddle(int size) {
    var weights = new double[size];
    for (int i = 0; i < size; i++) {
      weights[i] = i == 0 ? -0.25 : 1 + i / (double) size;
    }
    return new TwoLosses(
        2,
        size,
        (x, y) -> y.sin().sum().add(x.dot(x)),
        (x, y) -> {
          Tensor w = Tensors.of(Device.CPU64, weights);
          return Tensors.scale(0.5, y.mul(y).dot(w)).sub(y.sum().mul(x.sum()));
        });
  }

  @Test
  void smallIndefiniteSystemsAreSolvedByLeastSquares() {
    CheckResult.Point point = check(saddle(5).experiment(1), START).points().get(0);
    assertThat(point.system().method()).isEqualTo(LowerSystem.Method.LEAST_SQUARES);
    assertThat(point.system().curvature().smallest()).isCloseTo(-0.25, within(1e-9));
    assertThat(point.remarks()).anyMatch(r -> r.contains("indefinite") && r.contains("-0.250"));
    assertThat(point.lowerError().skipped()).contains("not strongly convex", "-0.25");
  }

  @Test
  void largeIndefiniteSystemsAreDamped() {
    CheckResult.Point point = check(saddle(300).experiment(1), START).points().get(0);
    assertThat(point.system().method()).isEqualTo(LowerSystem.Method.DAMPED);
    assertThat(point.system().curvature().smallest()).isCloseTo(-0.25, within(1e-3));
    assertThat(point.system().damping()).isCloseTo(0.5, within(1e-2));
    assertThat(point.system().residual()).isLessThan(1e-9);
    assertThat(point.remarks()).anyMatch(r -> r.contains("damped solve"));
    assertThat(point.lowerError().skipped()).contains("up to dimension 200", "300");
  }

  @Test
  void largeConvexSystemsAreSolvedExactly() {
    var problem =
        new TwoLosses(
            300,
            300,
            (x, y) -> y.sin().sum().add(x.dot(x)),
            (x, y) -> LOWER.at(x, y).add(y.sum().mul(x.sum()).mul(new Scalar(0.01))));
    CheckResult result = check(problem.experiment(1), START);
    assertThat(result.wrong()).isEmpty();
    CheckResult.Point point = result.points().get(0);
    assertThat(point.system().method()).isEqualTo(LowerSystem.Method.CONJUGATE_GRADIENT);
    assertThat(point.system().residual()).isLessThan(1e-9);
  }

  @Test
  void stepsThatDivergeAreSaid() {
    var slip = Map.of("type", "slip", "linearSystemLr", 1.5);
    assertThat(check(experiment(scalar(), slip, 1), START).points().get(0).remarks())
        .anyMatch(r -> r.contains("not below 2 over the largest curvature"));
  }

  // ---- around it

  @Test
  void memoryStaysFlat() {
    var experiment = experiment(curved(), Map.of("type", "adambo"), 4);
    CheckPlan plan = START.withConstants();
    check(experiment, plan);
    long before = NativeObjects.settled();
    check(experiment, plan);
    assertThat(StateScope.livePointers()).isEqualTo(before);
  }

  @Test
  void theSameSeedGivesTheSameNumbers() {
    var experiment =
        experiment(curved("noise", Map.of("gradient", 0.1)), Map.of("type", "slip"), 4);
    assertThat(check(experiment, START.withConstants()).toFile())
        .isEqualTo(check(experiment, START.withConstants()).toFile());
  }

  @Test
  void aRunThatIsStoppedIsNotChecked() {
    var stop =
        new RunListener() {
          @Override
          public boolean stopRequested() {
            return true;
          }
        };
    Check.Checked checked =
        Check.run(experiment(scalar(), Map.of("type", "slip"), 4), START, stop, s -> {});
    assertThat(checked.result()).isNull();
    assertThat(checked.outcome()).isInstanceOf(RunOutcome.Stopped.class);
  }

  @Test
  void aRunThatDivergesIsCheckedAsFarAsItGot() {
    var slip = Map.of("type", "slip", "linearSystemLr", 1e3);
    Check.Checked checked =
        Check.run(
            experiment(scalar(), slip, 1000),
            new CheckPlan(3, List.of(), 2, 1, 0, List.of()),
            new RunListener() {},
            s -> {});
    assertThat(checked.outcome()).isInstanceOf(RunOutcome.Diverged.class);
    assertThat(checked.result().points()).extracting(CheckResult.Point::step).containsExactly(0L);
  }

  @Test
  void pointsAreSpreadOverTheRun() {
    assertThat(CheckPlan.DEFAULTS.steps(100)).containsExactly(0L, 50L, 100L);
    assertThat(new CheckPlan(1, List.of(), 2, 1, 0, List.of()).steps(7)).containsExactly(7L);
    assertThat(new CheckPlan(5, List.of(), 2, 1, 0, List.of()).steps(2))
        .containsExactly(0L, 1L, 2L);
    assertThat(new CheckPlan(5, List.of(9L, 3L, 3L), 2, 1, 0, List.of()).steps(10))
        .containsExactly(3L, 9L);
    var pairs = new ArrayList<>(CheckPlan.DEFAULTS.withConstants().pairSteps(100));
    assertThat(pairs).hasSize(10).startsWith(0L).endsWith(99L);
  }
}
