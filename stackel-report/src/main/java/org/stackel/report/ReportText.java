package org.stackel.report;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.stackel.report.Section.Column;
import org.stackel.report.Section.Row;
import org.stackel.report.Section.Value;
import org.stackel.runfile.ComparisonFile;
import org.stackel.runfile.ComparisonFile.Row.Kind;
import org.stackel.runfile.MetricsLine;

/** The sentences of a report. */
final class ReportText {
  private static final long FEWEST_SEEDS = 3;

  private ReportText() {}

  /** What came out, in one sentence. */
  static String result(List<Section> sections, List<Run> runs) {
    for (Section section : sections) {
      for (Column column : section.columns()) {
        String sentence = comparison(section, column);
        if (sentence != null) {
          return sections.size() > 1 ? section.title() + ": " + sentence : sentence;
        }
      }
    }
    if (runs.size() == 1) {
      return ending(runs.get(0));
    }
    return "The methods cannot be ranked: no metric with a known better direction exists for two of them.";
  }

  /** How the runs ended, in one sentence; empty where there are none. */
  static String status(List<Run> runs) {
    if (runs.isEmpty()) {
      return "";
    }
    List<String> others =
        runs.stream().filter(r -> !r.completed()).map(ReportText::ending).toList();
    String completed =
        others.isEmpty()
            ? runs.size() == 1
                ? "The run completed."
                : String.format(Locale.ROOT, "All %d runs completed.", runs.size())
            : String.format(
                Locale.ROOT, "%d of %d runs completed.", runs.size() - others.size(), runs.size());
    return (completed + " " + String.join(" ", others)).strip();
  }

  /** How a run ended: "slip, seed 2, diverged at step 40 after 1.2 s." */
  static String ending(Run run) {
    Run.Outcome outcome = run.outcome();
    String how =
        switch (outcome.status()) {
          case "completed" -> "completed %s steps in %s";
          case "diverged" -> "diverged at step %s after %s";
          case "stopped" -> "was stopped at step %s after %s";
          default ->
              "wrote no outcome: it still runs or was killed; its last evaluation is step %s after %s";
        };
    String reason =
        outcome.quantity().isEmpty()
            ? ""
            : outcome.value() == null
                ? ": %s was not finite".formatted(outcome.quantity())
                : ": %s grew to %s".formatted(outcome.quantity(), Numbers.plain(outcome.value()));
    String shorter =
        outcome.stepSizes() == 1
            ? ""
            : " It diverged earlier, and went on from a checkpoint with %s times the step sizes given."
                .formatted(Numbers.plain(outcome.stepSizes()));
    return "%s, %s%s.%s"
        .formatted(
            run.title(),
            how.formatted(Numbers.count(outcome.step()), Numbers.seconds(outcome.seconds())),
            reason,
            shorter);
  }

  /** Such as "1 of 3 runs diverged"; empty where all completed. */
  static String completion(List<Run> runs) {
    var counts = new TreeMap<String, Integer>();
    for (Run run : runs) {
      if (!run.completed()) {
        counts.merge(run.outcome().status(), 1, Integer::sum);
      }
    }
    return String.join(
        ", ",
        counts.entrySet().stream()
            .map(
                e ->
                    String.format(
                        Locale.ROOT, "%d of %d %s", e.getValue(), runs.size(), e.getKey()))
            .toList());
  }

  /** What the charts of a section cannot show: ends and numbers that are not finite. */
  static List<String> remarks(Section section) {
    var remarks = new ArrayList<String>();
    for (Group group : section.groups()) {
      for (Run run : group.runs()) {
        if (!run.completed()) {
          remarks.add(ending(run));
        }
        if (run.outcome().descent() != null) {
          remarks.add("%s: %s.".formatted(run.title(), run.outcome().descent()));
        }
        notFinite(run, section)
            .forEach(
                (steps, metrics) ->
                    remarks.add(
                        "%s: not finite in %s: %s. The curves leave it out there."
                            .formatted(
                                run.title(), evaluations(steps), String.join(", ", metrics))));
      }
    }
    return remarks;
  }

