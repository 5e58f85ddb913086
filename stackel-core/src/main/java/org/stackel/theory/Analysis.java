package org.stackel.theory;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.stackel.config.Options;

/**
 * What analyses have in common: functions of the constants and of the norm ε of ∇Φ to be reached.
 *
 * <p>The orders in ε are those of the papers; the factors are sufficient ones, derived from
 * descent, momentum and tracking lemmas; the Javadoc has them, and docs/check.md every formula. A
 * constant that is asked for and not given is noted ({@link #missing}), and the answer is NaN.
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

  /**
   * B of {@code |D̄f(x,y) - ∇Φ(x)| ≤ (B + L_x1 |∇Φ|) |y - y*|}: from L_x0, L_x1, L_y0, L_y1 and
   * ℓ_g2; from L_f and ℓ_g2; or else {@code L₀ / stretch}, which is right if it bounds the change
   * of D̄f with y also.
   */
  public double bracket() {
    boolean isSplit = constants.Lx0() != null && constants.Ly0() != null && constants.lg2() != null;
    if (!isSplit && constants.Lf() != null && constants.lg2() != null) {
      return bracket(constants.Lf(), 0, constants.Lf(), 0, constants.lg2());
    }
    if (!isSplit && constants.L0() != null) {
      return constants.L0() / stretch();
    }
    if (constants.Lx0() == null && constants.Ly0() == null && constants.lg2() == null) {
      return need("L0", Constants::L0); // easier to have than its parts
    }
    return bracket(
        need("Lx0", Constants::Lx0),
        need("Lx1", Constants::Lx1),
        need("Ly0", Constants::Ly0),
        need("Ly1", Constants::Ly1),
        need("lg2", Constants::lg2));
  }

  private double bracket(double x0, double x1, double y0, double y1, double lg2) {
    double mu = mu();
    double lg1 = lg1();
    double lf0 = lf0();
    return x0
        + x1 * lg1 * lf0 / mu
        + lg1 / mu * (y0 + y1 * lf0)
        + lf0 * (mu * lg2 + lg1 * lg2) / (mu * mu);
  }

  /** L₀ of Φ. */
  public double smoothness() {
    Double given = constants.L0();
    return given == null ? stretch() * bracket() : given;
  }

  /** L₁ of Φ. */
  public double relaxedSmoothness() {
    return constants.L1() != null || constants.Lx1() == null
        ? need("L1", Constants::L1)
        : stretch() * constants.Lx1();
  }

  /** The larger of L_x1 and L_y1: the smoothness of f holds over distances of its inverse. */
  private double relaxed() {
    Double x1 = constants.Lx1();
    Double y1 = constants.Ly1();
    return Math.max(x1 == null ? relaxedSmoothness() / stretch() : x1, y1 == null ? 0 : y1);
  }

  /**
   * A bound of |∇Φ(x)| where {@code Φ(x) - inf Φ ≤ gap}. A step of {@code ∇Φ/(2 (L₀ + L₁ |∇Φ|))},
   * at most 1/(2 L₁) long, decreases Φ by {@code 3/8 |∇Φ|²/(L₀ + L₁ |∇Φ|)}, and by no more than the
   * gap.
   */
  public double steepest(double gap) {
    double d = 4 * gap / 3;
    double l1 = relaxedSmoothness();
    return l1 * d + Math.sqrt(l1 * l1 * d * d + 2 * smoothness() * d);
  }

  /** Variance of a stochastic hypergradient with a tracked z: {@code σ_f1² + 2 σ_g2² (ℓ_f0/μ)²}. */
  public double variance() {
    double z = lf0() / mu();
    double f = need("sigmaF1", Constants::sigmaF1);
    double g = curvatureNoise();
    return f * f + 2 * g * g * z * z;
  }

  /** Whether a given standard deviation is positive. */
  public boolean isNoisy() {
    return Stream.of(constants.sigmaF1(), constants.sigmaG1(), constants.sigmaG2())
        .anyMatch(sigma -> sigma != null && sigma > 0);
  }

  /** σ_g2. */
  private double curvatureNoise() {
    return need("sigmaG2", Constants::sigmaG2);
  }

  /** {@code 1 - β}. */
  public double renewal() {
    return renewal(variance());
  }

  /** {@code 1 - β = min(1, ε²/(512 σ²))}, with which a momentum's noise is at most ε/22. */
  public double renewal(double variance) {
    return variance == 0 ? 1 : Math.min(1, epsilon * epsilon / (512 * variance));
  }

  /** η over 1 - β. */
  public double move() {
    return Math.min(epsilon / (32 * smoothness()), 1 / (16 * relaxedSmoothness()));
  }

  /** τ, the required root mean square of y - y*: {@code min(ε/(16 B), 1/(16 max(L_x1, L_y1)))}. */
  public double target() {
    return Math.min(epsilon / (16 * bracket()), 1 / (16 * relaxed()));
  }

  /**
   * α, the step size of y at which noise keeps y within a third of a distance:
   *
   * <pre>
   *   α = min(1/ℓ_g1, μ distance²/(9 variance))
   * </pre>
   *
   * <p>Derivation: let r be the root mean square of {@code y - y*(x)}, and let y* move by at most D
   * a step, independently of the noise of ∇y G. A gradient step contracts by {@code 1 - αμ}, so
   * {@code r⁺² ≤ ((1 - αμ) r + D)² + α² variance}. By induction
   *
   * <pre>
   *   r_t ≤ (1 - αμ)^t r₀ + D/(αμ) + √(α variance/μ)
   * </pre>
   */
  public double lowerStep(double distance, double variance) {
    double step = 1 / lg1();
    return variance == 0 ? step : Math.min(step, mu() * distance * distance / (9 * variance));
  }

  /** Variance of ∇y G. */
  public double lowerVariance() {
    double sigma = need("sigmaG1", Constants::sigmaG1);
    return sigma * sigma;
  }

  /** The step of x with which y* moves by at most {@code αμτ/3}: {@code αμ²τ/(3 ℓ_g1)}. */
  public double tracked(double lowerStep) {
    return lowerStep * mu() * mu() * target() / (3 * lg1());
  }

  /**
   * ν, the step size of z: {@code min(1/(2 ℓ_g1), μ τ_z²/(5 σ²), μ/(16 σ_g2²))}, {@code τ_z = ε/(16
   * ℓ_g1)}. The noise of {@code ∇²yy G z} grows with z; the last bound leaves a contraction of
   * {@code 1 - 7νμ/8}. Then noise keeps z within τ_z/2.
   */
  public double linearStep() {
    double near = epsilon / (16 * lg1());
    double noise = curvatureNoise();
    double step = 1 / (2 * lg1());
    if (variance() > 0) {
      step = Math.min(step, mu() * near * near / (5 * variance()));
    }
    return noise == 0 ? step : Math.min(step, mu() / (16 * noise * noise));
  }

  /**
   * The step of x with which z* moves slowly enough that z lags by at most τ_z/2: {@code ν μ ε/(80
   * stretch B)}. z* moves by at most {@code stretch B/ℓ_g1} times the step.
   */
  public double solvable(double linearStep) {
    return linearStep * mu() * epsilon / (80 * stretch() * bracket());
  }

  /**
   * T of a normalised step: {@code 8Δ/(ηε)}, and no fewer than in which the first momentum, which
   * is 0, and the first z, which is 0, each add at most ε/16 to the mean.
   */
  public double steps(double upperStep, double renewal, double linearStep) {
    double descent = 8 * delta() / (upperStep * epsilon);
    double momentum = 32 * (1 - renewal) * steepest(delta()) / (renewal * epsilon);
    double solution = 37 * lg1() * lf0() / (linearStep * mu() * mu() * epsilon);
    return Math.max(descent, Math.max(momentum, solution));
  }

  /** Steps of plain descent from the start to a third of a distance. */
  public double warmStart(double lowerStep, double distance) {
    return Math.max(0, Math.log(3 * lowerDistance() / distance) / (lowerStep * mu()));
  }

  /** The estimator of AdamBO and AccBO: a Neumann series of independent samples. */
  public Series series() {
    return new Series();
  }

  /** A Neumann series and its variance. */
  public final class Series {
    private final double mu = mu();
    private final double lg1 = lg1();
    private final double noise = curvatureNoise();

    private Series() {}

    /** η: {@code min(1/ℓ_g1, μ/(2 σ_g2²))}, with which products of noisy factors still shrink. */
    public double step() {
      return Math.min(1 / lg1, mu / (2 * noise * noise));
    }

    /** The terms whose bias {@code ℓ_g1 (1 - ημ)^Q ℓ_f0/μ} is at most this. */
    public double terms(double bias) {
      return Math.max(1, Math.log(lg1 * lf0() / (mu * bias)) / (step() * mu));
    }

    /**
     * Variance of the hypergradient, where b = ℓ_f0² + σ_f1² bounds the square of ∇y F:
     *
     * <pre>
     *   σ_f1² (1 + ℓ_g1²/μ²) + σ_g2² (1 + w) b/μ² + ℓ_g1² w b/μ²,   w = 4 η² σ_g2²
     * </pre>
     *
     * <p>the noise of ∇F through the series, that of the cross product, and that of the factors:
     * after q of them it is at most {@code η² σ_g2² q (1 - ημ/2)^(q-1) b}; the sum over independent
     * chains, times η², is {@code w b/μ²}.
     */
    public double variance() {
      double f = need("sigmaF1", Constants::sigmaF1);
      double b = (lf0() * lf0() + f * f) / (mu * mu);
      double w = noise == 0 ? 0 : 4 * step() * step() * noise * noise;
      return f * f * stretch() * stretch() + noise * noise * (1 + w) * b + lg1 * lg1 * w * b;
    }
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
