package org.stackel.report;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.stackel.config.Options;
import org.stackel.report.Fairness.Head;
import org.stackel.report.Fairness.TableView;
import org.stackel.runfile.CheckFile;
import org.stackel.runfile.CheckFile.Estimator;
import org.stackel.runfile.CheckFile.Finding;
import org.stackel.runfile.CheckFile.LowerSystem;
import org.stackel.runfile.CheckFile.Point;
import org.stackel.runfile.CheckFile.Verdict;
import org.stackel.runfile.Descent;
import org.stackel.runfile.RunFiles;

/**
 * What check.json says, ready to be shown.
 *
 * @param result in one sentence
 * @param tables derivatives, estimators and constants
 * @param spreads the estimators at each point, to be drawn
 * @param remarks remarks for readers, in sentences
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
  record Scatter(List<CheckFile.Smoothness> dots, double l0, double l1) {}

  static Checked read(Path file) throws IOException {
    CheckFile check = RunFiles.read(file, CheckFile.class);
    List<String> wrong = check.wrong();
    List<Point> points = check.points();
    var tables = new ArrayList<TableView>();
    var remarks = new ArrayList<>(wrong.stream().map(each -> "Wrong " + each).toList());
    tables.add(derivatives(points));
    for (Point point : points) {
      tables.add(estimators(point));
      point.remarks().forEach(r -> remarks.add("After step %s: %s".formatted(step(point), r)));
      String skipped = point.minimiser().skipped();
      if (skipped != null) {
        remarks.add("After step %s, skipped: %s.".formatted(step(point), skipped));
      }
    }
    List<Descent> descents = points.stream().map(Point::descent).filter(Objects::nonNull).toList();
    if (!descents.isEmpty()) {
      tables.add(descents(descents));
    }
    if (check.constants() != null) {
      tables.add(constants(check.constants()));
    }
    if (check.constantsRemarks() != null) {
      remarks.addAll(check.constantsRemarks());
    }
    String result =
        "%s Exact quantities are means over %s."
            .formatted(
                wrong.isEmpty()
                    ? "All derivatives and estimators are right."
                    : String.format(Locale.ROOT, "%d comparisons failed.", wrong.size()),
                check.reference());
    List<Spread> spreads = points.stream().map(Checked::spread).toList();
    return new Checked(result, tables, spreads, remarks, scatter(check));
  }

  private static String step(Point point) {
    return Numbers.count(point.step());
  }

  /** A row a comparison, a column a point. */
  private static TableView derivatives(List<Point> points) {
    var columns = new ArrayList<>(List.of(new Head("comparison", false)));
    points.forEach(point -> columns.add(new Head("after step " + step(point), true)));
    int rows = points.stream().mapToInt(point -> point.derivatives().size()).max().orElse(0);
    var cells = new ArrayList<List<String>>();
    for (int i = 0; i < rows; i++) {
      var row = new ArrayList<String>();
      for (Point point : points) {
        boolean isThere = i < point.derivatives().size(); // ranks are compared at the first alone
        if (row.isEmpty()) {
          row.add(isThere ? point.derivatives().get(i).what() : "");
        }
        row.add(isThere ? finding(point.derivatives().get(i)) : "–");
      }
      cells.add(row);
    }
    return new TableView(
        "Derivatives", "Relative errors, and the bounds for right derivatives.", columns, cells);
  }

  private static String finding(Finding finding) {
    Verdict verdict = finding.verdict();
    return "%s%s%s"
        .formatted(
            verdict == Verdict.RIGHT ? "" : "✕ " + Options.kebab(verdict) + " ",
            Numbers.plain(finding.value()),
            finding.bound() == null ? "" : " (bound %s)".formatted(Numbers.plain(finding.bound())));
  }

  private static double unit(Point point) {
    double norm = point.hypergradientNorm();
    return norm > 0 ? norm : 1;
  }

  private static Spread spread(Point point) {
    double unit = unit(point);
    return new Spread(
        "After step " + step(point),
        point.estimators().stream()
            .map(
                row ->
                    new Mark(
                        row.name(),
                        row.own(),
                        finite(row.bias() / unit),
                        finite(row.deviation() / unit)))
            .toList());
  }

  private static @Nullable Double finite(double value) {
    return Double.isFinite(value) ? value : null;
  }

  private static TableView estimators(Point point) {
    double norm = point.hypergradientNorm();
    double unit = unit(point);
    List<Head> columns =
        Stream.of("bias", "standard deviation", "error", "cosine", "calls", "formula")
            .map(label -> new Head(label, !label.equals("formula")))
            .toList();
    var heads = new ArrayList<>(List.of(new Head("estimator", false)));
    heads.addAll(columns);
    var rows = new ArrayList<List<String>>();
    for (Estimator row : point.estimators()) {
      double calls = row.calls().values().stream().mapToDouble(Double::doubleValue).sum();
      rows.add(
          List.of(
              row.name(),
              "%s ± %s"
                  .formatted(
                      Numbers.plain(row.bias() / unit), Numbers.plain(row.biasError() / unit)),
              Numbers.plain(row.deviation() / unit),
              Numbers.plain(row.error() / unit),
              cosine(row.cosine()),
              Numbers.plain(calls),
              verdicts(row.findings())));
    }
    LowerSystem system = point.lowerSystem();
    return new TableView(
        "Estimators after step " + step(point),
        "%s the exact hypergradient, of norm %s (%s; curvatures of g from %s to %s)."
            .formatted(
                norm > 0 ? "Relative to" : "Against",
                Numbers.plain(norm),
                system.solvedBy().replace('-', ' '),
                Numbers.plain(system.smallestCurvature()),
                Numbers.plain(system.largestCurvature())),
        heads,
        rows);
  }

  private static TableView descents(List<Descent> descents) {
    List<Head> heads =
        List.of(
            new Head("after step", true),
            new Head("next step", false),
            new Head("cosine with −∇Φ", true),
            new Head("of the mean step", true),
            new Head("cosine of the estimate", true),
            new Head("of the mean estimate", true),
            new Head("|y − y*|", true),
            new Head("|y − y*| / |y*|", true));
    List<List<String>> rows =
        descents.stream()
            .map(
                each ->
                    List.of(
                        Numbers.count(each.step()),
                        each.judgement(),
                        cosine(each.stepCosine()),
                        cosine(each.meanStepCosine()),
                        cosine(each.estimateCosine()),
                        cosine(each.meanEstimateCosine()),
                        number(each.lowerDistance()),
                        number(each.relativeDistance())))
            .toList();
    return new TableView(
        "Next steps",
        "A step is good enough to descend if its mean cosine with −∇Φ at y* is at least ½.",
        heads,
        rows);
  }

  private static String number(@Nullable Double value) {
    return value == null ? "—" : Numbers.plain(value);
  }

  private static String cosine(@Nullable Double cosine) {
    return cosine == null ? "—" : cosine(cosine.doubleValue());
  }

  private static String cosine(double cosine) {
    return Double.isNaN(cosine) ? "—" : Numbers.format("0.000", cosine);
  }

  private static String verdicts(List<Finding> findings) {
    return findings.isEmpty()
        ? "not judged"
        : String.join(
            ", ", findings.stream().map(f -> Options.kebab(f.verdict())).distinct().toList());
  }

  private static TableView constants(Map<String, Double> constants) {
    var rows = new ArrayList<List<String>>();
    constants.forEach((name, value) -> rows.add(List.of(name, Numbers.plain(value))));
    return new TableView(
        "Constants",
        "The worst along the run, for a theory schedule.",
        List.of(new Head("constant", false), new Head("value", true)),
        rows);
  }

  private static @Nullable Scatter scatter(CheckFile check) {
    List<CheckFile.Smoothness> seen = check.smoothness();
    Double l0 = check.constants() == null ? null : check.constants().get("L0");
    Double l1 = check.constants() == null ? null : check.constants().get("L1");
    return l0 == null || l1 == null || seen == null || seen.isEmpty()
        ? null
        : new Scatter(seen, l0, l1);
  }
}
