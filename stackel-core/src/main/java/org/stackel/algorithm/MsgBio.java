package org.stackel.algorithm;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;
import org.stackel.config.InvalidInputException;
import org.stackel.config.OptionRecord;
import org.stackel.config.Options;
import org.stackel.config.Rules;
import org.stackel.hypergradient.SpectralInverse;
import org.stackel.optim.Schedule;
import org.stackel.oracle.Gradient;
import org.stackel.oracle.Linearization;
import org.stackel.oracle.SampledObjective;
import org.stackel.oracle.Sampling;
import org.stackel.oracle.SecondDerivatives;
import org.stackel.oracle.StochasticOracle;
import org.stackel.problem.Scales;
import org.stackel.problem.Start;
import org.stackel.problem.Trait;
import org.stackel.problem.UpperStep;
import org.stackel.tensor.Tensors;
import org.stackel.theory.Analysis;
import org.stackel.theory.TheoryPlan;

/**
 * MSGBiO (Huang: "On Momentum-Based Gradient Methods for Bilevel Optimization with Nonconvex
 * Lower-Level", arXiv 2303.03944, Algorithm 2): {@link MgBio} on moving averages of every
 * derivative.
 *
 * <pre>
 *   η  = k / √(m + t), t from 1
 *   x⁺ = x + η (P_X(x - upperLr w) - x)
 *   y⁺ = y - η lowerLr v
 *   at (x⁺, y⁺), with coefficients c η, at most 1:
 *   u⁺ = average(u, ∇x F),  h⁺ = P[average(h, ∇y F)],  v⁺ = average(v, ∇y G)
 *   J⁺ = P[average(J, ∇²xy G)],  H⁺ = S[average(H, ∇²yy G)]     (clips of {@link SpectralInverse})
 *   w⁺ = u⁺ - J⁺ H⁺⁻¹ h⁺
 * </pre>
 *
 * <p>One step asks for one gradient of each loss and for dense second derivatives: for y of
 * dimension p, p Hessian and p cross products. As in the paper, one sample serves all derivatives
 * of a level. The state holds both matrices; for small problems.
 *
 * <p><b>Difference from the paper</b>: as in {@link MgBio}. The defaults of the step sizes, k, m
 * and the coefficients are ours, within the conditions of its theorem.
 *
 * @param upperLr step size of x (γ in the paper)
 * @param lowerLr step size of y (λ in the paper)
 * @param k scale of the decreasing step size η (k), greater than 0
 * @param m offset of the step number in the decreasing step size η (m), at least k²
 * @param coefficients coefficients of the averages of all derivatives (c), each greater than 0
 * @param curvatureMin smallest eigenvalue of ∇²yy G (μ in the paper), to which smaller ones are
 *     clipped, greater than 0; no clip if left out
 * @param curvatureMax largest eigenvalue of ∇²yy G (L_g in the paper), to which larger ones are
 *     clipped, at least curvatureMin; no clip if left out
 * @param upperGradientBound largest norm of ∇y F (C_fy in the paper), to which longer gradients are
 *     clipped, greater than 0; no clip if left out
 * @param crossBound largest singular value of ∇²xy G (C_gxy in the paper), to which larger ones are
 *     clipped, greater than 0; no clip if left out
 */
@OptionRecord
@AlgorithmInfo(
    name = "msgbio",
    title = "MSGBiO",
    paper = "Huang, arXiv 2303.03944",
    calls = "1 ∇f, 1 ∇g, p Hv, p Jv",
    traits = {Trait.NEEDS_DENSE, Trait.PROJECTS_X})
