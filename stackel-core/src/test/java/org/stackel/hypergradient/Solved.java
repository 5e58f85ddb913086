package org.stackel.hypergradient;

import org.bytedeco.pytorch.Tensor;
import org.stackel.oracle.AutogradOracle;
import org.stackel.oracle.Sampling;
import org.stackel.problem.BilevelProblem;
import org.stackel.problem.Dense;
import org.stackel.problem.LossPair;
import org.stackel.problem.Shard;
import org.stackel.tensor.Device;
import org.stackel.tensor.Seed;
import org.stackel.tensor.Tensors;

/** Problems and oracles for estimators. */
public final class Solved {
  private Solved() {}

  public static Tensor vector(double... numbers) {
    return Tensors.of(Device.CPU64, numbers);
  }

  /** {@code g = y² - xy, f = (y-3)²/2 + x²/2}: at (0, 0) v and the hypergradient are -1.5. */
  public static LossPair scalar() {
    Tensor three = vector(3);
    return new LossPair(
        new double[] {0},
        new double[] {0},
        (x, y) -> half(y.sub(three)).add(half(x)),
        (x, y) -> y.dot(y).sub(x.dot(y)));
  }

  /** {@code g = yᵀHy/2 - xᵀCy, f = bᵀy}: v is {@code H⁻¹b}, the hypergradient {@code Cv}. */
  static LossPair linear(double[][] h, double[][] c, double[] b) {
    Tensor hessian = Tensors.of(Device.CPU64, Dense.flat(h), b.length, b.length);
    Tensor cross = Tensors.of(Device.CPU64, Dense.flat(c), c.length, b.length);
    Tensor slope = vector(b);
    return new LossPair(
        new double[c.length],
        new double[b.length],
        (x, y) -> slope.dot(y),
        (x, y) -> Tensors.scale(0.5, y.dot(hessian.mv(y))).sub(x.dot(cross.mv(y))));
  }

  private static Tensor half(Tensor a) {
    return Tensors.scale(0.5, a.dot(a));
  }

  public static <B> AutogradOracle<B> oracle(
      BilevelProblem<B> problem, Seed seed, Sampling sampling) {
    return new AutogradOracle<>(problem, seed, sampling, Shard.ALL);
  }
}
