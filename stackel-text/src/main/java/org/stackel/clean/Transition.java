package org.stackel.clean;

import java.util.Arrays;

/**
 * How labels go wrong: the probability of every given class for every right class.
 *
 * <p>Estimated by expectation–maximisation from the probabilities of the right class that a model
 * gives and from the labels as given. Few rows stand behind most pairs of classes, so rates are
 * drawn towards the common rate, and where a wrong label goes is drawn towards all other classes
 * alike, as strongly as makes labels of left-out rows most likely.
 *
 * @param classes number of classes
 * @param given {@code [given][right]}: the probability of the given class if the other is right
 */
@SuppressWarnings("ArrayRecordComponent") // compared nowhere
record Transition(int classes, float[] given) {
  private static final int ROUNDS = 12;
  private static final int TRIAL_ROUNDS = 4;
  private static final double RATE_STRENGTH = 20;
  private static final double[] STRENGTHS = {1, 10, 100, 1000};
  private static final long MAX_NUMBERS = 4_000_000;

  /** All labels are right but for a small share. */
  private static Transition start(int classes, double rate) {
    float[] t = new float[Math.multiplyExact(classes, classes)];
    Arrays.fill(t, (float) (rate / Math.max(1, classes - 1)));
    for (int k = 0; k < classes; k++) {
      t[k * classes + k] = (float) (1 - rate);
    }
    return new Transition(classes, t);
  }

  /**
   * Estimates the pattern.
   *
   * @param probabilities of the right class, row by row
   * @param labels given class of each row
   * @param count number of rows; further labels are not looked at
   */
  static Transition estimate(float[] probabilities, int[] labels, int count, int classes) {
    int rows = (int) Math.min(count, Math.max(200, MAX_NUMBERS / classes));
    double best = Double.NEGATIVE_INFINITY;
    double strength = STRENGTHS[0];
    for (double candidate : STRENGTHS) {
      double likelihood =
          heldOut(probabilities, labels, classes, rows, candidate, 0)
              + heldOut(probabilities, labels, classes, rows, candidate, 1);
      if (likelihood > best + 1e-9) {
        best = likelihood;
        strength = candidate;
      }
    }
    return fitted(probabilities, labels, classes, count, strength, -1);
  }

  /** Log likelihood of the labels of every second row under what the others say. */
  private static double heldOut(
      float[] p, int[] labels, int classes, int rows, double strength, int parity) {
    Transition t = fitted(p, labels, classes, rows, strength, parity);
    double sum = 0;
    for (int i = parity; i < rows; i += 2) {
      double likelihood = 0;
      for (int j = 0; j < classes; j++) {
        likelihood += (double) p[i * classes + j] * t.given[labels[i] * classes + j];
      }
      sum += Math.log(Math.max(likelihood, 1e-30));
    }
    return sum;
  }

  /** Expectation–maximisation on the rows but those of a parity. */
  private static Transition fitted(
      float[] p, int[] labels, int classes, int rows, double strength, int leftOut) {
    Transition t = start(classes, 0.2);
    float[] q = new float[classes];
    for (int round = 0; round < (leftOut < 0 ? ROUNDS : TRIAL_ROUNDS); round++) {
      float[] counts = new float[classes * classes];
      for (int i = 0; i < rows; i++) {
        if (i % 2 == leftOut) {
          continue;
        }
        t.posterior(p, i * classes, labels[i], q);
        int at = labels[i] * classes;
        for (int j = 0; j < classes; j++) {
          counts[at + j] += q[j];
        }
      }
      t = ofCounts(classes, counts, strength);
    }
    return t;
  }

  private static Transition ofCounts(int classes, float[] counts, double strength) {
    double[] totals = new double[classes];
    double wrong = 0;
    double all = 0;
    for (int i = 0; i < classes; i++) {
      for (int j = 0; j < classes; j++) {
        float count = counts[i * classes + j];
        totals[j] += count;
        all += count;
        wrong += i == j ? 0 : count;
      }
    }
    double rate = (wrong + 0.5) / (all + 1);
    float[] t = new float[counts.length];
    for (int j = 0; j < classes; j++) {
      double flipped = totals[j] - counts[j * classes + j];
      double own = (flipped + RATE_STRENGTH * rate) / (totals[j] + RATE_STRENGTH);
      own = Math.min(0.98, Math.max(1e-4, own));
      for (int i = 0; i < classes; i++) {
        double share =
            classes == 1
                ? 0
                : (counts[i * classes + j] + strength / (classes - 1)) / (flipped + strength);
        t[i * classes + j] = (float) (i == j ? 1 - own : own * share);
      }
    }
    return new Transition(classes, t);
  }

  /** Probabilities of the right class given the label, into {@code out}. */
  void posterior(float[] p, int at, int label, float[] out) {
    float sum = 0;
    int row = label * classes;
    for (int j = 0; j < classes; j++) {
      float v = p[at + j] * given[row + j];
      out[j] = v;
      sum += v;
    }
    if (sum <= 0) {
      Arrays.fill(out, 0);
      out[label] = 1;
      return;
    }
    for (int j = 0; j < classes; j++) {
      out[j] /= sum;
    }
  }

  /** The probability that the label of a row of this right class is wrong. */
  double rate(int right) {
    return 1 - given[right * classes + right];
  }

  /** The probability of a given class. */
  double of(int right, int label) {
    return given[label * classes + right];
  }

  /** The share of wrong labels among rows with these right classes. */
  double rate(double[] shares) {
    double rate = 0;
    double sum = 0;
    for (int j = 0; j < classes; j++) {
      rate += shares[j] * rate(j);
      sum += shares[j];
    }
    return rate / sum;
  }
}
