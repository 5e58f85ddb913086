package org.stackel.clean;

import java.util.Arrays;

/**
 * The probability that a label is wrong, from the scores of all detectors: logistic regression,
 * drawn towards the noise model's own probability, which is what a few rows are too few to improve
 * on.
 *
 * @param weights of the detectors' scores
 * @param intercept added to them
 */
@SuppressWarnings("ArrayRecordComponent") // compared nowhere
record Combination(double[] weights, double intercept) {
  private static final double STRENGTH = 3;
  private static final int ROUNDS = 30;
  private static final int HALVINGS = 30;

  /** The noise model's own probability. */
  static Combination prior() {
    double[] weights = new double[Evidence.WIDTH];
    weights[Detector.POSTERIOR.place()] = 1;
    return new Combination(weights, 0);
  }

  double probability(Evidence evidence, int row) {
    double sum = intercept;
    for (int d = 0; d < weights.length; d++) {
      sum += weights[d] * evidence.scores()[row * Evidence.WIDTH + d];
    }
    return 1 / (1 + Math.exp(-sum));
  }

  /**
   * Fits the weights by Newton's method, with steps that are halved until the loss falls.
   *
   * @param wrong whether each label is wrong
   * @param mass weight of each row
   */
  static Combination fit(Evidence evidence, boolean[] wrong, double[] mass) {
    int d = Evidence.WIDTH;
    double[] scale = scales(evidence);
    double[] prior = Arrays.copyOf(prior().weights(), d + 1);
    double[] w = prior.clone();
    double value = loss(evidence, wrong, mass, scale, w);
    for (int round = 0; round < ROUNDS; round++) {
      double[] gradient = new double[d + 1];
      double[][] hessian = new double[d + 1][d + 1];
      for (int j = 0; j < d; j++) {
        double strength = STRENGTH * scale[j] * scale[j];
        gradient[j] = strength * (w[j] - prior[j]);
        hessian[j][j] = strength + 1e-9;
      }
      hessian[d][d] = 1e-3;
      double[] x = new double[d + 1];
      for (int i = 0; i < wrong.length; i++) {
        double z = w[d];
        for (int j = 0; j < d; j++) {
          x[j] = evidence.scores()[i * d + j];
          z += w[j] * x[j];
        }
        x[d] = 1;
        double p = 1 / (1 + Math.exp(-z));
        double residual = mass[i] * (p - (wrong[i] ? 1 : 0));
        double curvature = mass[i] * Math.max(1e-6, p * (1 - p));
        for (int j = 0; j <= d; j++) {
          gradient[j] += residual * x[j];
          for (int k = 0; k <= j; k++) {
            hessian[j][k] += curvature * x[j] * x[k];
          }
        }
      }
      double[] step = solve(hessian, gradient);
      double longest = Arrays.stream(step).map(Math::abs).max().orElse(0);
      double[] next = w;
      double found = Double.POSITIVE_INFINITY;
      double factor = Math.min(1, 2 / longest);
      for (int halvings = 0; halvings < HALVINGS && !(found <= value); halvings++) {
        double share = factor;
        double[] from = w;
        next = new double[d + 1];
        Arrays.setAll(next, j -> from[j] - share * step[j]);
        found = loss(evidence, wrong, mass, scale, next);
        factor /= 2;
      }
      if (!(found <= value)) {
        break;
      }
      w = next;
      value = found;
      if (longest < 1e-6) {
        break;
      }
    }
    return new Combination(Arrays.copyOf(w, d), w[d]);
  }

  /** What the weights minimise; the intercept is the last of them. */
  private static double loss(
      Evidence evidence, boolean[] wrong, double[] mass, double[] scale, double[] w) {
    double[] prior = prior().weights();
    int d = prior.length;
    double loss = 0;
    for (int j = 0; j < d; j++) {
      loss += STRENGTH / 2 * Math.pow(scale[j] * (w[j] - prior[j]), 2);
    }
    for (int i = 0; i < wrong.length; i++) {
      double z = w[d];
      for (int j = 0; j < d; j++) {
        z += w[j] * evidence.scores()[i * d + j];
      }
      double against = wrong[i] ? -z : z;
      loss += mass[i] * (Math.max(0, against) + Math.log1p(Math.exp(-Math.abs(against))));
    }
    return loss;
  }

  /** Standard deviation of each score. */
  private static double[] scales(Evidence evidence) {
    double[] scale = new double[Evidence.WIDTH];
    for (int j = 0; j < scale.length; j++) {
      double sum = 0;
      double squares = 0;
      for (int i = 0; i < evidence.rows(); i++) {
        double v = evidence.scores()[i * scale.length + j];
        sum += v;
        squares += v * v;
      }
      double n = Math.max(1, evidence.rows());
      scale[j] = Math.sqrt(Math.max(0, squares / n - sum / n * (sum / n)));
    }
    return scale;
  }

  /** Solves a symmetric positive definite system, given its lower half, by Cholesky's method. */
  private static double[] solve(double[][] a, double[] b) {
    int n = b.length;
    for (int j = 0; j < n; j++) {
      for (int k = 0; k < j; k++) {
        a[j][j] -= a[j][k] * a[j][k];
      }
      a[j][j] = Math.sqrt(Math.max(1e-12, a[j][j]));
      for (int i = j + 1; i < n; i++) {
        for (int k = 0; k < j; k++) {
          a[i][j] -= a[i][k] * a[j][k];
        }
        a[i][j] /= a[j][j];
      }
    }
    double[] x = b.clone();
    for (int i = 0; i < n; i++) {
      for (int k = 0; k < i; k++) {
        x[i] -= a[i][k] * x[k];
      }
      x[i] /= a[i][i];
    }
    for (int i = n - 1; i >= 0; i--) {
      for (int k = i + 1; k < n; k++) {
        x[i] -= a[k][i] * x[k];
      }
      x[i] /= a[i][i];
    }
    return x;
  }
}
