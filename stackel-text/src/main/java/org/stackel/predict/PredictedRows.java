package org.stackel.predict;

import de.siegmar.fastcsv.writer.CsvWriter;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;
import org.stackel.config.InvalidInputException;
import org.stackel.config.Options;
import org.stackel.config.SpreadsheetText;
import org.stackel.data.Labels;
import org.stackel.data.Table;
import org.stackel.data.TableEdits;
import org.stackel.data.TableFormat;
import org.stackel.data.TableParts;
import org.stackel.optim.Iterations;

/** Rows of a table while they are predicted, a part of them at a time. */
final class PredictedRows {
  private static final int CHUNK = 1024;

  private final Predict options;
  private final TableFormat format;
  private final Predictor predictor;
  private final TableParts table;
  private final Consumer<String> talk;
  private final List<String> remarks = new ArrayList<>();
  private final Map<String, Integer> counts = new LinkedHashMap<>();
  private int rows;
  private int empty;
  private @Nullable String firstEmpty;
  private int compared;
  private int right;

  PredictedRows(
      Predict options,
      TableFormat format,
      Predictor predictor,
      TableParts table,
      Consumer<String> talk) {
    this.options = options;
    this.format = format;
    this.predictor = predictor;
    this.table = table;
    this.talk = talk;
    remarks.addAll(table.remarks());
    predictor.classes().forEach(name -> counts.put(name, 0));
  }

  void write(OutputStream out, Path shown) throws IOException {
    List<String> names;
    try {
      names = columns();
    } catch (InvalidInputException e) {
      throw e.location() == null ? e.at(shown + ":" + table.headerLine()) : e;
    }
    Appended appended = appended();
    if (format != TableFormat.LIBSVM) {
      table.forEach(
          part -> {
            var edits = part.edits();
            var own = new Part(part, names);
            appended.each(own).forEach(edits::append);
            edits.write(out);
            return goesOn(part);
          });
      return;
    }
    var text = new BufferedWriter(new OutputStreamWriter(out, StandardCharsets.UTF_8), 1 << 16);
    CsvWriter csv = CsvWriter.builder().build(text); // the stream is closed by its owner
    var header = new ArrayList<>(List.of("line", "label"));
    header.addAll(appended.names());
    csv.writeRecord(header);
    table.forEach(
        part -> {
          var cells = appended.each(new Part(part, names)).values();
          for (int row = 0; row < part.size(); row++) {
            var record = new ArrayList<String>();
            record.add(String.valueOf(part.line(row)));
            record.add(Objects.requireNonNullElse(part.cell(row, 0), ""));
            for (IntFunction<String> cell : cells) {
              record.add(cell.apply(row));
            }
            record.replaceAll(SpreadsheetText::safe);
            csv.writeRecord(record);
          }
          return goesOn(part);
        });
    csv.flush();
  }

  private boolean goesOn(Table part) {
    if (rows > 0) {
      talk.accept("%,d rows".formatted(rows + part.size()));
    }
    rows += part.size();
    return true;
  }

  // ---- columns -------------------------------------------------------------------------------

  /** Columns of the file that the model reads. */
  private List<String> columns() {
    var names = new HashMap<String, String>();
    var header = new ArrayList<>(table.columns());
    options
        .columns()
        .forEach(
            (trained, own) -> {
              int at = header.indexOf(own);
              if (at < 0) {
                throw new InvalidInputException(
                    "There is no column '%s' for '%s'; the columns are %s."
                        .formatted(own, trained, String.join(", ", table.columns())),
                    Options.meant(own, table.columns()));
              }
              header.set(at, trained);
              names.put(trained, own);
            });
    var named = new LinkedHashMap<String, String>();
    if (options.text() != null) {
      named.put("text", options.text());
    }
    if (options.text2() != null) {
      named.put("text2", options.text2());
    }
    Predictor.Columns read = predictor.columns(header, named);
    remarks.addAll(read.remarks());
    return read.names().stream().map(name -> names.getOrDefault(name, name)).toList();
  }

  /** A cell that is written behind those of a row. */
  private record Cell(String name, java.util.function.Function<Prediction, String> text) {}

  /** All of them. */
  private record Appended(List<Cell> cells) {
    List<String> names() {
      return cells.stream().map(Cell::name).toList();
    }

    Map<String, IntFunction<String>> each(Part part) {
      var all = new LinkedHashMap<String, IntFunction<String>>();
      for (Cell cell : cells) {
        boolean isFirst = all.isEmpty();
        all.put(
            cell.name(),
            row -> {
              Prediction prediction = part.at(row);
              if (isFirst && prediction != null) {
                part.count(row, prediction);
              }
              return prediction == null ? "" : cell.text().apply(prediction);
            });
      }
      return all;
    }
  }

