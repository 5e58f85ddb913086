package org.stackel.experiment;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.stackel.data.FewShotTasks;
import org.stackel.model.Pooling;
import org.stackel.problem.HyperRepresentation;
import org.stackel.problem.HyperRepresentation.Heads;
import org.stackel.problem.TextEncoder;

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

  /** Adam drives maxima of tanh to ±1, and with them curvature past what other steps allow. */
  private static final double AT_LIMITS = 0.4;

  /** The same of pairs: |u - v| reaches 2. */
  private static final double PAIRS_AT_LIMITS = 0.33;

  /**
   * A transformer's parameters start small, and what it learns by large steps about the words of
   * training tasks does not hold for others.
   */
  private static final double OF_TRANSFORMERS = 0.05;

  /** λ of F2SA. */
  private static final double F2SA_MULTIPLIER = 4;

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
    boolean isAdam = algorithm.equals("adambo") || algorithm.equals("ls-adam");
    double lowerLr = rounded(lowerLr(problem) * atLimits(problem, algorithm) * tasks(problem));
    options.put("lowerLr", lowerLr);
    options.put("linearSystemLr", lowerLr);
    options.put("valueLr", lowerLr);
    options.put("adaptLr", lowerLr);
    options.put("neumannStep", isAdam ? lowerLr : rounded(lowerLr / 2));
    options.put("neumannTerms", 10);
    options.put("sampling", "shared"); // a step has one sample of each level anyway
    // Heads of other tasks have no curvature in a step; this is the least of those that have.
    double least = 2 * problem.regularization() / tasks(problem);
    options.put("curvatureMin", least > 0 ? rounded(least) : null);
    options.put("upperLr", rounded(upperLr(problem, algorithm)));
    switch (algorithm) {
      case "soba", "ttsa" -> {
        // Falling steps would not go far.
        options.put("lowerExponent", 0);
        options.put("upperExponent", 0);
      }
      case "f2sa" -> {
        // A head is met a few times only. Unless both of a task move alike, their difference is
        // that of their steps, and x makes the head of the lower level worse without end.
        options.put("multiplier", F2SA_MULTIPLIER);
        options.put("multiplierStep", 0);
        options.put("lowerLr", rounded(lowerLr / (1 + F2SA_MULTIPLIER)));
      }
      // A head moves in the steps of other tasks too, by what is remembered of its own.
      case "saba" -> options.put("lowerLr", rounded(lowerLr / 5));
      case "maml" -> options.put("adaptLr", rounded(lowerLr / 10)); // the encoder adapts too
      case "bvfsm" -> options.put("lowerLr", lowerLr / 100); // the penalty is stiff
      case "bome" -> options.put("stepSize", lowerLr / 10);
      case "v-pbgd", "v-pbsgd" -> options.put("stepSize", lowerLr / 20); // a penalty of 10
      default -> {}
    }
    ProblemDefaults.squareSystemLr(algorithm, options);
  }

  /** What is left of lower steps where x goes so far that features reach their limits. */
  private static double atLimits(HyperRepresentation problem, String algorithm) {
    if (problem.pooling() != Pooling.MAX || isTransformer(problem)) {
      return 1;
    }
    return switch (algorithm) {
      case "adambo", "ls-adam" -> isPairs(problem) ? PAIRS_AT_LIMITS : AT_LIMITS;
      case "accbo", "bo-rep", "slip" -> 1;
      default -> isPairs(problem) ? PAIRS_AT_LIMITS : 1;
    };
  }

  private static boolean isPairs(HyperRepresentation problem) {
    return problem.split() == FewShotTasks.Split.PREMISES || problem.text2() != null;
  }

  /** Of a single head, stable at the start. */
  private static double lowerLr(HyperRepresentation problem) {
    double width = isPairs(problem) ? OF_PAIRS * problem.hidden() : problem.hidden();
    double scale = problem.featureScale() * problem.featureScale();
    double squares = scale * width * square(problem);
    return Math.min(0.5, 1.6 * problem.ways() / (squares + 1));
  }

  /** About the square of a feature at the start. */
  private static double square(HyperRepresentation problem) {
    Pooling pooling = problem.pooling();
    if (problem.encoder() == TextEncoder.TRANSFORMER && pooling != Pooling.FIRST) {
      return pooling == Pooling.MAX ? 2.3 : pooling == Pooling.MEAN ? 0.6 : 1; // normalised
    }
    // tanh of a sum, of which the maximum is larger and the mean smaller
    double sum = VECTOR / problem.hidden() * (pooling == Pooling.MAX ? 1.8 : 0.5);
    return sum / (1 + sum);
  }

  /** What step sizes of heads are multiplied with. */
  static double tasks(HyperRepresentation problem) {
    return problem.heads() == Heads.SHARED ? 1 : Math.min(problem.taskBatch(), problem.tasks());
  }

  private static double upperLr(HyperRepresentation problem, String algorithm) {
    double share = isTransformer(problem) ? OF_TRANSFORMERS : 1;
    boolean isMaximum = problem.pooling() == Pooling.MAX && !isTransformer(problem);
    // Plain steps: means of features bear larger ones, pairs smaller ones.
    double plain = isPairs(problem) ? 0.05 : isMaximum || isTransformer(problem) ? 0.1 : 0.5;
    return share
        * switch (algorithm) {
          case "accbo", "anil", "bo-rep", "slip" -> 0.1;
          case "adambo", "ls-adam" -> isMaximum && !isPairs(problem) ? 3e-3 : 1e-3;
          case "f2sa", "saba" -> plain / 2; // a multiplier and a memory enlarge it
          case "maml" -> 0.03; // its adaptation moves the encoder away
          case "mrbo", "sustain" -> 3 * plain; // times what falls
          default -> plain;
        };
  }

  private static boolean isTransformer(HyperRepresentation problem) {
    return problem.encoder() == TextEncoder.TRANSFORMER || problem.encoder() == TextEncoder.MINILM;
  }

  static double rounded(double number) {
    return new BigDecimal(number).round(new MathContext(2)).doubleValue();
  }
}
