package org.stackel.clean;

/** What speaks for or against a label. Every score is larger for a label that is likelier wrong. */
enum Detector {
  /** Log odds that the label is wrong, by a model of right labels and of how labels go wrong. */
  POSTERIOR("noiseModel"),
  /** Minus the log probability of the label, by a model of the other folds' labels as given. */
  CONFIDENCE("selfConfidence"),
  /** The log probability of the best other class less that of the label, by the same model. */
  MARGIN("margin"),
  /** That margin by a model of the trusted rows alone. */
  TRUSTED("trustedMargin"),
  /** That margin by a model of the other folds' labels as given and of the trusted rows. */
  JOINED("joinedMargin"),
  /** Minus λ of bilevel cleaning. */
  WEIGHT("lambda"),
  /** Minus the log share of the nearest rows that have the label. */
  NEIGHBOURS("neighbours");

  private final String column;

  Detector(String column) {
    this.column = column;
  }

  /** Name of the column in weights.csv. */
  String column() {
    return column;
  }
}
