package org.stackel.check;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.stackel.algorithm.AlgorithmState;
import org.stackel.algorithm.BilevelAlgorithm;
import org.stackel.algorithm.Slip;
import org.stackel.experiment.Experiment;
import org.stackel.hypergradient.HypergradientEstimator;
import org.stackel.oracle.Sampling;
import org.stackel.oracle.StochasticOracle;
import org.stackel.problem.BilevelProblem;
import org.stackel.problem.Noise;
import org.stackel.problem.Scales;
import org.stackel.problem.Start;
import org.stackel.reference.DescentCheck;
import org.stackel.reference.LowerSolution;
import org.stackel.reference.Reference;
import org.stackel.run.RunDirectory;
import org.stackel.run.RunListener;
import org.stackel.run.Runner;
import org.stackel.runfile.Descent;
import org.stackel.runfile.Descent.Reason;
import org.stackel.runfile.Descent.Verdict;
import org.stackel.runfile.OutcomeFile;
import org.stackel.runfile.RunFiles;
import org.stackel.solver.Solver;
import org.stackel.tensor.Device;
import org.stackel.tensor.Layout;
import org.stackel.tensor.Seed;
import org.stackel.tensor.StateScope;
import org.stackel.tensor.Tensors;

/**
 * Whether steps are good enough to descend, on {@code g = y² - xy}, {@code f = ½(y-3)² + ½x²}: y* =
 * x/2, and at x = 1 the hypergradient is -1/4 at y*, but 2 at y = 5.
 */
class DescentTest {
  private static final double X = 1;
  private static final double GRADIENT = -0.25;

  @TempDir Path directory;

  private static Experiment experiment(
      double y, double noise, Map<String, Object> algorithm, long steps) {
    Map<String, Object> problem = new HashMap<>();
    problem.put("type", "quadratic");
    problem.put("A", List.of(List.of(2)));
    problem.put("B", List.of(List.of(1)));
    problem.put("d", List.of(3));
    problem.put("E", List.of(List.of(1)));
    problem.put("x0", List.of(X));
    problem.put("y0", List.of(y));
    problem.put("noise", Map.of("gradient", noise));
    return Experiment.of(Map.of("problem", problem, "algorithm", algorithm, "steps", steps));
  }

  private static Map<String, Object> adamBo() {
    return Map.of(
        "type",
        "adambo",
        "upperLr",
        1e-6,
        "lowerLr",
        1e-6,
        "beta1",
        0.1,
        "warmStartSteps",
        0,
        "neumannTerms",
        8,
        "neumannStep",
        0.4,
        "neumannForm",
        "a");
  }

  private static Map<String, Object> slip(double linearSystemLr) {
    return Map.of(
        "type",
        "slip",
        "upperLr",
        1e-6,
        "lowerLr",
        1e-6,
        "momentum",
        0.5,
        "warmStartSteps",
        0,
        "linearSystemLr",
        linearSystemLr);
  }

  private static Descent check(Experiment experiment, long step, int samples) {
    var plan = new CheckPlan(1, List.of(step), samples, 1, 0, List.of());
    CheckResult result = Check.run(experiment, plan, new RunListener() {}, s -> {}).result();
    Descent descent = result.toFile().points().get(0).descent();
    assertThat(result.toString()).contains(descent.judgement());
    assertThat(result.toString().lines().reduce("", (before, line) -> line))
        .startsWith(
            switch (descent.verdict()) {
              case GOOD -> result.unclear() == 0 ? "Everything agrees." : "Nothing is wrong";
              case POOR -> "The next step is not good enough to descend at 1 of 1 iterates.";
              case NOT_JUDGED ->
                  "Whether the next step is good enough to descend was judged nowhere";
            });
    return descent;
  }

  @Test
  void aGoodStepPasses() {
    Descent descent = check(experiment(0.5, 0, adamBo(), 1), 0, 2);
    assertThat(descent.verdict()).isEqualTo(Verdict.GOOD);
    assertThat(descent.reasons()).isEmpty();
    assertThat(descent.stepCosine()).isCloseTo(1, within(1e-9));
    assertThat(descent.estimateCosine()).isCloseTo(1, within(1e-9));
    assertThat(descent.lowerDistance()).isCloseTo(0, within(1e-12));
  }

