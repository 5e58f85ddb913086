package org.stackel.runfile;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.EnumNamingStrategies;
import tools.jackson.databind.annotation.EnumNaming;

/**
 * check.json: derivatives and estimators of the hypergradient at some iterates of a run, against
 * exact ones. The last three parts are there if constants were asked for, and null otherwise.
 *
 * @param passed whether nothing is wrong
 * @param wrong what is wrong, in sentences
 * @param reference what exact quantities are means over
 * @param samples estimates of each estimator at each iterate
 * @param points one for each iterate
 * @param constants of the problem, the worst along the run; those that could be estimated
 * @param smoothness what L0 and L1 are fitted to
 * @param constantsRemarks what a reader should know about the constants
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record CheckFile(
    boolean passed,
    List<String> wrong,
    String reference,
    long samples,
    List<Point> points,
    @Nullable Map<String, Double> constants,
    @Nullable List<Smoothness> smoothness,
    @Nullable List<String> constantsRemarks)
    implements WholeFile {
  /** Name of the file. */
  public static final String NAME = "check.json";

  public CheckFile {
    wrong = Rule.list("wrong", wrong);
    Rule.given("reference", reference);
    points = Rule.list("points", points);
    constants = constants == null ? null : Rule.map(constants);
    smoothness = smoothness == null ? null : Rule.list("smoothness", smoothness);
    constantsRemarks =
        constantsRemarks == null ? null : Rule.list("constantsRemarks", constantsRemarks);
  }

  /**
   * One iterate.
   *
   * @param step steps done
   * @param derivatives comparisons of derivatives with finite differences
   * @param lowerSystem how the exact hypergradient was found
   * @param hypergradientNorm norm of the exact hypergradient
   * @param estimators the estimators against it
   * @param minimiser what y ≠ y* costs
   * @param descent whether the next step is good enough to descend; null in files of earlier
   *     versions
   * @param remarks remarks for readers, in sentences
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record Point(
      long step,
      List<Finding> derivatives,
      LowerSystem lowerSystem,
      double hypergradientNorm,
      List<Estimator> estimators,
      Minimiser minimiser,
      @Nullable Descent descent,
      List<String> remarks) {
    public Point {
      Rule.amount("step", step);
      derivatives = Rule.list("derivatives", derivatives);
      Rule.given("lowerSystem", lowerSystem);
      estimators = Rule.list("estimators", estimators);
      Rule.given("minimiser", minimiser);
      remarks = Rule.list("remarks", remarks);
    }
  }

  /**
   * One comparison.
   *
   * @param what was compared
   * @param value the error that was found
   * @param bound the largest error of a right derivative; null if the value is not judged
   * @param verdict what follows
   */
  public record Finding(String what, double value, @Nullable Double bound, Verdict verdict) {
    public Finding {
      Rule.given("what", what);
      Rule.given("verdict", verdict);
    }
  }

  /** What a finding says. */
  @EnumNaming(EnumNamingStrategies.KebabCaseStrategy.class)
  public enum Verdict {
    /** The value is within its bound. */
    RIGHT,
    /** The value is beyond its bound. */
    WRONG,
    /** The bound is so wide that even a wrong derivative would pass. */
    UNCLEAR,
    /** The value is reported without a verdict. */
    TOLD
  }

  /**
   * The system {@code ∇²yy g v = ∇y f} of the exact hypergradient.
   *
   * @param smallestCurvature smallest eigenvalue of the lower Hessian
   * @param largestCurvature largest eigenvalue of the lower Hessian
   * @param curvatureError how far these may be off
   * @param solvedBy the method
   * @param damping what was added to the Hessian's diagonal
   * @param residual relative residual of the solution
   * @param solve whether that is the residual of a solved system; null in files of earlier versions
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record LowerSystem(
      double smallestCurvature,
      double largestCurvature,
      double curvatureError,
      String solvedBy,
      double damping,
      double residual,
      @Nullable Finding solve) {
    public LowerSystem {
      Rule.given("solvedBy", solvedBy);
    }
  }

  /**
   * One estimator against the exact hypergradient. Norms are absolute.
   *
   * @param name of the estimator
   * @param own whether it is the algorithm's
   * @param bias norm of the mean of the estimates minus the exact hypergradient
   * @param biasError standard error of the mean of the estimates
   * @param deviation root of the estimates' total variance
   * @param error root of the mean squared distance to the exact hypergradient
   * @param cosine mean cosine of the angle to the exact hypergradient
   * @param solutionError mean relative error of the solution of the lower system
   * @param calls oracle calls of an estimate by kind, on average
   * @param findings what was judged
   */
  public record Estimator(
      String name,
      boolean own,
      double bias,
      double biasError,
      double deviation,
      double error,
      double cosine,
      double solutionError,
      Map<String, Double> calls,
      List<Finding> findings) {
    public Estimator {
      Rule.given("name", name);
      Rule.given("calls", calls);
      calls = Rule.map(calls);
      calls.forEach((kind, number) -> Rule.amount("calls." + kind, number));
      findings = Rule.list("findings", findings);
    }
  }

  /**
   * The hypergradient at y against that at y*. Parts that could not be had are null.
   *
   * @param lowerDistance {@code |y - y*|}
   * @param error norm of the difference of the hypergradients
   * @param hypergradientNorm norm of the hypergradient at y*
   * @param slope that hypergradient against a finite difference of Φ
   * @param skipped why something is missing
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record Minimiser(
      @Nullable Double lowerDistance,
      @Nullable Double error,
      @Nullable Double hypergradientNorm,
      @Nullable Finding slope,
      @Nullable String skipped) {}

  /**
   * Smoothness of Φ between two neighbouring iterates.
   *
   * @param step the step before the move
   * @param gradient {@code |∇Φ(x)|}, at least 0
   * @param smoothness {@code |∇Φ(x') - ∇Φ(x)| / |x' - x|}, at least 0
   */
  public record Smoothness(long step, double gradient, double smoothness) {
    public Smoothness {
      Rule.amount("step", step);
      Rule.amount("gradient", gradient);
      Rule.amount("smoothness", smoothness);
    }
  }
}
