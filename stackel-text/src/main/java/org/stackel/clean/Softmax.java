package org.stackel.clean;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;
import org.stackel.tensor.Device;
import org.stackel.tensor.StateScope;
import org.stackel.tensor.Tensors;
import org.stackel.text.SparseRows;

/**
 * Softmax regression on dense and sparse columns.
 *
 * <pre>
 *   min (1/Σwᵢ) Σ wᵢ CEᵢ + (l2/2) |W|²
 * </pre>
 *
 * <p>Fitted by {@link FloatLbfgs} with closed-form gradients: libtorch multiplies the dense part, a
 * loop over the entries the sparse one. The intercepts are not penalised.
 *
 * @param classes number of classes
 * @param width number of columns
 * @param parameters {@code [width + 1][classes]}, row by row; the last row are the intercepts
 */
@SuppressWarnings("ArrayRecordComponent") // compared nowhere
record Softmax(int classes, int width, float[] parameters) {
  /** Numbers of a chunk of logits, which fit into a processor's cache, unless rows are long. */
  private static final int CHUNK = 1 << 17;

  private static final int MIN_CHUNK_ROWS = 1024;

  /**
   * How a model is fitted.
   *
   * @param l2 strength of the penalty
   * @param iterations most iterations
   * @param tolerance stops where an iteration lowers the loss by less than this share
   */
  record Fit(double l2, int iterations, double tolerance) {}

  /**
   * Trains a model, from the parameters of another one if there is one. Only rows with a weight and
   * sparse columns with an entry in one of them take part: the penalty makes the others zero.
   */
  static Softmax fit(
      FeatureMatrix features, Targets targets, int classes, Fit how, @Nullable Softmax start) {
    int[] weighted =
        IntStream.range(0, targets.rows()).filter(i -> targets.weight(i) > 0).toArray();
    if (weighted.length > 0 && weighted.length < targets.rows()) {
      return fit(features.take(weighted), targets.take(weighted), classes, how, start);
    }
    int[] used = features.usedSparse();
    FeatureMatrix own = features.withSparse(used);
    float[] x = new float[Math.multiplyExact(own.width() + 1, classes)];
    if (start != null) {
      copy(used, features, classes, start.parameters, x, false);
    }
    try (var loss = new Loss(own, targets, classes, how.l2())) {
      float[] found = new FloatLbfgs(how.iterations(), how.tolerance()).minimize(loss, x);
      float[] all = new float[Math.multiplyExact(features.width() + 1, classes)];
      copy(used, features, classes, all, found, true);
      return new Softmax(classes, features.width(), all);
    }
  }

  /** Copies parameters of the dense columns, of some sparse ones and intercepts, or back. */
  private static void copy(
      int[] used, FeatureMatrix features, int classes, float[] all, float[] own, boolean back) {
    int dense = features.denseWidth();
    move(all, 0, own, 0, dense * classes, back);
    for (int k = 0; k < used.length; k++) {
      move(all, (dense + used[k]) * classes, own, (dense + k) * classes, classes, back);
    }
    move(all, features.width() * classes, own, (dense + used.length) * classes, classes, back);
  }

  private static void move(float[] all, int at, float[] own, int ownAt, int count, boolean back) {
    if (back) {
      System.arraycopy(own, ownAt, all, at, count);
    } else {
      System.arraycopy(all, at, own, ownAt, count);
    }
  }

  /** Is told the logits of a block of rows, row by row, which it may overwrite. */
  interface BlockReader {
    void read(int from, int to, float[] logits);
  }

  /** Is told the probabilities of a row, which begin at a place of an array. */
  interface RowReader {
    void read(int row, float[] p, int at);
  }

  /** Logits of all rows, row by row. */
  float[] logits(FeatureMatrix features) {
    float[] all = new float[Math.multiplyExact(features.rows(), classes)];
    eachBlock(
        features, (from, to, part) -> System.arraycopy(part, 0, all, from * classes, part.length));
    return all;
  }

  /** Reads the logits of all rows, of which a block is held at a time. */
  void eachBlock(FeatureMatrix features, BlockReader reader) {
    int step = step(classes);
    try (var whole = StateScope.open()) {
      Tensor weights = weights(parameters, features.denseWidth(), classes);
      for (int from = 0; from < features.rows(); from += step) {
        int to = Math.min(features.rows(), from + step);
        float[] part = new float[(to - from) * classes];
        if (features.denseWidth() > 0) {
          try (var scope = StateScope.open()) {
            Tensor rows =
                Tensors.of(
                    Device.CPU, features.denseRows(from, to), to - from, features.denseWidth());
            Tensors.copyTo(rows.mm(weights), part);
          }
        }
        addSparse(features, from, to, parameters, classes, part);
        reader.read(from, to, part);
      }
    }
  }