  /** The labels of the metrics that are not finite, by the steps at which they are not. */
  private static Map<List<Long>, List<String>> notFinite(Run run, Section section) {
    var byMetric = new LinkedHashMap<String, List<Long>>();
    for (MetricsLine evaluation : run.evaluations().values()) {
      evaluation
          .metrics()
          .forEach(
              (metric, value) -> {
                if (!Double.isFinite(value)) {
                  byMetric.computeIfAbsent(metric, key -> new ArrayList<>()).add(evaluation.step());
                }
              });
    }
    var bySteps = new LinkedHashMap<List<Long>, List<String>>();
    byMetric.forEach(
        (metric, steps) ->
            bySteps
                .computeIfAbsent(steps, key -> new ArrayList<>())
                .add(section.column(metric).label()));
    return bySteps;
  }

  private static String evaluations(List<Long> steps) {
    String first = Numbers.count(steps.get(0));
    return steps.size() == 1
        ? "the evaluation at step " + first
        : String.format(
            Locale.ROOT,
            "%d evaluations from step %s to %s",
            steps.size(),
            first,
            Numbers.count(steps.get(steps.size() - 1)));
  }

  private static @Nullable String comparison(Section section, Column column) {
    Row method = section.best(column, row -> row.kind() == Kind.BILEVEL);
    Row baseline = section.best(column, row -> row.kind() == Kind.BASELINE);
    if (method == null) {
      return null;
    }
    if (baseline != null) {
      boolean ahead = !column.isBetter(mean(baseline, column), mean(method, column));
      Row first = ahead ? method : baseline;
      Row second = ahead ? baseline : method;
      return against(
          section, first, second, ahead ? "the best baseline" : "the best bilevel method", column);
    }
    Row next = section.best(column, row -> row.kind() == Kind.BILEVEL && !row.equals(method));
    return next == null
        ? reaches(method, column) + "."
        : against(section, method, next, "the next best", column);
  }

  private static String against(
      Section section, Row first, Row second, String role, Column column) {
    Value a = first.values().get(column.key());
    Value b = second.values().get(column.key());
    if (a == null || b == null) {
      throw new IllegalStateException(column.key());
    }
    return "%s, against %s for %s, %s. %s"
        .formatted(
            reaches(first, column),
            column.show(b),
            role,
            second.method(),
            chance(section, first, second, column));
  }

  /** What can be said about chance. */
  private static String chance(Section section, Row first, Row second, Column column) {
    ComparisonFile.Difference test =
        section.fairness().test(column.key(), first.method(), second.method());
    if (test == null) {
      boolean isFew =
          Stream.of(first, second)
              .map(row -> row.values().get(column.key()))
              .anyMatch(value -> value == null || value.n() < FEWEST_SEEDS);
      return isFew
          ? "With so few seeds, chance cannot be ruled out."
          : "No significance test was made.";
    }
    String p = Fairness.p(test);
    return test.p() == null
        ? "The difference is the same on all seeds."
        : String.format(
            Locale.ROOT,
            "The difference, paired over %d seeds, is %s ± %s (p %s).",
            test.n(),
            column.show(Math.abs(test.difference())),
            column.show(test.se()),
            p.startsWith("<") ? p : "= " + p);
  }

  private static String reaches(Row row, Column column) {
    Value value = row.values().get(column.key());
    if (value == null) {
      throw new IllegalStateException(column.key());
    }
    String seeds =
        value.n() > 1 ? String.format(Locale.ROOT, " (%d seeds)", value.n()) : " (one seed)";
    return "%s reaches %s %s%s".formatted(row.method(), column.label(), column.show(value), seeds);
  }

  private static double mean(Row row, Column column) {
    Value value = row.comparable(column);
    return value == null ? Double.NaN : value.mean();
  }
}
