package org.stackel.clean;

/** What may be done with labels before the final model is trained. */
enum Remedy {
  PLAIN("plain", "all labels as given", false),
  PLAIN_AND_TRUSTED("plain + trusted", "all labels as given, and the trusted rows", false),
  TRUSTED_ONLY("trusted only", "the trusted rows alone", false),
  CONFIDENT_LEARNING(
      "confident learning",
      "without the rows that confident learning finds; trusted rows too",
      true),
  PRUNING(
      "pruning",
      "without the rows that a model of the trusted ones likes least; trusted rows too",
      true),
  WEIGHTS("bilevel weights", "rows weighted by bilevel cleaning (SLIP); trusted rows too", true),
  DROP("suspected dropped", "without suspected rows; trusted rows too", true),
  WEIGHT("weighted", "rows weighted by 1 - suspicion; trusted rows too", true),
  CORRECT("corrected", "suspected labels replaced by the suggested ones; trusted rows too", true),
  SPREAD("spread", "every row for several classes, by their probabilities; trusted rows too", true);

  private final String title;
  private final String summary;
  private final boolean isCleaning;

  Remedy(String title, String summary, boolean isCleaning) {
    this.title = title;
    this.summary = summary;
    this.isCleaning = isCleaning;
  }

  String title() {
    return title;
  }

  String summary() {
    return summary;
  }

  /** Whether it judges labels. */
  boolean isCleaning() {
    return isCleaning;
  }
}
