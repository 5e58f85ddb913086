package org.stackel.predict;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;
import org.stackel.config.InvalidInputException;
import org.stackel.model.ModelFolder;
import org.stackel.tensor.DataTensors;
import org.stackel.tensor.StateScope;
import org.stackel.tensor.Tensors;

/**
 * A trained linear model of numbers: {@code logits = scaled(features) · W}. It computes in double
 * precision, whatever it was trained in. Sparse rows cost what is not zero in them.
 */
public final class NumericModel implements Predictor {
  private static final String SQUARED = "squared";
  private static final String ROWS = "rows";

  private final List<String> features;
  private final List<String> classes;
  private final String loss;
  private final boolean hasUnitRows;
  private final double[] mean;
  private final double[] deviation;
  private final double[] weights;
  private final double[] bias;
  private final int outputs;
  private final Map<String, Integer> places = new HashMap<>();

  private NumericModel(ModelFolder folder, double[] weights, double[] bias) {
    features = folder.texts("features");
    classes = folder.texts("classes");
    loss = folder.text("loss");
    hasUnitRows = folder.text("scaling").equals(ROWS);
    mean = folder.numbers("mean");
    deviation = folder.numbers("deviation");
    this.weights = weights;
    outputs = weights.length / features.size();
    this.bias = bias.length == 0 ? new double[outputs] : bias;
    features.forEach(feature -> places.put(feature, places.size()));
    check(folder);
  }

  /**
   * Loads a model.
   *
   * @param directory its folder, or that of the run that left it
   * @throws InvalidInputException if there is none, or one of another format
   */
  public static NumericModel load(Path directory) {
    return load(ModelFolder.read(directory));
  }

  static NumericModel load(ModelFolder folder) {
    if (!folder.format().equals("linear")) {
      throw new InvalidInputException(
              "The model is a '%s'; a linear model is needed.".formatted(folder.format()),
              "`stackel predict` was meant, which reads every format.")
          .at(folder.path().toString());
    }
    try (var scope = StateScope.open();
        var home = new DataTensors()) {
      Map<String, Tensor> tensors = folder.tensors(home);
      Tensor weights = tensors.get("weight");
      Tensor bias = tensors.get("bias");
      int features = folder.texts("features").size();
      if (weights == null || features == 0 || weights.numel() % features != 0) {
        throw ModelFolder.broken(
            folder.path(), "its weights do not fit the features in config.json");
      }
      return new NumericModel(
          folder,
          Tensors.toArray(weights.reshape(-1)),
          bias == null ? new double[0] : Tensors.toArray(bias));
    }
  }

  /** Complains about parts of config.json that do not fit each other or the weights. */
  private void check(ModelFolder folder) {
    int needed = loss.equals(SQUARED) ? classes.size() : outputs == 1 ? 2 : outputs;
    String why =
        mean.length != deviation.length || (mean.length > 0 && mean.length != features.size())
            ? "'mean' and 'deviation' must have a number for each feature"
            : bias.length != outputs || classes.size() != needed
                ? "its classes do not fit the weights"
                : "";
    if (!why.isEmpty()) {
      throw ModelFolder.broken(folder.path().resolve(ModelFolder.CONFIG), why);
    }
  }

  /** The names of the features, in order. */
  public List<String> features() {
    return features;
  }

  @Override
  public List<String> classes() {
    return classes;
  }

  @Override
  public Columns columns(List<String> header, Map<String, String> named) {
    for (String feature : features) {
      if (!header.contains(feature)) {
        throw Predictor.missing(feature, header);
      }
    }
    return new Columns(features, List.of());
  }

  @Override
  public Predictor sparse() {
    return new SparseNumericModel(this);
  }

