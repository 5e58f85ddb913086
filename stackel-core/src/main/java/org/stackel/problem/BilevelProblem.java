package org.stackel.problem;

import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;
import org.stackel.tensor.Layout;
import org.stackel.tensor.Seed;

/**
 * {@code min_x f(x, y*(x))} subject to {@code y*(x) ∈ argmin_y g(x, y)}, with {@code f} and {@code
 * g} means over samples. Owns its data; knows nothing of algorithms.
 *
 * <p>Both variables are flat vectors. Batches are functions of their seed, losses are functions of
 * their arguments: whoever calls twice gets the same answer twice.
 *
 * @param <B> a minibatch, or a number of them in one
 */
public interface BilevelProblem<B> extends AutoCloseable {
  /** Names and shapes in the upper variable x. */
  Layout upperLayout();

  /** Names and shapes in the lower variable y. */
  Layout lowerLayout();

  /** Where a run starts. */
  Start start(Seed seed);

  /** A sample of the upper level: this shard's part of the batch that the seed draws. */
  B upperBatch(Seed draw, Shard shard);

  /** A sample of the lower level: this shard's part of the batch that the seed draws. */
  B lowerBatch(Seed draw, Shard shard);

  /** {@code F(x, y; batch)}, a differentiable scalar, the mean over the batch. */
  Tensor upperLoss(Tensor x, Tensor y, B batch);

  /** {@code G(x, y; batch)}, a differentiable scalar, the mean over the batch. */
  Tensor lowerLoss(Tensor x, Tensor y, B batch);

  /**
   * How many samples the losses on a minibatch are means over, so that the loss on the whole is the
   * mean of those on its shards, weighted with this number. 0 of a loss for which that is not so,
   * and of an empty shard.
   */
  default long sizeOf(B batch) {
    return 0;
  }

  /** Held-out metrics at a point. Changes nothing. */
  Metrics evaluate(Tensor x, Tensor y);

  /** Whether x must stay in a set, so that an algorithm has to project. */
  default boolean isConstrained() {
    return false;
  }

  /** The projection of x onto the set that it must stay in; x itself where there is none. */
  default Tensor projectX(Tensor x) {
    return x;
  }

  /** The projection of y onto the set that it must stay in; y itself where there is none. */
  default Tensor projectY(Tensor y) {
    return y;
  }

  /**
   * Whether both levels of a step are about the same things, such as tasks: then every draw of a
   * step has the same seed, so that there is one sample of either level, however an algorithm
   * draws.
   */
  default boolean drawsOnce() {
    return false;
  }

  /** Steps in which lower minibatches are as many as the training examples; 0 without a set. */
  default long stepsPerEpoch() {
    return 0;
  }

  /**
   * The options from which the problem was opened, with all that was left to the data filled in;
   * null if they are as they were.
   */
  default @Nullable ProblemOptions resolved() {
    return null;
  }

  /**
   * What hyperparameters follow from where nobody gives them; null if nothing is known: algorithms
   * then keep their own defaults.
   *
   * @param steps number of upper-level steps
   */
  default @Nullable Scales scales(long steps) {
    return null;
  }

  /** What a reader of the results should know about the data, in sentences. */
  default List<String> remarks() {
    return List.of();
  }

  /**
   * What a reader should know about an algorithm on this problem before it runs, in sentences.
   *
   * @param lowerLr the algorithm's step sizes of the lower level that do not change, by name
   */
  default List<String> remarks(Map<String, Double> lowerLr) {
    return List.of();
  }

  /**
   * What becomes of the solution of a completed run: files that it leaves, metrics of them.
   *
   * @param x upper variable at the end
   * @param y lower variable at the end
   * @param run the seed of the run
   * @param artifacts where files go
   */
  default Finished finish(Tensor x, Tensor y, Seed run, Artifacts artifacts) {
    return Finished.NOTHING;
  }

  /**
   * What methods without a bilevel formulation reach on the same data.
   *
   * @param which how many of them
   * @param run the seed of the run that they are compared with
   * @param steps number of upper-level steps that it has
   */
  default List<BaselineResult> baselines(Baselines which, Seed run, long steps) {
    return List.of();
  }

  /**
   * Derivatives in closed form, which the oracle asks before autograd; null, the default, if there
   * are none.
   */
  default @Nullable ClosedForms<B> closedForms() {
    return null;
  }

  /** Noise that the oracle adds to its exact answers; none by default. */
  default Noise noise() {
    return Noise.NONE;
  }

  /** Every file that the data came from, with the SHA-256 of its content in hexadecimal digits. */
  default Map<String, String> inputs() {
    return Map.of();
  }

  @Override
  void close();
}
