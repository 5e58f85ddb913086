package org.stackel.clean;

/** What speaks for or against a label. Every score is larger for a label that is likelier wrong. */
enum Detector {
  /** Log odds that the label is wrong, by a model of right labels and of how labels go wrong. */
  POSTERIOR(0, "noiseModel"),
  /** Minus the log probability of the label, by a model of the other folds' labels as given. */
  CONFIDENCE(1, "selfConfidence"),
  /** The log probability of the best other class less that of the label, by the same model. */
  MARGIN(2, "margin"),
  /** That margin by a model of the trusted rows alone. */
  TRUSTED(3, "trustedMargin"),
  /** That margin by a model of the other folds' labels as given and of the trusted rows. */
  JOINED(4, "joinedMargin"),
  /** Minus λ of bilevel cleaning. */
  WEIGHT(5, "lambda"),
  /** Minus the log share of the nearest rows that have the label. */
  NEIGHBOURS(6, "neighbours");

  private final int place;
  private final String column;

  Detector(int place, String column) {
    this.place = place;
    this.column = column;
  }

  /** Where its score stands among those of a row. */
  int place() {
    return place;
  }

  /** Name of the column in weights.csv. */
  String column() {
    return column;
  }
}
