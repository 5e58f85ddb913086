package org.stackel.tune;

/** Loss of an example as a function of its logits. */
public enum LinearLoss {
  /** {@code ln(1 + exp(-b z))} of two classes, which have one logit. */
  LOGISTIC {
    @Override
    int outputs(int classes) {
      return 1;
    }

    @Override
    double value(double[] z, int at, int outputs, double target) {
      double signed = target > 0.5 ? z[at] : -z[at];
      return signed > 0 ? Math.log1p(Math.exp(-signed)) : Math.log1p(Math.exp(signed)) - signed;
    }

    @Override
    void slope(double[] z, int at, int outputs, double target, double[] out) {
      out[at] = 1 / (1 + Math.exp(-z[at])) - target;
    }

    @Override
    void curved(double[] z, int at, int outputs, double[] direction, double[] out) {
      double p = 1 / (1 + Math.exp(-z[at]));
      out[at] = p * (1 - p) * direction[at];
    }
  },

  /** Cross entropy of any number of classes. */
  SOFTMAX {
    @Override
    int outputs(int classes) {
      return classes;
    }

    @Override
    double value(double[] z, int at, int outputs, double target) {
      double largest = largest(z, at, outputs);
      double sum = 0;
      for (int o = 0; o < outputs; o++) {
        sum += Math.exp(z[at + o] - largest);
      }
      return largest + Math.log(sum) - z[at + (int) target];
    }

    @Override
    void slope(double[] z, int at, int outputs, double target, double[] out) {
      probabilities(z, at, outputs, out);
      out[at + (int) target] -= 1;
    }

    @Override
    void curved(double[] z, int at, int outputs, double[] direction, double[] out) {
      probabilities(z, at, outputs, out);
      double mean = 0;
      for (int o = 0; o < outputs; o++) {
        mean += out[at + o] * direction[at + o];
      }
      for (int o = 0; o < outputs; o++) {
        out[at + o] *= direction[at + o] - mean;
      }
    }

    private double largest(double[] z, int at, int outputs) {
      double largest = z[at];
      for (int o = 1; o < outputs; o++) {
        largest = Math.max(largest, z[at + o]);
      }
      return largest;
    }

    private void probabilities(double[] z, int at, int outputs, double[] out) {
      double largest = largest(z, at, outputs);
      double sum = 0;
      for (int o = 0; o < outputs; o++) {
        out[at + o] = Math.exp(z[at + o] - largest);
        sum += out[at + o];
      }
      for (int o = 0; o < outputs; o++) {
        out[at + o] /= sum;
      }
    }
  },

  /** {@code ½ (z - b)²}, b a number. */
  SQUARED {
    @Override
    int outputs(int classes) {
      return 1;
    }

    @Override
    double value(double[] z, int at, int outputs, double target) {
      return 0.5 * (z[at] - target) * (z[at] - target);
    }

    @Override
    void slope(double[] z, int at, int outputs, double target, double[] out) {
      out[at] = z[at] - target;
    }

    @Override
    void curved(double[] z, int at, int outputs, double[] direction, double[] out) {
      out[at] = direction[at];
    }
  };

  /** Logits of an example. */
  abstract int outputs(int classes);

  /** The loss of the example whose logits begin at a place. */
  abstract double value(double[] z, int at, int outputs, double target);

  /** Its derivative in the logits. */
  abstract void slope(double[] z, int at, int outputs, double target, double[] out);

  /** The product of its Hessian in the logits with a direction. */
  abstract void curved(double[] z, int at, int outputs, double[] direction, double[] out);

  /** The diagonal of its Hessian in the logits. */
  void diagonal(double[] z, int at, int outputs, double[] out) {
    double[] p = out;
    slope(z, at, outputs, 0, p);
    if (this == SOFTMAX) {
      p[at] += 1; // the slope of class 0 is p - 1
    }
    for (int o = 0; o < outputs; o++) {
      out[at + o] = this == SQUARED ? 1 : p[at + o] * (1 - p[at + o]);
    }
  }

  /** Whether the example is right: its class has the largest logit. */
  boolean isRight(double[] z, int at, int outputs, double target) {
    if (this == LOGISTIC) {
      return z[at] > 0 == target > 0.5;
    }
    int best = 0;
    for (int o = 1; o < outputs; o++) {
      best = z[at + o] > z[at + best] ? o : best;
    }
    return best == (int) target;
  }
}
