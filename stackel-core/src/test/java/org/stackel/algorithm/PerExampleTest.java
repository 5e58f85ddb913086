package org.stackel.algorithm;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Map;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.stackel.config.Options;
import org.stackel.optim.Schedule;
import org.stackel.oracle.CountingOracle;
import org.stackel.problem.BilevelProblem;
import org.stackel.problem.Detection;
import org.stackel.problem.Metrics;
import org.stackel.problem.Scales;
import org.stackel.problem.Scales.Structure;
import org.stackel.problem.Shard;
import org.stackel.problem.Start;
import org.stackel.tensor.Device;
import org.stackel.tensor.Layout;
import org.stackel.tensor.Seed;
import org.stackel.tensor.StateScope;
import org.stackel.tensor.Tensors;

/** Recursive momentum where x has one component for each example. */
class PerExampleTest {
  private static final int EXAMPLES = 120;
  private static final int BATCH = 2;
  private static final int STEPS = 240;
  private static final int WIDTH = 5;

  /**
   * Centres, every third of which is wrong, with a weight each: {@code g = E[σ(xᵢ) ½|y - cᵢ|²] +
   * ½·0.1|y|²}, {@code f = ½|y - 1|²}. A minibatch shows an example once in 60 steps.
   */
  private static final class Centres implements BilevelProblem<int[]> {
    private final Tensor centres;
    private final boolean[] wrong = new boolean[EXAMPLES];

    Centres() {
      double[] numbers =
          Tensors.toArray(Tensors.randn(new Seed(5), Device.CPU64, EXAMPLES * WIDTH));
      for (int i = 0; i < EXAMPLES; i++) {
        wrong[i] = i % 3 == 0;
        for (int j = 0; j < WIDTH; j++) {
          numbers[i * WIDTH + j] += wrong[i] ? -1 : 1;
        }
      }
      centres = Tensors.of(Device.CPU64, numbers, EXAMPLES, WIDTH);
    }

    double auroc(double[] x) {
      return Detection.auroc(IntStream.range(0, x.length).mapToDouble(i -> -x[i]).toArray(), wrong);
    }

    @Override
    public Layout upperLayout() {
      return Layout.vector("x", EXAMPLES);
    }

    @Override
    public Layout lowerLayout() {
      return Layout.vector("y", WIDTH);
    }

    @Override
    public Start start(Seed seed) {
      return new Start(Tensors.zeros(Device.CPU64, EXAMPLES), Tensors.zeros(Device.CPU64, WIDTH));
    }

    @Override
    public int[] upperBatch(Seed draw, Shard shard) {
      return new int[0];
    }

    @Override
    public int[] lowerBatch(Seed draw, Shard shard) {
      return draw.sample(EXAMPLES, BATCH);
    }

    @Override
    public Tensor upperLoss(Tensor x, Tensor y, int[] batch) {
      Tensor miss = y.sub(Tensors.full(Device.CPU64, 1, WIDTH));
      return Tensors.scale(.5, miss.dot(miss));
    }

    @Override
    public Tensor lowerLoss(Tensor x, Tensor y, int[] batch) {
      Tensor numbers = Tensors.indices(Device.CPU64, batch);
      Tensor miss = centres.index_select(0, numbers).sub(y);
      Tensor weighted = miss.mul(miss).sum(1).mul(x.index_select(0, numbers).sigmoid());
      return Tensors.scale(.5, weighted.mean()).add(Tensors.scale(.05, y.dot(y)));
    }

    @Override
    public Metrics evaluate(Tensor x, Tensor y) {
      return Metrics.NONE;
    }

    @Override
    public Scales scales(long steps) {
      double normalized = 5 * Math.sqrt(EXAMPLES) / steps;
      return scaled(Structure.WEIGHTS, steps, normalized);
    }

    @Override
    public void close() {
      centres.close();
    }
  }

  private static Scales scaled(Structure structure, long steps, double normalized) {
    return new Scales(
        structure,
        steps,
        EXAMPLES,
        .1,
        Scales.uppers(
            Scales.Usual.ofLowerLr(.5),
            Schedule.constant(normalized),
            Schedule.constant(.1),
            Schedule.constant(3)));
  }

  private static double auroc(BilevelAlgorithm<?> algorithm, Centres problem) {
    try (var run = Runs.start(algorithm, problem, new Seed(1))) {
      return problem.auroc(run.steps(STEPS).numbers().get("x"));
    }
  }

