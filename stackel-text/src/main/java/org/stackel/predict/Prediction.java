package org.stackel.predict;

/**
 * What a model says about a row.
 *
 * @param predicted the likeliest class, or a number where a model predicts numbers
 * @param probabilities of the classes, in the order of {@link Predictor#classes}; none where a
 *     model predicts numbers
 */
@SuppressWarnings("ArrayRecordComponent") // compared nowhere
public record Prediction(String predicted, double[] probabilities) {
  /** Whether it is a number, not a class. */
  public boolean isNumber() {
    return probabilities.length == 0;
  }

  /** The probability of the predicted class; NaN where a model predicts numbers. */
  public double probability() {
    double largest = Double.NaN;
    for (double probability : probabilities) {
      largest = Double.isNaN(largest) ? probability : Math.max(largest, probability);
    }
    return largest;
  }
}
