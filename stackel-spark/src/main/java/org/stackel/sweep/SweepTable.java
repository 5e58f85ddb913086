package org.stackel.sweep;

import de.siegmar.fastcsv.writer.CsvWriter;
import java.io.IOException;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.stackel.config.Options;
import org.stackel.config.SpreadsheetText;
import org.stackel.runfile.Document;
import org.stackel.runfile.SheetFile;

/** What came out of a sweep, in the order of its runs, whoever ended first. */
final class SweepTable {
  private static final int SHOWN = 20;

  private final Sweep sweep;
  private final List<Sweep.Ended> ended;
  private final List<Sweep.Ended> best;
  private final String metric;

  /**
   * @param ended all points, in order
   * @param best those of the last round, the best first
   */
  SweepTable(Sweep sweep, List<Sweep.Ended> ended, List<Sweep.Ended> best) {
    this.sweep = sweep;
    this.ended = ended;
    this.best = best;
    metric = sweep.file().head().metric();
  }

  private Set<String> keys() {
    return sweep.file().points().get(0).keySet();
  }

  /** A row for each run. */
  String csv() {
    var metrics = new LinkedHashSet<String>();
    ended.forEach(
        each -> each.results().forEach(result -> metrics.addAll(result.metrics().keySet())));
    var head = new ArrayList<>(List.of("run", "point", "seed"));
    head.addAll(keys());
    head.addAll(List.of("status", "step", "seconds"));
    head.addAll(metrics);
    head.add("cause");
    var text = new StringWriter();
    try (CsvWriter csv = CsvWriter.builder().build(text)) {
      csv.writeRecord(head.stream().map(SpreadsheetText::safe).toList());
      for (Sweep.Ended each : ended) {
        for (int i = 0; i < each.results().size(); i++) {
          csv.writeRecord(row(each, i, metrics));
        }
      }
    } catch (IOException e) {
      throw new AssertionError("a text in memory does not fail", e);
    }
    return text.toString();
  }

  private List<String> row(Sweep.Ended each, int i, Set<String> metrics) {
    SweepResult result = each.results().get(i);
    Sweep.Run run = each.point().runs().get(i);
    var row = new ArrayList<String>();
    row.add(run.name());
    row.add(Integer.toString(each.point().number()));
    row.add(Long.toString(run.seed()));
    each.point().values().values().forEach(value -> row.add(SpreadsheetText.safe(text(value))));
    row.add(Options.kebab(result.status()));
    row.add(Long.toString(result.step()));
    row.add(Double.toString(result.seconds()));
    for (String name : metrics) {
      Double value = result.metrics().get(name);
      row.add(value == null ? "" : Double.toString(value));
    }
    row.add(result.cause() == null ? "" : SpreadsheetText.safe(oneLine(result.cause())));
    return row;
  }

  /** A line break in a cell is allowed, but a row is then no line. */
  private static String oneLine(String text) {
    return text.strip().replaceAll("\\s*\\R\\s*", " ");
  }

  private static String text(@Nullable Object value) {
    return value instanceof String text ? text : Document.line(value);
  }

  Sweep.Result result() {
    var failed = new LinkedHashMap<String, String>();
    all()
        .filter(each -> each.status() == SweepResult.Status.FAILED)
        .forEach(each -> failed.put(each.run(), String.valueOf(each.cause())));
    return new Sweep.Result(
        sentence(),
        count(SweepResult.Status.COMPLETED),
        count(SweepResult.Status.DIVERGED),
        failed,
        false);
  }

  private Stream<SweepResult> all() {
    return ended.stream().flatMap(each -> each.results().stream());
  }

  private int count(SweepResult.Status status) {
    return (int) all().filter(each -> each.status() == status).count();
  }

  private String sentence() {
    if (best.isEmpty()) {
      return "No point has a result.";
    }
    Sweep.Ended first = best.get(0);
    int seeds = first.results().size();
    String values = values(first.point());
    return "Point %d is the best%s: %s %s%s."
        .formatted(
            first.point().number(),
            values.isEmpty() ? "" : ", with " + values,
            metric,
            number(sweep.score(first.results())),
            seeds == 1 ? "" : ", the mean of %d seeds".formatted(seeds));
  }

  private static String values(Sweep.Point point) {
    return point.values().entrySet().stream()
        .map(entry -> entry.getKey() + " " + text(entry.getValue()))
        .collect(Collectors.joining(", "));
  }

