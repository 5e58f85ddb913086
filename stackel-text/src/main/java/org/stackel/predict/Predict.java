package org.stackel.predict;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.stackel.config.InvalidInputException;
import org.stackel.config.OptionRecord;
import org.stackel.data.Labels;
import org.stackel.data.Table;
import org.stackel.data.TableFormat;

/**
 * Predictions of a trained model for every row of a file:
 *
 * <pre>{@code
 * Predicted done = Predict.builder().model("runs/my-run").file("new.csv").build().to(Path.of("out.csv"));
 * }</pre>
 *
 * <p>The file that is written has the columns of the one that was read, then {@code predicted} and
 * {@code probability}. Separators, quotes, line ends and encoding stay as they are.
 *
 * @param model folder of a model, or of the run that left it
 * @param file CSV, TSV or JSONL file, also with .gz
 * @param text column of the text; that of the training, or guessed, if left out
 * @param text2 column of the second text of pairs; likewise
 * @param label column that predictions are compared with; none if left out
 * @param probabilities whether the probability of every class is written too
 * @param encoding encoding of the file; detected if left out
 */
@OptionRecord
public record Predict(
    String model,
    String file,
    @Nullable String text,
    @Nullable String text2,
    @Nullable String label,
    boolean probabilities,
    @Nullable String encoding)
    implements PredictBuilder.With {
  private static final int CHUNK = 1024;

  /** No model and no file yet. */
  public Predict() {
    this("", "", null, null, null, false, null);
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
   */
  public record Predicted(
      int rows,
      int empty,
      Map<String, Integer> classes,
      int compared,
      int right,
      List<String> remarks) {
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
    try (Predictor predictor = Predictor.load(Path.of(model))) {
      Table table = Table.read(Path.of(file), encoding);
      if (table.format() == TableFormat.LIBSVM) {
        throw new InvalidInputException(
                "The file must be CSV, TSV or JSONL, by its name.",
                "its name should end in .csv, .tsv or .jsonl, perhaps followed by .gz.")
            .at(file);
      }
      var work = new Work(predictor, table);
      work.write(out);
      return work.done();
    }
  }

  /** One table while it is predicted. */
  private final class Work {
    private final Predictor predictor;
    private final Table table;
    private final List<Integer> columns = new ArrayList<>();
    private final List<String> remarks = new ArrayList<>();
    private final Map<String, Integer> counts = new LinkedHashMap<>();
    private final int labelColumn;
    private List<@Nullable Prediction> chunk = List.of();
    private int chunkStart;
    private int empty;
    private @Nullable String firstEmpty;
    private int compared;
    private int right;

    Work(Predictor predictor, Table table) {
      this.predictor = predictor;
      this.table = table;
      remarks.addAll(table.remarks());
      try {
        Predictor.Columns read = predictor.columns(table.columns(), named());
        remarks.addAll(read.remarks());
        read.names().forEach(name -> columns.add(table.column(name, "the model")));
      } catch (InvalidInputException e) {
        throw e.location() == null ? e.at(file + ":" + table.headerLine()) : e;
      }
      labelColumn = label == null ? -1 : table.column(label, "the label");
      predictor.classes().forEach(name -> counts.put(name, 0));
    }

    private Map<String, String> named() {
      var named = new LinkedHashMap<String, String>();
      if (text != null) {
        named.put("text", text);
      }
      if (text2 != null) {
        named.put("text2", text2);
      }
      return named;
    }

    void write(Path out) {
      var edits = table.edits();
      var taken = new ArrayList<>(table.columns());
      edits.append(free("predicted", taken), row -> predicted(row));
      boolean hasClasses = !predictor.classes().isEmpty();
      if (hasClasses) {
        edits.append(free("probability", taken), row -> probability(row));
      }
      for (int k = 0; probabilities && k < predictor.classes().size(); k++) {
        int number = k;
        edits.append(
            free("probability " + predictor.classes().get(k), taken),
            row -> {
              Prediction prediction = at(row);
              return prediction == null ? "" : number(prediction.probabilities()[number]);
            });
      }
      edits.write(out);
    }

    /** A name that no column has. */
    private String free(String name, List<String> taken) {
      String free = name;
      for (int i = 2; taken.contains(free); i++) {
        free = name + i;
      }
      if (!free.equals(name)) {
        remarks.add("There is a column '%s' already; the new one is '%s'.".formatted(name, free));
      }
      taken.add(free);
      return free;
    }

    private String predicted(int row) {
      Prediction prediction = at(row);
      if (prediction == null) {
        return "";
      }
      if (!prediction.isNumber()) {
        counts.merge(prediction.predicted(), 1, Integer::sum);
      }
      String given = labelColumn < 0 ? null : table.cell(row, labelColumn);
      if (given != null && !given.isBlank()) {
        compared++;
        right += Labels.normal(given).equals(prediction.predicted()) ? 1 : 0;
      }
      return prediction.predicted();
    }

    private String probability(int row) {
      Prediction prediction = at(row);
      return prediction == null ? "" : number(prediction.probability());
    }

    private static String number(double probability) {
      return Float.toString((float) probability);
    }

    /** Rows are asked for in order; a chunk of them is predicted at once. */
    private @Nullable Prediction at(int row) {
      if (row < chunkStart || row >= chunkStart + chunk.size()) {
        chunkStart = row;
        chunk = predict(row, Math.min(table.size(), row + CHUNK));
      }
      return chunk.get(row - chunkStart);
    }

    private List<@Nullable Prediction> predict(int from, int to) {
      var cells = new ArrayList<List<@Nullable String>>();
      boolean[] isRead = new boolean[to - from];
      for (int row = from; row < to; row++) {
        List<@Nullable String> own = cells(row);
        isRead[row - from] = isReadable(row, own);
        if (isRead[row - from]) {
          cells.add(own);
        }
      }
      var found = predictor.predict(cells).iterator();
      var all = new ArrayList<@Nullable Prediction>();
      for (boolean each : isRead) {
        all.add(each ? found.next() : null);
      }
      return all;
    }

    private List<@Nullable String> cells(int row) {
      var cells = new ArrayList<@Nullable String>();
      columns.forEach(column -> cells.add(table.cell(row, column)));
      return cells;
    }

    private boolean isReadable(int row, List<@Nullable String> cells) {
      try {
        predictor.check(cells);
        return true;
      } catch (InvalidInputException e) {
        empty++;
        if (firstEmpty == null) {
          firstEmpty = e.at(table.place(row)).getMessage().lines().findFirst().orElse("");
        }
        return false;
      }
    }

    Predicted done() {
      if (firstEmpty != null) {
        remarks.add(
            "%d of %d rows have no prediction; the first: %s"
                .formatted(empty, table.size(), firstEmpty));
      }
      if (labelColumn >= 0 && compared < table.size() - empty) {
        remarks.add(
            "%d rows have no label to compare with.".formatted(table.size() - empty - compared));
      }
      return new Predicted(
          table.size(),
          empty,
          Collections.unmodifiableMap(counts),
          compared,
          right,
          List.copyOf(remarks));
    }
  }
}
