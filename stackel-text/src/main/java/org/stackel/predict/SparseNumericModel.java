package org.stackel.predict;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.stackel.config.InvalidInputException;
import org.stackel.data.IndexedNumbers;

/** A linear model of a LIBSVM file's features, whose names are their indices. */
final class SparseNumericModel implements Predictor {
  private final NumericModel model;
  private final int least;
  private long unknown;

  SparseNumericModel(NumericModel model) {
    this.model = model;
    String first = model.features().get(0);
    if (!first.equals("0") && !first.equals("1")) {
      throw new InvalidInputException(
          "The model reads the columns %s, …; the file is read as LIBSVM, which has none."
              .formatted(first),
          "its name should end in .csv, .tsv or .jsonl, or --format says what it is.");
    }
    least = Integer.parseInt(first);
  }

  @Override
  public List<String> classes() {
    return model.classes();
  }

  @Override
  public Columns columns(List<String> header, Map<String, String> named) {
    return new Columns(List.of("features"), List.of());
  }

  @Override
  public void check(List<@Nullable String> cells) {
    numbers(cells);
  }

  private IndexedNumbers numbers(List<@Nullable String> cells) {
    return IndexedNumbers.of(
        Objects.requireNonNullElse(cells.get(0), ""),
        least,
        "the file counts from 0, and that of the training counted from 1: add 1 to every index.",
        "");
  }

  @Override
  public List<Prediction> predict(List<? extends List<@Nullable String>> rows) {
    var predictions = new ArrayList<Prediction>(rows.size());
    for (List<@Nullable String> row : rows) {
      predictions.add(predict(numbers(row)));
    }
    return predictions;
  }

  private Prediction predict(IndexedNumbers row) {
    int known = 0;
    int width = model.features().size();
    int[] places = new int[row.indices().length];
    while (known < places.length && row.indices()[known] - least < width) {
      places[known] = row.indices()[known] - least;
      known++;
    }
    unknown += places.length - known;
    return model.predict(java.util.Arrays.copyOf(places, known), row.values());
  }

  @Override
  public List<String> remarks() {
    return unknown == 0
        ? List.of()
        : List.of(
            "%,d numbers have an index above %,d, the last of the training, and count for nothing."
                .formatted(unknown, model.features().size() + least - 1));
  }

  @Override
  public void close() {
    model.close();
  }
}
