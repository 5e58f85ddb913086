package org.stackel.check;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.stackel.config.Options;
import org.stackel.reference.Finding;
import org.stackel.reference.LowerSystem;
import org.stackel.reference.ValueFunction;
import org.stackel.runfile.CheckFile.Verdict;
import org.stackel.runfile.Descent;

/** The result of a check, as lines of text. */
public final class CheckTable {
  private static final int NAME = 46;

  private CheckTable() {}

  /** The lines. */
  public static List<String> lines(CheckResult result) {
    var lines = new ArrayList<String>();
    lines.add(
        "Exact: means over %s. %d estimates per row; ± is the standard error of the bias."
            .formatted(result.reference(), result.samples()));
    lines.add(
        "Formula: one estimate on one minibatch, and the mean of all estimates, against the estimator's formula; unclear where noise could hide an error.");
    for (CheckResult.Point point : result.points()) {
      lines.add("");
      lines.add("after step %,d".formatted(point.step()));
      point.derivatives().forEach(finding -> lines.add(judged(finding)));
      Finding slope = point.lowerError().slope();
      if (slope != null) {
        lines.add(judged(slope));
      }
      system(point, lines);
      estimators(point, lines);
      lines.add("  " + point.descent());
      point.remarks().forEach(remark -> lines.add("  " + remark));
    }
    ConstantsEstimate constants = result.constants();
    if (constants != null) {
      constants(constants, lines);
    }
    lines.add("");
    List<String> wrong = result.wrong();
    long unclear = result.unclear();
    lines.add(
        !wrong.isEmpty()
            ? "WRONG:"
            : result.points().isEmpty()
                ? "Nothing was checked: the run ended before the first iterate to look at."
                : unclear == 0
                    ? "Everything agrees."
                    : text(
                        "Nothing is wrong; %,d %s unclear.",
                        unclear, unclear == 1 ? "comparison is" : "comparisons are"));
    wrong.forEach(each -> lines.add("  " + each));
    descent(result, lines);
    return lines;
  }

  /** Right steps may be useless: the last line must not sound as if they were not. */
  private static void descent(CheckResult result, List<String> lines) {
    List<Descent.Verdict> verdicts =
        result.points().stream().map(point -> point.descent().verdict()).toList();
    long judged = verdicts.stream().filter(each -> each != Descent.Verdict.NOT_JUDGED).count();
    long poor = verdicts.stream().filter(each -> each == Descent.Verdict.POOR).count();
    if (judged == 0 && !verdicts.isEmpty()) {
      lines.add("Whether the next step is good enough to descend was judged nowhere.");
    } else if (poor > 0) {
      lines.add(
          text(
              "The next step is not good enough to descend at %,d of %,d iterates.", poor, judged));
    }
  }

  private static String judged(Finding finding) {
    Double bound = finding.bound();
    return text(
        "  %-" + NAME + "s %9.2g  %-7s %s",
        finding.what(),
        finding.value(),
        word(finding),
        bound == null ? "" : text("(bound %.2g)", bound));
  }

  private static String word(Finding finding) {
    return finding.verdict() == Verdict.WRONG ? "WRONG" : Options.kebab(finding.verdict());
  }

  private static void system(CheckResult.Point point, List<String> lines) {
    LowerSystem.Solution system = point.system();
    String method =
        switch (system.method()) {
          case DENSE -> "all eigenvalues";
          case CONJUGATE_GRADIENT -> text("conjugate gradients, residual %.1g", system.residual());
          case LEAST_SQUARES -> "least squares";
          case DAMPED -> text("damped by %.3g, residual %.1g", system.damping(), system.residual());
        };
    lines.add(
        text(
            "  curvatures of g from %.4g to %.4g; exact |hypergradient| %.4g (%s)",
            system.curvature().smallest(),
            system.curvature().largest(),
            point.hypergradient(),
            method));
    ValueFunction.LowerError error = point.lowerError();
    if (!Double.isNaN(error.distance())) {
      lines.add(
          text(
              "  |y - y*| = %.3g moves the hypergradient by %.3g; |∇Φ| = %.4g",
              error.distance(), error.error(), error.norm()));
    }
    if (system.finding().verdict() == Verdict.WRONG) {
      lines.add(judged(system.finding()));
    }
    if (!error.skipped().isEmpty()) {
      lines.add("  skipped: " + error.skipped());
    }
  }

  private static void estimators(CheckResult.Point point, List<String> lines) {
    double norm = point.hypergradient();
    boolean isRelative = norm > 0;
    double unit = isRelative ? norm : 1;
    lines.add(
        text(
            "  %-" + NAME + "s %9s %8s %9s %9s %7s %7s  %s",
            isRelative ? "estimator, relative to the exact" : "estimator, absolute",
            "bias",
            "±",
            "sd",
            "error",
            "cosine",
            "calls",
            "formula"));
    for (EstimatorCheck.Row row : point.rows()) {
      lines.add(
          text(
              "  %-" + NAME + "s %9.2g %8.1g %9.2g %9.2g %7s %7.1f  %s",
              row.name(),
              row.bias() / unit,
              row.biasError() / unit,
              row.deviation() / unit,
              row.error() / unit,
              Double.isNaN(row.cosine()) ? "-" : text("%.3f", row.cosine()),
              row.allCalls(),
              verdicts(row)));
    }
  }

  private static String verdicts(EstimatorCheck.Row row) {
    return row.findings().isEmpty()
        ? "not judged"
        : String.join(", ", row.findings().stream().map(CheckTable::word).distinct().toList());
  }

  private static void constants(ConstantsEstimate estimate, List<String> lines) {
    lines.add("");
    lines.add("constants along the run");
    Map<String, ?> given = estimate.constants().given();
    given.forEach((name, value) -> lines.add(text("  %-14s %.6g", name, value)));
    estimate.remarks().forEach(remark -> lines.add("  " + remark));
  }

  private static String text(String format, Object... values) {
    return String.format(Locale.ROOT, format, values).stripTrailing();
  }
}