  private static String number(double value) {
    return String.format(Locale.ROOT, "%.4g", value);
  }

  /** The page. */
  SheetFile sheet() {
    var tables = new ArrayList<SheetFile.Table>();
    tables.add(bestPoints());
    tables.add(allRuns());
    Map<String, String> failed = result().failed();
    if (!failed.isEmpty()) {
      tables.add(
          new SheetFile.Table(
              "Failed runs",
              List.of("run", "error"),
              failed.entrySet().stream().map(e -> List.of(e.getKey(), e.getValue())).toList(),
              "The errors of all attempts are in failures.jsonl."));
    }
    return new SheetFile("Sweep", sentence(), notes(), tables, charts());
  }

  private List<String> notes() {
    var notes = new ArrayList<String>();
    int runs = sweep.size();
    notes.add(
        String.format(
            Locale.ROOT,
            "%d points, %d seeds: %d of %d runs completed, %d diverged, %d failed.",
            ended.size(),
            sweep.file().seeds().size(),
            count(SweepResult.Status.COMPLETED),
            runs,
            count(SweepResult.Status.DIVERGED),
            count(SweepResult.Status.FAILED)));
    Halving halving = sweep.file().halving();
    if (halving != null) {
      notes.add(
          String.format(
              Locale.ROOT,
              "Successive halving: %d rounds, of which each keeps the best %s of its points; %d points came to the last one.",
              halving.rounds(),
              halving.keep(),
              ended.stream().filter(each -> each.rounds() == halving.rounds()).count()));
    }
    notes.add(
        "The best of many points is better on its own seeds than it will be on others: run it again with new seeds before you report its number.");
    return notes;
  }

  private SheetFile.Table bestPoints() {
    var head = new ArrayList<>(List.of("point"));
    head.addAll(keys());
    head.add(metric);
    var rows = new ArrayList<List<String>>();
    for (Sweep.Ended each : best.subList(0, Math.min(SHOWN, best.size()))) {
      var row = new ArrayList<>(List.of(Integer.toString(each.point().number())));
      each.point().values().values().forEach(value -> row.add(text(value)));
      row.add(number(sweep.score(each.results())));
      rows.add(row);
    }
    String more = best.size() > SHOWN ? " The first %d of %d.".formatted(SHOWN, best.size()) : "";
    return new SheetFile.Table(
        "Best points", head, rows, "Means over seeds at the end of the runs." + more);
  }

  private SheetFile.Table allRuns() {
    var head = new ArrayList<>(List.of("run"));
    head.addAll(keys());
    head.addAll(List.of("status", "step", "seconds", metric));
    var rows = new ArrayList<List<String>>();
    for (Sweep.Ended each : ended) {
      for (int i = 0; i < each.results().size(); i++) {
        SweepResult result = each.results().get(i);
        var row = new ArrayList<>(List.of(each.point().runs().get(i).name()));
        each.point().values().values().forEach(value -> row.add(text(value)));
        row.add(Options.kebab(result.status()));
        row.add(Long.toString(result.step()));
        row.add(String.format(Locale.ROOT, "%.2f", result.seconds()));
        Double value = result.metrics().get(metric);
        row.add(value == null ? "—" : number(value));
        rows.add(row);
      }
    }
    return new SheetFile.Table("All runs", head, rows, "The same, with all metrics: sweep.csv.");
  }

  /** For every key of numbers, the best that each of its values came to. */
  private List<SheetFile.Chart> charts() {
    var charts = new ArrayList<SheetFile.Chart>();
    for (String key : keys()) {
      var scores = new TreeMap<Double, Double>();
      for (Sweep.Ended each : best) { // the best of a value comes first
        if (each.point().values().get(key) instanceof Number value) {
          scores.putIfAbsent(value.doubleValue(), sweep.score(each.results()));
        }
      }
      if (scores.size() > 1) {
        boolean isLog = scores.firstKey() > 0 && scores.lastKey() / scores.firstKey() >= 10;
        charts.add(
            new SheetFile.Chart(
                "Best %s for each %s".formatted(metric, key),
                key,
                metric,
                isLog ? SheetFile.Scale.LOG : SheetFile.Scale.LINEAR,
                List.of(
                    new SheetFile.Line(
                        metric, List.copyOf(scores.keySet()), List.copyOf(scores.values())))));
      }
    }
    return charts;
  }
}
