package org.stackel.oracle;

import org.bytedeco.pytorch.Tensor;
import org.stackel.optim.Directions;
import org.stackel.problem.Blocks;
import org.stackel.tensor.Layout;
import org.stackel.tensor.Tensors;

/**
 * Samples of the two losses during one step of an algorithm. The sample is fixed by {@link #lower}
 * or {@link #upper}; what they return may then be evaluated at several points, as
 * recursive-momentum methods need.
 */
public interface StochasticOracle {
  /** The upper loss on the step's next sample (on its one sample, if the step shares samples). */
  SampledObjective upper();

  /** The lower loss on the step's next sample (on its one sample, if the step shares samples). */
  SampledObjective lower();

  /** The lower loss on a new sample, always: for loops of lower steps and warm starts. */
  SampledObjective freshLower();

  /** Whether {@link #lower} gives the same sample throughout the step. */
  boolean sharesSamples();

  /**
   * Says that the step will take derivatives in x of both levels at this x, and take one from the
   * other by {@link Pullback#minus}. Where the step shares its samples and both levels see x
   * through the same encoder, features of both are then computed in one pass, and pulled back in
   * one. Changes no answer, but for rounding.
   */
  default void together(Tensor x) {}

  /** A random number in 0 … bound-1 of this step: for estimators of random length. */
  int uniform(int bound);

  /**
   * Whether an estimator should look at its estimate and tell {@link #broke} if it has no meaning,
   * also where that takes numbers read from the device. An estimator that reads them anyway always
   * does.
   */
  default boolean isWatched() {
    return false;
  }

  /** Told by an estimator whose estimate has no meaning; the step goes on. */
  default void broke(Breakdown breakdown) {}

  /**
   * How the upper level is cut into blocks.
   *
   * @throws UnsupportedOperationException if it is no finite sum, as for the methods of blocks
   *     below
   */
  default Blocks upperBlocks() {
    throw new UnsupportedOperationException("This oracle knows no blocks.");
  }

  /** How the lower level is cut into blocks. */
  default Blocks lowerBlocks() {
    throw new UnsupportedOperationException("This oracle knows no blocks.");
  }

  /** A block of the upper level, drawn with its weight as probability: a new draw at every call. */
  default SampledBlock upperBlock() {
    throw new UnsupportedOperationException("This oracle knows no blocks.");
  }

  /** A block of the lower level, drawn with its weight as probability: a new draw at every call. */
  default SampledBlock lowerBlock() {
    throw new UnsupportedOperationException("This oracle knows no blocks.");
  }

  /** The block of the lower level with this number. */
  default SampledBlock lowerBlock(int number) {
    throw new UnsupportedOperationException("This oracle knows no blocks.");
  }

  /** Whether the levels are cut into blocks. */
  default boolean isFiniteSum() {
    return false;
  }

  /**
   * Whether each lower example has a number of its own in x, as {@link
   * org.stackel.problem.PerExample} says: then derivatives of the upper loss in x are 0, and lower
   * blocks know their {@linkplain SampledBlock#own own numbers}.
   */
  default boolean isPerExample() {
    return false;
  }

  /**
   * Which parameter tensors x is made of: for steps that treat each by itself.
   *
   * @throws UnsupportedOperationException if the oracle does not know
   */
  default Layout upperLayout() {
    throw new UnsupportedOperationException("This oracle knows no layout.");
  }

  /**
   * The norm of x or a vector like it, a scalar: of all of it, where this process has a part. As
   * the two below, one message then.
   */
  default Tensor normX(Tensor v) {
    return Tensors.norm(v);
  }

  /** The inner product of two vectors like x, a scalar: of all parts, as {@link #normX}. */
  default Tensor dotX(Tensor a, Tensor b) {
    return a.dot(b);
  }

  /** {@code x - lr · m / |m|} with the norm of all of m, as {@link #normX}; x where it is 0. */
  default Tensor normalizedStep(Tensor x, Tensor m, double lr) {
    return Directions.normalizedStep(x, m, lr);
  }

  /** The projection onto the set of x. */
  default Tensor projectX(Tensor x) {
    return x;
  }

  /** The projection onto the set of y. */
  default Tensor projectY(Tensor y) {
    return y;
  }

  /**
   * {@code ∇²yy g · v} and {@code ∇²xy g · v} at one point: on two independent samples, or in one
   * backward pass if the step shares its sample.
   */
  default Products products(Tensor x, Tensor y, Tensor v) {
    if (sharesSamples()) {
      return lower().linearize(x, y).products(v);
    }
    Tensor hessian = lower().hessianVector(x, y, v);
    Tensor cross = lower().crossVector(x, y, v);
    return new Products(hessian, cross);
  }
}
