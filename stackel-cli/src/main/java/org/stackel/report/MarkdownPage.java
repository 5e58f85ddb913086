package org.stackel.report;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.stackel.report.Fairness.TableView;
import org.stackel.report.Section.Column;
import org.stackel.report.Section.Row;
import org.stackel.report.Section.Value;

/** The tables of a report as Markdown: for documents that are kept with the code. */
final class MarkdownPage {
  private final StringBuilder text = new StringBuilder();

  private MarkdownPage() {}

  static String render(List<Comparison> comparisons, List<Run> runs) {
    var page = new MarkdownPage();
    comparisons.forEach(page::comparison);
    if (!runs.isEmpty()) {
      page.runs(runs);
    }
    page.provenance(
        Stream.concat(
                comparisons.stream()
                    .flatMap(comparison -> comparison.sections().stream())
                    .flatMap(section -> section.groups().stream())
                    .flatMap(group -> group.runs().stream()),
                runs.stream())
            .toList());
    return page.text.toString();
  }

  private void comparison(Comparison comparison) {
    text.append("## ").append(comparison.title()).append("\n\n");
    comparison.notes().forEach(this::sentence);
    for (Section section : comparison.sections()) {
      if (!section.title().equals(comparison.title())) {
        text.append("### ").append(section.title()).append("\n\n");
      }
      section.notes().forEach(this::sentence);
      sentence(section.fairness().budget());
      sentence(seeds(section));
      methods(section);
      section.fairness().tables().forEach(this::table);
    }
  }

  private static String seeds(Section section) {
    long most =
        section.rows().stream()
            .flatMap(row -> row.values().values().stream())
            .mapToLong(Value::n)
            .max()
            .orElse(0);
    return most > 1 ? "Mean ± standard error over %d seeds.".formatted(most) : "";
  }

  private void methods(Section section) {
    var head = new ArrayList<>(List.of("method"));
    var numbers = new ArrayList<>(List.of(false));
    for (Column column : section.columns()) {
      head.add(column.label());
      numbers.add(true);
    }
    head(head, numbers);
    for (Row row : section.rows()) {
      var cells = new ArrayList<String>();
      cells.add(row.remark().isEmpty() ? row.method() : row.method() + " (" + row.remark() + ")");
      for (Column column : section.columns()) {
        Value value = row.values().get(column.key());
        cells.add(value == null ? "" : column.show(value));
      }
      cells(cells);
    }
    text.append('\n');
  }

  private void table(TableView table) {
    sentence("**" + table.title() + "** " + table.about());
    head(
        table.columns().stream().map(Fairness.Head::label).toList(),
        table.columns().stream().map(Fairness.Head::number).toList());
    table.rows().forEach(this::cells);
    text.append('\n');
  }

  /** A row for each setting, whatever seeds it was run with. */
  private void runs(List<Run> runs) {
    text.append("## Runs\n\n");
    var keys = new LinkedHashSet<String>();
    runs.forEach(run -> keys.addAll(run.finalMetrics().keySet()));
    List<Column> columns = keys.stream().map(Column::named).toList();
    var head = new ArrayList<>(List.of("setting", "runs", "completed", "seconds"));
    columns.forEach(column -> head.add(column.label()));
    head(head, head.stream().map(label -> !label.equals("setting")).toList());
    for (Group group : Group.of(runs)) {
      List<Run> completed = group.runs().stream().filter(Run::completed).toList();
      var cells =
          new ArrayList<>(
              List.of(
                  group.label(),
                  Numbers.count(group.runs().size()),
                  Numbers.count(completed.size()),
                  Column.named("seconds").show(mean(completed, run -> run.outcome().seconds()))));
      for (Column column : columns) {
        List<Run> measured =
            completed.stream().filter(r -> r.finalMetrics().containsKey(column.key())).toList();
        cells.add(
            measured.isEmpty()
                ? ""
                : column.show(
                    mean(measured, run -> run.finalMetrics().getOrDefault(column.key(), 0.0))));
      }
      cells(cells);
    }
    text.append('\n');
  }

  private static Value mean(List<Run> runs, ToDoubleFunction<Run> number) {
    return Value.of(runs.stream().map(run -> number.applyAsDouble(run)).toList());
  }

  /** What produced the numbers: every answer that the runs gave. */
  private void provenance(List<Run> runs) {
    text.append("## Where the numbers come from\n\n");
    for (String key :
        List.of("stackel", "commit", "libtorch", "blas", "jvm", "os", "cpu", "threads", "device")) {
      var answers = new LinkedHashSet<String>();
      for (Run run : runs) {
        Json answer = run.provenance().find(key);
        if (answer != null) {
          answers.add(answer.node().asString());
        }
      }
      if (!answers.isEmpty()) {
        text.append("- ").append(key).append(": ").append(String.join(", ", answers)).append('\n');
      }
    }
    Set<String> days = new LinkedHashSet<>();
    for (Run run : runs) {
      @Nullable Json start = run.provenance().find("start");
      if (start != null) {
        days.add(start.text().substring(0, Math.min(10, start.text().length())));
      }
    }
    text.append("- runs: ").append(runs.size());
    text.append(days.isEmpty() ? "\n" : ", of " + String.join(", ", days) + "\n");
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
    text.append(String.join(" | ", cells.stream().map(MarkdownPage::escape).toList()));
    text.append(" |\n");
  }

  private static String escape(String cell) {
    return cell.replace("|", "\\|");
  }
}
