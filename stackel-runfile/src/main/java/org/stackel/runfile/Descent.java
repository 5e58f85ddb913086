package org.stackel.runfile;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.EnumNamingStrategies;
import tools.jackson.databind.annotation.EnumNaming;

/**
 * Whether the algorithm's next step at an iterate is good enough to descend: cosines with the
 * direction {@code -∇Φ(x)} at y*(x), or of estimates with {@code ∇Φ(x)}. A zero vector has cosine
 * 0. What was not computed is null.
 *
 * @param step steps done
 * @param verdict what follows
 * @param reasons why a step is poor; empty otherwise
 * @param stepCosine mean cosine of the step of x
 * @param meanStepCosine cosine of the mean step of x over repeated samples
 * @param estimateCosine mean cosine of the algorithm's estimate of the hypergradient
 * @param meanEstimateCosine cosine of its mean over repeated samples
 * @param minimiserCosine cosine of its mean, evaluated at y*
 * @param exactCosine cosine of the hypergradient at y with the exact solution of its linear system
 * @param lowerDistance {@code |y - y*|}, in the coordinates on which a loss depends
 * @param relativeDistance {@code |y - y*| / |y*|}
 * @param skipped why there is no verdict
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Descent(
    long step,
    Verdict verdict,
    List<Reason> reasons,
    @Nullable Double stepCosine,
    @Nullable Double meanStepCosine,
    @Nullable Double estimateCosine,
    @Nullable Double meanEstimateCosine,
    @Nullable Double minimiserCosine,
    @Nullable Double exactCosine,
    @Nullable Double lowerDistance,
    @Nullable Double relativeDistance,
    @Nullable String skipped) {

  /** Whether a step is good enough to descend. */
  @EnumNaming(EnumNamingStrategies.KebabCaseStrategy.class)
  public enum Verdict {
    /** Its mean cosine is at least ½. */
    GOOD,
    /** It is below ½. */
    POOR,
    /** There is nothing to compare with. */
    NOT_JUDGED
  }

  /** Why a step is poor. */
  @EnumNaming(EnumNamingStrategies.KebabCaseStrategy.class)
  public enum Reason {
    /** Even the exact hypergradient at y is. */
    Y_LAGS("y lags"),
    /** The mean estimate is, though the exact hypergradient is not. */
    Z_LAGS("z lags"),
    /** Single estimates or steps are, their mean is not. */
    NOISE("noise"),
    /** Estimates are not: momentum, scaling or a projection turns the step. */
    STEP("the step is not along the estimates");

    private final String words;

    Reason(String words) {
      this.words = words;
    }

    /** In words. */
    public String words() {
      return words;
    }
  }

  public Descent {
    Rule.amount("step", step);
    Rule.given("verdict", verdict);
    reasons = Rule.list("reasons", reasons);
  }

  /** No verdict. */
  public static Descent notJudged(long step, String why) {
    return new Descent(
        step, Verdict.NOT_JUDGED, List.of(), null, null, null, null, null, null, null, null, why);
  }

  /** The verdict, with its reasons. */
  public String judgement() {
    return switch (verdict) {
      case GOOD -> "good enough to descend";
      case POOR ->
          "not good enough to descend: "
              + reasons.stream().map(Reason::words).collect(Collectors.joining(", "));
      case NOT_JUDGED -> "not judged: " + skipped;
    };
  }

  /** In one line. */
  @Override
  public String toString() {
    if (verdict == Verdict.NOT_JUDGED) {
      return "next step " + judgement();
    }
    return "next step %s (cosine with -∇Φ %s; estimate %s; |y - y*|/|y*| %s)"
        .formatted(
            judgement(), number(stepCosine), number(estimateCosine), number(relativeDistance));
  }

  private static String number(@Nullable Double value) {
    return value == null ? "-" : String.format(Locale.ROOT, "%.3g", value);
  }
}