  @Override
  public void check(List<@Nullable String> cells) {
    for (int i = 0; i < cells.size(); i++) {
      String cell = cells.get(i);
      try {
        if (!Double.isFinite(Double.parseDouble(cell == null ? "" : cell))) {
          throw new NumberFormatException();
        }
      } catch (NumberFormatException e) {
        throw new InvalidInputException(
                "The column '%s' is '%s'; it must be a finite number."
                    .formatted(features.get(i), cell == null ? "" : cell),
                "the row can be left out, or a mean filled in.")
            .causedBy(e);
      }
    }
  }

  @Override
  public List<Prediction> predict(List<? extends List<@Nullable String>> rows) {
    var predictions = new ArrayList<Prediction>(rows.size());
    for (List<@Nullable String> row : rows) {
      double[] numbers = new double[features.size()];
      for (int i = 0; i < numbers.length; i++) {
        String cell = row.get(i);
        numbers[i] = cell == null ? 0 : Double.parseDouble(cell);
      }
      predictions.add(predict(numbers));
    }
    return predictions;
  }

  /**
   * What it says about one example.
   *
   * @param numbers one for each feature, in order
   */
  public Prediction predict(double[] numbers) {
    if (numbers.length != features.size()) {
      throw new IllegalArgumentException(
          "%d numbers for %d features.".formatted(numbers.length, features.size()));
    }
    return of(logits(scaled(numbers)));
  }

  private double[] scaled(double[] numbers) {
    double[] scaled = numbers.clone();
    for (int i = 0; i < mean.length; i++) {
      scaled[i] = (scaled[i] - mean[i]) / deviation[i];
    }
    if (hasUnitRows) {
      double squares = 0;
      for (double number : scaled) {
        squares += number * number;
      }
      double length = squares > 0 ? Math.sqrt(squares) : 1;
      for (int i = 0; i < scaled.length; i++) {
        scaled[i] /= length;
      }
    }
    return scaled;
  }

  private double[] logits(double[] scaled) {
    double[] logits = bias.clone();
    for (int i = 0; i < scaled.length; i++) {
      add(logits, i, scaled[i]);
    }
    return logits;
  }

  private void add(double[] logits, int feature, double number) {
    for (int k = 0; number != 0 && k < outputs; k++) {
      logits[k] += number * weights[feature * outputs + k];
    }
  }

  /**
   * What it says about an example of which most numbers are zero.
   *
   * @param places of the features that are not zero, from 0
   * @param values of these features
   */
  Prediction predict(int[] places, double[] values) {
    if (mean.length > 0) {
      double[] numbers = new double[features.size()];
      for (int i = 0; i < places.length; i++) {
        numbers[places[i]] = values[i];
      }
      return predict(numbers);
    }
    double squares = 0;
    for (int i = 0; i < places.length; i++) {
      squares += values[i] * values[i];
    }
    double length = hasUnitRows && squares > 0 ? Math.sqrt(squares) : 1;
    double[] logits = bias.clone();
    for (int i = 0; i < places.length; i++) {
      add(logits, places[i], values[i] / length);
    }
    return of(logits);
  }

  private Prediction of(double[] logits) {
    if (loss.equals(SQUARED)) {
      return new Prediction(Double.toString(logits[0]), new double[0]);
    }
    double[] all = outputs == 1 ? new double[] {0, logits[0]} : logits;
    int best = 0;
    double largest = all[0];
    for (int k = 1; k < all.length; k++) {
      best = all[k] > all[best] ? k : best;
      largest = Math.max(largest, all[k]);
    }
    double[] probabilities = new double[all.length];
    double sum = 0;
    for (int k = 0; k < all.length; k++) {
      probabilities[k] = Math.exp(all[k] - largest);
      sum += probabilities[k];
    }
    for (int k = 0; k < all.length; k++) {
      probabilities[k] /= sum;
    }
    return new Prediction(classes.get(best), probabilities);
  }

  /** The place of a feature; -1 if the model has none of this name. */
  public int place(String feature) {
    return places.getOrDefault(feature, -1);
  }

  @Override
  public void close() {}
}
