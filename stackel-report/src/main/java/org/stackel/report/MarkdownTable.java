package org.stackel.report;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.stackel.report.Fairness.TableView;
import org.stackel.report.Section.Column;
import org.stackel.report.Section.Row;
import org.stackel.report.Section.Value;
import org.stackel.runfile.ComparisonFile;
import org.stackel.runfile.ComparisonFile.Median;

/** Tables as Markdown. */
final class MarkdownTable {
  /** A method of this end differs from the one without it by what its result was trained on. */
  private static final String TRUSTED = " + trusted";

  private static final String SECONDS = "seconds";

  private final StringBuilder text = new StringBuilder();

  private MarkdownTable() {}

  /**
   * The methods of a section: their numbers, the difference from the best bilevel method, and the
   * oracle calls that it took to reach the target.
   *
   * @param keys the metrics that are shown, null for all; one that is the same for all methods
   *     stands before the table
   */
  static String of(Section section, @Nullable List<String> keys) {
    var table = new MarkdownTable();
    List<Row> rows =
        section.rows().stream().filter(row -> unjoined(section, row.method()) == null).toList();
    List<Column> columns = columns(section, keys);
    List<Column> common = columns.stream().filter(column -> isCommon(column, rows)).toList();
    table.sentence(facts(section, common, rows));
    var heads = new ArrayList<>(List.of("method"));
    var shown = new ArrayList<Cells>();
    ComparisonFile.Tests tests = section.fairness().tests();
    String primary = tests != null ? tests.metric() : columns.isEmpty() ? "" : columns.get(0).key();
    for (Column column : columns) {
      if (!common.contains(column)) {
        heads.add(column.label());
        shown.add(row -> show(column, row));
      }
      boolean isPrimary = column.key().equals(primary);
      if (isPrimary && rows.size() < section.rows().size()) {
        heads.add("trusted texts too");
        shown.add(row -> show(column, joined(section, row)));
      }
      if (isPrimary && tests != null) {
        heads.add("minus " + tests.reference());
        shown.add(row -> difference(tests, column, row));
      }
    }
    ComparisonFile.Target target = section.fairness().target();
    if (target != null) {
      heads.add(
          "median calls to %s %s"
              .formatted(section.column(target.metric()).label(), Numbers.plain(target.value())));
      shown.add(row -> calls(target, row));
    }
    table.head(heads, heads.stream().map(head -> !head.equals("method")).toList());
    for (Row row : rows) {
      var cells = new ArrayList<String>();
      cells.add(row.remark().isEmpty() ? row.method() : row.method() + " (" + row.remark() + ")");
      shown.forEach(cell -> cells.add(cell.of(row)));
      table.cells(cells);
    }
    return table.text.append('\n').toString();
  }

  private interface Cells {
    String of(Row row);
  }

  /** Of these keys, or all but standard errors within a seed, which nobody compares. */
  private static List<Column> columns(Section section, @Nullable List<String> keys) {
    if (keys != null) {
      return keys.stream().map(section::column).toList();
    }
    return section.columns().stream()
        .filter(
            column ->
                !column.key().endsWith("Se")
                    || section.columns().stream()
                        .noneMatch(other -> column.key().equals(other.key() + "Se")))
        .toList();
  }

  private static boolean isCommon(Column column, List<Row> rows) {
    List<String> shown =
        rows.stream().map(row -> show(column, row)).filter(cell -> !cell.isEmpty()).toList();
    return shown.size() > 1 && shown.stream().distinct().count() == 1;
  }

  /** How step sizes were chosen, unless the file does not say how methods were compared. */
  private static String tuning(Fairness fairness) {
    if (fairness.budget().isEmpty()) {
      return "";
    }
    return fairness.tables().stream()
        .filter(table -> table.title().equals(Fairness.TUNING))
        .findFirst()
        .map(table -> "%s %s.".formatted(Fairness.TUNING, table.about().split(", which", 2)[0]))
        .orElse("Step sizes as given, not tuned.");
  }

  /** The budget, the seeds, the tuning, and what all methods have in common. */
  private static String facts(Section section, List<Column> common, List<Row> rows) {
    long most =
        section.rows().stream()
            .flatMap(row -> row.values().values().stream())
            .mapToLong(Value::n)
            .max()
            .orElse(0);
    var facts = new ArrayList<String>();
    facts.add(section.fairness().budget());
    facts.add(
        most > 1 ? String.format(Locale.ROOT, "Mean ± standard error over %d seeds.", most) : "");
    facts.add(tuning(section.fairness()));
    for (Column column : common) {
      String value =
          rows.stream()
              .map(row -> show(column, row))
              .filter(cell -> !cell.isEmpty())
              .findFirst()
              .orElse("");
      facts.add("For all: %s %s.".formatted(column.label(), value));
    }
    return String.join(" ", facts.stream().filter(fact -> !fact.isBlank()).toList());
  }

