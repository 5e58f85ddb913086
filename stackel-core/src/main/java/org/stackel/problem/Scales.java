package org.stackel.problem;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.stackel.config.OptionRecord;
import org.stackel.optim.Schedule;

/**
 * The scales of a problem, from which hyperparameters follow that are not given. A problem states
 * its scales, an algorithm derives its hyperparameters from them.
 *
 * @param structure relation of x and y
 * @param steps T, the number of upper-level steps
 * @param upperSize n, the dimension of x
 * @param jointLr a step size for x and y together; NaN if unknown
 * @param upperLimit largest step size of plain steps of x: by the curvature of Φ, and by how far
 *     one step may go; infinite if unknown
 * @param usual hyperparameters that suit most algorithms, by the way in which they move x
 */
public record Scales(
    Structure structure,
    long steps,
    double upperSize,
    double jointLr,
    double upperLimit,
    Map<UpperStep, Usual> usual) {

  /** No step goes more than one of so many parts of the travel, unless there are fewer steps. */
  private static final double MOVES = 10;

  /** Relation of x and y. */
  public enum Structure {
    /** Both levels are smooth, with approximately known curvatures. */
    SMOOTH,
    /** x has one component for each example of a strongly convex lower loss. */
    WEIGHTS,
    /** x has one component for each example of a network's loss, whose Hessian is indefinite. */
    NETWORK_WEIGHTS,
    /** x is an encoder, y has a head for each of many tasks, of which a step uses a few. */
    HEADS,
    /** The levels are the two sides of a saddle function; y has dimension 1. */
    SADDLE,
    /** x has strengths of the penalty on a network y. */
    STRENGTHS;

    /**
     * Whether x has one component for each example. A minibatch then shows an estimator only the
     * components of its own examples, each of them once in an epoch. Recursive momentum, {@code m =
     * ĝ(now) + β (m⁻ - ĝ(before))}, has decayed by then: what is left of it is one change {@code
     * ĝ(now) - ĝ(before)} with {@code β / (1-β)} times the weight of ĝ itself. So algorithms leave
     * it out by default.
     */
    public boolean isPerExample() {
      return this == WEIGHTS || this == NETWORK_WEIGHTS;
    }
  }

  /**
   * Hyperparameters by their usual names; an algorithm takes those that it has. Those left out keep
   * the algorithm's own defaults.
   *
   * @param upperLr step size of x
   * @param lowerLr step size of y
   * @param linearSystemLr step size of the linear system's solution
   * @param valueLr step size of other lower variables: ζ of penalty methods, adapted parameters
   * @param neumannStep step of a Neumann series
   * @param neumannTerms number of its terms
   * @param warmStartSteps number of lower steps before the first step
   * @param linearSystemRadius largest norm of the linear system's solution
   * @param curvatureMin smallest curvature of the lower loss in the relevant directions
   * @param sharesSamples whether the products of a step share one minibatch of each level
   * @param lowerSolver how y follows x
   */
  @OptionRecord
  public record Usual(
      @Nullable Schedule upperLr,
      @Nullable Double lowerLr,
      @Nullable Double linearSystemLr,
      @Nullable Double valueLr,
      @Nullable Double neumannStep,
      @Nullable Integer neumannTerms,
      @Nullable Long warmStartSteps,
      @Nullable Double linearSystemRadius,
      @Nullable Double curvatureMin,
      @Nullable Boolean sharesSamples,
      @Nullable LowerSolver lowerSolver)
      implements ScalesUsualBuilder.With {

    /** The same step size for everything at the lower level. */
    public static Usual ofLowerLr(double lr) {
      return new Usual(null, lr, lr, lr, lr, null, null, null, null, null, null);
    }
  }

  public Scales {
    usual = Map.copyOf(usual);
  }

  /** Scales of which no limit of plain steps of x is known. */
  public Scales(
      Structure structure,
      long steps,
      double upperSize,
      double jointLr,
      Map<UpperStep, Usual> usual) {
    this(structure, steps, upperSize, jointLr, Double.POSITIVE_INFINITY, usual);
  }

  /** What suits most algorithms that move x in this way. */
  public Usual usual(UpperStep step) {
    return Objects.requireNonNull(usual.get(step));
  }

  /** A step size of x that suits most algorithms that move it in this way. */
  public Schedule upperLr(UpperStep step) {
    return Objects.requireNonNull(usual(step).upperLr());
  }

  /** A step size of y that suits most algorithms. */
  public double lowerLr() {
    return Objects.requireNonNull(usual(UpperStep.PLAIN).lowerLr());
  }

  /** A plain step of x that moves weights of examples by k times what does not depend on n, T. */
  public double examples(double k) {
    return k * upperSize / steps;
  }

  /**
   * A plain step size of x for an algorithm that multiplies it with {@code (offset + t)^-exponent}
   * in step t: all steps together are as large as those of the usual step size, unless the first
   * one would pass the limit.
   *
   * @param offset of the step number, at least 1
   * @param exponent by which steps fall, at least 0 and less than 1
   */
  public double fallingUpperLr(double offset, double exponent) {
    double rest = 1 - exponent;
    double all = (Math.pow(offset + steps, rest) - Math.pow(offset, rest)) / rest;
    double together = upperLr(UpperStep.PLAIN).at(0) * steps / all;
    return rounded(Math.min(upperLimit * Math.pow(offset, exponent), together));
  }

  /** Whether every minibatch is all data. */
  public boolean isWhole() {
    return Boolean.TRUE.equals(usual(UpperStep.PLAIN).sharesSamples());
  }

  /** The same for all ways of moving x, but for the step size of x itself. */
  public static Map<UpperStep, Usual> uppers(
      Usual usual, Schedule normalized, Schedule adam, @Nullable Schedule plain) {
    var all = new EnumMap<UpperStep, Usual>(UpperStep.class);
    all.put(UpperStep.NORMALIZED, usual.withUpperLr(normalized));
    all.put(UpperStep.ADAM, usual.withUpperLr(adam));
    all.put(UpperStep.PLAIN, usual.withUpperLr(plain));
    return all;
  }

  /**
   * The scales of a smooth problem with approximately known curvatures. Upper steps decrease like
   * {@code 1/√t}, so that normalised ones come to rest. Plain steps have a constant size: the
   * largest that the curvature of Φ and the travel allow. On minibatches, whose noise larger steps
   * carry into x, the first one is no longer than a normalised one.
   *
   * @param curvature largest curvature of the lower loss on a minibatch
   * @param jointCurvature largest curvature of both losses in x and y together on a minibatch
   * @param curvatureMin smallest curvature of the lower loss in the relevant directions; 0 if
   *     unknown
   * @param phi slope of Φ at the start, and its largest curvature on a minibatch; where the slope
   *     is unknown, plain steps follow from the joint curvature
   * @param travel distance that x has to go
   * @param size dimension of x
   * @param steps number of upper-level steps
   * @param isWhole whether every minibatch is all data
   */
  public static Scales smooth(
      double curvature,
      double jointCurvature,
      double curvatureMin,
      UpperScale phi,
      double travel,
      double size,
      long steps,
      boolean isWhole) {
    double jointLr = rounded(1 / jointCurvature);
    Usual usual =
        Usual.ofLowerLr(rounded(1 / curvature))
            .withNeumannTerms(isWhole ? 10 : 5)
            .withCurvatureMin(curvatureMin > 0 ? curvatureMin : null)
            .withSharesSamples(isWhole ? true : null); // the same numbers, computed once
    double root = Math.sqrt((double) steps);
    double first = travel / root / phi.slope();
    double limit =
        Math.min(
            phi.curvature() > 0 ? 1 / phi.curvature() : Double.POSITIVE_INFINITY,
            Math.max(first, travel / MOVES / phi.slope()));
    double plain = isWhole ? limit : Math.min(limit, first);
    return new Scales(
        Structure.SMOOTH,
        steps,
        size,
        jointLr,
        Double.isFinite(limit) ? rounded(limit) : Double.POSITIVE_INFINITY,
        uppers(
            usual,
            falling(travel / root),
            falling(3 * travel / Math.sqrt(size) / root),
            Schedule.constant(
                Double.isFinite(plain) ? rounded(plain) : Math.min(0.05, jointLr / 2))));
  }

  /** A step size that decreases like {@code 1/√t}. */
  public static Schedule falling(double first) {
    return new Schedule.Power(rounded(first), 0.5);
  }

  /**
   * Largest eigenvalue of a sample covariance, where all are 1.
   *
   * @param width dimension
   * @param batch size of a sample; 0 for all
   * @param all size of the data
   */
  public static double spread(double width, int batch, double all) {
    double root = 1 + Math.sqrt(width / (batch == 0 ? Math.max(1, all) : batch));
    return root * root;
  }

  /** Two digits: scales are rules of thumb. */
  public static double rounded(double number) {
    return new BigDecimal(number).round(new MathContext(2)).doubleValue();
  }
}
