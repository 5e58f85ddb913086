package org.stackel.report;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.stackel.report.Fairness.Head;
import org.stackel.report.Fairness.TableView;

/**
 * What check.json says, ready to be shown.
 *
 * @param result in one sentence
 * @param tables derivatives, estimators and constants
 * @param spreads the estimators at each point, to be drawn
 * @param remarks what a reader should know
 * @param smoothness what L0 and L1 are fitted to; null without constants
 */
record Checked(
    String result,
    List<TableView> tables,
    List<Spread> spreads,
    List<String> remarks,
    @Nullable Scatter smoothness) {

  /** How far estimators are from the exact hypergradient at one point, relative to it. */
  record Spread(String title, List<Mark> marks) {}

  /**
   * @param own whether it is the algorithm's
   * @param bias null where it is no number
   * @param deviation null where it is no number
   */
  record Mark(String name, boolean own, @Nullable Double bias, @Nullable Double deviation) {}

  /**
   * @param l0 height of the line above all points
   * @param l1 slope of the line above all points
   */
  record Scatter(List<Dot> dots, double l0, double l1) {}

  /** One pair of neighbouring iterates. */
  record Dot(long step, double gradient, double smoothness) {}

  static Checked read(Path file) throws IOException {
    Json json = Json.read(file);
    List<String> wrong = json.texts("wrong");
    List<Json> points = json.items("points");
    var tables = new ArrayList<TableView>();
    var remarks = new ArrayList<>(wrong.stream().map(each -> "Wrong " + each).toList());
    tables.add(derivatives(points));
    for (Json point : points) {
      tables.add(estimators(point));
      point
          .texts("remarks")
          .forEach(r -> remarks.add("After step %s: %s".formatted(step(point), r)));
      Json skipped = point.member("minimiser").find("skipped");
      if (skipped != null) {
        remarks.add("After step %s, skipped: %s.".formatted(step(point), skipped.text()));
      }
    }
    Json constants = json.find("constants");
    if (constants != null) {
      tables.add(constants(constants));
      remarks.addAll(json.texts("constantsRemarks"));
    }
    String result =
        "%s Exact quantities are means over %s."
            .formatted(
                wrong.isEmpty()
                    ? "Derivatives and estimators are what they must be."
                    : "%d comparisons failed.".formatted(wrong.size()),
                json.member("reference").text());
    List<Spread> spreads = points.stream().map(Checked::spread).toList();
    return new Checked(result, tables, spreads, remarks, scatter(json, constants));
  }

  private static String step(Json point) {
    return Numbers.count(point.member("step").count());
  }

  /** A row a comparison, a column a point. */
  private static TableView derivatives(List<Json> points) {
    var columns = new ArrayList<>(List.of(new Head("comparison", false)));
    points.forEach(point -> columns.add(new Head("after step " + step(point), true)));
    int rows = points.stream().mapToInt(point -> point.items("derivatives").size()).max().orElse(0);
    var cells = new ArrayList<List<String>>();
    for (int i = 0; i < rows; i++) {
      var row = new ArrayList<String>();
      for (Json point : points) {
        Json finding = point.items("derivatives").get(i);
        if (row.isEmpty()) {
          row.add(finding.member("what").text());
        }
        row.add(finding(finding));
      }
      cells.add(row);
    }
    return new TableView(
        "Derivatives",
        "Relative errors, and the bounds that right derivatives keep.",
        columns,
        cells);
  }

  private static String finding(Json finding) {
    String verdict = finding.member("verdict").text();
    return "%s%s (bound %s)"
        .formatted(
            verdict.equals("right") ? "" : "✕ " + verdict + " ",
            Numbers.plain(finding.member("value").number()),
            Numbers.plain(finding.member("bound").number()));
  }

  private static double unit(Json point) {
    double norm = point.member("hypergradientNorm").number();
    return norm > 0 ? norm : 1;
  }

  private static Spread spread(Json point) {
    double unit = unit(point);
    return new Spread(
        "After step " + step(point),
        point.items("estimators").stream()
            .map(
                row ->
                    new Mark(
                        row.member("name").text(),
                        row.member("own").node().booleanValue(false),
                        finite(row.member("bias").number() / unit),
                        finite(row.member("deviation").number() / unit)))
            .toList());
  }

  private static @Nullable Double finite(double value) {
    return Double.isFinite(value) ? value : null;
  }

  private static TableView estimators(Json point) {
    double norm = point.member("hypergradientNorm").number();
    double unit = unit(point);
    List<Head> columns =
        Stream.of("bias", "standard deviation", "error", "cosine", "calls", "formula")
            .map(label -> new Head(label, !label.equals("formula")))
            .toList();
    var heads = new ArrayList<>(List.of(new Head("estimator", false)));
    heads.addAll(columns);
    var rows = new ArrayList<List<String>>();
    for (Json row : point.items("estimators")) {
      double calls = 0;
      for (Json count : row.member("calls").members().values()) {
        calls += count.amount();
      }
      rows.add(
          List.of(
              row.member("name").text(),
              "%s ± %s"
                  .formatted(
                      Numbers.plain(row.member("bias").number() / unit),
                      Numbers.plain(row.member("biasError").number() / unit)),
              Numbers.plain(row.member("deviation").number() / unit),
              Numbers.plain(row.member("error").number() / unit),
              cosine(row.member("cosine").number()),
              Numbers.plain(calls),
              verdicts(row.items("findings"))));
    }
    Json system = point.member("lowerSystem");
    return new TableView(
        "Estimators after step " + step(point),
        "%s the exact hypergradient, of norm %s (%s; curvatures of g from %s to %s)."
            .formatted(
                norm > 0 ? "Relative to" : "Against",
                Numbers.plain(norm),
                system.member("solvedBy").text().replace('-', ' '),
                Numbers.plain(system.member("smallestCurvature").number()),
                Numbers.plain(system.member("largestCurvature").number())),
        heads,
        rows);
  }

  private static String cosine(double cosine) {
    return Double.isNaN(cosine) ? "—" : Numbers.format("0.000", cosine);
  }

  private static String verdicts(List<Json> findings) {
    return findings.isEmpty()
        ? "not judged"
        : String.join(
            ", ", findings.stream().map(f -> f.member("verdict").text()).distinct().toList());
  }

  private static TableView constants(Json constants) {
    var rows = new ArrayList<List<String>>();
    for (Map.Entry<String, Json> constant : constants.members().entrySet()) {
      rows.add(List.of(constant.getKey(), Numbers.plain(constant.getValue().number())));
    }
    return new TableView(
        "Constants",
        "The worst along the run, for a theory schedule.",
        List.of(new Head("constant", false), new Head("value", true)),
        rows);
  }

  private static @Nullable Scatter scatter(Json json, @Nullable Json constants) {
    Json l0 = constants == null ? null : constants.find("L0");
    Json l1 = constants == null ? null : constants.find("L1");
    List<Json> seen = json.items("smoothness");
    if (l0 == null || l1 == null || seen.isEmpty()) {
      return null;
    }
    return new Scatter(seen.stream().map(Checked::dot).toList(), l0.number(), l1.number());
  }

  private static Dot dot(Json seen) {
    return new Dot(
        seen.member("step").count(),
        seen.member("gradient").amount(),
        seen.member("smoothness").amount());
  }
}