  /** The method without its "+ trusted", where both are there; null for any other. */
  private static @Nullable String unjoined(Section section, String method) {
    if (!method.endsWith(TRUSTED)) {
      return null;
    }
    String base = method.substring(0, method.length() - TRUSTED.length());
    return section.rows().stream().anyMatch(row -> row.method().equals(base)) ? base : null;
  }

  private static @Nullable Row joined(Section section, Row row) {
    return section.rows().stream()
        .filter(other -> other.method().equals(row.method() + TRUSTED))
        .findFirst()
        .orElse(null);
  }

  private static String show(Column column, @Nullable Row row) {
    Value value = row == null ? null : row.values().get(column.key());
    return value == null ? "" : column.show(value);
  }

  private static String difference(ComparisonFile.Tests tests, Column column, Row row) {
    ComparisonFile.Difference test =
        tests.rows().stream().filter(t -> t.method().equals(row.method())).findFirst().orElse(null);
    if (test == null) {
      return "";
    }
    String p = Fairness.p(test);
    String chance = test.p() == null ? p : p.startsWith("<") ? "p " + p : "p = " + p;
    return "%s (%s)"
        .formatted(column.show(new Value(test.difference(), test.se(), test.n())), chance);
  }

  private static String calls(ComparisonFile.Target target, Row row) {
    return target.rows().stream()
        .filter(cost -> cost.method().equals(row.method()))
        .map(
            cost -> {
              String calls =
                  Fairness.cost(cost, cost.oracleCalls(), Median::oracleCalls, Numbers.COUNT);
              return cost.reached() == cost.runs()
                  ? calls
                  : "%s (%s)".formatted(calls, Fairness.reached(cost));
            })
        .findFirst()
        .orElse("");
  }

  /**
   * A row for each setting, whatever seeds it was run with.
   *
   * @param keys the metrics that are shown, null for all
   */
  static String of(List<Run> runs, @Nullable List<String> keys) {
    var table = new MarkdownTable();
    Set<String> all = new LinkedHashSet<>();
    runs.forEach(run -> all.addAll(run.finalMetrics().keySet()));
    List<Column> columns =
        Stream.concat((keys == null ? all : keys).stream(), Stream.of(SECONDS))
            .map(Column::named)
            .toList();
    var head = new ArrayList<>(List.of("setting", "completed"));
    columns.forEach(column -> head.add(column.label()));
    table.head(head, head.stream().map(label -> !label.equals("setting")).toList());
    for (Group group : Group.of(runs)) {
      List<Run> completed = group.runs().stream().filter(Run::completed).toList();
      var cells = new ArrayList<String>();
      cells.add(group.label());
      cells.add(String.format(Locale.ROOT, "%d of %d", completed.size(), group.runs().size()));
      for (Column column : columns) {
        boolean isTime = column.key().equals(SECONDS);
        List<Run> measured =
            completed.stream()
                .filter(run -> isTime || run.finalMetrics().containsKey(column.key()))
                .toList();
        ToDoubleFunction<Run> number =
            run ->
                isTime
                    ? run.outcome().seconds()
                    : Objects.requireNonNull(run.finalMetrics().get(column.key()));
        cells.add(
            measured.isEmpty()
                ? ""
                : column.show(
                    Value.of(measured.stream().map(run -> number.applyAsDouble(run)).toList())));
      }
      table.cells(cells);
    }
    return table.text.append('\n').toString();
  }

  static String of(TableView view) {
    var table = new MarkdownTable();
    table.sentence("**" + view.title() + "** " + view.about());
    table.head(
        view.columns().stream().map(Fairness.Head::label).toList(),
        view.columns().stream().map(Fairness.Head::number).toList());
    view.rows().forEach(table::cells);
    return table.text.append('\n').toString();
  }

  private void sentence(String sentence) {
    if (!sentence.isBlank()) {
      text.append(sentence.strip()).append("\n\n");
    }
  }

  private void head(List<String> labels, List<Boolean> numbers) {
    cells(labels);
    cells(numbers.stream().map(number -> number ? "---:" : "---").toList());
  }

  private void cells(List<String> cells) {
    text.append("| ");
    text.append(String.join(" | ", cells.stream().map(cell -> cell.replace("|", "\\|")).toList()));
    text.append(" |\n");
  }
}