  private Appended appended() {
    var taken =
        new ArrayList<>(format == TableFormat.LIBSVM ? List.of("line", "label") : table.columns());
    var cells = new ArrayList<Cell>();
    cells.add(new Cell(TableEdits.free("predicted", taken, remarks), Prediction::predicted));
    if (!predictor.classes().isEmpty()) {
      cells.add(
          new Cell(
              TableEdits.free("probability", taken, remarks), each -> number(each.probability())));
    }
    for (int k = 0; options.probabilities() && k < predictor.classes().size(); k++) {
      int number = k;
      cells.add(
          new Cell(
              TableEdits.free("probability " + predictor.classes().get(k), taken, remarks),
              each -> number(each.probabilities()[number])));
    }
    return new Appended(cells);
  }

  private static String number(double probability) {
    return Float.toString((float) probability);
  }

  // ---- rows ----------------------------------------------------------------------------------

  /** A part of the rows, asked for in order. */
  private final class Part {
    private final Table rows;
    private final int[] columns;
    private final int labelColumn;
    private List<@Nullable Prediction> chunk = List.of();
    private int chunkStart;

    Part(Table rows, List<String> names) {
      this.rows = rows;
      columns = names.stream().mapToInt(name -> rows.column(name, "the model")).toArray();
      labelColumn = options.label() == null ? -1 : rows.column(options.label(), "the label");
    }

    /** What the model says about a row; a chunk of them is predicted at once. */
    @Nullable Prediction at(int row) {
      if (row >= chunkStart + chunk.size()) {
        chunkStart = row;
        chunk = predicted(row, Math.min(rows.size(), row + CHUNK));
      }
      return chunk.get(row - chunkStart);
    }

    private List<@Nullable Prediction> predicted(int from, int to) {
      Iterations.next("predicting rows", rows.number(from), rows.size());
      var readable = new ArrayList<List<@Nullable String>>();
      var places = new ArrayList<Integer>();
      for (int row = from; row < to; row++) {
        List<@Nullable String> cells = cells(row);
        if (isReadable(row, cells)) {
          readable.add(cells);
          places.add(row - from);
        }
      }
      List<Prediction> predictions = predictor.predict(readable);
      var all = new ArrayList<@Nullable Prediction>(Collections.nCopies(to - from, null));
      for (int i = 0; i < places.size(); i++) {
        all.set(places.get(i), predictions.get(i));
      }
      return all;
    }

    private List<@Nullable String> cells(int row) {
      var cells = new ArrayList<@Nullable String>(columns.length);
      for (int column : columns) {
        cells.add(rows.cell(row, column));
      }
      return cells;
    }

    private boolean isReadable(int row, List<@Nullable String> cells) {
      try {
        predictor.check(cells);
        return true;
      } catch (InvalidInputException e) {
        empty++;
        if (firstEmpty == null) {
          firstEmpty = e.at(rows.place(row)).getMessage().lines().findFirst().orElse("");
        }
        return false;
      }
    }

    void count(int row, Prediction prediction) {
      if (prediction.isNumber()) {
        return;
      }
      counts.merge(prediction.predicted(), 1, Integer::sum);
      String given = labelColumn < 0 ? null : rows.cell(row, labelColumn);
      if (given != null && !given.isBlank()) {
        compared++;
        right += Labels.normal(given).equals(prediction.predicted()) ? 1 : 0;
      }
    }
  }

  /**
   * What was done.
   *
   * @param stopped whether it was asked to stop before the end
   */
  Predict.Predicted done(boolean stopped) {
    if (rows == 0) {
      remarks.add("The file has a header and no rows.");
    }
    if (firstEmpty != null) {
      remarks.add(
          "%,d of %,d rows have no prediction; the first: %s".formatted(empty, rows, firstEmpty));
    }
    if (options.label() != null && predictor.classes().isEmpty()) {
      remarks.add("The model predicts numbers, not classes; --label is not compared.");
    } else if (options.label() != null && compared < rows - empty) {
      remarks.add("%,d rows have no label to compare with.".formatted(rows - empty - compared));
    }
    remarks.addAll(predictor.remarks());
    return new Predict.Predicted(
        rows,
        empty,
        Collections.unmodifiableMap(counts),
        compared,
        right,
        List.copyOf(remarks),
        format == TableFormat.LIBSVM ? StandardCharsets.UTF_8.name() : table.encoding(),
        stopped);
  }
}
