package org.stackel.predict;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.stackel.config.InvalidInputException;
import org.stackel.config.Options;
import org.stackel.data.Labels;
import org.stackel.model.TextClassifier;
import org.stackel.text.Example;
import org.stackel.text.Examples;

/** A classifier of texts, or of pairs of texts, in one or two columns. */
final class TextPredictor implements Predictor {
  private static final String TEXT = "text";
  private static final String TEXT2 = "text2";

  private final TextClassifier classifier;

  TextPredictor(TextClassifier classifier) {
    this.classifier = classifier;
  }

  @Override
  public List<String> classes() {
    return classifier.classes();
  }

  /** Those named, else those that it was trained on, else those that training would guess. */
  @Override
  public Columns columns(List<String> header, Map<String, String> named) {
    List<String> roles = classifier.readsPairs() ? List.of(TEXT, TEXT2) : List.of(TEXT);
    List<String> trained = classifier.columns();
    Map<String, String> guessed = Examples.guessTexts(header, named);
    var columns = new ArrayList<String>();
    var remarks = new ArrayList<String>();
    for (String role : roles) {
      String own = trained.size() > columns.size() ? trained.get(columns.size()) : "";
      String column = named.get(role);
      if (column == null) {
        boolean isTrained = header.contains(own);
        column = isTrained ? own : guessed.get(role);
        if (column != null && !isTrained) {
          remarks.add(
              "Column '%s' is taken for the %s; --%s names another.".formatted(column, role, role));
        }
      }
      columns.add(required(header, column, role));
    }
    return new Columns(columns, remarks);
  }

  private static String required(List<String> header, @Nullable String column, String role) {
    if (column == null) {
      throw new InvalidInputException(
          "No column is known to hold the %s that the model reads; the columns are %s."
              .formatted(role, String.join(", ", header)),
          "--%s with the name of a column says it.".formatted(role));
    }
    if (!header.contains(column)) {
      throw new InvalidInputException(
          "There is no column '%s' for the %s; the columns are %s."
              .formatted(column, role, String.join(", ", header)),
          Options.meant(column, header));
    }
    return column;
  }

  @Override
  public void check(List<@Nullable String> cells) {
    for (String cell : cells) {
      if (cell == null || cell.isBlank()) {
        throw new InvalidInputException(
            "The text is empty.", "the row can be left out, or --text names another column.");
      }
    }
  }

  @Override
  public List<Prediction> predict(List<? extends List<@Nullable String>> rows) {
    var texts = new ArrayList<Example>(rows.size());
    for (List<@Nullable String> row : rows) {
      String second = row.size() > 1 ? trimmed(row.get(1)) : null;
      texts.add(new Example(trimmed(row.get(0)), second, "", ""));
    }
    return classifier.probabilities(texts).stream()
        .map(
            probabilities ->
                new Prediction(
                    classes().get(TextClassifier.likeliest(probabilities)), probabilities))
        .toList();
  }

  private static String trimmed(@Nullable String cell) {
    return Labels.trimmed(Objects.requireNonNull(cell));
  }

  @Override
  public void close() {
    classifier.close();
  }
}
