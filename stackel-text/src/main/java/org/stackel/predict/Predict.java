package org.stackel.predict;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;
import org.stackel.config.InvalidInputException;
import org.stackel.config.OptionRecord;
import org.stackel.data.InputFile;
import org.stackel.data.NpyFile;
import org.stackel.data.TableFormat;
import org.stackel.data.TableParts;
import org.stackel.optim.Iterations;

/**
 * Predictions of a trained model for every row of a file, which may be larger than memory:
 *
 * <pre>{@code
 * Predicted done = Predict.builder().model("runs/my-run").file("new.csv").build().to(Path.of("out.csv"));
 * }</pre>
 *
 * <p>The file that is written has the columns of the one that was read, then {@code predicted} and
 * {@code probability}. Separators, quotes, line ends and encoding stay as they are. The predictions
 * for a LIBSVM file are a CSV file with the line and the label of each row.
 *
 * @param model folder of a model, or of the run that left it
 * @param file CSV, TSV, JSONL or LIBSVM file, also with .gz, or a .npy file of embeddings, whose
 *     columns are called e1, e2 and so on; {@code -} for standard input
 * @param format format of the file; that of its name if left out, of standard input that of its
 *     first line
 * @param text column of the text; that of the training, or guessed, if left out
 * @param text2 column of the second text of pairs; likewise
 * @param columns column of the file for a column of the training, by its name there; columns that
 *     are not named have the same name in both
 * @param label column that predictions are compared with; none if left out
 * @param probabilities whether the probability of every class is written too
 * @param encoding encoding of the file; detected if left out
 */
@OptionRecord
public record Predict(
    String model,
    String file,
    @Nullable TableFormat format,
    @Nullable String text,
    @Nullable String text2,
    Map<String, String> columns,
    @Nullable String label,
    boolean probabilities,
    @Nullable String encoding)
    implements PredictBuilder.With {
  /** Stands for standard input in the place of a file. */
  public static final String STANDARD_INPUT = "-";

  public Predict {
    columns = Map.copyOf(columns);
  }

  /** No model and no file yet. */
  public Predict() {
    this("", "", null, null, null, Map.of(), null, false, null);
  }

  /** Starts from the defaults. */
  public static PredictBuilder builder() {
    return PredictBuilder.of(new Predict());
  }

  /**
   * What was done.
   *
   * @param rows number of rows
   * @param empty how many of them the model cannot read: their predictions are empty
   * @param classes how many rows were given each class
   * @param compared rows with a label to compare with; 0 without such a column
   * @param right how many of these were predicted right
   * @param remarks what a reader should know, in sentences
   * @param encoding encoding of what was written, such as UTF-8
   * @param stopped whether it was asked to stop, so that rows are missing
   */
  public record Predicted(
      int rows,
      int empty,
      Map<String, Integer> classes,
      int compared,
      int right,
      List<String> remarks,
      String encoding,
      boolean stopped) {
    /** The share of right predictions; NaN without labels. */
    public double accuracy() {
      return (double) right / compared;
    }
  }

  /**
   * Predicts and writes.
   *
   * @param out the file that is written; replaced if it exists
   * @throws InvalidInputException if model or file cannot be read, or do not fit each other
   */
  public Predicted to(Path out) {
    return to(out, () -> false, said -> {});
  }

  /**
   * Predicts and writes.
   *
   * @param out the file that is written; replaced if it exists, packed if its name ends in .gz
   * @param stop asked now and then
   * @param talk told how far it is
   * @throws InvalidInputException if model or file cannot be read, or do not fit each other
   */
  public Predicted to(Path out, BooleanSupplier stop, Consumer<String> talk) {
    boolean isMatrix = NpyFile.isNamed(file);
    if (!file.equals(STANDARD_INPUT) && !isMatrix) {
      return to(out, Path.of(file), Path.of(file), stop, talk);
    }
    try {
      Path spooled = Files.createTempFile("stackel-predict", "");
      try {
        if (isMatrix) {
          NpyFile.read(Path.of(file)).writeCsv(spooled);
          return to(out, spooled, Path.of(file), stop, talk);
        }
        Files.copy(System.in, spooled, StandardCopyOption.REPLACE_EXISTING);
        return to(out, spooled, Path.of("standard input"), stop, talk);
      } finally {
        Files.deleteIfExists(spooled);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * @param source the file
   * @param shown what messages call it
   */
  private Predicted to(
      Path out, Path source, Path shown, BooleanSupplier stop, Consumer<String> talk) {
    InputFile.requireFile(source);
    try (Predictor loaded = Predictor.load(Path.of(model))) {
      TableFormat own = format == null ? guessed(source, shown) : format;
      Predictor predictor = own == TableFormat.LIBSVM ? sparse(loaded, shown) : loaded;
      TableParts table = TableParts.open(source, shown, own, encoding);
      try (OutputStream raw = new BufferedOutputStream(Files.newOutputStream(out), 1 << 16);
          OutputStream packed = InputFile.isGzip(out) ? new GZIPOutputStream(raw, 1 << 16) : raw) {
        var work = new PredictedRows(this, own, predictor, table, talk);
        var written = Iterations.unless(stop, () -> written(work, packed, shown));
        return work.done(written == null);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  private static PredictedRows written(PredictedRows rows, OutputStream out, Path shown) {
    try {
      rows.write(out, shown);
      return rows;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static TableFormat guessed(Path source, Path shown) {
    if (source.equals(shown)) {
      return TableFormat.of(source);
    }
    try (InputStream in = Files.newInputStream(source)) {
      return guessFormat(in.readNBytes(1 << 14));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Predictor sparse(Predictor loaded, Path shown) {
    try {
      return loaded.sparse();
    } catch (InvalidInputException e) {
      throw e.at(shown.toString());
    }
  }

  /** Word by word, for a row may have thousands. */
  private static boolean isLibsvm(String line) {
    int comment = line.indexOf('#');
    String[] words = (comment < 0 ? line : line.substring(0, comment)).strip().split("\\s+");
    return words.length > 1
        && Arrays.stream(words).skip(1).allMatch(w -> w.matches("(?:qid|[0-9]+):\\S+"));
  }

  /**
   * The format of some text, by how it begins.
   *
   * @param beginning a few thousand bytes
   */
  static TableFormat guessFormat(byte[] beginning) {
    String text =
        new String(beginning, StandardCharsets.UTF_8).replace("\uFEFF", "").stripLeading();
    String line = text.lines().findFirst().orElse("");
    if (line.startsWith("{")) {
      return TableFormat.JSONL;
    }
    if (isLibsvm(line)) {
      return TableFormat.LIBSVM;
    }
    return line.indexOf('\t') >= 0 ? TableFormat.TSV : TableFormat.CSV;
  }
}
