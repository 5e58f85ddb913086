package org.stackel.cleaning;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;
import org.stackel.model.EncodedTexts;
import org.stackel.model.Inputs;

/**
 * The examples of a cleaning problem, all in one set: first the n training examples, whose labels
 * may be wrong, then the trusted ones, then those held out for the test. A process that has a part
 * of λ may have the same part of the training examples alone.
 *
 * @param encoded all examples that are here
 * @param labels class of each example, as given: wrong ones included
 * @param truth the same before any was made wrong
 * @param labelTensor the labels as given, int64
 * @param flipped which training labels are known to be wrong; null if nobody knows
 * @param train n
 * @param held the training examples that are here
 * @param trusted number of trusted examples
 * @param test number of test examples
 * @param classes names of the classes, sorted
 * @param texts the training texts
 * @param rows line of each training example in its source, or its number
 * @param sources SHA-256 of each file read
 * @param remarks what a reader should know: guessed columns, texts without a known word
 */
@SuppressWarnings("ArrayRecordComponent") // a million labels
public record CleaningData(
    EncodedTexts encoded,
    int[] labels,
    int[] truth,
    Tensor labelTensor,
    boolean @Nullable [] flipped,
    int train,
    Held held,
    int trusted,
    int test,
    List<String> classes,
    List<String> texts,
    int[] rows,
    Map<String, String> sources,
    List<String> remarks) {

  /**
   * Training examples in a row.
   *
   * @param first number of the first of them
   * @param count how many there are
   */
  public record Held(int first, int count) {
    /** All of them. */
    public static Held all(int train) {
      return new Held(0, train);
    }
  }

  /** Where the examples of these numbers are among those that are here. */
  public int[] places(int[] numbers) {
    if (held.count == train) {
      return numbers;
    }
    return Arrays.stream(numbers)
        .map(number -> number < train ? number - held.first : number - train + held.count)
        .toArray();
  }

  /** What a model reads of all examples that are here. */
  public Inputs inputs() {
    return encoded.inputs();
  }

  /** Numbers of the training examples. */
  public int[] trainExamples() {
    return IntStream.range(0, train).toArray();
  }

  /** Numbers of the trusted examples. */
  public int[] trustedExamples() {
    return IntStream.range(train, train + trusted).toArray();
  }

  /** Numbers of the test examples. */
  public int[] testExamples() {
    return IntStream.range(train + trusted, train + trusted + test).toArray();
  }
}
