package org.stackel.auc;

import java.util.List;
import java.util.function.DoubleUnaryOperator;
import org.stackel.problem.StatedFacts.Fact;

/**
 * The formulas of the saddle function in plain numbers, with which a check compares the losses.
 *
 * @param objective form and margin of F, and divisor of the lower loss
 * @param p share of positives
 */
record AucFacts(DeepAuc.Objective objective, double p) {

  /**
   * What F depends on.
   *
   * @param h score of each example, in (0, 1)
   * @param positive 1 for each positive example, 0 for others
   */
  @SuppressWarnings("ArrayRecordComponent") // not compared
  record Scores(double[] h, double[] positive, double a, double b) {}

  /** F. */
  double value(Scores scores, double alpha) {
    double squares = 0;
    for (int i = 0; i < scores.h.length; i++) {
      squares +=
          scores.positive[i] == 1
              ? (1 - p) * Math.pow(scores.h[i] - scores.a, 2)
              : p * Math.pow(scores.h[i] - scores.b, 2);
    }
    double spread = p * (1 - p);
    double s = spread * gap(scores);
    double m = objective.margin();
    double linear =
        switch (objective.form()) {
          case AUCM -> alpha * (spread * m + s);
          case YING -> (1 + alpha) * s;
          case SCRIPT -> (1 + alpha) * (spread * m + s);
        };
    return squares / scores.h.length + 2 * linear - spread * alpha * alpha;
  }

  /** {@code E[h 1₋] / (1-p) - E[h 1₊] / p}: the difference of mean scores if the sample has p. */
  private double gap(Scores scores) {
    double onPositive = 0;
    double onOthers = 0;
    for (int i = 0; i < scores.h.length; i++) {
      onPositive += scores.positive[i] * scores.h[i];
      onOthers += (1 - scores.positive[i]) * scores.h[i];
    }
    return (onOthers / (1 - p) - onPositive / p) / scores.h.length;
  }

  /** Curvature and minimiser of the lower loss, a quadratic function of α. */
  List<Fact> ofLower(Scores scores, double alpha, DoubleUnaryOperator lowerLoss) {
    double before = lowerLoss.applyAsDouble(alpha - 1);
    double after = lowerLoss.applyAsDouble(alpha + 1);
    double curvature = before - 2 * lowerLoss.applyAsDouble(alpha) + after;
    double minimiser = alpha - (after - before) / 2 / curvature;
    double solution =
        gap(scores) + (objective.form() == DeepAuc.Form.YING ? 0 : objective.margin());
    double expected = objective.lower() == DeepAuc.Lower.EXACT ? 1 : 2 * p * (1 - p);
    return List.of(
        new Fact("curvature of g in α, against 2p(1-p) or 1", expected, curvature),
        new Fact("minimiser of g, against the closed form of α*", solution, minimiser));
  }
}
