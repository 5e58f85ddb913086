package org.stackel.oracle;

import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;
import org.stackel.problem.Noise;
import org.stackel.tensor.Device;
import org.stackel.tensor.Seed;
import org.stackel.tensor.Tensors;

/** A loss whose answers have the noise of one sample added. */
final class NoisyLoss implements SampledObjective {
  private final SampledObjective exact;
  private final Noise noise;
  private final Seed draw;
  private @Nullable Noisy linearized;

  /**
   * @param exact the answers without noise
   * @param noise its standard deviations
   * @param draw the sample
   */
  NoisyLoss(SampledObjective exact, Noise noise, Seed draw) {
    this.exact = exact;
    this.noise = noise;
    this.draw = draw;
  }

  @Override
  public long samples() {
    return exact.samples();
  }

  /** Noise on gradients is a linear term of the sampled loss. */
  @Override
  public Tensor value(Tensor x, Tensor y) {
    Tensor value = exact.value(x, y);
    return noise.gradient() == 0
        ? value
        : value
            .add(noiseLike(draw.child("x"), noise.gradient(), x).dot(x))
            .add(noiseLike(draw.child("y"), noise.gradient(), y).dot(y));
  }

  @Override
  public Gradient gradient(Tensor x, Tensor y) {
    Gradient gradient = exact.gradient(x, y);
    return new Gradient(
        noisy("x", noise.gradient(), gradient.x()), noisy("y", noise.gradient(), gradient.y()));
  }

  @Override
  public Tensor gradientY(Tensor x, Tensor y) {
    return noisy("y", noise.gradient(), exact.gradientY(x, y));
  }

  @Override
  @SuppressWarnings("ReferenceEquality") // the same object if and only if the point is the same
  public Linearization linearize(Tensor x, Tensor y) {
    Linearization at = exact.linearize(x, y);
    if (linearized == null || linearized.at != at) {
      linearized = new Noisy(at);
    }
    return linearized;
  }

  @Override
  public Gradient hessianVector(Tensor x, Tensor y, Gradient v) {
    Gradient product = exact.hessianVector(x, y, v);
    return new Gradient(
        noisy("whole-x", noise.hessian(), product.x()),
        noisy("whole-y", noise.hessian(), product.y()));
  }

  @Override
  public SampledObjective again() {
    return new NoisyLoss(exact.again(), noise, draw);
  }

  private Tensor noisy(String role, double sd, Tensor answer) {
    return sd == 0 ? answer : answer.add(noiseLike(draw.child(role), sd, answer));
  }

  private static Tensor noiseLike(Seed seed, double sd, Tensor like) {
    long[] shape = Tensors.shape(like).stream().mapToLong(Long::longValue).toArray();
    return Tensors.scale(sd, Tensors.randn(seed, Device.CPU64, shape).to(like));
  }

  private final class Noisy implements Linearization {
    private final Linearization at;
    private long products;

    Noisy(Linearization at) {
      this.at = at;
    }

    @Override
    public Tensor gradY() {
      return noisy("y", noise.gradient(), at.gradY());
    }

    @Override
    public Tensor hessianVector(Tensor v) {
      return noisyProduct("hessian", at.hessianVector(v));
    }

    @Override
    public Tensor crossVector(Tensor v) {
      return noisyProduct("cross", at.crossVector(v));
    }

    @Override
    public Products products(Tensor v) {
      Products both = at.products(v);
      return new Products(
          noisyProduct("hessian", both.hessian()), noisyProduct("cross", both.cross()));
    }

    @Override
    public SecondDerivatives dense() {
      return noise.hessian() == 0 ? at.dense() : Linearization.super.dense();
    }

    /** The k-th product of every linearisation of a sample has the same noise at every point. */
    private Tensor noisyProduct(String role, Tensor product) {
      return noise.hessian() == 0
          ? product
          : product.add(noiseLike(draw.child(role).child(products++), noise.hessian(), product));
    }
  }
}
