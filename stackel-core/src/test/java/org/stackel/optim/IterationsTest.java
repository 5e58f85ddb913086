package org.stackel.optim;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.stackel.tensor.Device;
import org.stackel.tensor.Seed;
import org.stackel.tensor.StateScope;
import org.stackel.tensor.Tensors;

class IterationsTest {
  /** Iterations of a small least-squares fit, in the scope of the caller. */
  private static Tensor fit() {
    Tensor a = Tensors.randn(new Seed(0), Device.CPU64, 8, 8);
    return new Lbfgs(50, 5, 1e-12)
        .minimize(
            x -> {
              Tensor r = a.mv(x).sub(Tensors.of(Device.CPU64, 1, 2, 3, 4, 5, 6, 7, 8));
              return new Lbfgs.Evaluation(Tensors.item(r.dot(r)) / 2, a.t().mv(r));
            },
            Tensors.zeros(Device.CPU64, 8));
  }

  @Test
  void whoeverBeganTheWorkIsToldAndMayStopIt() {
    var told = new ArrayList<Long>();
    try (var scope = StateScope.open()) {
      Tensor found =
          Iterations.unless(
              () -> told.size() == 3, (part, done, most) -> told.add(done), IterationsTest::fit);
      assertThat(found).isNull();
      assertThat(told).isEqualTo(List.of(0L, 1L, 2L));
      assertThat(Iterations.unless(() -> false, IterationsTest::fit)).isNotNull();
    }
  }

  @Test
  void aFitThatIsLeftKeepsNoMemory() {
    try (var scope = StateScope.open()) {
      fit(); // classes are loaded
    }
    long before = StateScope.livePointers();
    var asked = new AtomicInteger();
    try (var scope = StateScope.open()) {
      assertThat(Iterations.unless(() -> asked.incrementAndGet() > 4, IterationsTest::fit))
          .isNull();
    }
    assertThat(StateScope.livePointers()).isEqualTo(before);
  }

  @Test
  void theWatchAroundIsThereAgainAfterwards() {
    var outer = new ArrayList<String>();
    Iterations.watched(
        (part, done, most) -> outer.add(part),
        () -> {
          assertThat(
                  Iterations.unless(
                      () -> true,
                      () -> {
                        Iterations.next("inner", 0, 1);
                        return "";
                      }))
              .isNull();
          Iterations.next("outer", 0, 1);
          return "";
        });
    assertThat(outer).containsExactly("outer");
    assertThat(Iterations.watch()).isSameAs(Iterations.Watch.NOBODY);
  }
}
