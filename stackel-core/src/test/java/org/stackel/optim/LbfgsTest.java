package org.stackel.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.stackel.tensor.Device;
import org.stackel.tensor.StateScope;
import org.stackel.tensor.Tensors;

/** On {@code ½ Σ hᵢ (xᵢ - 1)²} with curvatures from 1 to 10⁴. */
class LbfgsTest {
  private static final double[] CURVATURES = {1, 5, 20, 1e2, 5e2, 2e3, 1e4};

  private static Function<Tensor, Lbfgs.Evaluation> function(Tensor h, AtomicInteger evaluations) {
    return x -> {
      evaluations.incrementAndGet();
      Tensor difference = x.sub(Tensors.of(Device.CPU64, 1, 1, 1, 1, 1, 1, 1));
      Tensor gradient = difference.mul(h);
      return new Lbfgs.Evaluation(Tensors.item(gradient.dot(difference)) / 2, gradient);
    };
  }

  private static int evaluations(@Nullable UnaryOperator<Tensor> inverse, double tolerance) {
    var evaluations = new AtomicInteger();
    try (var scope = StateScope.open()) {
      Tensor h = Tensors.of(Device.CPU64, CURVATURES);
      Tensor found =
          new Lbfgs(200, 5, tolerance)
              .minimize(
                  function(h, evaluations),
                  Tensors.zeros(Device.CPU64, CURVATURES.length),
                  inverse);
      assertThat(Tensors.toArray(found)).containsOnly(new double[] {1}, within(1e-4));
    }
    return evaluations.get();
  }

  @Test
  void itsFirstStepIsOneOfNewtonsWhereTheHessianIsUndone() {
    assertThat(evaluations(v -> v.div(Tensors.of(Device.CPU64, CURVATURES)), 1e-9)).isEqualTo(2);
  }

  /** The slope is too small to change the value, so that no step is told from a shorter one. */
  @Test
  void stopsWhereNoDecreaseIsLeftInThePrecisionOfTheNumbers() {
    var evaluations = new AtomicInteger();
    try (var scope = StateScope.open()) {
      Tensor slope = Tensors.of(Device.CPU64, 1e-9, 1e-9);
      new Lbfgs(200, 5, 1e-12)
          .minimize(
              x -> {
                evaluations.incrementAndGet();
                return new Lbfgs.Evaluation(1, slope);
              },
              Tensors.zeros(Device.CPU64, 2));
    }
    assertThat(evaluations).hasValue(1 + 30); // the start, and a search without a step
  }

  @Test
  void aPreconditionerNeedsToBeNearTheHessianOnly() {
    int without = evaluations(null, 1e-5);
    int with =
        evaluations(v -> v.div(Tensors.of(Device.CPU64, 1, 10, 20, 3e2, 5e2, 5e3, 1e4)), 1e-5);
    assertThat(with).isLessThan(without / 2);
  }
}
