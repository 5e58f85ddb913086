package org.stackel.experiment;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.stackel.config.Options;

/**
 * What a check found.
 *
 * @param reference what exact quantities are means over
 * @param samples estimates an estimator made at a point
 * @param points what was found where
 * @param constants the problem's constants, if asked for
 */
public record CheckResult(
    String reference, int samples, List<Point> points, @Nullable ConstantsEstimate constants) {

  /**
   * One point of the run.
   *
   * @param step steps done
   * @param derivatives comparisons of derivatives
   * @param system how the exact hypergradient was found
   * @param hypergradient its norm
   * @param rows the estimators
   * @param lowerError what y ≠ y* costs
   * @param remarks what a reader should know
   */
  record Point(
      long step,
      List<Finding> derivatives,
      LowerSystem.Solution system,
      double hypergradient,
      List<EstimatorCheck.Row> rows,
      ValueFunction.LowerError lowerError,
      List<String> remarks) {
    Stream<Finding> findings() {
      Finding slope = lowerError.slope();
      return Stream.of(
              derivatives.stream(),
              rows.stream().flatMap(row -> row.findings().stream()),
              slope == null ? Stream.<Finding>empty() : Stream.of(slope))
          .flatMap(each -> each);
    }
  }

  public CheckResult {
    points = List.copyOf(points);
  }

  /** Whether nothing is wrong. */
  public boolean passed() {
    return wrong().isEmpty();
  }

  /** Everything that is wrong, with its place. */
  public List<String> wrong() {
    var wrong = new ArrayList<String>();
    for (Point point : points) {
      point
          .findings()
          .filter(finding -> finding.verdict() == Finding.Verdict.WRONG)
          .forEach(finding -> wrong.add("after step %d: %s".formatted(point.step, finding)));
    }
    return wrong;
  }

  /** How many comparisons could not have shown an error. */
  long unclear() {
    return points.stream()
        .flatMap(Point::findings)
        .filter(finding -> finding.verdict() == Finding.Verdict.UNCLEAR)
        .count();
  }

  /** As check.json has it. */
  public Map<String, @Nullable Object> toMap() {
    var map = new LinkedHashMap<String, @Nullable Object>();
    map.put("passed", passed());
    map.put("wrong", wrong());
    map.put("reference", reference);
    map.put("samples", samples);
    map.put("points", points.stream().map(CheckResult::map).toList());
    if (constants != null) {
      map.put("constants", given(constants.constants()));
      map.put("smoothness", constants.scatter().stream().map(Options::toMap).toList());
      map.put("constantsRemarks", constants.remarks());
    }
    return map;
  }

  /** The constants that are known, as an experiment file takes them. */
  static Map<String, @Nullable Object> given(Constants constants) {
    Map<String, @Nullable Object> map = Options.toMap(constants);
    map.values().removeIf(java.util.Objects::isNull);
    return map;
  }

  private static Map<String, @Nullable Object> map(Point point) {
    var map = new LinkedHashMap<String, @Nullable Object>();
    map.put("step", point.step);
    map.put("derivatives", point.derivatives.stream().map(CheckResult::map).toList());
    LowerSystem.Solution system = point.system;
    var lower = new LinkedHashMap<String, @Nullable Object>();
    lower.put("smallestCurvature", system.curvature().smallest());
    lower.put("largestCurvature", system.curvature().largest());
    lower.put("curvatureError", system.curvature().error());
    lower.put("solvedBy", Options.kebab(system.method()));
    lower.put("damping", system.damping());
    lower.put("residual", system.residual());
    map.put("lowerSystem", lower);
    map.put("hypergradientNorm", point.hypergradient);
    map.put("estimators", point.rows.stream().map(CheckResult::map).toList());
    ValueFunction.LowerError error = point.lowerError;
    var atMinimiser = new LinkedHashMap<String, @Nullable Object>();
    if (!Double.isNaN(error.distance())) {
      atMinimiser.put("lowerDistance", error.distance());
      atMinimiser.put("error", error.error());
      atMinimiser.put("hypergradientNorm", error.norm());
    }
    if (error.slope() != null) {
      atMinimiser.put("slope", map(error.slope()));
    }
    if (!error.skipped().isEmpty()) {
      atMinimiser.put("skipped", error.skipped());
    }
    map.put("minimiser", atMinimiser);
    map.put("remarks", point.remarks);
    return map;
  }

  private static Map<String, @Nullable Object> map(Finding finding) {
    Map<String, @Nullable Object> map = Options.toMap(finding);
    map.put("verdict", finding.verdict().name().toLowerCase(Locale.ROOT));
    return map;
  }

  private static Map<String, @Nullable Object> map(EstimatorCheck.Row row) {
    var map = new LinkedHashMap<String, @Nullable Object>();
    map.put("name", row.name());
    map.put("own", row.isOwn());
    map.put("bias", row.bias());
    map.put("biasError", row.biasError());
    map.put("deviation", row.deviation());
    map.put("error", row.error());
    map.put("cosine", row.cosine());
    map.put("solutionError", row.solutionError());
    map.put("calls", row.calls());
    map.put("findings", row.findings().stream().map(CheckResult::map).toList());
    return map;
  }
}
