package org.stackel.clean;

import de.siegmar.fastcsv.writer.CsvWriter;
import java.io.IOException;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.stackel.config.InvalidInputException;
import org.stackel.config.SpreadsheetText;
import org.stackel.data.InputFile;
import org.stackel.data.Labels;
import org.stackel.data.Table;
import org.stackel.data.TableEdits;
import org.stackel.data.TableFormat;
import org.stackel.runfile.Document;
import org.stackel.runfile.FileErrors;
import org.stackel.runfile.RunFiles;
import org.stackel.tensor.AtomicFile;
import org.stackel.tensor.Seed;

/** Writes the files of a run of cleaning. */
final class CleanFiles {
  private static final int UNSUSPECTED = 200;
  private static final int WITH_NEIGHBOURS = 5_000;
  private static final int NEIGHBOURS = 3;
  private static final int MAX_REFERENCES = 20_000;

  private final Clean options;
  private final Path directory;
  private final CleanData data;
  private final Table table;
  private final Findings found;
  private final CleanModel model;
  private final Rows rows;
  private final int[] studied;
  private final boolean hasTrusted;
  private final Map<String, String> spellings = new HashMap<>();

  /**
   * @param rows the rows that were studied
   * @param studied their records, of the suspects
   */
  CleanFiles(
      Clean options,
      Path directory,
      CleanData data,
      Findings found,
      CleanModel model,
      Rows rows,
      int[] studied,
      boolean hasTrusted) {
    this.options = options;
    this.directory = directory;
    this.data = data;
    this.table = data.train().table();
    this.found = found;
    this.model = model;
    this.rows = rows;
    this.studied = studied;
    this.hasTrusted = hasTrusted;
  }

  void write(CleanResult result, Outcome outcome) {
    try {
      Files.createDirectories(directory);
      learnSpellings();
      weights(outcome);
      corrected();
      review();
      if (!hasTrusted) {
        toCheck();
      }
      model.save(directory.resolve("model"));
      AtomicFile.write(directory.resolve("clean.json"), RunFiles.pretty(result.facts()));
      AtomicFile.write(directory.resolve("report.html"), new CleanPage(result, data, found).html());
    } catch (IOException e) {
      throw FileErrors.writing(directory, e);
    }
  }

  // ---- weights.csv -----------------------------------------------------------------------------

  private void weights(Outcome outcome) throws IOException {
    List<Detector> scores =
        outcome.weights().isEmpty()
            ? List.of(Detector.CONFIDENCE, Detector.MARGIN)
            : java.util.Arrays.stream(Detector.values())
                .filter(each -> outcome.weights().containsKey(each.column()))
                .toList();
    List<String> ids = data.roles().ids();
    int[] idColumns = ids.stream().mapToInt(id -> table.column(id, "the names of rows")).toArray();
    var header = new ArrayList<>(List.of("record", "line"));
    var results =
        new ArrayList<>(
            List.of("label", "suspicion", "suspected", "suggested", "suggestedProbability"));
    scores.forEach(each -> results.add(each.column()));
    var taken = new ArrayList<>(header);
    taken.addAll(results);
    ids.forEach(id -> header.add(TableEdits.free(id, taken, new ArrayList<>())));
    header.addAll(results);
    AtomicFile.writeStream(
        directory.resolve("weights.csv"), raw -> weights(raw, header, idColumns, scores));
  }

  private void weights(
      OutputStream raw, List<String> header, int[] idColumns, List<Detector> scores)
      throws IOException {
    try (var out = new OutputStreamWriter(raw, StandardCharsets.UTF_8);
        CsvWriter csv = CsvWriter.builder().build(out)) {
      csv.writeRecord(header.stream().map(SpreadsheetText::safe).toList());
      for (int row = 0; row < table.size(); row++) {
        var record = new ArrayList<String>(header.size());
        record.add(Integer.toString(table.number(row)));
        record.add(Integer.toString(table.line(row)));
        for (int column : idColumns) {
          record.add(Objects.requireNonNullElse(table.cell(row, column), ""));
        }
        String label = data.train().labels()[row];
        record.add(label == null ? "" : label);
        record.add(label == null ? "" : number(found.suspicion(row)));
        record.add(Boolean.toString(found.isSuspected(row)));
        record.add(found.suggested(row));
        record.add(found.suggested(row).isEmpty() ? "" : number(found.probability(row)));
        for (Detector each : scores) {
          record.add(found.isJudged(row) ? number(found.score(row, each)) : "");
        }
        record.replaceAll(SpreadsheetText::safe);
        csv.writeRecord(record);
      }
    }
  }

