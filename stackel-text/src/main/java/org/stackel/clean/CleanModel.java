package org.stackel.clean;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;
import org.stackel.config.InvalidInputException;
import org.stackel.data.NumberCell;
import org.stackel.model.ModelFolder;
import org.stackel.predict.Prediction;
import org.stackel.predict.Predictor;
import org.stackel.runfile.RunFiles;
import org.stackel.tensor.AtomicFile;
import org.stackel.tensor.DataTensors;
import org.stackel.tensor.Device;
import org.stackel.tensor.StateScope;
import org.stackel.tensor.TensorFile;
import org.stackel.tensor.Tensors;

/**
 * The classifier that cleaning trains: softmax regression on texts, numbers and categories. It
 * carries all that it needs: words, their weights and vectors, means and deviations.
 */
public final class CleanModel implements Predictor {
  /** What {@code config.json} has under {@code format}. */
  static final String FORMAT = "cleaned";

  private static final String TEXT = "text";

  private final Featurizer featurizer;
  private final List<String> classes;
  private final Softmax softmax;

  CleanModel(Featurizer featurizer, List<String> classes, Softmax softmax) {
    this.featurizer = featurizer;
    this.classes = List.copyOf(classes);
    this.softmax = softmax;
  }

  /**
   * Loads a model.
   *
   * @param directory its folder, or that of the run that left it
   * @throws InvalidInputException if there is none, or one of another format
   */
  public static CleanModel load(Path directory) {
    return load(ModelFolder.read(directory));
  }

  static CleanModel load(ModelFolder folder) {
    if (!folder.format().equals(FORMAT)) {
      throw new InvalidInputException(
              "The model has the format '%s'; one that `stackel clean` wrote is needed."
                  .formatted(folder.format()),
              "`stackel predict` was meant, which reads every format.")
          .at(folder.path().toString());
    }
    try (var scope = StateScope.open();
        var home = new DataTensors()) {
      Map<String, Tensor> tensors = folder.tensors(home);
      List<String> classes = folder.texts("classes");
      var blocks = new Blocks(folder, tensors);
      Featurizer featurizer = blocks.featurizer();
      float[] parameters = blocks.numbers("parameters");
      if (classes.isEmpty() || parameters.length != (featurizer.width() + 1) * classes.size()) {
        throw ModelFolder.broken(folder.path(), "its weights do not fit the features");
      }
      return new CleanModel(
          featurizer, classes, new Softmax(classes.size(), featurizer.width(), parameters));
    }
  }

  /**
   * Writes {@code config.json}, {@code weights.safetensors}, {@code vocabulary.txt} and {@code
   * vectors.txt}, the words that have vectors.
   *
   * @param folder is made if it does not exist
   */
  public void save(Path folder) throws IOException {
    Files.createDirectories(folder);
    var config = new LinkedHashMap<String, @Nullable Object>();
    config.put("format", FORMAT);
    config.put("task", "classification");
    config.put("classes", classes);
    config.put("columns", featurizer.columns());
    try (var scope = StateScope.open()) {
      var tensors = new LinkedHashMap<String, Tensor>();
      tensors.put(
          "parameters",
          Tensors.of(Device.CPU, softmax.parameters(), softmax.width() + 1L, softmax.classes()));
      config.put("blocks", new BlockWriter(folder, tensors).write(featurizer));
      TensorFile.write(folder.resolve("weights.safetensors"), tensors, Map.of());
    }
    AtomicFile.write(folder.resolve(ModelFolder.CONFIG), RunFiles.pretty(config));
  }

  @Override
  public List<String> classes() {
    return classes;
  }

  /** Names of the columns that it reads. */
  public List<String> columns() {
    return featurizer.columns();
  }

  /** A model of one text column reads the column that was named as the text, too. */
  @Override
  public Columns columns(List<String> header, Map<String, String> named) {
    var names = new ArrayList<String>();
    List<String> texts = List.of(TEXT, "text2");
    if (!named.isEmpty() && columns().size() > named.size()) {
      throw new InvalidInputException(
          "The model reads %d columns, %s; --text does not say which of them is meant."
              .formatted(columns().size(), String.join(", ", columns())),
          "--column 'NAME=%s' was meant, NAME being one of them."
              .formatted(named.values().iterator().next()));
    }
    for (int i = 0; i < columns().size(); i++) {
      String other = i < texts.size() ? named.get(texts.get(i)) : null;
      String name = other == null ? columns().get(i) : other;
      if (!header.contains(name)) {
        throw Predictor.missing(name, header);
      }
      names.add(name);
    }
    return new Columns(names, List.of());
  }

  @Override
  public Predictor sparse() {
    return columns().equals(List.of("features")) ? this : Predictor.super.sparse();
  }

  /** A number that is missing counts as the mean. */
  @Override
  public void check(List<@Nullable String> cells) {
    if (cells.stream().allMatch(cell -> cell == null || cell.isBlank())) {
      throw new InvalidInputException(
          "The row has nothing that the model reads.", "the row can be left out.");
    }
    for (DenseBlock block : featurizer.dense()) {
      for (int column : block instanceof NumberBlock numbers ? numbers.columns() : new int[0]) {
        String cell = cells.get(column);
        if (cell != null && !NumberCell.isMissing(cell) && Double.isNaN(NumberBlock.number(cell))) {
          throw NumberCell.noNumber(columns().get(column), cell);
        }
      }
    }
  }

  @Override
  public List<Prediction> predict(List<? extends List<@Nullable String>> rows) {
    return predict(
        new Fields() {
          @Override
          public int size() {
            return rows.size();
          }

          @Override
          public @Nullable String cell(int row, int column) {
            return rows.get(row).get(column);
          }
        });
  }

  /** What it says about rows. */
  public List<Prediction> predict(Fields rows) {
    int c = classes.size();
    float[] p = softmax.probabilities(featurizer.features(rows), 1);
    var predictions = new ArrayList<Prediction>(rows.size());
    for (int i = 0; i < rows.size(); i++) {
      double[] own = new double[c];
      int best = 0;
      for (int k = 0; k < c; k++) {
        own[k] = p[i * c + k];
        best = own[k] > own[best] ? k : best;
      }
      predictions.add(new Prediction(classes.get(best), own));
    }
    return predictions;
  }

  /**
   * What it says about one row.
   *
   * @param fields cells by column; columns that are missing are empty
   */
  public Prediction predict(Map<String, String> fields) {
    var cells = new ArrayList<@Nullable String>();
    columns().forEach(column -> cells.add(fields.get(column)));
    return Objects.requireNonNull(predict(List.of(cells)).get(0));
  }

  @Override
  public void close() {}
}
