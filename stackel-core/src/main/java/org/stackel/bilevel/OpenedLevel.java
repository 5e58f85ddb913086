package org.stackel.bilevel;

import java.util.Arrays;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;
import org.stackel.config.InvalidInputException;
import org.stackel.problem.Minibatches;
import org.stackel.tensor.DataTensors;
import org.stackel.tensor.Device;
import org.stackel.tensor.Seed;
import org.stackel.tensor.StateScope;
import org.stackel.tensor.Tensors;

/** One of the two losses of an opened problem, with its samples. */
final class OpenedLevel<V> {
  /** Most samples that the default metrics are means over. */
  static final int MAX_EVALUATED = 10_000;

  /** Samples of the default metrics that are computed at once, unless minibatches are larger. */
  private static final int CHUNK = 128;

  private static final long[] SCALAR = {};

  private final String what;
  private final BatchLoss<V> loss;
  private final Variable<V> x;
  private final Variable<V> y;
  private final Device device;
  private final Minibatches<Minibatch> minibatches;
  private final boolean isSampled;
  private final int[] evaluated;
  private final int chunk;

  /**
   * @param word "upper" or "lower"
   * @param samples of the level; null if there are none
   * @param data that were handed over, by name
   * @param home owns what the level makes
   * @param evaluation draws the samples of the default metrics
   */
  OpenedLevel(
      String word,
      Bilevel<V> stated,
      Bilevel.Side<V> side,
      Bilevel.@Nullable Samples samples,
      Map<String, Tensor> data,
      DataTensors home,
      Seed evaluation,
      Device device) {
    what = "The %s loss of %s".formatted(word, stated.owner());
    loss = side.loss();
    x = stated.x();
    y = stated.y();
    this.device = device;
    isSampled = side.takesBatch() && samples != null;
    if (samples == null || !isSampled) {
      Minibatch none = new Minibatch(word, 0, 0, home.keep(numbers(new int[0])), data, device);
      minibatches = new Minibatches<>(1, 0, none, numbers -> none);
      evaluated = new int[1];
      chunk = 1;
      return;
    }
    int count = samples.count();
    Function<int[], Minibatch> take =
        numbers -> new Minibatch(word, count, numbers.length, numbers(numbers), data, device);
    boolean isWhole = samples.batch() == 0 || samples.batch() >= count;
    Minibatch whole = isWhole ? take.apply(range(count)) : null;
    if (whole != null) {
      home.keep(whole.indices());
    }
    minibatches = new Minibatches<>(count, samples.batch(), whole, take);
    chunk = isWhole ? count : Math.max(samples.batch(), CHUNK);
    evaluated =
        isWhole || count <= MAX_EVALUATED ? range(count) : evaluation.sample(count, MAX_EVALUATED);
  }

  private static int[] range(int count) {
    return IntStream.range(0, count).toArray();
  }

  private Tensor numbers(int[] numbers) {
    return Tensors.indices(device, numbers);
  }

  /** "The lower loss of ridge". */
  String what() {
    return what;
  }

  Minibatches<Minibatch> minibatches() {
    return minibatches;
  }

  /** The loss on a minibatch, a scalar. */
  Tensor at(Tensor atX, Tensor atY, Minibatch batch) {
    Tensor result =
        Misuse.returned(
            what,
            () -> place(batch),
            device,
            () -> loss.at(x.view().apply(atX), y.view().apply(atY), batch));
    Misuse.checkReturned(what, result);
    if (result.dim() == 0) {
      return result;
    }
    if (result.numel() != 1) {
      throw new InvalidInputException(
          "%s must be one number; it has shape %s.".formatted(what, Tensors.shape(result)),
          "mean() is missing at its end.");
    }
    return result.reshape(SCALAR);
  }

  private String place(Minibatch batch) {
    String shapes = " with %s and %s".formatted(x.words(), y.words());
    return batch.size() == 0 ? shapes : "%s on %d samples".formatted(shapes, batch.size());
  }

  /** Whether the loss is a mean over samples. */
  boolean isSampled() {
    return isSampled;
  }

  /** Whether the default metrics leave samples out. */
  boolean isEvaluatedInPart() {
    return evaluated.length < minibatches.samples();
  }

  /** The mean over all samples, or over those that stand for them. */
  double mean(Tensor atX, Tensor atY) {
    double sum = 0;
    for (int start = 0; start < evaluated.length; start += chunk) {
      int[] part = Arrays.copyOfRange(evaluated, start, Math.min(evaluated.length, start + chunk));
      try (var scope = StateScope.open()) {
        sum += part.length * Tensors.item(at(atX, atY, minibatches.take().apply(part)));
      }
    }
    return sum / evaluated.length;
  }
}