  /** Reads the probabilities of all rows, of logits divided by a temperature. */
  void eachRow(FeatureMatrix features, double temperature, RowReader reader) {
    eachBlock(
        features,
        (from, to, part) -> {
          toProbabilities(part, classes, temperature);
          for (int i = from; i < to; i++) {
            reader.read(i, part, (i - from) * classes);
          }
        });
  }

  private static int step(int classes) {
    return Math.max(MIN_CHUNK_ROWS, CHUNK / classes);
  }

  /** Probabilities of all rows, row by row, of logits divided by a temperature. */
  float[] probabilities(FeatureMatrix features, double temperature) {
    return toProbabilities(logits(features), classes, temperature);
  }

  /** The model whose logits are these divided by a temperature. */
  Softmax cooled(double temperature) {
    float[] scaled = parameters.clone();
    for (int k = 0; k < scaled.length; k++) {
      scaled[k] /= (float) temperature;
    }
    return new Softmax(classes, width, scaled);
  }

  /** Logits to probabilities. */
  static float[] softmax(float[] logits, int classes, double temperature) {
    return toProbabilities(logits.clone(), classes, temperature);
  }

  /** Logits to probabilities, in the same array. */
  static float[] toProbabilities(float[] logits, int classes, double temperature) {
    float scale = (float) (1 / temperature);
    for (int at = 0; at < logits.length; at += classes) {
      float max = Float.NEGATIVE_INFINITY;
      for (int k = 0; k < classes; k++) {
        max = Math.max(max, logits[at + k]);
      }
      float sum = 0;
      for (int k = 0; k < classes; k++) {
        float e = exp((logits[at + k] - max) * scale);
        logits[at + k] = e;
        sum += e;
      }
      for (int k = 0; k < classes; k++) {
        logits[at + k] /= sum;
      }
    }
    return logits;
  }

  /** W of the dense columns. */
  private static Tensor weights(float[] parameters, int width, int classes) {
    return Tensors.of(Device.CPU, Arrays.copyOf(parameters, width * classes), width, classes);
  }

  /** Adds the sparse columns and the intercepts. */
  private static void addSparse(
      FeatureMatrix features, int from, int to, float[] parameters, int classes, float[] out) {
    SparseRows sparse = features.sparse();
    int intercept = features.width() * classes;
    int first = features.denseWidth();
    for (int i = from; i < to; i++) {
      int at = (i - from) * classes;
      for (int k = 0; k < classes; k++) {
        out[at + k] += parameters[intercept + k];
      }
      for (int e = sparse.offsets()[i]; e < sparse.offsets()[i + 1]; e++) {
        float value = sparse.values()[e];
        int row = (first + sparse.columns()[e]) * classes;
        for (int k = 0; k < classes; k++) {
          out[at + k] += value * parameters[row + k];
        }
      }
    }
  }

  /** e^x for x ≤ 0, with a relative error below 1e-6. */
  static float exp(float x) {
    if (x < -87) {
      return 0;
    }
    float t = x * 1.442695f;
    int whole = (int) (t - 0.5f);
    float f = (t - whole) * 0.6931472f;
    float series =
        1 + f * (1 + f * (0.5f + f * (1 / 6f + f * (1 / 24f + f * (1 / 120f + f * (1 / 720f))))));
    return Float.intBitsToFloat((whole + 127) << 23) * series;
  }

  /** The loss with its gradient; owns the dense rows as tensors. */
  private static final class Loss implements FloatLbfgs.Function, AutoCloseable {
    private final FeatureMatrix features;
    private final Targets targets;
    private final int classes;
    private final double l2;
    private final double total;
    private final int step;
    private final Tensor @Nullable [] dense;

    Loss(FeatureMatrix features, Targets targets, int classes, double l2) {
      this.features = features;
      this.targets = targets;
      this.classes = classes;
      this.l2 = l2;
      double sum = 0;
      for (float m : targets.mass()) {
        sum += m;
      }
      total = Math.max(sum, 1e-12);
      step = step(classes);
      dense = features.denseWidth() > 0 ? tensors() : null;
    }

