package org.stackel.check;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.stackel.config.Options;
import org.stackel.reference.Finding;
import org.stackel.reference.LowerSystem;
import org.stackel.reference.ValueFunction;
import org.stackel.runfile.CheckFile;
import org.stackel.runfile.CheckFile.Verdict;
import org.stackel.runfile.Descent;

/**
 * The result of a check.
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
   * @param descent whether the next step is good enough to descend
   * @param remarks remarks for readers, in sentences
   */
  record Point(
      long step,
      List<Finding> derivatives,
      LowerSystem.Solution system,
      double hypergradient,
      List<EstimatorCheck.Row> rows,
      ValueFunction.LowerError lowerError,
      Descent descent,
      List<String> remarks) {
    Stream<Finding> findings() {
      Finding slope = lowerError.slope();
      return Stream.of(
              derivatives.stream(),
              Stream.of(system.finding()),
              rows.stream().flatMap(row -> row.findings().stream()),
              slope == null ? Stream.<Finding>empty() : Stream.of(slope))
          .flatMap(each -> each);
    }
  }

  public CheckResult {
    points = List.copyOf(points);
  }

  /** Whether something was looked at, and nothing is wrong. */
  public boolean passed() {
    return !points.isEmpty() && wrong().isEmpty();
  }

  /** Everything that is wrong, with its place. */
  public List<String> wrong() {
    var wrong = new ArrayList<String>();
    for (Point point : points) {
      point
          .findings()
          .filter(finding -> finding.verdict() == Verdict.WRONG)
          .forEach(finding -> wrong.add("after step %d: %s".formatted(point.step, finding)));
    }
    return wrong;
  }

  /** Number of comparisons whose verdict is unclear. */
  long unclear() {
    return points.stream()
        .flatMap(Point::findings)
        .filter(finding -> finding.verdict() == Verdict.UNCLEAR)
        .count();
  }

  /** As {@link CheckTable} has it. */
  @Override
  public String toString() {
    return String.join("\n", CheckTable.lines(this));
  }

  /** As check.json has it. */
  public CheckFile toFile() {
    return new CheckFile(
        passed(),
        wrong(),
        reference,
        samples,
        points.stream().map(CheckResult::file).toList(),
        constants == null ? null : constants.constants().given(),
        constants == null
            ? null
            : constants.scatter().stream()
                .map(o -> new CheckFile.Smoothness(o.step(), o.gradient(), o.smoothness()))
                .toList(),
        constants == null ? null : constants.remarks());
  }

  private static CheckFile.Point file(Point point) {
    LowerSystem.Solution system = point.system;
    LowerSystem.Curvature curvature = system.curvature();
    return new CheckFile.Point(
        point.step,
        point.derivatives.stream().map(CheckResult::file).toList(),
        new CheckFile.LowerSystem(
            curvature.smallest(),
            curvature.largest(),
            curvature.error(),
            Options.kebab(system.method()),
            system.damping(),
            system.residual(),
            file(system.finding())),
        point.hypergradient,
        point.rows.stream().map(CheckResult::file).toList(),
        file(point.lowerError),
        point.descent,
        point.remarks);
  }

  private static CheckFile.Minimiser file(ValueFunction.LowerError error) {
    boolean isKnown = !Double.isNaN(error.distance());
    return new CheckFile.Minimiser(
        isKnown ? (Double) error.distance() : null,
        isKnown ? (Double) error.error() : null,
        isKnown ? (Double) error.norm() : null,
        error.slope() == null ? null : file(error.slope()),
        error.skipped().isEmpty() ? null : error.skipped());
  }

  private static CheckFile.Finding file(Finding finding) {
    return new CheckFile.Finding(
        finding.what(), finding.value(), finding.bound(), finding.verdict());
  }

  private static CheckFile.Estimator file(EstimatorCheck.Row row) {
    return new CheckFile.Estimator(
        row.name(),
        row.isOwn(),
        row.bias(),
        row.biasError(),
        row.deviation(),
        row.error(),
        row.cosine(),
        row.solutionError(),
        row.calls(),
        row.findings().stream().map(CheckResult::file).toList());
  }
}
