package org.stackel.report;

import java.time.Clock;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.stackel.report.Fairness.TableView;
import org.stackel.report.Section.Column;
import org.stackel.report.Section.Row;
import org.stackel.report.Section.Value;
import org.stackel.runfile.BudgetKind;
import org.stackel.runfile.ComparisonFile.Row.Kind;
import org.stackel.runfile.MetricDirection;
import org.stackel.runfile.MetricsLine;
import org.stackel.runfile.RunFiles;
import tools.jackson.databind.json.JsonMapper;

/**
 * Everything that a page shows, ready to be shown: the script in the page only builds elements.
 *
 * @param result what came out, in one sentence
 * @param status how the runs ended
 * @param axis what the charts stand on first: step, seconds, calls or samples
 * @param time when the page was written, for machines; {@code written}: for people
 */
record Page(
    String title,
    String result,
    String status,
    String time,
    String written,
    String tool,
    String axis,
    List<String> notes,
    List<SectionView> sections,
    List<CheckView> checks,
    List<SuspectsView> suspects,
    List<RunView> runs) {

  private static final String SECONDS = "seconds";
  private static final String CALLS = "oracleCalls";
  private static final String SAMPLES = "samples";

  record SectionView(
      String title,
      String budget,
      List<String> notes,
      List<Column> columns,
      List<RowView> rows,
      List<TableView> tables,
      List<String> remarks,
      Curves curves) {}

  record RowView(String method, Kind kind, String remark, long seeds, List<Cell> cells) {}

  /**
   * @param about what the text alone does not say; null if nothing
   * @param value for sorting; null where there is none
   */
  record Cell(String text, @Nullable String about, boolean best, @Nullable Double value) {}

  record CheckView(String run, Checked check) {}

  record SuspectsView(String run, Suspects suspects) {}

  record RunView(
      String title,
      String directory,
      String status,
      String ending,
      String experiment,
      Map<String, String> provenance) {}

  static Page of(List<Comparison> comparisons, List<Run> runs, Clock clock) {
    var sections = new ArrayList<Section>();
    var notes = new ArrayList<String>();
    for (Comparison comparison : comparisons) {
      sections.addAll(comparison.sections());
      notes.addAll(comparison.notes());
    }
    sections.addAll(sections(runs));
    List<Run> all =
        sections.stream()
            .flatMap(s -> s.groups().stream())
            .flatMap(g -> g.runs().stream())
            .toList();
    ZonedDateTime now = ZonedDateTime.now(clock);
    return new Page(
        title(comparisons, sections, all),
        ReportText.result(sections, all),
        ReportText.status(all),
        now.format(DateTimeFormatter.ISO_OFFSET_DATE_TIME),
        now.format(DateTimeFormatter.ofPattern("d MMMM uuuu, HH:mm", Locale.ENGLISH)),
        HtmlPage.wroteIt(),
        axis(sections),
        notes,
        sections.stream().map(Page::view).toList(),
        all.stream().flatMap(run -> checks(run).stream()).toList(),
        all.stream().flatMap(run -> suspects(run).stream()).toList(),
        all.stream().map(Page::view).toList());
  }

  /** What was the same for all of the first comparison. */
  private static String axis(List<Section> sections) {
    BudgetKind kind =
        sections.stream()
            .map(section -> section.fairness().kind())
            .filter(Objects::nonNull)
            .findFirst()
            .orElse(BudgetKind.STEPS);
    return switch (kind) {
      case SECONDS -> SECONDS;
      case ORACLE -> "calls";
      case SAMPLES -> SAMPLES;
      case STEPS -> "step";
    };
  }

  /** Runs on the same problem stand in one section. */
  static List<Section> sections(List<Run> runs) {
    var byProblem = new LinkedHashMap<Map<String, @Nullable Object>, List<Run>>();
    for (Run run : runs) {
      byProblem
          .computeIfAbsent(run.experiment().withPresentKeys().problem(), key -> new ArrayList<>())
          .add(run);
    }
    var problems = List.copyOf(byProblem.keySet());
    List<String> titles =
        Group.labels(
            problems.stream().map(problem -> String.valueOf(problem.get("type"))).toList(),
            problems.stream().map(Group::flat).toList());
    var sections = new ArrayList<Section>();
    for (int i = 0; i < problems.size(); i++) {
      List<Group> groups = Group.of(byProblem.getOrDefault(problems.get(i), List.of()));
      sections.add(section(titles.get(i), groups));
    }
    return sections;
  }

  private static Section section(String title, List<Group> groups) {
    List<Row> rows = groups.stream().map(Page::row).toList();
    Set<String> keys = new LinkedHashSet<>();
    rows.forEach(row -> keys.addAll(row.values().keySet()));
    List<Column> columns =
        keys.stream().map(Column::named).sorted(Comparator.comparingInt(Page::rank)).toList();
    return new Section(title, List.of(), columns, rows, groups, Fairness.UNKNOWN);
  }

  /** What is to be high, such as an accuracy on held-out data, comes first; the cost comes last. */
  private static int rank(Column column) {
    if (List.of(SECONDS, CALLS, SAMPLES).contains(column.key())) {
      return 2;
    }
    return column.better() == MetricDirection.HIGHER ? 0 : 1;
  }

  /** Over the runs that completed; over all where none did. */
  private static Row row(Group group) {
    List<Run> completed = group.runs().stream().filter(Run::completed).toList();
    List<Run> counted = completed.isEmpty() ? group.runs() : completed;
    var numbers = new LinkedHashMap<String, List<Double>>();
    for (Run run : counted) {
      run.finalMetrics()
          .forEach((key, value) -> numbers.computeIfAbsent(key, k -> new ArrayList<>()).add(value));
    }
    for (Run run : counted) {
      Map.Entry<Long, MetricsLine> last = run.evaluations().lastEntry();
      numbers.computeIfAbsent(SECONDS, k -> new ArrayList<>()).add(run.outcome().seconds());
      if (last != null) {
        numbers
            .computeIfAbsent(CALLS, k -> new ArrayList<>())
            .add((double) last.getValue().oracle().total());
        Long samples = last.getValue().samples();
        if (samples != null) {
          numbers.computeIfAbsent(SAMPLES, k -> new ArrayList<>()).add((double) samples);
        }
      }
    }
    var values = new LinkedHashMap<String, Value>();
    numbers.forEach((key, list) -> values.put(key, Value.of(list)));
    String remark = ReportText.completion(group.runs());
    return new Row(group.label(), Kind.BILEVEL, remark, remark.isEmpty(), values, Map.of());
  }

  private static SectionView view(Section section) {
    var best = new LinkedHashMap<Column, @Nullable Row>();
    for (Column column : section.columns()) {
      long competitors =
          section.rows().stream()
              .filter(row -> competes(row) && row.comparable(column) != null)
              .count();
      best.put(column, competitors > 1 ? section.best(column, Page::competes) : null);
    }
    var rows = new ArrayList<RowView>();
    for (Row row : section.rows()) {
      var cells = new ArrayList<Cell>();
      for (Column column : section.columns()) {
        cells.add(cell(row, column, best.get(column)));
      }
      long seeds = row.values().values().stream().mapToLong(Value::n).max().orElse(0);
      rows.add(new RowView(row.method(), row.kind(), row.remark(), seeds, cells));
    }
    return new SectionView(
        section.title(),
        section.fairness().budget(),
        section.notes(),
        section.columns(),
        rows,
        section.fairness().tables(),
        ReportText.remarks(section),
        Curves.of(section, Curves.Spread.RANGE));
  }

  private static boolean competes(Row row) {
    return row.kind() != Kind.REFERENCE;
  }

  /** All rows that show the same number as the best one are the best. */
  private static Cell cell(Row row, Column column, @Nullable Row best) {
    Value value = row.values().get(column.key());
    if (value == null) {
      return new Cell(
          "—", "%s was not measured for %s".formatted(column.label(), row.method()), false, null);
    }
    if (!Double.isFinite(value.mean())) {
      return new Cell(column.show(value.mean()), "not finite in at least one seed", false, null);
    }
    Value least = best == null ? null : best.comparable(column);
    boolean isBest =
        least != null
            && competes(row)
            && row.comparable(column) != null
            && column.show(value.mean()).equals(column.show(least.mean()));
    String about =
        row.isTooGood(column) ? "below the optimum: y does not solve the lower level" : null;
    return new Cell(column.show(value), about, isBest, value.mean());
  }

  private static RunView view(Run run) {
    return new RunView(
        run.title(),
        run.name(),
        run.outcome().status(),
        ReportText.ending(run),
        JsonMapper.shared()
            .writerWithDefaultPrettyPrinter()
            .writeValueAsString(RunFiles.toMap(run.experiment())),
        Group.flat(RunFiles.toMap(run.provenance())));
  }

  private static List<CheckView> checks(Run run) {
    Checked checked = run.checked();
    return checked == null
        ? List.of()
        : List.of(new CheckView("%s (%s)".formatted(run.title(), run.name()), checked));
  }

  private static List<SuspectsView> suspects(Run run) {
    Suspects suspects = run.suspects();
    return suspects == null
        ? List.of()
        : List.of(new SuspectsView("%s (%s)".formatted(run.title(), run.name()), suspects));
  }

  private static String title(List<Comparison> comparisons, List<Section> sections, List<Run> all) {
    if (!comparisons.isEmpty()) {
      return String.join(" · ", comparisons.stream().map(Comparison::title).toList());
    }
    Set<String> algorithms = new LinkedHashSet<>();
    all.forEach(run -> algorithms.add(run.algorithm()));
    return "%s on %s"
        .formatted(
            String.join(", ", algorithms),
            String.join(", ", sections.stream().map(Section::title).toList()));
  }
}
