package org.stackel.linear;

import org.stackel.linear.LogisticHpo.Loss;

/**
 * A small minibatch as plain arrays, and the derivatives of its mean loss in the logits.
 *
 * @param a features by rows
 * @param b labels: 0 or 1, numbers, or classes
 */
@SuppressWarnings("ArrayRecordComponent") // nobody compares them
record PlainExamples(double[] a, double[] b) {
  private int size() {
    return b.length;
  }

  /**
   * {@code AY}, by rows.
   *
   * @param y Y by rows
   */
  double[] times(double[] y, int outputs) {
    int width = y.length / outputs;
    double[] logits = new double[size() * outputs];
    for (int i = 0; i < size(); i++) {
      int row = i * width;
      if (outputs == 1) {
        logits[i] = dot(row, width, y);
        continue;
      }
      for (int j = 0; j < width; j++) {
        for (int c = 0; c < outputs; c++) {
          logits[i * outputs + c] += a[row + j] * y[j * outputs + c];
        }
      }
    }
    return logits;
  }

  /** In four sums, which do not wait for each other. */
  private double dot(int row, int width, double[] y) {
    double first = 0;
    double second = 0;
    double third = 0;
    double fourth = 0;
    int j = 0;
    for (; j + 3 < width; j += 4) {
      first += a[row + j] * y[j];
      second += a[row + j + 1] * y[j + 1];
      third += a[row + j + 2] * y[j + 2];
      fourth += a[row + j + 3] * y[j + 3];
    }
    for (; j < width; j++) {
      first += a[row + j] * y[j];
    }
    return first + second + (third + fourth);
  }

  /** {@code AᵀU / size}, by rows. */
  double[] mean(double[] u, int outputs) {
    int width = a.length / size();
    double[] sum = new double[width * outputs];
    for (int i = 0; i < size(); i++) {
      int row = i * width;
      if (outputs == 1) {
        double factor = u[i];
        for (int j = 0; j < width; j++) {
          sum[j] += factor * a[row + j];
        }
        continue;
      }
      for (int j = 0; j < width; j++) {
        for (int c = 0; c < outputs; c++) {
          sum[j * outputs + c] += a[row + j] * u[i * outputs + c];
        }
      }
    }
    for (int j = 0; j < sum.length; j++) {
      sum[j] /= size();
    }
    return sum;
  }

  /** What the model expects of its targets, in place of the logits. */
  static void activate(Loss loss, double[] logits, int outputs) {
    switch (loss) {
      case LOGISTIC -> {
        for (int i = 0; i < logits.length; i++) {
          logits[i] = 1 / (1 + Math.exp(-logits[i]));
        }
      }
      case SOFTMAX -> {
        for (int row = 0; row < logits.length; row += outputs) {
          softmax(logits, row, row + outputs);
        }
      }
      case SQUARED -> {}
    }
  }

  private static void softmax(double[] logits, int from, int to) {
    double largest = Double.NEGATIVE_INFINITY;
    for (int i = from; i < to; i++) {
      largest = Math.max(largest, logits[i]);
    }
    double sum = 0;
    for (int i = from; i < to; i++) {
      logits[i] = Math.exp(logits[i] - largest);
      sum += logits[i];
    }
    for (int i = from; i < to; i++) {
      logits[i] /= sum;
    }
  }

  /** The derivatives of the losses in the logits. */
  double[] errors(Loss loss, double[] mean, int outputs) {
    double[] errors = mean.clone();
    for (int i = 0; i < size(); i++) {
      if (loss == Loss.SOFTMAX) {
        errors[i * outputs + (int) b[i]] -= 1;
      } else {
        errors[i] -= b[i];
      }
    }
    return errors;
  }

  /** The second derivatives of the losses in the logits times u, in place of u. */
  static void curve(Loss loss, double[] mean, double[] u, int outputs) {
    switch (loss) {
      case LOGISTIC -> {
        for (int i = 0; i < u.length; i++) {
          u[i] *= mean[i] - mean[i] * mean[i];
        }
      }
      case SOFTMAX -> {
        for (int row = 0; row < u.length; row += outputs) {
          double inner = 0;
          for (int i = row; i < row + outputs; i++) {
            inner += mean[i] * u[i];
          }
          for (int i = row; i < row + outputs; i++) {
            u[i] = mean[i] * (u[i] - inner);
          }
        }
      }
      case SQUARED -> {}
    }
  }
}
