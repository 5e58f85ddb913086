package org.stackel.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.stackel.report.Section.Column;

/**
 * What a comparison says beside its table: on which terms it was made and what can be said about
 * chance.
 *
 * @param kind of the budget: steps, seconds or oracle; null if the file does not say
 * @param budget of every run, a sentence; empty if the file does not say
 * @param tests null without any
 * @param target null without one
 * @param tables what is shown, in order
 */
record Fairness(
    @Nullable String kind,
    String budget,
    @Nullable Tests tests,
    @Nullable Target target,
    List<TableView> tables) {

  /** Nothing is known: runs that nobody compared, or a file of an older version. */
  static final Fairness UNKNOWN = new Fairness(null, "", null, null, List.of());

  /** Title of the table of tuned step sizes. */
  static final String TUNING = "Step sizes chosen";

  private static final double TINY = 0.001;

  /**
   * Paired tests of one metric.
   *
   * @param rows each of a method against the reference
   */
  record Tests(String metric, String reference, List<Test> rows) {
    /** The test of these two, whichever is the reference; null if there is none. */
    @Nullable Test of(String metric, String one, String other) {
      String method = one.equals(reference) ? other : other.equals(reference) ? one : null;
      return rows.stream()
          .filter(row -> metric.equals(this.metric) && row.method().equals(method))
          .findFirst()
          .orElse(null);
    }
  }

  /**
   * @param difference method minus reference, the mean over seeds
   * @param error its standard error
   * @param p two-sided; null where the pairs do not vary
   */
  record Test(String method, long n, double difference, double error, @Nullable Double p) {}

  /** A level of a metric, and what it cost to reach. */
  record Target(String metric, double value, List<Cost> costs) {}

  /**
   * @param runs how many got there, such as "2 of 5"
   */
  record Cost(String method, String runs, String steps, String seconds, String calls) {}

  /** A table of texts. */
  record TableView(String title, String about, List<Head> columns, List<List<String>> rows) {}

  /**
   * @param number whether what is below stands on the right
   */
  record Head(String label, boolean number) {}

  static Fairness of(Json section, List<Column> columns) {
    var tables = new ArrayList<TableView>();
    Tests tests = null;
    Json given = section.find("tests");
    if (given != null) {
      tests = tests(given);
      tables.add(table(tests, column(columns, tests.metric())));
    }
    Target target = null;
    given = section.find("target");
    if (given != null) {
      target =
          new Target(given.member("metric").text(), given.member("value").number(), costs(given));
      tables.add(target(given, target, column(columns, target.metric())));
    }
    given = section.find("tuning");
    if (given != null) {
      tables.add(tuning(given, column(columns, given.member("metric").text())));
    }
    Json budget = section.find("budget");
    if (budget == null) {
      return new Fairness(null, "", tests, target, tables);
    }
    Json kind = budget.member("kind");
    if (!Set.of("steps", "seconds", "oracle").contains(kind.text())) {
      throw kind.wrong(
          "must be steps, seconds or oracle", "another version of Stackel wrote the file.");
    }
    return new Fairness(kind.text(), budget.member("text").text(), tests, target, tables);
  }

  private static Column column(List<Column> columns, String key) {
    return columns.stream()
        .filter(column -> column.key().equals(key))
        .findFirst()
        .orElseGet(() -> Column.named(key));
  }

  // ---- tests

  private static Tests tests(Json json) {
    var rows = new ArrayList<Test>();
    for (Json row : json.items("rows")) {
      Json p = row.find("p");
      rows.add(
          new Test(
              row.member("method").text(),
              row.member("n").count(),
              row.member("difference").number(),
              row.member("se").amount(),
              p == null ? null : p.amount()));
    }
    return new Tests(json.member("metric").text(), json.member("reference").text(), rows);
  }

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
                        column.show(row.difference()) + " ± " + column.show(row.error()),
                        p(row),
                        Numbers.count(row.n())))
            .toList());
  }

  /** Two digits; those of a tiny one mean nothing. */
  static String p(Test test) {
    Double p = test.p();
    return p == null
        ? "seeds do not vary"
        : p < TINY ? "< 0.001" : Numbers.rounded(p, 2).stripTrailingZeros().toPlainString();
  }

  // ---- target

  private static TableView target(Json json, Target target, Column column) {
    boolean isGiven = json.member("source").text().equals("given");
    boolean anyDiverged = json.items("rows").stream().anyMatch(row -> row.find("diverged") != null);
    return new TableView(
        "Cost to reach %s %s".formatted(column.label(), Numbers.plain(target.value())),
        (isGiven
                ? ""
                : "The level that every bilevel method reached at its end%s. "
                    .formatted(anyDiverged ? ", runs that diverged left out" : ""))
            + "Up to the first evaluation during the run that is at least as good; mean ± standard error over the runs that have one.",
        List.of(
            new Head("method", false),
            new Head("runs that did", true),
            new Head("steps", true),
            new Head("seconds", true),
            new Head("oracle calls", true)),
        target.costs().stream()
            .map(c -> List.of(c.method(), c.runs(), c.steps(), c.seconds(), c.calls()))
            .toList());
  }

  private static String reached(Json row) {
    Json diverged = row.find("diverged");
    return "%s of %s%s"
        .formatted(
            Numbers.count(row.member("reached").count()),
            Numbers.count(row.member("runs").count()),
            diverged == null ? "" : ", %s diverged".formatted(Numbers.count(diverged.count())));
  }

  private static List<Cost> costs(Json json) {
    return json.items("rows").stream()
        .map(
            row ->
                new Cost(
                    row.member("method").text(),
                    reached(row),
                    cost(row.find("steps"), Numbers.COUNT),
                    cost(row.find("seconds"), "0.000"),
                    cost(row.find("oracleCalls"), Numbers.COUNT)))
        .toList();
  }

  private static String cost(@Nullable Json summary, String format) {
    if (summary == null) {
      return "—";
    }
    Json error = summary.find("se");
    String mean = Numbers.format(format, summary.member("mean").number());
    boolean isFixed = error != null && error.number() == 0 && format.equals(Numbers.COUNT);
    return error == null || isFixed ? mean : mean + " ± " + Numbers.format(format, error.number());
  }

  // ---- tuning

  private static TableView tuning(Json json, Column column) {
    var rows = new ArrayList<List<String>>();
    long points = 0;
    for (Json row : json.items("rows")) {
      points = Math.max(points, row.member("points").count());
      long chosen = row.member("chosen").count();
      rows.add(
          List.of(
              row.member("method").text(),
              chosen == 0 ? "as given" : values(row.member("values")),
              Numbers.plain(row.member("score").number()),
              Numbers.plain(row.member("scoreOfDefaults").number()),
              Numbers.count(row.member("diverged").count())));
    }
    String seeds =
        json.items("seeds").stream()
            .map(seed -> Long.toString(seed.count()))
            .collect(Collectors.joining(" and "));
    return new TableView(
        TUNING,
        "By %s (%s is better, validation data) on seeds %s, which are not compared, out of %s random points for each method, those given among them; tune.json has every point."
            .formatted(column.label(), json.member("better").text(), seeds, Numbers.count(points)),
        List.of(
            new Head("method", false),
            new Head("chosen", false),
            new Head(column.label(), true),
            new Head("as given", true),
            new Head("points that diverged", true)),
        rows);
  }

  private static String values(Json values) {
    return values.members().entrySet().stream()
        .map(entry -> entry.getKey() + " " + value(entry))
        .collect(Collectors.joining(", "));
  }

  private static String value(Map.Entry<String, Json> entry) {
    return entry.getValue().node().isNumber()
        ? Numbers.plain(entry.getValue().number())
        : entry.getValue().node().toString();
  }
}