  @Test
  void yLags() {
    Descent descent = check(experiment(5, 0, adamBo(), 1), 0, 2);
    assertThat(descent.verdict()).isEqualTo(Verdict.POOR);
    assertThat(descent.reasons()).containsExactly(Reason.Y_LAGS);
    assertThat(descent.stepCosine()).isCloseTo(-1, within(1e-9));
    assertThat(descent.exactCosine()).isCloseTo(-1, within(1e-9));
    assertThat(descent.minimiserCosine()).isCloseTo(1, within(1e-9));
    assertThat(descent.lowerDistance()).isCloseTo(4.5, within(1e-9));
    assertThat(descent.relativeDistance()).isCloseTo(9, within(1e-9));
  }

  /** The first z is 0, so that the estimate is ∇x f = 1; z is solved after some steps. */
  @Test
  void zLags() {
    Experiment experiment = experiment(0.5, 0, slip(0.2), 60);
    Descent first = check(experiment, 0, 2);
    assertThat(first.reasons()).containsExactly(Reason.Z_LAGS);
    assertThat(first.stepCosine()).isCloseTo(-1, within(1e-9));
    assertThat(first.exactCosine()).isCloseTo(1, within(1e-9));
    assertThat(check(experiment, 60, 2).verdict()).isEqualTo(Verdict.GOOD);
  }

  @Test
  void bothLag() {
    assertThat(check(experiment(5, 0, slip(1e-6), 1), 0, 2).reasons())
        .containsExactly(Reason.Y_LAGS, Reason.Z_LAGS);
  }

  @Test
  void noise() {
    Experiment experiment = experiment(0.5, 1, adamBo(), 1);
    try (var scope = StateScope.open();
        var problem = experiment.open()) {
      Descent descent = next(experiment, problem, 40, 0, null);
      assertThat(descent.reasons()).containsExactly(Reason.NOISE);
      assertThat(descent.estimateCosine()).isBetween(0.0, 0.4);
      assertThat(descent.meanEstimateCosine()).isCloseTo(1, within(1e-9));
    }
  }

  /** A momentum from elsewhere. */
  @Test
  void staleMomentum() {
    Experiment experiment = experiment(0.5, 0, slip(0.2), 1);
    try (var scope = StateScope.open();
        var problem = experiment.open()) {
      var state = new Slip.State(vector(X), vector(X / 2), vector(-1.25), vector(-9 * GRADIENT));
      Descent descent = next(experiment, problem, 2, 7, state);
      assertThat(descent.step()).isEqualTo(7);
      assertThat(descent.estimateCosine()).isCloseTo(1, within(1e-9));
      assertThat(descent.reasons()).containsExactly(Reason.STEP);
    }
  }

  /** A step with the wrong sign: the estimates are right. */
  @Test
  void aStepUphill() {
    Experiment right = experiment(0.5, 0, adamBo(), 1);
    var experiment =
        new Experiment(
            right.problemType(),
            right.problem(),
            right.algorithmType(),
            new Uphill<>(right.algorithm()),
            right.settings(),
            null,
            null);
    Descent descent = check(experiment, 0, 2);
    assertThat(descent.stepCosine()).isCloseTo(-1, within(1e-9));
    assertThat(descent.reasons()).containsExactly(Reason.STEP);
  }

  private record Uphill<S extends Record & AlgorithmState>(BilevelAlgorithm<S> right)
      implements BilevelAlgorithm<S> {
    @Override
    public S init(Start start, StochasticOracle oracle) {
      return right.init(start, oracle);
    }

    @Override
    public S step(long t, S state, StochasticOracle oracle) {
      S next = right.step(t, state, oracle);
      Tensor wrong = Tensors.scale(2, state.x()).sub(next.x());
      return StateScope.map(next, tensor -> tensor.equals(next.x()) ? wrong : tensor);
    }

    @Override
    public Sampling sampling() {
      return right.sampling();
    }

    @Override
    public BilevelAlgorithm<S> suitedTo(Scales scales) {
      return this;
    }

    @Override
    public @Nullable HypergradientEstimator estimator(long t) {
      return right.estimator(t);
    }
  }

