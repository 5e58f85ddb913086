package org.stackel.tune;

import java.util.List;
import java.util.Map;
import org.stackel.problem.Artifacts;
import org.stackel.runfile.SheetFile;

/**
 * What a search for strengths found.
 *
 * @param kept which search was kept by the validation examples that say when to stop
 * @param features names of the features
 * @param strengths of each feature
 * @param results one strength, many where they were searched, and random search, by name
 * @param sheet what the page shows
 * @param stopped whether it was asked to stop
 */
@SuppressWarnings("ArrayRecordComponent") // compared nowhere
public record Tuned(
    String kept,
    List<String> features,
    double[] strengths,
    Map<String, Result> results,
    SheetFile sheet,
    boolean stopped,
    Files files) {

  /**
   * How one search did.
   *
   * @param strengths how many
   * @param validationLoss on all validation examples, on which it was chosen
   * @param testLoss on examples that nothing was chosen by
   * @param testAccuracy share of right classes; NaN of numbers
   * @param points minimisers that it computed
   * @param seconds from the start, with reading the data
   * @param products with the matrix of the examples or its transpose
   */
  public record Result(
      int strengths,
      double validationLoss,
      double testLoss,
      double testAccuracy,
      int points,
      double seconds,
      long products) {}

  /** What writes the files. */
  interface Files {
    void write(Artifacts artifacts);
  }

  /** Writes strengths.csv and the model that is kept. */
  public void write(Artifacts artifacts) {
    files.write(artifacts);
  }
}