  /** The published value is worse than the default, which finds the wrong ones. */
  @ParameterizedTest
  @CsvSource({"accbo, momentum, 0.9, 0.15", "mrbo, upperRate, 2, 0.03"})
  void defaultsFindWrongExamples(String name, String key, double published, double gain) {
    assertGain(name, key, published, gain);
  }

  @Tag("slow")
  @ParameterizedTest
  @CsvSource({"sustain, upperRate, 2, 0.03", "vrbo, period, 2, 0.04"})
  void otherDefaultsFindWrongExamples(String name, String key, double published, double gain) {
    assertGain(name, key, published, gain);
  }

  private static void assertGain(String name, String key, double published, double gain) {
    try (var problem = new Centres()) {
      Map<String, ?> cheap =
          name.equals("vrbo")
              ? Map.of("neumannTerms", 2, "innerSteps", 0)
              : Map.of("neumannTerms", 2);
      var suited = (Record) Algorithms.create(name, cheap).suitedTo(problem.scales(STEPS));
      Object value = key.equals("period") ? (Object) (long) published : (Object) published;
      Record old = Options.bind(suited, Map.of(key, value), "an algorithm");
      assertThat(suited).isNotEqualTo(old);
      double found = auroc((BilevelAlgorithm<?>) suited, problem);
      double before = auroc((BilevelAlgorithm<?>) old, problem);
      assertThat(found).isGreaterThan(.85).isGreaterThan(before + gain);
    }
  }

  @ParameterizedTest
  @EnumSource(Structure.class)
  void onlyAComponentForEachExampleChangesTheMomentum(Structure structure) {
    Scales scales = scaled(structure, STEPS, 1);
    boolean isPerExample = structure == Structure.WEIGHTS || structure == Structure.NETWORK_WEIGHTS;
    assertThat(structure.isPerExample()).isEqualTo(isPerExample);
    assertThat(new AccBo().suitedTo(scales).momentum())
        .isEqualTo(isPerExample ? 0 : structure == Structure.SADDLE ? .5 : .9);
    assertThat(new Vrbo().suitedTo(scales).period()).isEqualTo(isPerExample ? 1 : 2);
    double last = Math.pow(8.0 + STEPS, -2.0 / 3);
    for (double rate :
        new double[] {
          new Mrbo().suitedTo(scales).upperRate(),
          new Sustain().suitedTo(scales).upperRate(),
          new VrMsgBio().suitedTo(scales).coefficients().cross()
        }) {
      assertThat(rate * last >= 1).isEqualTo(isPerExample);
    }
    assertThat(new VrMsgBio().suitedTo(scales).coefficients().hessian()).isEqualTo(2);
  }

  /** z grows where the Hessian is negative, by the length of all its steps together. */
  @Test
  void carriedSolutionsMoveAsFarAsThoseOfOneStepOnNetworks() {
    Scales scales =
        new Scales(
            Structure.NETWORK_WEIGHTS,
            600,
            600,
            Double.NaN,
            Scales.uppers(
                Scales.Usual.ofLowerLr(0.7).withLinearSystemLr(0.15),
                Schedule.constant(1),
                Schedule.constant(1),
                Schedule.constant(1)));
    Amigo amigo = new Amigo().suitedTo(scales);
    assertThat(amigo.linearSystemLr().at(0) * amigo.linearSystemSteps()).isEqualTo(0.15);
    // Descent on |Hv - b|² converges below 2 over the square of the curvature, which has peaks.
    assertThat(new BgsOpt().suitedTo(scales).linearSystemLr().at(0)).isLessThan(2.0 / (90 * 90));
  }

  /** Without momentum the old point is not asked for. */
  @Test
  void noMomentumHalvesTheCalls() {
    try (var problem = new Centres()) {
      var calls = new ArrayList<Long>();
      for (double momentum : new double[] {.9, 0}) {
        try (var scope = StateScope.open();
            var run =
                Runs.start(new AccBo().withMomentum(momentum), problem, new Seed(1)).steps(1)) {
          var counting = new CountingOracle(run.oracle());
          run.step(counting);
          calls.add(counting.calls().gradientF());
        }
      }
      assertThat(calls).containsExactly(2L, 1L);
    }
  }
}