  /**
   * The verdict on one state.
   *
   * @param state null for the first one
   */
  private static Descent next(
      Experiment experiment,
      BilevelProblem<?> problem,
      int samples,
      long step,
      @Nullable Record state) {
    var check =
        new DescentCheck(Reference.of(problem, new Seed(0), 1), Device.CPU64, new Seed(1), samples);
    try (var solver = Solver.start(experiment.algorithm(), problem, new Seed(2))) {
      return check.judge(experiment.algorithm(), step, state == null ? solver.state() : state);
    }
  }

  private static Tensor vector(double... numbers) {
    return Tensors.of(Device.CPU64, numbers);
  }

  @Test
  void aMinimiserThatDoesNotExistIsNoVerdict() {
    Experiment experiment =
        new TwoLosses(
                2,
                2,
                (x, y) -> y.dot(y).add(x.dot(x)),
                (x, y) -> y.dot(x).sub(Tensors.scale(0.5, y.dot(y))))
            .experiment(1);
    Descent descent = check(experiment, 0, 2);
    assertThat(descent.verdict()).isEqualTo(Verdict.NOT_JUDGED);
    assertThat(descent.judgement()).startsWith("not judged: g is not strongly convex");
    assertThat(descent.stepCosine()).isNull();
  }

  /** Many small heads with condition numbers up to 250, one of which no loss depends on. */
  @Test
  void minimisersOfManyHeadsAreFound() {
    int heads = 210;
    double[] curvatures =
        IntStream.range(0, heads).mapToDouble(i -> i == 7 ? 0 : 1.0 / (1 + i % 250)).toArray();
    var problem =
        new TwoLosses(
            Layout.vector("x", 1),
            Layout.vector("y", heads),
            (x, y) -> y.dot(y).add(x.dot(x)),
            (x, y) -> {
              Tensor a = vector(curvatures);
              Tensor quadratic = Tensors.scale(0.5, a.mul(y).dot(y));
              return quadratic.sub(x.sum().mul(y.dot(a.sign())));
            },
            Noise.NONE);
    try (var scope = StateScope.open();
        var opened = problem.open(new Seed(0), Device.CPU64)) {
      double[] start = new double[heads];
      start[7] = 3;
      LowerSolution found =
          LowerSolution.search(
              Reference.of(opened, new Seed(0), 2), Device.CPU64, new double[] {2}, start);
      double[] expected = new double[heads];
      for (int i = 0; i < heads; i++) {
        expected[i] = i == 7 ? 3 : 2 / curvatures[i];
      }
      assertThat(found.why()).isEmpty();
      assertThat(found.y()).containsExactly(expected, within(1e-4));
    }
  }

  /** With the full check a run prints the verdict, and writes it. */
  @Test
  void aRunWithTheFullCheckJudgesItsNextStep() throws IOException {
    for (String precision : List.of("float32", "float64")) {
      Experiment experiment =
          experiment(0.5, 0, slip(0.2), 40)
              .withSettings(Map.of("check", "full", "dtype", precision));
      var judged = new ArrayList<Descent>();
      Path path = directory.resolve(precision);
      try (var run =
          RunDirectory.create(
              path, experiment, RunDirectory.IfExists.REFUSE, RunDirectory.Trace.OFF)) {
        var listener =
            new RunListener() {
              @Override
              public void judged(Descent descent) {
                judged.add(descent);
              }
            };
        run.finish(Runner.run(experiment, RunListener.all(run, listener)));
      }
      assertThat(judged).hasSize(1);
      assertThat(judged.get(0).step()).isEqualTo(40);
      assertThat(judged.get(0).verdict()).isEqualTo(Verdict.GOOD);
      assertThat(RunFiles.read(path.resolve(OutcomeFile.NAME), OutcomeFile.class).descent())
          .isEqualTo(judged.get(0));
    }
  }
}
