package org.stackel.oracle;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.stackel.problem.BilevelProblem;
import org.stackel.problem.Metrics;
import org.stackel.problem.Noise;
import org.stackel.problem.Shard;
import org.stackel.problem.Start;
import org.stackel.tensor.Device;
import org.stackel.tensor.Layout;
import org.stackel.tensor.Seed;
import org.stackel.tensor.StateScope;
import org.stackel.tensor.Tensors;

/** What holds for every problem with closed forms: they answer as autograd does. */
public final class ClosedFormsContract {
  private static final Seed STEP = new Seed(11);

  private ClosedFormsContract() {}

  /**
   * Compares all answers and counts of the oracle with those of the same problem by autograd: in
   * one piece or several, on shared samples or others, in the order of several algorithms.
   *
   * @param at a point where no derivative vanishes
   */
  public static <B> void check(BilevelProblem<B> problem, Start at) {
    assertThat(problem.closedForms()).isNotNull();
    boolean hasSizes =
        problem.sizeOf(problem.lowerBatch(STEP, Shard.ALL)) > 0
            && problem.sizeOf(problem.upperBatch(STEP, Shard.ALL)) > 0;
    for (Sampling sampling : Sampling.values()) {
      for (Order order : Order.values()) {
        compare(problem, at, sampling, 1, order);
      }
      if (hasSizes) {
        compare(problem, at, sampling, 3, Order.PRODUCTS_FIRST);
      }
    }
  }

  /** What is asked for first. */
  private enum Order {
    GRADIENT_FIRST,
    PRODUCTS_FIRST,
    NESTED
  }

  private static <B> void compare(
      BilevelProblem<B> problem, Start at, Sampling sampling, int pieces, Order order) {
    var closed =
        new CountingOracle(new AutogradOracle<>(problem, STEP, sampling, Shard.ALL, pieces));
    var plain =
        new CountingOracle(
            new AutogradOracle<>(new ByAutograd<>(problem), STEP, sampling, Shard.ALL, pieces));
    try (var scope = StateScope.open()) {
      Map<String, Tensor> found = answers(closed, at, order);
      Map<String, Tensor> expected = answers(plain, at, order);
      found.forEach(
          (name, tensor) -> {
            double[] numbers = Tensors.toArray(expected.get(name));
            double size = 1 + Arrays.stream(numbers).map(Math::abs).max().orElse(0);
            assertThat(tensor.requires_grad()).as("%s carries a graph", name).isFalse();
            assertThat(distance(Tensors.toArray(tensor), numbers))
                .as("%s, %s, %d pieces, %s", name, sampling, pieces, order)
                .isLessThanOrEqualTo(1e-12 * size);
          });
      assertThat(closed.calls()).isEqualTo(plain.calls());
    }
  }

  /** The largest difference; of arrays of hundreds of numbers, containsExactly takes seconds. */
  private static double distance(double[] found, double[] expected) {
    assertThat(found).hasSameSizeAs(expected);
    double largest = 0;
    for (int i = 0; i < found.length; i++) {
      largest = Math.max(largest, Math.abs(found[i] - expected[i]));
    }
    return largest;
  }

  private static Map<String, Tensor> answers(StochasticOracle oracle, Start at, Order order) {
    Tensor x = at.x();
    Tensor y = at.y();
    Tensor v = Tensors.randn(new Seed(8), Device.CPU64, y.size(0));
    Tensor w = Tensors.randn(new Seed(9), Device.CPU64, y.size(0));
    Tensor u = Tensors.randn(new Seed(10), Device.CPU64, x.size(0));
    var answers = new LinkedHashMap<String, Tensor>();
    SampledObjective upper = oracle.upper();
    answers.put("F", upper.value(x, y));
    Gradient f = upper.gradient(x, y);
    answers.put("∇x F", f.x());
    answers.put("∇y F", f.y());
    answers.put("∇y F alone", upper.gradientY(x, y));
    if (order == Order.GRADIENT_FIRST) {
      answers.put("∇y G first", oracle.lower().gradientY(x, y));
      answers.put("∇y G of a linearisation", oracle.lower().linearize(x, y).gradY());
    }
    if (order == Order.NESTED) { // what this leaves at the point must not be used again
      SampledObjective drawn = oracle.lower();
      answers.put(
          "a product in a scope of its own",
          StateScope.nested(() -> drawn.linearize(x, y).products(w).hessian()));
      answers.put("a product on the same sample behind it", drawn.linearize(x, y).crossVector(w));
    }
    Products products = oracle.products(x, y, v);
    answers.put("Hv", products.hessian());
    answers.put("Jv", products.cross());
    SampledObjective lower = oracle.lower();
    Gradient g = lower.gradient(x, y);
    answers.put("G", lower.value(x, y));
    answers.put("∇x G", g.x());
    answers.put("∇y G with it", g.y());
    answers.put("∇y G alone", lower.gradientY(x, y));
    answers.put("Hw alone", lower.hessianVector(x, y, w));
    answers.put("Jw alone", lower.crossVector(x, y, w));
    Linearization here = lower.linearize(x, y);
    answers.put("Hv of a linearisation", here.hessianVector(v));
    answers.put("Hw of a linearisation", here.hessianVector(w));
    answers.put("Jw of a linearisation", here.crossVector(w));
    Products both = here.products(w);
    answers.put("Hw of both", both.hessian());
    answers.put("Jw of both", both.cross());
    answers.put("∇y G after both", here.gradY());
    Gradient whole = lower.hessianVector(x, y, new Gradient(u, v));
    answers.put("whole Hessian, x", whole.x());
    answers.put("whole Hessian, y", whole.y());
    SecondDerivatives dense = here.dense();
    answers.put("∇²yy G", dense.hessian());
    answers.put("∇²xy G", dense.cross());
    answers.put("drawn again", lower.again().linearize(x, y).products(v).cross());
    answers.put("elsewhere", lower.gradientY(x, v));
    answers.put("fresh", oracle.freshLower().gradientY(x, y));
    answers.replaceAll((name, tensor) -> tensor.detach());
    return answers;
  }

  /** The same problem without its closed forms. */
  private record ByAutograd<B>(BilevelProblem<B> problem) implements BilevelProblem<B> {
    @Override
    public Layout upperLayout() {
      return problem.upperLayout();
    }

    @Override
    public Layout lowerLayout() {
      return problem.lowerLayout();
    }

    @Override
    public Start start(Seed seed) {
      return problem.start(seed);
    }

    @Override
    public B upperBatch(Seed draw, Shard shard) {
      return problem.upperBatch(draw, shard);
    }

    @Override
    public B lowerBatch(Seed draw, Shard shard) {
      return problem.lowerBatch(draw, shard);
    }

    @Override
    public Tensor upperLoss(Tensor x, Tensor y, B batch) {
      return problem.upperLoss(x, y, batch);
    }

    @Override
    public Tensor lowerLoss(Tensor x, Tensor y, B batch) {
      return problem.lowerLoss(x, y, batch);
    }

    @Override
    public long sizeOf(B batch) {
      return problem.sizeOf(batch);
    }

    @Override
    public Metrics evaluate(Tensor x, Tensor y) {
      return problem.evaluate(x, y);
    }

    @Override
    public boolean drawsOnce() {
      return problem.drawsOnce();
    }

    @Override
    public Noise noise() {
      return problem.noise();
    }

    @Override
    public void close() {
      problem.close();
    }
  }
}
