package org.stackel.check;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.stackel.algorithm.AlgorithmState;
import org.stackel.algorithm.Algorithms;
import org.stackel.algorithm.BilevelAlgorithm;
import org.stackel.experiment.Experiment;
import org.stackel.hypergradient.HypergradientEstimator;
import org.stackel.oracle.Gradient;
import org.stackel.oracle.Linearization;
import org.stackel.oracle.SampledObjective;
import org.stackel.oracle.Sampling;
import org.stackel.oracle.StochasticOracle;
import org.stackel.problem.Scales;
import org.stackel.problem.Start;
import org.stackel.reference.Finding;
import org.stackel.reference.Reference;
import org.stackel.reference.SampleDiscipline;
import org.stackel.run.RunListener;
import org.stackel.runfile.CheckFile.Verdict;
import org.stackel.solver.Solver;
import org.stackel.tensor.Device;
import org.stackel.tensor.Seed;
import org.stackel.tensor.StateScope;

/** Recursive momentum with the wrong point or the wrong sample. */
class SampleDisciplineCheckTest {
  enum Bug {
    /** The old x comes with the new y. */
    POINT,
    /** The old point is evaluated on a sample of its own. */
    SAMPLE
  }

  /** An algorithm whose step has a bug. */
  private record Mistaken<S extends Record & AlgorithmState>(BilevelAlgorithm<S> right, Bug bug)
      implements BilevelAlgorithm<S> {
    @Override
    public S init(Start start, StochasticOracle oracle) {
      return right.init(start, oracle);
    }

    @Override
    public S step(long t, S state, StochasticOracle oracle) {
      return right.step(t, state, new Wrong(oracle, bug));
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

    @Override
    public boolean reusesSamples() {
      return right.reusesSamples();
    }
  }

  private record Wrong(StochasticOracle oracle, Bug bug) implements StochasticOracle {
    @Override
    public SampledObjective upper() {
      return new WrongSample(oracle.upper(), oracle.upper(), bug);
    }

    @Override
    public SampledObjective lower() {
      return new WrongSample(oracle.lower(), oracle.freshLower(), bug);
    }

    @Override
    public SampledObjective freshLower() {
      return new WrongSample(oracle.freshLower(), oracle.freshLower(), bug);
    }

    @Override
    public boolean sharesSamples() {
      return oracle.sharesSamples();
    }

    @Override
    public int uniform(int bound) {
      return oracle.uniform(bound);
    }
  }

  private static final class WrongSample implements SampledObjective {
    private final SampledObjective right;
    private final SampledObjective other;
    private final Bug bug;
    private @Nullable Tensor firstX;
    private @Nullable Tensor firstY;

    WrongSample(SampledObjective right, SampledObjective other, Bug bug) {
      this.right = right;
      this.other = other;
      this.bug = bug;
    }

    private boolean isFirst(Tensor x, Tensor y) {
      if (firstX == null) {
        firstX = x;
        firstY = y;
      }
      return x.equals(firstX) && y.equals(firstY);
    }

    private SampledObjective sample(Tensor x, Tensor y) {
      return bug == Bug.SAMPLE && !isFirst(x, y) ? other : right;
    }

    private Tensor point(Tensor x, Tensor y) {
      return bug == Bug.POINT && !isFirst(x, y) && firstY != null ? firstY : y;
    }

    @Override
    public Tensor value(Tensor x, Tensor y) {
      return sample(x, y).value(x, point(x, y));
    }

    @Override
    public Gradient gradient(Tensor x, Tensor y) {
      return sample(x, y).gradient(x, point(x, y));
    }

    @Override
    public Tensor gradientY(Tensor x, Tensor y) {
      return sample(x, y).gradientY(x, point(x, y));
    }

    @Override
    public Linearization linearize(Tensor x, Tensor y) {
      return sample(x, y).linearize(x, point(x, y));
    }

    @Override
    public Gradient hessianVector(Tensor x, Tensor y, Gradient v) {
      return sample(x, y).hessianVector(x, point(x, y), v);
    }
  }

  private static final Map<String, Object> PROBLEM =
      Map.of(
          "type", "quadratic",
          "A", List.of(List.of(2, 0.5), List.of(0.5, 1)),
          "B", List.of(List.of(1, 0.3), List.of(0.2, -1)),
          "d", List.of(1, -1),
          "E", List.of(List.of(1, 0), List.of(0, 1)),
          "x0", List.of(0.5, -0.3),
          "noise", Map.of("gradient", 0.1, "hessian", 0.05));

  private static <S extends Record & AlgorithmState> CheckResult check(
      BilevelAlgorithm<S> right, String type, @Nullable Bug bug) {
    Experiment like =
        Experiment.of(Map.of("problem", PROBLEM, "algorithm", Map.of("type", type), "steps", 4));
    var experiment =
        new Experiment(
            like.problemType(),
            like.problem(),
            type,
            bug == null ? right : new Mistaken<>(right, bug),
            like.settings(),
            null,
            null);
    var plan = new CheckPlan(1, List.of(0L, 3L), 2, 1, 0, List.of());
    return Check.run(experiment, plan, new RunListener() {}, sentence -> {}).result();
  }

  private static List<Finding> findings(CheckResult result) {
    return result.points().stream()
        .flatMap(point -> point.derivatives().stream())
        .filter(finding -> finding.what().startsWith("recursive momentum"))
        .toList();
  }

  static Stream<String> recursive() {
    return Algorithms.all().stream()
        .filter(entry -> entry.defaults().reusesSamples())
        .map(Algorithms.Entry::name);
  }

  /** After two steps, without the rest of a check. */
  private static <S extends Record & AlgorithmState> Finding direct(
      BilevelAlgorithm<S> right, @Nullable Bug bug) {
    Experiment experiment =
        Experiment.of(Map.of("problem", PROBLEM, "algorithm", Map.of("type", "slip"), "steps", 4));
    BilevelAlgorithm<S> algorithm = bug == null ? right : new Mistaken<>(right, bug);
    try (var scope = StateScope.open();
        var problem = experiment.open();
        var solver = Solver.start(algorithm, problem, new Seed(0))) {
      solver.next();
      solver.next();
      return new SampleDiscipline(Reference.of(problem, new Seed(1), 1), Device.CPU64, new Seed(2))
          .compare(algorithm, 2, solver.state());
    }
  }

  @ParameterizedTest
  @MethodSource("recursive")
  void rightRecursionsPass(String name) {
    for (String sampling : List.of("independent", "shared")) {
      Map<String, Object> options =
          name.equals("vr-msgbio") ? Map.of() : Map.of("sampling", sampling);
      assertThat(direct(Algorithms.create(name, options), null).verdict()).isEqualTo(Verdict.RIGHT);
    }
  }

  /** What has no old point has no rule to keep. */
  @Test
  void withoutMomentumThereIsNoVerdict() {
    Finding finding = direct(Algorithms.create("accbo", Map.of("momentum", 0)), null);
    assertThat(finding.verdict()).isEqualTo(Verdict.TOLD);
  }

  @ParameterizedTest
  @CsvSource({
    "accbo, POINT",
    "accbo, SAMPLE",
    "mrbo, POINT",
    "mrbo, SAMPLE",
    "sustain, POINT",
    "sustain, SAMPLE",
    "vr-msgbio, POINT",
    "vr-msgbio, SAMPLE",
    "vrbo, SAMPLE"
  })
  void wrongOnesFail(String name, Bug bug) {
    Finding finding = direct(Algorithms.create(name, Map.of()), bug);
    assertThat(finding.verdict()).isEqualTo(Verdict.WRONG);
    assertThat(finding.what())
        .contains(
            bug == Bug.POINT
                ? "at an old point that no earlier sample was at"
                : "different samples");
  }

  @Test
  void theCheckHasIt() {
    CheckResult right = check(Algorithms.create("accbo", Map.of()), "accbo", null);
    assertThat(findings(right))
        .extracting(Finding::verdict)
        .containsExactly(Verdict.RIGHT, Verdict.RIGHT);
    assertThat(right.wrong()).isEmpty();
    CheckResult wrong = check(Algorithms.create("accbo", Map.of()), "accbo", Bug.POINT);
    assertThat(wrong.wrong()).hasSize(2).allMatch(each -> each.contains("recursive momentum"));
  }
}