    private Tensor[] tensors() {
      var chunks = new Tensor[(features.rows() + step - 1) / step];
      try (var scope = StateScope.open()) {
        for (int c = 0; c < chunks.length; c++) {
          int from = c * step;
          int to = Math.min(features.rows(), from + step);
          chunks[c] =
              scope.keep(
                  Tensors.of(
                      Device.CPU, features.denseRows(from, to), to - from, features.denseWidth()));
        }
      }
      return chunks;
    }

    @Override
    public double evaluate(float[] x, float[] gradient) {
      Arrays.fill(gradient, 0);
      return sum(x, gradient) / total + penalised(x, gradient);
    }

    private double sum(float[] x, float[] gradient) {
      double loss = 0;
      int width = features.denseWidth();
      float[] slopes = new float[width * classes];
      try (var whole = StateScope.open()) {
        Tensor weights = weights(x, width, classes);
        for (int from = 0, c = 0; from < features.rows(); from += step, c++) {
          int to = Math.min(features.rows(), from + step);
          float[] part = new float[(to - from) * classes];
          try (var scope = StateScope.open()) {
            if (dense != null) {
              Tensors.copyTo(dense[c].mm(weights), part);
            }
            addSparse(features, from, to, x, classes, part);
            loss += residuals(from, to, part);
            if (dense != null) {
              Tensor residuals = Tensors.of(Device.CPU, part, to - from, classes);
              Tensors.copyTo(dense[c].t().mm(residuals), slopes);
            }
          }
          for (int k = 0; k < slopes.length; k++) {
            gradient[k] += slopes[k];
          }
          gradientOfSparse(from, to, part, gradient);
        }
      }
      return loss;
    }

    /** Scales the sums and adds the penalty, which it returns. */
    private double penalised(float[] x, float[] gradient) {
      int penalised = features.width() * classes;
      float scale = (float) (1 / total);
      float strength = (float) l2;
      for (int k = 0; k < penalised; k++) {
        gradient[k] = gradient[k] * scale + strength * x[k];
      }
      for (int k = penalised; k < gradient.length; k++) {
        gradient[k] *= scale;
      }
      return l2 / 2 * FloatLbfgs.dot(x, x, penalised);
    }

    /** Logits become weight · probability - mass; returns the loss of these rows. */
    private double residuals(int from, int to, float[] part) {
      double loss = 0;
      float[] logSums = new float[to - from];
      for (int i = from; i < to; i++) {
        for (int e = targets.offsets()[i]; e < targets.offsets()[i + 1]; e++) {
          loss -= (double) targets.mass()[e] * part[(i - from) * classes + targets.classes()[e]];
        }
      }
      Tensor logits = Tensors.of(Device.CPU, part, to - from, classes);
      Tensor sums = logits.logsumexp(new long[] {1}, true);
      Tensors.copyTo(sums.reshape(-1), logSums);
      Tensors.copyTo(logits.sub_(sums).exp_(), part);
      for (int i = from; i < to; i++) {
        int at = (i - from) * classes;
        float weight = targets.weight(i);
        loss += (double) weight * logSums[i - from];
        for (int k = 0; k < classes && weight != 1; k++) {
          part[at + k] *= weight;
        }
        for (int e = targets.offsets()[i]; e < targets.offsets()[i + 1]; e++) {
          part[at + targets.classes()[e]] -= targets.mass()[e];
        }
      }
      return loss;
    }

    private void gradientOfSparse(int from, int to, float[] residuals, float[] gradient) {
      SparseRows sparse = features.sparse();
      int intercept = features.width() * classes;
      int first = features.denseWidth();
      for (int i = from; i < to; i++) {
        int at = (i - from) * classes;
        for (int k = 0; k < classes; k++) {
          gradient[intercept + k] += residuals[at + k];
        }
        for (int e = sparse.offsets()[i]; e < sparse.offsets()[i + 1]; e++) {
          float value = sparse.values()[e];
          int row = (first + sparse.columns()[e]) * classes;
          for (int k = 0; k < classes; k++) {
            gradient[row + k] += value * residuals[at + k];
          }
        }
      }
    }

    @Override
    public void close() {
      if (dense != null) {
        for (Tensor chunk : dense) {
          StateScope.release(chunk);
        }
      }
    }
  }
}
