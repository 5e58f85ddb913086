package org.stackel.theory;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.stackel.config.Options;

/**
 * What analyses have in common: functions of the constants and of the norm ε of ∇Φ to be reached.
 *
 * <p>The orders in ε are those of the papers; the factors are sufficient ones, derived from
 * descent, momentum and tracking lemmas, and small. docs/check.md has every formula. A constant
 * that is asked for and not given is noted ({@link #missing}), and the answer is NaN.
 */
public final class Analysis {
  private final double epsilon;
  private final Constants constants;
  private final List<String> missing = new ArrayList<>();

  /**
   * An analysis.
   *
   * @param epsilon the norm of ∇Φ to be reached
   * @param constants of the problem, as far as they are known
   */
  public Analysis(double epsilon, Constants constants) {
    this.epsilon = epsilon;
    this.constants = constants;
  }

  /** ε, the norm of ∇Φ to be reached. */
  public double epsilon() {
    return epsilon;
  }

  /** The constants that were requested but are not given, in the order of {@link Constants}. */
  public List<String> missing() {
    List<String> order = List.copyOf(Options.toMap(Constants.NONE).keySet());
    var sorted = new ArrayList<>(missing);
    sorted.sort(Comparator.comparingInt(order::indexOf));
    return Collections.unmodifiableList(sorted);
  }

  private double need(String name, Function<Constants, @Nullable Double> of) {
    Double value = of.apply(constants);
    if (value == null) {
      if (!missing.contains(name)) {
        missing.add(name);
      }
      return Double.NaN;
    }
    return value;
  }

  /** μ, strong convexity of g in y. */
  public double mu() {
    return need("mu", Constants::mu);
  }

  /** ℓ_g1, Lipschitz constant of ∇g. */
  public double lg1() {
    return need("lg1", Constants::lg1);
  }

  /** ℓ_f0, bound of |∇y f|. */
  public double lf0() {
    return need("lf0", Constants::lf0);
  }

  /** Δ = Φ(x₀) - inf Φ. */
  public double delta() {
    return need("delta", Constants::delta);
  }

  /** |y₀ - y*(x₀)|. */
  public double lowerDistance() {
    return need("lowerDistance", Constants::lowerDistance);
  }

  /** {@code √(1 + ℓ_g1²/μ²)}: Lipschitz constant of x ↦ (x, y*(x)). */
  public double stretch() {
    return Math.hypot(1, lg1() / mu());
  }

  /** {@code |D̄f(x,y) - ∇Φ(x)| ≤ (bracket + L_x1 |∇Φ|) |y - y*|}: L̄₀. */
  public double bracket() {
    if (constants.L0() != null) {
      return constants.L0() / stretch();
    }
    if (constants.Lx0() == null && constants.Ly0() == null && constants.lg2() == null) {
      return need("L0", Constants::L0); // easier to have than its parts
    }
    double mu = mu();
    double lg1 = lg1();
    double lf0 = lf0();
    double lg2 = need("lg2", Constants::lg2);
    return need("Lx0", Constants::Lx0)
        + need("Lx1", Constants::Lx1) * lg1 * lf0 / mu
        + lg1 / mu * (need("Ly0", Constants::Ly0) + need("Ly1", Constants::Ly1) * lf0)
        + lf0 * (mu * lg2 + lg1 * lg2) / (mu * mu);
  }

  /** L₀ of Φ. */
  public double smoothness() {
    return stretch() * bracket();
  }

  /** L₁ of Φ. */
  public double relaxedSmoothness() {
    return constants.L1() != null || constants.Lx1() == null
        ? need("L1", Constants::L1)
        : stretch() * constants.Lx1();
  }

  /** Variance of a stochastic hypergradient with the exact z. */
  public double variance() {
    double z = lf0() / mu();
    double f = need("sigmaF1", Constants::sigmaF1);
    double g = need("sigmaG2", Constants::sigmaG2);
    return f * f + 2 * g * g * z * z;
  }

