package org.stackel.clean;

import java.util.Arrays;
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
  /** Numbers of a chunk of logits. */
  private static final int CHUNK = 1 << 21;

  /**
   * How a model is fitted.
   *
   * @param l2 strength of the penalty
   * @param iterations most iterations
   * @param tolerance stops where an iteration lowers the loss by less than this share
   */
  record Fit(double l2, int iterations, double tolerance) {}

  /** Trains a model, from the parameters of another one if there is one. */
  static Softmax fit(
      FeatureMatrix features, Targets targets, int classes, Fit how, @Nullable Softmax start) {
    int size = Math.multiplyExact(features.width() + 1, classes);
    float[] x = start == null ? new float[size] : start.parameters.clone();
    try (var loss = new Loss(features, targets, classes, how.l2())) {
      float[] found = new FloatLbfgs(how.iterations(), how.tolerance()).minimize(loss, x);
      return new Softmax(classes, features.width(), found);
    }
  }

  /** Logits of all rows, row by row. */
  float[] logits(FeatureMatrix features) {
    float[] all = new float[Math.multiplyExact(features.rows(), classes)];
    int step = Math.max(1, CHUNK / classes);
    for (int from = 0; from < features.rows(); from += step) {
      int to = Math.min(features.rows(), from + step);
      float[] part = new float[(to - from) * classes];
      if (features.denseWidth() > 0) {
        try (var scope = StateScope.open()) {
          Tensor rows =
              Tensors.of(
                  Device.CPU, features.denseRows(from, to), to - from, features.denseWidth());
          product(rows, parameters, features.denseWidth(), classes, part);
        }
      }
      addSparse(features, from, to, parameters, classes, part);
      System.arraycopy(part, 0, all, from * classes, part.length);
    }
    return all;
  }

  /** Probabilities of all rows, row by row, of logits divided by a temperature. */
  float[] probabilities(FeatureMatrix features, double temperature) {
    return softmax(logits(features), classes, temperature);
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
    float[] out = new float[logits.length];
    float scale = (float) (1 / temperature);
    for (int at = 0; at < logits.length; at += classes) {
      float max = Float.NEGATIVE_INFINITY;
      for (int k = 0; k < classes; k++) {
        max = Math.max(max, logits[at + k]);
      }
      float sum = 0;
      for (int k = 0; k < classes; k++) {
        float e = exp((logits[at + k] - max) * scale);
        out[at + k] = e;
        sum += e;
      }
      for (int k = 0; k < classes; k++) {
        out[at + k] /= sum;
      }
    }
    return out;
  }

  /** out = rows · W. */
  private static void product(
      Tensor rows, float[] parameters, int width, int classes, float[] out) {
    Tensor weights =
        Tensors.of(Device.CPU, Arrays.copyOf(parameters, width * classes), width, classes);
    Tensors.copyTo(rows.mm(weights), out);
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
      step = Math.max(1, CHUNK / classes);
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
      double loss = 0;
      int width = features.denseWidth();
      float[] part = new float[0];
      for (int from = 0, c = 0; from < features.rows(); from += step, c++) {
        int to = Math.min(features.rows(), from + step);
        if (part.length != (to - from) * classes) {
          part = new float[(to - from) * classes];
        } else if (dense == null) {
          Arrays.fill(part, 0);
        }
        if (dense == null) {
          addSparse(features, from, to, x, classes, part);
          loss += residuals(from, to, part);
        } else {
          try (var scope = StateScope.open()) {
            product(dense[c], x, width, classes, part);
            addSparse(features, from, to, x, classes, part);
            loss += residuals(from, to, part);
            float[] slopes = new float[width * classes];
            Tensor residuals = Tensors.of(Device.CPU, part, to - from, classes);
            Tensors.copyTo(dense[c].t().mm(residuals), slopes);
            for (int k = 0; k < slopes.length; k++) {
              gradient[k] += slopes[k];
            }
          }
        }
        gradientOfSparse(from, to, part, gradient);
      }
      int penalised = features.width() * classes;
      double squares = 0;
      float scale = (float) (1 / total);
      for (int k = 0; k < gradient.length; k++) {
        gradient[k] *= scale;
      }
      for (int k = 0; k < penalised; k++) {
        squares += (double) x[k] * x[k];
        gradient[k] += (float) l2 * x[k];
      }
      return loss / total + l2 / 2 * squares;
    }

    /** Logits become weight · probability - mass; returns the loss of these rows. */
    private double residuals(int from, int to, float[] part) {
      double loss = 0;
      for (int i = from; i < to; i++) {
        int at = (i - from) * classes;
        float weight = targets.weight(i);
        if (weight == 0) {
          Arrays.fill(part, at, at + classes, 0);
          continue;
        }
        float max = Float.NEGATIVE_INFINITY;
        for (int k = 0; k < classes; k++) {
          max = Math.max(max, part[at + k]);
        }
        for (int e = targets.offsets()[i]; e < targets.offsets()[i + 1]; e++) {
          loss -= (double) targets.mass()[e] * (part[at + targets.classes()[e]] - max);
        }
        float sum = 0;
        for (int k = 0; k < classes; k++) {
          float value = exp(part[at + k] - max);
          part[at + k] = value;
          sum += value;
        }
        loss += weight * Math.log(sum);
        float scale = weight / sum;
        for (int k = 0; k < classes; k++) {
          part[at + k] *= scale;
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