  private static String number(double number) {
    return String.format(Locale.ROOT, "%.6g", number);
  }

  // ---- corrected file --------------------------------------------------------------------------

  /** How each class is written in the file, most of the time. */
  private void learnSpellings() {
    var counts = new HashMap<String, Map<String, Integer>>();
    for (int row : data.train().labelled()) {
      String cell = table.cell(row, data.train().labelColumn());
      counts
          .computeIfAbsent(data.train().label(row), label -> new TreeMap<>())
          .merge(Labels.trimmed(cell == null ? "" : cell), 1, Integer::sum);
    }
    counts.forEach(
        (label, spelled) ->
            spellings.put(
                label,
                spelled.entrySet().stream()
                    .max(Map.Entry.comparingByValue())
                    .map(Map.Entry::getKey)
                    .orElse(label)));
  }

  private String spelled(String label) {
    return spellings.getOrDefault(label, label);
  }

  /** Such as corrected.csv, with the ending of the input. */
  static String corrected(String input) {
    String name = InputFile.name(Path.of(input)).toLowerCase(Locale.ROOT);
    boolean isPacked = name.endsWith(".gz");
    String plain = isPacked ? name.substring(0, name.length() - 3) : name;
    int dot = plain.lastIndexOf('.');
    return "corrected" + (dot < 0 ? "" : plain.substring(dot)) + (isPacked ? ".gz" : "");
  }

  /**
   * The columns that --fix mark adds.
   *
   * @throws InvalidInputException if the table can have no other columns
   */
  static List<String> marks(Table table, List<String> remarks) {
    if (table.format() == TableFormat.LIBSVM) {
      throw new InvalidInputException(
              "--fix mark adds two columns, which a LIBSVM file cannot have.",
              "--fix replace or drop was meant; weights.csv says which rows are suspected.")
          .at(table.file().toString());
    }
    var taken = new ArrayList<>(table.columns());
    return List.of(
        TableEdits.free("suspected", taken, remarks), TableEdits.free("suggested", taken, remarks));
  }

  private void write(TableEdits edits, String name) throws IOException {
    Path file = directory.resolve(name);
    AtomicFile.writeStream(file, out -> edits.write(file, out));
  }

  private void corrected() throws IOException {
    TableEdits edits = table.edits();
    data.repeated().forEach(edits::drop);
    for (int row = 0; row < table.size(); row++) {
      if (found.isSuspected(row) && !data.repeated().contains(row)) {
        switch (options.fix()) {
          case REPLACE -> {
            if (!found.suggested(row).isEmpty()) {
              edits.set(row, data.train().labelColumn(), spelled(found.suggested(row)));
            }
          }
          case DROP -> edits.drop(row);
          case MARK -> {}
        }
      }
    }
    if (options.fix() == Clean.Fix.MARK) {
      List<String> marks = marks(table, new ArrayList<>());
      edits.append(marks.get(0), row -> Boolean.toString(found.isSuspected(row)));
      edits.append(
          marks.get(1), row -> found.isSuspected(row) ? spelled(found.suggested(row)) : "");
    }
    write(edits, corrected(options.train()));
  }

  // ---- rows to check ---------------------------------------------------------------------------

  /**
   * Rows whose checking helps most, in the file's own columns: half of them at random, so that
   * accuracy can be measured, half of them the most doubtful; as many of each class as there are.
   */
  private void toCheck() throws IOException {
    int classes = data.classes().size();
    int most = Math.min(data.suspects().length, Math.max(100, Math.min(500, 10 * classes)));
    Set<Integer> chosen = new HashSet<>();
    var seed = new Seed(options.seed()).child("to-check");
    var perClass = new HashMap<String, Integer>();
    int quota = Math.max(1, most / 2 / classes);
    int[] order = seed.permutation(data.suspects().length);
    for (int i : order) {
      int row = data.suspects()[i];
      if (perClass.merge(data.train().label(row), 1, Integer::sum) <= quota) {
        chosen.add(row);
      }
    }
    int[] doubtful =
        java.util.Arrays.stream(data.suspects())
            .boxed()
            .sorted(
                java.util.Comparator.comparingDouble(
                    (Integer row) -> Math.abs(found.score(row, Detector.MARGIN))))
            .mapToInt(Integer::intValue)
            .toArray();
    for (int i = 0; i < doubtful.length && chosen.size() < most; i++) {
      chosen.add(doubtful[i]);
    }
    TableEdits edits = table.edits();
    for (int row = 0; row < table.size(); row++) {
      if (!chosen.contains(row)) {
        edits.drop(row);
      }
    }
    write(edits, corrected(options.train()).replace("corrected", "to-check"));
  }