  /** {@code 1 - β}. */
  public double renewal() {
    double variance = variance();
    return variance == 0 ? 1 : Math.min(1, epsilon * epsilon / (512 * variance));
  }

  /** η over 1 - β. */
  public double move() {
    return Math.min(epsilon / (32 * smoothness()), 1 / (16 * relaxedSmoothness()));
  }

  /** τ, the required distance from y*. */
  public double target() {
    return epsilon / (64 * bracket());
  }

  /** The step size at which noise keeps y within a distance of y*. */
  public double lowerStep(double distance, double variance) {
    double step = 1 / lg1();
    return variance == 0 ? step : Math.min(step, mu() * distance * distance / (9 * variance));
  }

  /** Variance of ∇y G. */
  public double lowerVariance() {
    double sigma = need("sigmaG1", Constants::sigmaG1);
    return sigma * sigma;
  }

  /** The step of x with which y* moves slowly enough for plain descent. */
  public double tracked(double lowerStep) {
    return lowerStep * mu() * mu() * target() / (Math.sqrt(18) * lg1());
  }

  /** Steps of plain descent from the start to the distance τ. */
  public double warmStart(double rate) {
    double d = lowerDistance();
    double t = target();
    return Math.max(0, 2 / rate * Math.log(3 * d * d / (t * t)));
  }

  /** Terms of a Neumann series with step 1/ℓ_g1 whose bias is at most ε/8. */
  public double neumannTerms() {
    double lg1 = lg1();
    double mu = mu();
    return Math.max(1, Math.log(lg1 * lf0() / (mu * epsilon / 8)) * lg1 / mu);
  }

  /** Conditions of Huang's methods, whose lower level satisfies the PL condition. */
  public Clipped clipped() {
    return new Clipped();
  }

  /** Bounds of Huang's estimator, and quantities derived from them. */
  public final class Clipped {
    private final double mu = mu();
    private final double lg = lg1();
    private final double lf = need("Lf", Constants::Lf);
    private final double lg2 = need("lg2", Constants::lg2);
    private final double fy = lf0();
    private final double gxy = need("crossBound", Constants::crossBound);
    private final double gap = need("lowerGap", Constants::lowerGap);

    private Clipped() {}

    /** L_Φ. */
    public double smoothness() {
      return (1 + gxy / mu) * (lf + lf * gxy / mu + lg2 * fy / mu + lg2 * gxy * fy / (mu * mu));
    }

    /** L̂: how the estimator's error grows with the distance from y*. */
    public double error() {
      double a = lf;
      double b = lg2 * fy / mu;
      double c = lg2 * gxy * fy / (mu * mu);
      double d = lf * gxy / mu;
      return 2 * Math.sqrt(a * a + b * b + c * c + d * d);
    }

    /** λ, the step size of y, with η of the schedule. */
    public double lower(double eta) {
      return 1 / (eta * lg);
    }

    /** γ, the step size of x, with η of the schedule. */
    public double upper(double eta) {
      return Math.min(1 / (2 * eta * smoothness()), lower(eta) * mu * mu / (9 * error() * lg));
    }

    /** {@code 2 (Δ + c h₁)}, the bound of {@code γ η T} times the mean of |∇Φ|². */
    public double budget(double eta) {
      double error = error();
      double c = 4 * upper(eta) * error * error / (lower(eta) * mu * mu);
      return 2 * (delta() + c * gap);
    }

    /** Puts step sizes and bounds into a plan. */
    public TheoryPlan plan(double eta) {
      TheoryPlan plan =
          new TheoryPlan()
              .put("upperLr", upper(eta))
              .put("lowerLr", lower(eta))
              .put("curvatureMin", mu)
              .put("curvatureMax", lg);
      if (fy > 0) {
        plan.put("upperGradientBound", fy);
      }
      return gxy > 0 ? plan.put("crossBound", gxy) : plan;
    }
  }
}
