package org.stackel.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.stackel.config.Options;
import org.stackel.report.Section.Column;
import org.stackel.runfile.BudgetKind;
import org.stackel.runfile.ComparisonFile;
import org.stackel.runfile.ComparisonFile.Budget;
import org.stackel.runfile.ComparisonFile.Cost;
import org.stackel.runfile.ComparisonFile.Difference;
import org.stackel.runfile.ComparisonFile.Median;
import org.stackel.runfile.ComparisonFile.Summary;
import org.stackel.runfile.ComparisonFile.Target;
import org.stackel.runfile.ComparisonFile.Target.Source;
import org.stackel.runfile.ComparisonFile.Tests;
import org.stackel.runfile.ComparisonFile.Tuned;
import org.stackel.runfile.ComparisonFile.Tuning;
import org.stackel.runfile.Document;

/**
 * What a comparison says beside its table: on which terms it was made and what can be said about
 * chance.
 *
 * @param kind of the budget; null if the file does not say
 * @param budget of every run, a sentence; empty if the file does not say
 * @param tests null without any
 * @param target null without one
 * @param tables what is shown, in order
 */
record Fairness(
    @Nullable BudgetKind kind,
    String budget,
    @Nullable Tests tests,
    @Nullable Target target,
    List<TableView> tables) {

  /** Nothing is known: runs that nobody compared, or a file of an older version. */
  static final Fairness UNKNOWN = new Fairness(null, "", null, null, List.of());

  /** Title of the table of tuned step sizes. */
  static final String TUNING = "Step sizes chosen";

  private static final double TINY = 0.001;

  /** A table of texts. */
  record TableView(String title, String about, List<Head> columns, List<List<String>> rows) {}

  /**
   * @param number whether what is below stands on the right
   */
  record Head(String label, boolean number) {}

  static Fairness of(ComparisonFile.Section section, List<Column> columns) {
    var tables = new ArrayList<TableView>();
    Tests tests = section.tests();
    if (tests != null) {
      tables.add(table(tests, column(columns, tests.metric())));
    }
    Target target = section.target();
    if (target != null) {
      tables.add(table(target, column(columns, target.metric())));
    }
    Tuning tuning = section.tuning();
    if (tuning != null) {
      tables.add(table(tuning, column(columns, tuning.metric())));
    }
    Budget budget = section.budget();
    return new Fairness(
        budget == null ? null : budget.kind(),
        budget == null ? "" : budget.text(),
        tests,
        target,
        tables);
  }

  /** The test of these two in a metric, whichever is the reference; null if there is none. */
  @Nullable Difference test(String metric, String one, String other) {
    if (tests == null || !tests.metric().equals(metric)) {
      return null;
    }
    String reference = tests.reference();
    String method = one.equals(reference) ? other : other.equals(reference) ? one : null;
    return tests.rows().stream()
        .filter(row -> row.method().equals(method))
        .findFirst()
        .orElse(null);
  }

  private static Column column(List<Column> columns, String key) {
    return columns.stream()
        .filter(column -> column.key().equals(key))
        .findFirst()
        .orElseGet(() -> Column.named(key));
  }

  // ---- tests

  private static TableView table(Tests tests, Column column) {
    return new TableView(
        "Differences from " + tests.reference(),
        "Method minus %s in %s on the same seeds: mean ± its standard error, and the two-sided p of a paired t-test."
                .formatted(tests.reference(), column.label())
            + " p is corrected neither for the number of rows nor for taking the best method as the reference.",
        List.of(
            new Head("method", false),
            new Head("difference", true),
            new Head("p", true),
            new Head("seeds", true)),
        tests.rows().stream()
            .map(
                row ->
                    List.of(
                        row.method(),
                        column.show(row.difference()) + " ± " + column.show(row.se()),
                        p(row),
                        Numbers.count(row.n())))
            .toList());
  }

  /** Two digits; those of a tiny one mean nothing. */
  static String p(Difference test) {
    Double p = test.p();
    return p == null
        ? "seeds do not vary"
        : p < TINY ? "< 0.001" : Numbers.rounded(p, 2).stripTrailingZeros().toPlainString();
  }

  // ---- target

  private static TableView table(Target target, Column column) {
    boolean isGiven = target.source() == Source.GIVEN;
    boolean anyDiverged = target.rows().stream().anyMatch(row -> row.diverged() != null);
    return new TableView(
        "Cost to reach %s %s".formatted(column.label(), Numbers.plain(target.value())),
        (isGiven
                ? ""
                : "The worst final mean of the bilevel methods, which all of them reached%s. "
                    .formatted(anyDiverged ? ", runs that diverged left out" : ""))
            + "Up to the first evaluation during the run that is at least as good; medians over all runs, of which those that did not reach it count as dearer than all that did.",
        List.of(
            new Head("method", false),
            new Head("runs that reached it", true),
            new Head("steps", true),
            new Head("seconds", true),
            new Head("oracle calls", true),
            new Head("samples", true)),
        target.rows().stream()
            .map(
                row ->
                    List.of(
                        row.method(),
                        reached(row),
                        cost(row, row.steps(), Median::steps, Numbers.COUNT),
                        cost(row, row.seconds(), Median::seconds, "0.000"),
                        cost(row, row.oracleCalls(), Median::oracleCalls, Numbers.COUNT),
                        cost(row, row.samples(), Median::samples, Numbers.COUNT)))
            .toList());
  }

  /** How many runs got there, such as "2 of 5". */
  static String reached(Cost row) {
    return "%s of %s%s"
        .formatted(
            Numbers.count(row.reached()),
            Numbers.count(row.runs()),
            row.diverged() == null ? "" : ", %s diverged".formatted(Numbers.count(row.diverged())));
  }

  /**
   * The median over all runs. Files of older versions have none: there it is the mean, if every run
   * is in it.
   */
  static String cost(
      Cost row, @Nullable Summary mean, ToDoubleFunction<Median> part, String format) {
    Median median = row.median();
    if (median != null) {
      return Numbers.format(format, part.applyAsDouble(median));
    }
    return mean == null || row.reached() < row.runs() ? "—" : Numbers.format(format, mean.mean());
  }

  // ---- tuning

  private static TableView table(Tuning tuning, Column column) {
    long points = tuning.rows().stream().mapToLong(Tuned::points).max().orElse(0);
    String seeds =
        (tuning.seeds().size() == 1 ? "seed " : "seeds ")
            + tuning.seeds().stream().map(String::valueOf).collect(Collectors.joining(" and "));
    return new TableView(
        TUNING,
        "by %s (%s is better, validation data) on %s, which nobody compares, out of %s points for each method, including the given ones; tune.json has every point."
            .formatted(
                column.label(), Options.kebab(tuning.better()), seeds, Numbers.count(points)),
        List.of(
            new Head("method", false),
            new Head("chosen", false),
            new Head(column.label(), true),
            new Head("as given", true),
            new Head("points that diverged", true)),
        tuning.rows().stream()
            .map(
                row ->
                    List.of(
                        row.method(),
                        row.chosen() == 0 ? "as given" : values(row.values()),
                        Numbers.plain(row.score()),
                        Numbers.plain(row.scoreOfDefaults()),
                        Numbers.count(row.diverged())))
            .toList());
  }

  private static String values(Map<String, Object> values) {
    return values.entrySet().stream()
        .map(
            entry ->
                entry.getKey()
                    + " "
                    + (entry.getValue() instanceof Number number
                        ? Numbers.plain(number.doubleValue())
                        : Document.line(entry.getValue())))
        .collect(Collectors.joining(", "));
  }
}
