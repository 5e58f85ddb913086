package org.stackel.distributed;

import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.stackel.bilevel.Bilevel;
import org.stackel.tensor.Device;
import org.stackel.tensor.Seed;
import org.stackel.tensor.Tensors;

/**
 * A weight σ(xᵢ) for each of n examples of a least-squares fit in three numbers: {@code g = mean
 * σ(xᵢ) (aᵢy - bᵢ)² + |y|²/10}, {@code f = mean (cⱼy - dⱼ)²}.
 */
public final class WeightedFits {
  private static final int WIDTH = 3;
  private static final int TRUSTED = 9;
  private static final Seed SEED = new Seed(8);

  private WeightedFits() {}

  /**
   * The data live in the open scope.
   *
   * @param n number of examples
   * @param batch examples per lower minibatch
   */
  public static Bilevel<Tensor> of(int n, int batch) {
    return Bilevel.problem(Tensors.full(Device.CPU64, .5, n), Tensors.zeros(Device.CPU64, WIDTH))
        .named("weighted-fits")
        .data("a", drawn("a", n, WIDTH))
        .data("b", drawn("b", n))
        .data("c", drawn("c", TRUSTED, WIDTH))
        .data("d", drawn("d", TRUSTED))
        .lower(
            (x, y, m) ->
                squares(m.rows("a"), m.rows("b"), y)
                    .mul(m.rows(x).sigmoid())
                    .mean()
                    .add(y.dot(y).mul(new Scalar(.1))))
        .upper((x, y, m) -> squares(m.rows("c"), m.rows("d"), y).mean())
        .batches(n, batch, TRUSTED, 4)
        .perExample();
  }

  private static Tensor drawn(String name, long... shape) {
    return Tensors.randn(SEED.child(name), Device.CPU64, shape);
  }

  private static Tensor squares(Tensor rows, Tensor targets, Tensor y) {
    Tensor rest = rows.mv(y).sub(targets);
    return rest.mul(rest);
  }
}