  // ---- review ----------------------------------------------------------------------------------

  private void review() throws IOException {
    int[] order = found.bySuspicion();
    int suspected = (int) IntStream.of(order).filter(found::isSuspected).count();
    int shown = Math.min(order.length, suspected + UNSUSPECTED);
    Map<Integer, int[]> neighbours = neighbours(order, Math.min(shown, WITH_NEIGHBOURS));
    List<String> columns = data.roles().read();
    AtomicFile.writeStream(
        directory.resolve("review.jsonl"),
        raw -> {
          try (var out = new OutputStreamWriter(raw, StandardCharsets.UTF_8)) {
            for (int i = 0; i < shown; i++) {
              out.write(Document.line(line(order[i], columns, neighbours.get(order[i]))));
              out.write('\n');
            }
          }
        });
    var info = new LinkedHashMap<String, @Nullable Object>();
    info.put("data", options.train());
    info.put("sha256", table.sha256());
    info.put("classes", data.classes().names());
    info.put("rows", table.size());
    info.put("suspected", suspected);
    info.put("title", InputFile.name(Path.of(options.train())));
    AtomicFile.write(directory.resolve("review-info.json"), RunFiles.pretty(info));
  }

  private Map<String, @Nullable Object> line(
      int row, List<String> columns, int @Nullable [] neighbours) {
    var line = new LinkedHashMap<String, @Nullable Object>();
    line.put("record", table.number(row));
    line.put("line", table.line(row));
    var id = new LinkedHashMap<String, @Nullable Object>();
    for (String name : data.roles().ids()) {
      id.put(name, Objects.requireNonNullElse(table.cell(row, table.indexOf(name)), ""));
    }
    line.put("id", id);
    var fields = new LinkedHashMap<String, @Nullable Object>();
    for (int k = 0; k < columns.size(); k++) {
      fields.put(columns.get(k), Objects.requireNonNullElse(data.train().cell(row, k), ""));
    }
    line.put("fields", fields);
    line.put("label", data.train().label(row));
    line.put("suggested", found.suggested(row).isEmpty() ? null : found.suggested(row));
    line.put("probability", rounded(found.probability(row)));
    line.put("suspicion", rounded(found.suspicion(row)));
    line.put("suspected", found.isSuspected(row));
    var scores = new LinkedHashMap<String, @Nullable Object>();
    for (Detector each : Detector.values()) {
      if (found.score(row, each) != 0) {
        scores.put(each.column(), rounded(found.score(row, each)));
      }
    }
    line.put("scores", scores);
    var near = new ArrayList<Map<String, @Nullable Object>>();
    for (int i = 0; neighbours != null && i < neighbours.length; i++) {
      var one = new LinkedHashMap<String, @Nullable Object>();
      one.put("record", table.number(neighbours[i]));
      one.put("text", text(neighbours[i], columns.size()));
      one.put("label", data.train().label(neighbours[i]));
      near.add(one);
    }
    line.put("neighbours", near);
    return line;
  }

  private String text(int row, int columns) {
    var cells = new ArrayList<String>();
    for (int k = 0; k < columns; k++) {
      cells.add(Objects.requireNonNullElse(data.train().cell(row, k), ""));
    }
    return String.join(" | ", cells);
  }

  private static double rounded(double number) {
    return Math.round(number * 1e6) / 1e6;
  }

  /** Records of the nearest rows that were studied. */
  private Map<Integer, int[]> neighbours(int[] order, int shown) {
    var places = new HashMap<Integer, Integer>();
    for (int i = 0; i < studied.length; i++) {
      places.put(studied[i], i);
    }
    int[] asked =
        IntStream.of(order).limit(shown).filter(places::containsKey).map(places::get).toArray();
    var found = new HashMap<Integer, int[]>();
    if (asked.length > 0) {
      int step = Math.max(1, studied.length / MAX_REFERENCES);
      int[] references = IntStream.range(0, studied.length).filter(i -> i % step == 0).toArray();
      int[][] nearest = Neighbours.of(rows.features()).nearest(asked, references, NEIGHBOURS);
      for (int i = 0; i < asked.length; i++) {
        found.put(
            studied[asked[i]],
            IntStream.of(nearest[i]).filter(n -> n >= 0).map(n -> studied[n]).toArray());
      }
    }
    return found;
  }
}