public record MsgBio(
    Schedule upperLr,
    Schedule lowerLr,
    double k,
    double m,
    Coefficients coefficients,
    @Nullable Double curvatureMin,
    @Nullable Double curvatureMax,
    @Nullable Double upperGradientBound,
    @Nullable Double crossBound)
    implements BilevelAlgorithm<MsgBio.State>, MsgBioBuilder.With {

  /** No clips. */
  public MsgBio() {
    this(
        Schedule.constant(0.1),
        Schedule.constant(0.1),
        1,
        8,
        Coefficients.DEFAULTS,
        null,
        null,
        null,
        null);
  }

  /** Starts from the defaults. */
  public static MsgBioBuilder builder() {
    return MsgBioBuilder.of(new MsgBio());
  }

  /**
   * How fast each average forgets, in multiples of what the method's schedule says.
   *
   * @param upperX coefficient of the average of the upper gradient in x (u), greater than 0
   * @param upperY coefficient of the average of the upper gradient in y (h), greater than 0
   * @param lowerY coefficient of the average of the lower gradient (v), greater than 0
   * @param cross coefficient of the average of the cross derivative (J), greater than 0
   * @param hessian coefficient of the average of the Hessian (H), greater than 0
   */
  @OptionRecord
  public record Coefficients(
      double upperX, double upperY, double lowerY, double cross, double hessian)
      implements MsgBioCoefficientsBuilder.With {
    static final Coefficients DEFAULTS = new Coefficients(2, 2, 2, 2, 2);

    void check(String owner) {
      var rules = new Rules("the coefficients of " + owner);
      try {
        rules.positive("upperX", upperX);
        rules.positive("upperY", upperY);
        rules.positive("lowerY", lowerY);
        rules.positive("cross", cross);
        rules.positive("hessian", hessian);
      } catch (InvalidInputException e) {
        throw e.under("coefficients");
      }
    }

    /** Weights of the new: {@code min(1, c · factor)}. */
    Coefficients weights(double factor) {
      return new Coefficients(
          Math.min(1, upperX * factor),
          Math.min(1, upperY * factor),
          Math.min(1, lowerY * factor),
          Math.min(1, cross * factor),
          Math.min(1, hessian * factor));
    }
  }

  /**
   * State, where n is the dimension of x and p that of y.
   *
   * @param x upper variable, shape [n]
   * @param y lower variable, shape [p]
   * @param w direction of x, shape [n]
   * @param u average of ∇x F, shape [n]
   * @param h average of ∇y F, shape [p]
   * @param v average of ∇y G, direction of y, shape [p]
   * @param cross average of ∇²xy G, shape [n, p]
   * @param hessian average of ∇²yy G, shape [p, p]
   */
  public record State(
      Tensor x, Tensor y, Tensor w, Tensor u, Tensor h, Tensor v, Tensor cross, Tensor hessian)
      implements AlgorithmState {
    /** Clips the averages of a point and adds w. */
    static State at(Tensor x, Tensor y, Derivatives average, SpectralInverse clips) {
      Tensor h = clips.shorten(average.upperY());
      Tensor cross = clips.clipCross(average.cross());
      SpectralInverse.Spectrum spectrum = clips.spectrum(average.hessian());
      Tensor w = average.upperX().sub(cross.mv(spectrum.solve(h)));
      return new State(x, y, w, average.upperX(), h, average.lowerY(), cross, spectrum.matrix());
    }

    Derivatives averages() {
      return new Derivatives(u, h, v, cross, hessian);
    }

    /** Where x and y go. */
    Start moved(double eta, double upperLr, double lowerLr, StochasticOracle oracle) {
      return new Start(
          MgBio.relaxed(x, w, upperLr, eta, oracle), Tensors.axpy(y, -eta * lowerLr, v));
    }
  }

  /** Every derivative at a point on one sample of each level, or their averages. */
  record Derivatives(Tensor upperX, Tensor upperY, Tensor lowerY, Tensor cross, Tensor hessian) {
    static Derivatives at(SampledObjective upper, SampledObjective lower, Tensor x, Tensor y) {
      Gradient f = upper.gradient(x, y);
      Linearization g = lower.linearize(x, y);
      SecondDerivatives dense = g.dense();
      return new Derivatives(f.x(), f.y(), g.gradY(), dense.cross(), dense.hessian());
    }

    /** {@code (1 - c) this + c other}, each with its own c. */
    Derivatives towards(Derivatives other, Coefficients c) {
      return new Derivatives(
          mix(upperX, other.upperX, c.upperX()),
          mix(upperY, other.upperY, c.upperY()),
          mix(lowerY, other.lowerY, c.lowerY()),
          mix(cross, other.cross, c.cross()),
          mix(hessian, other.hessian, c.hessian()));
    }

    private static Tensor mix(Tensor a, Tensor b, double c) {
      return Tensors.combine(1 - c, a, c, b);
    }
  }

  /**
   * Checks the hyperparameters.
   *
   * @throws org.stackel.config.InvalidInputException if one of them breaks its rule
   */
  public MsgBio {
    var rules = new Rules("msgbio");
    rules.positive("k", k);
    rules.positive("m", m);
    if (m < k * k) {
      throw rules.broken("m", m, "must be at least k², " + k * k, "k is too large.");
    }
    coefficients.check("msgbio");
    SpectralInverse.check(rules, curvatureMin, curvatureMax, upperGradientBound, crossBound);
  }

  /** No choice: one sample of each level serves all derivatives. */
  @Override
  public Sampling sampling() {
    return Sampling.INDEPENDENT;
  }

  @Override
  public MsgBio suitedTo(Scales scales) {
    return suited(scales, 2, 3, this);
  }

  /**
   * The step sizes of x and y on a problem, which {@code η_t} multiplies.
   *
   * @param root η falls like this root of the step number, from about 9 on
   * @param scale over η at the start
   */
  static <A extends Record> A suited(Scales scales, int root, double scale, A algorithm) {
    Map<String, Object> rates =
        switch (scales.structure()) {
          case SMOOTH ->
              Map.of(
                  "upperLr", scales.fallingUpperLr(9, 1.0 / root),
                  "lowerLr", Scales.rounded(scale * scales.lowerLr()));
          case WEIGHTS, NETWORK_WEIGHTS ->
              Map.of("upperLr", scales.upperLr(UpperStep.NORMALIZED).toOption());
          case SADDLE -> Map.of("upperLr", 3, "lowerLr", 2 * scales.lowerLr());
          default -> Map.of();
        };
    return Options.bind(Suited.to(scales, UpperStep.PLAIN, algorithm), rates, "an algorithm");
  }

  @Override
  public SpectralInverse estimator(long t) {
    return new SpectralInverse(curvatureMin, curvatureMax, upperGradientBound, crossBound);
  }

  @Override
  public TheoryPlan theory(Analysis a) {
    return theory(a, 2, 2);
  }

  /**
   * {@code η_t = k/(m+t)^(1/root)} with k = 1, and T with which the mean of |∇Φ(x_t)| is at most ε
   * without noise. The paper's T has the variances of whole matrices in its factor, which are no
   * constants here.
   *
   * @param coefficient of every average
   */
  static TheoryPlan theory(Analysis a, double coefficient, int root) {
    Analysis.Clipped clipped = a.clipped();
    double square = coefficient * coefficient;
    double m = Math.max(1, root == 2 ? square : square * coefficient);
    double eta = Math.pow(m + 1, -1.0 / root);
    var coefficients = new LinkedHashMap<String, Object>();
    for (String name : List.of("upperX", "upperY", "lowerY", "cross", "hessian")) {
      coefficients.put(name, coefficient);
    }
    // (m + T)^(1/root) ≤ (2T)^(1/root) from T = m on.
    double base =
        Math.pow(2, 1.0 / root)
            * clipped.budget(eta)
            / (clipped.upper(eta) * a.epsilon() * a.epsilon());
    TheoryPlan plan =
        clipped
            .plan(eta)
            .put("k", 1.0)
            .put("m", Math.ceil(m))
            .put("coefficients", coefficients)
            .steps(Math.max(m, Math.pow(base, root / (root - 1.0))));
    return a.isNoisy()
        ? plan.remark(
            "The number of steps is that of a run without noise: the averages make up for noise whose standard deviations are of the order of epsilon.")
        : plan;
  }

  @Override
  public State init(Start start, StochasticOracle oracle) {
    return first(start, estimator(0), oracle);
  }

  static State first(Start start, SpectralInverse clips, StochasticOracle oracle) {
    SpectralInverse.checkSizes(start.x(), start.y());
    var here = Derivatives.at(oracle.upper(), oracle.lower(), start.x(), start.y());
    return State.at(start.x(), start.y(), here, clips);
  }

  @Override
  public State step(long t, State s, StochasticOracle oracle) {
    double eta = k / Math.sqrt(m + t + 1);
    Start to = s.moved(eta, upperLr.at(t), lowerLr.at(t), oracle);
    var there = Derivatives.at(oracle.upper(), oracle.lower(), to.x(), to.y());
    Derivatives averages = s.averages().towards(there, coefficients.weights(eta));
    return State.at(to.x(), to.y(), averages, estimator(0));
  }
}
