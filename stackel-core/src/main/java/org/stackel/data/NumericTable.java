package org.stackel.data;

import java.nio.DoubleBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.stackel.config.InvalidInputException;

/**
 * Rows of numbers, each with a label.
 *
 * @param path the file
 * @param sha256 SHA-256 of the file as it lies on disk, in lower-case hexadecimal digits
 * @param features names of the numbers of a row; "1", "2", … in a LIBSVM file
 * @param rows the numbers, row by row
 * @param labels label of each row; numbers in one spelling: "+1.0" is "1"
 * @param splits what the column of the split says of each row; null without one
 * @param lines line of the file, counted from 1, where each row begins
 * @param remarks columns that nobody named, to be said aloud
 */
@SuppressWarnings("ArrayRecordComponent") // millions of numbers
public record NumericTable(
    Path path,
    String sha256,
    List<String> features,
    double[][] rows,
    List<String> labels,
    @Nullable List<String> splits,
    int[] lines,
    List<String> remarks) {

  /** Number of rows. */
  public int size() {
    return rows.length;
  }

  /** What makes rows the same: their numbers. */
  public List<?> keys() {
    return Arrays.stream(rows).map(DoubleBuffer::wrap).toList();
  }

  /** The rows as {@link Duplicates} takes them. */
  public Duplicates.Keyed keyed() {
    List<String> places = IntStream.range(0, size()).mapToObj(this::place).toList();
    return new Duplicates.Keyed(path.toString(), keys(), labels, places);
  }

  /** Some of the rows. */
  public NumericTable rows(int[] numbers) {
    if (numbers.length == size()) {
      return this;
    }
    return new NumericTable(
        path,
        sha256,
        features,
        Arrays.stream(numbers).mapToObj(i -> rows[i]).toArray(double[][]::new),
        Arrays.stream(numbers).mapToObj(labels::get).toList(),
        splits == null ? null : Arrays.stream(numbers).mapToObj(splits::get).toList(),
        Arrays.stream(numbers).map(i -> lines[i]).toArray(),
        remarks);
  }

  /** Where a row stands, such as {@code train.csv:17}. */
  public String place(int row) {
    return path + ":" + lines[row];
  }

  /** A row with zeros at its end: a LIBSVM file does not say how wide its rows are. */
  public double[] row(int row, int width) {
    return Arrays.copyOf(rows[row], width);
  }

  /**
   * The label as a number.
   *
   * @throws InvalidInputException with its place, if it is none
   */
  public double target(int row) {
    try {
      return Double.parseDouble(labels.get(row));
    } catch (NumberFormatException e) {
      throw new InvalidInputException(
              "The label '%s' must be a number.".formatted(labels.get(row)),
              "it is a class: then the loss is logistic or softmax, not squared.")
          .at(place(row))
          .causedBy(e);
    }
  }
}
