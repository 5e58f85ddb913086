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
  /** Names and shapes of the parts of the upper variable x. */
  Layout upperLayout();

  /** Names and shapes of the parts of the lower variable y. */
  Layout lowerLayout();

  /** The initial x and y, as functions of the seed. */
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
   * Number of samples in a minibatch if the losses are means over them, so that the loss on the
   * whole is the mean of those on its shards, weighted by this number. 0 if the losses are not, and
   * for an empty shard.
   */
  default long sizeOf(B batch) {
    return 0;
  }

  /** Held-out metrics at a point. Changes nothing. */
  Metrics evaluate(Tensor x, Tensor y);

  /**
   * Whether the lower loss is the negative upper one, perhaps on other data: y maximises what x
   * minimises, and the upper loss has no minimum over y.
   */
  default boolean isSaddle() {
    return false;
  }

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
   * Whether both levels of a step must use the same draw, e.g. the same tasks. If so, every draw of
   * a step has the same seed, and there is one sample of each level, however an algorithm draws.
   */
  default boolean drawsOnce() {
    return false;
  }

  /** Steps per epoch of the lower level; 0 without a training set. */
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
   * The problem with other options on the data of this one, as it would be if it were opened with
   * the same seed on the same device; null, the default, if it must be opened anew because the
   * options ask for other data. It is closed before this one, which keeps the data.
   */
  default @Nullable BilevelProblem<?> onSameData(ProblemOptions options) {
    return null;
  }

  /**
   * The scales from which hyperparameters follow that are not given; null if unknown, in which case
   * algorithms keep their own defaults.
   *
   * @param steps number of upper-level steps
   */
  default @Nullable Scales scales(long steps) {
    return null;
  }

  /** Remarks on the data for readers of the results, in sentences. */
  default List<String> remarks() {
    return List.of();
  }

  /**
   * Remarks on an algorithm on this problem before it runs, in sentences.
   *
   * @param lowerLr the algorithm's step sizes of the lower level that do not change, by name
   */
  default List<String> remarks(Map<String, Double> lowerLr) {
    return List.of();
  }

  /**
   * Uses the solution of a completed run: writes files, and measures them.
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
   * Results of methods without a bilevel formulation on the same data.
   *
   * @param which methods to run
   * @param run the seed of the run that they are compared with
   * @param steps number of upper-level steps of that run
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
