package org.stackel.experiment;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.stackel.config.Options;
import org.stackel.data.FewShotTasks;
import org.stackel.model.Pooling;
import org.stackel.problem.HyperRepresentation;
import org.stackel.problem.HyperRepresentation.Heads;

/**
 * Defaults of hyper-representation that depend on the algorithm.
 *
 * <p>A head's own lower loss has a curvature at the start of about {@code (|φ|² + 1) / ways}, φ its
 * features; lower steps are a good half of the largest that is stable. A step is about b tasks and
 * its loss is their mean, so every head has the b-th part of its own gradient, and step sizes are b
 * times those of a single head. One head for all tasks has no such factor.
 */
final class FewShotDefaults {
  /** Squared length of a word vector over three: a weight of ±1/√hidden has variance 1/3hidden. */
  private static final double VECTOR = 10;

  /** Squares of (u, v, |u - v|, u ∘ v) over those of u, as far as they point one way. */
  private static final double OF_PAIRS = 2;

  private FewShotDefaults() {}

  /** MAML and ANIL learn the head that tasks start from, and adapt to one task a step. */
  static void problem(String algorithm, Map<String, @Nullable Object> options) {
    if (isMeta(algorithm)) {
      options.put("heads", "shared");
      options.put("taskBatch", 1);
    }
  }

  private static boolean isMeta(String algorithm) {
    return algorithm.equals("anil") || algorithm.equals("maml");
  }

  /** Step sizes. */
  static void algorithm(
      HyperRepresentation problem,
      String algorithm,
      long steps,
      Map<String, @Nullable Object> options) {
    double own = lowerLr(problem);
    double lowerLr = rounded(own * tasks(problem));
    options.put("lowerLr", lowerLr);
    options.put("linearSystemLr", lowerLr);
    options.put("valueLr", lowerLr);
    options.put("adaptLr", lowerLr);
    options.put("neumannStep", rounded(lowerLr / 2));
    options.put("neumannTerms", 10);
    options.put("sampling", "shared"); // a step has one sample of each level anyway
    // Heads of other tasks have no curvature in a step; this is the least of those that have.
    double least = 2 * problem.regularization() / tasks(problem);
    options.put("curvatureMin", least > 0 ? rounded(least) : null);
    options.put("upperLr", upperLr(problem, algorithm));
    switch (algorithm) {
      case "soba", "ttsa" -> {
        // Falling steps would not go far.
        options.put("lowerExponent", 0);
        options.put("upperExponent", 0);
      }
      case "f2sa" -> { // the multiplier grows from 1 to 10
        options.put("multiplierStep", 9.0 / steps);
        options.put("lowerLr", lowerLr / 10);
      }
      case "maml" -> options.put("adaptLr", rounded(lowerLr / 10)); // the encoder adapts too
      case "bvfsm" -> options.put("lowerLr", lowerLr / 100); // the penalty is stiff
      case "bome" -> options.put("stepSize", lowerLr / 10);
      case "v-pbgd", "v-pbsgd" -> options.put("stepSize", lowerLr / 20); // a penalty of 10
      default -> {}
    }
    ProblemDefaults.squareSystemLr(algorithm, options);
  }

  /** Of a single head, stable at the start. */
  private static double lowerLr(HyperRepresentation problem) {
    boolean isMaximum = problem.pooling() == Pooling.MAX;
    boolean isPairs = problem.split() == FewShotTasks.Split.PREMISES || problem.text2() != null;
    double width = isPairs ? OF_PAIRS * problem.hidden() : problem.hidden();
    double scale = problem.featureScale() * problem.featureScale();
    // Squares of a feature: tanh of a sum, of which the maximum is larger and the mean smaller.
    double sum = VECTOR / problem.hidden() * (isMaximum ? 1.8 : 0.5);
    double squares = scale * width * sum / (1 + sum);
    return Math.min(0.5, 1.6 * problem.ways() / (squares + 1));
  }

  private static double tasks(HyperRepresentation problem) {
    return problem.heads() == Heads.SHARED ? 1 : Math.min(problem.taskBatch(), problem.tasks());
  }

  private static double upperLr(HyperRepresentation problem, String algorithm) {
    return switch (algorithm) {
      // Adam drives maxima to ±1, and the heads' curvature up with them.
      case "adambo", "ls-adam" -> problem.pooling() == Pooling.MAX ? 5e-4 : 1e-3;
      case "accbo", "bo-rep", "slip" -> 0.1;
      case "anil", "maml" -> 0.1;
      default -> 0.5;
    };
  }

  private static double rounded(double number) {
    return new BigDecimal(number).round(new MathContext(2)).doubleValue();
  }

  /**
   * What to say about lower steps that are too large for the curvature at the start.
   *
   * @param curvature of a head's own lower loss
   * @return null if they are not
   */
  static @Nullable String warning(Experiment experiment, double curvature) {
    if (!(experiment.problem() instanceof HyperRepresentation problem)) {
      return null;
    }
    Map<String, @Nullable Object> options = Options.toMap((Record) experiment.algorithm());
    double share = curvature / tasks(problem);
    for (String key : new String[] {"lowerLr", "adaptLr", "linearSystemLr", "neumannStep"}) {
      Double step = first(options.get(key));
      if (step != null && step * share >= 2) {
        return ("The %s (%s) is too large for the heads: times their largest curvature at the start,"
                + " %.3g, it is %.2g, and must be below 2. Maybe %s or a smaller featureScale helps.")
            .formatted(
                key, number(step), share, step * share, key + " " + number(rounded(1.5 / share)));
      }
    }
    return null;
  }

  private static String number(double number) {
    return String.format(Locale.ROOT, "%s", number);
  }

  private static @Nullable Double first(@Nullable Object option) {
    return option instanceof Number number ? Double.valueOf(number.doubleValue()) : null;
  }
}
