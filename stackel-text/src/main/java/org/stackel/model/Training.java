package org.stackel.model;

import java.util.Arrays;
import java.util.function.LongPredicate;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.stackel.optim.Adam;
import org.stackel.optim.Iterations;
import org.stackel.optim.Lbfgs;
import org.stackel.tensor.Device;
import org.stackel.tensor.Seed;
import org.stackel.tensor.StateScope;
import org.stackel.tensor.Tensors;

/**
 * Ordinary training of a classifier on weighted examples: {@code min_w (1/n) Σ wᵢ/mean(w) · CEᵢ(w)
 * + c|w|²}.
 */
public sealed interface Training {
  /**
   * The trained parameters, made in the caller's scope.
   *
   * @param seed of the start and of the batches
   */
  Tensor fit(Classifier model, Examples examples, Seed seed, Device device);

  /**
   * Examples to train on.
   *
   * @param inputs the set they are taken from
   * @param labels class of every example of the set, int64
   * @param chosen numbers of the examples
   * @param weights weight of each chosen example; only ratios matter
   */
  @SuppressWarnings("ArrayRecordComponent") // a million numbers
  record Examples(Inputs inputs, Tensor labels, int[] chosen, double[] weights) {
    public Examples {
      if (chosen.length != weights.length || chosen.length == 0) {
        throw new IllegalArgumentException(
            "%d examples with %d weights.".formatted(chosen.length, weights.length));
      }
    }

    /** Examples of equal weight. */
    public static Examples equal(Inputs inputs, Tensor labels, int[] chosen) {
      double[] weights = new double[chosen.length];
      Arrays.fill(weights, 1);
      return new Examples(inputs, labels, chosen, weights);
    }

    private double[] normalized() {
      double mean = Arrays.stream(weights).average().orElseThrow();
      return Arrays.stream(weights).map(w -> w / mean).toArray();
    }
  }

  /**
   * Full-batch L-BFGS, for softmax regression.
   *
   * @param regularization c
   * @param iterations most iterations
   */
  record FullBatch(double regularization, int iterations) implements Training {
    @Override
    public Tensor fit(Classifier model, Examples examples, Seed seed, Device device) {
      if (!(model instanceof Classifier.Linear linear)) {
        throw new IllegalArgumentException("L-BFGS trains softmax regression only: " + model);
      }
      Tensor result;
      try (var scope = StateScope.open()) {
        Tensor numbers = Tensors.indices(device, examples.chosen());
        Input input = examples.inputs().batch(examples.chosen(), numbers);
        Tensor labels = examples.labels().index_select(0, numbers);
        Tensor weights = Tensors.of(device, examples.normalized());
        var loss = new SoftmaxLoss(linear, input, labels, weights, regularization);
        Tensor found =
            new Lbfgs(iterations, 10, 1e-5)
                .minimize(loss::at, model.initial(seed, device), loss.inverseAtZero());
        result = scope.keep(found.clone());
      }
      return adopt(result);
    }
  }

  /**
   * Adam on minibatches, its step size falling linearly to zero over the last 30 %.
   *
   * @param regularization c
   * @param steps number of steps
   * @param batch examples a step
   * @param lr step size at the start
   */
  record Minibatch(double regularization, long steps, int batch, double lr) implements Training {
    private record State(Tensor y, Adam.Moments moments) {}

    @Override
    public Tensor fit(Classifier model, Examples examples, Seed seed, Device device) {
      return fit(model, examples, seed, device, step -> true);
    }

    /**
     * The same, which may end early.
     *
     * @param goesOn asked before each step, with its number from 0
     */
    public Tensor fit(
        Classifier model, Examples examples, Seed seed, Device device, LongPredicate goesOn) {
      double[] weights = examples.normalized();
      State state;
      try (var scope = StateScope.open()) {
        Tensor y = model.initial(seed.child("start"), device);
        state = scope.keep(new State(y, Adam.Moments.zero(y)));
      }
      for (long t = 0; t < steps && goesOn(goesOn, t, steps, state); t++) {
        State next;
        try (var scope = StateScope.open()) {
          int[] drawn = seed.child("step").child(t).sample(weights.length, batch);
          int[] chosen = Arrays.stream(drawn).map(i -> examples.chosen()[i]).toArray();
          Tensor numbers = Tensors.indices(device, chosen);
          Tensor labels = examples.labels().index_select(0, numbers);
          Tensor w =
              Tensors.of(device, Arrays.stream(drawn).mapToDouble(i -> weights[i]).toArray());
          Input input = examples.inputs().batch(chosen, numbers);
          Tensor gradient = gradient(model, state.y(), input, labels, w);
          Adam.Moments moments = Adam.DEFAULT.update(state.moments(), gradient);
          double left = Math.min(1, (steps - t) / (0.3 * steps));
          next =
              scope.keep(
                  new State(Adam.DEFAULT.step(state.y(), moments, t + 1, lr * left), moments));
        }
        StateScope.release(state);
        state = next;
      }
      StateScope.release(state.moments());
      return adopt(state.y());
    }

    private Tensor gradient(
        Classifier model, Tensor y, Input input, Tensor labels, Tensor weights) {
      Tensor leaf = Tensors.leaf(y);
      Tensor loss =
          model
              .losses(leaf, input, labels)
              .mul(weights)
              .mean()
              .add(leaf.dot(leaf), new Scalar(regularization));
      return new Tensor(torch.grad(new TensorVector(loss), new TensorVector(leaf)).get(0));
    }
  }

  /** Asks, and releases the state if there is an exception instead of an answer. */
  private static boolean goesOn(LongPredicate goesOn, long step, long steps, Record state) {
    try {
      Iterations.next("training", step, steps);
      return goesOn.test(step);
    } catch (RuntimeException e) {
      StateScope.release(state);
      throw e;
    }
  }

  /** A kept tensor handed to the scope around the caller. */
  private static Tensor adopt(Tensor kept) {
    var handle = new Tensor(kept);
    StateScope.release(kept);
    return handle;
  }
}
