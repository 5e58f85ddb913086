package org.stackel.predict;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.stackel.config.InvalidInputException;
import org.stackel.config.Options;
import org.stackel.model.ModelFolder;
import org.stackel.plugin.Plugins;

/** A trained model that predicts from the rows of a table. */
public interface Predictor extends AutoCloseable {
  /** The names of the classes, in the order of probabilities; none if it predicts numbers. */
  List<String> classes();

  /**
   * The columns that it reads.
   *
   * @param header the columns of the table
   * @param named columns that the user named, by their role: {@code text}, {@code text2}
   * @return names in the header, in the order of cells, and remarks on those that were guessed
   * @throws InvalidInputException if one is missing
   */
  Columns columns(List<String> header, Map<String, String> named);

  /**
   * The columns that a model reads.
   *
   * @param names in the order in which their cells are given
   * @param remarks on those that were guessed, in sentences
   */
  record Columns(List<String> names, List<String> remarks) {
    public Columns {
      names = List.copyOf(names);
      remarks = List.copyOf(remarks);
    }
  }

  /**
   * Complains about a row that it cannot read.
   *
   * @param cells of the columns that it reads; null where there is none
   * @throws InvalidInputException without a place
   */
  void check(List<@Nullable String> cells);

  /**
   * What it says about some rows.
   *
   * @param rows cells of the columns that it reads; all of them passed {@link #check}
   */
  List<Prediction> predict(List<? extends List<@Nullable String>> rows);

  /**
   * The same model for rows of one cell of {@code index:value} pairs, as LIBSVM files have them.
   *
   * @throws InvalidInputException without a place, if it reads none
   */
  default Predictor sparse() {
    throw new InvalidInputException(
        "The model reads texts; the file is read as LIBSVM, which has none.",
        "its name should end in .csv, .tsv or .jsonl, perhaps followed by .gz, or --format says what it is.");
  }

  /** What a reader of the predictions should know, in sentences; asked for after the last row. */
  default List<String> remarks() {
    return List.of();
  }

  /** The complaint about a table without a column that a model reads, without a place. */
  static InvalidInputException missing(String column, List<String> header) {
    String nearest = Options.nearest(column, header);
    boolean isNear = Options.isNear(column, nearest);
    return new InvalidInputException(
        "There is no column '%s', which the model reads; the columns are %s."
            .formatted(column, shortened(header)),
        "it has another name in this file: --column '%s=%s' says which."
            .formatted(column, isNear ? nearest : "NAME"));
  }

  private static String shortened(List<String> header) {
    String some = String.join(", ", header.stream().limit(20).toList());
    return header.size() > 20 ? some + ", …" : some;
  }

  @Override
  void close();

  /**
   * Loads a model of any format.
   *
   * @param directory its folder, or that of the run that left it
   * @throws InvalidInputException if there is none, or none that can predict
   */
  static Predictor load(Path directory) {
    ModelFolder folder = ModelFolder.read(directory);
    Map<String, ModelFormat> known =
        Plugins.entries(ModelFormat.class, "model format", List::of, ModelFormat::name);
    ModelFormat format = known.get(folder.format());
    if (format == null) {
      throw new InvalidInputException(
              folder.format().isEmpty()
                  ? "The model lacks what prediction needs: an earlier version of Stackel wrote it."
                  : "The format of the model, '%s', is unknown.".formatted(folder.format()),
              folder.format().isEmpty()
                  ? "running its experiment again helps."
                  : Options.meant(folder.format(), known.keySet(), "known are"))
          .at(folder.path().toString());
    }
    return format.load(folder);
  }
}
