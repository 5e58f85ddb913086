package org.stackel.algorithm;

import org.jspecify.annotations.Nullable;
import org.stackel.config.OptionRecord;
import org.stackel.config.Rules;
import org.stackel.hypergradient.SpectralInverse;
import org.stackel.optim.Schedule;
import org.stackel.oracle.SampledObjective;
import org.stackel.oracle.Sampling;
import org.stackel.oracle.StochasticOracle;
import org.stackel.problem.Scales;
import org.stackel.problem.Start;
import org.stackel.problem.Trait;
import org.stackel.theory.Analysis;
import org.stackel.theory.TheoryPlan;

/**
 * VR-MSGBiO (Huang: "On Momentum-Based Gradient Methods for Bilevel Optimization with Nonconvex
 * Lower-Level", arXiv 2303.03944, Algorithm 3): {@link MsgBio} with recursive momentum on every
 * derivative.
 *
 * <pre>
 *   η  = k / (m + t)^⅓, t from 1
 *   x⁺ = x + η (P_X(x - upperLr w) - x)
 *   y⁺ = y - η lowerLr v
 *   with coefficients c η², at most 1, and new and old point on the same samples:
 *   u⁺ = ∇x F(x⁺, y⁺) + (1 - c η²) (u - ∇x F(x, y))
 *   and so for h, v, J, H; then the clips of h, J, H, and w⁺ = u⁺ - J⁺ H⁺⁻¹ h⁺
 * </pre>
 *
 * <p>One step asks for two gradients of each loss and twice for dense second derivatives: for y of
 * dimension p, 2p Hessian and 2p cross products. For small problems.
 *
 * <p><b>Difference from the paper</b>: as in {@link MsgBio}.
 *
 * @param upperLr step size of x (γ in the paper)
 * @param lowerLr step size of y (λ in the paper)
 * @param k scale of the decreasing step size η (k), greater than 0
 * @param m offset of the step number in the decreasing step size η (m), at least k³
 * @param coefficients coefficients of the averages of all derivatives (c), each greater than 0;
 *     that of {@code cross} is by default so large that there is no average where x has a component
 *     for each example
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
    name = "vr-msgbio",
    title = "VR-MSGBiO",
    paper = "Huang, arXiv 2303.03944",
    calls = "2 ∇f, 2 ∇g, 2p Hv, 2p Jv",
    traits = {Trait.NEEDS_DENSE, Trait.PROJECTS_X})
public record VrMsgBio(
    Schedule upperLr,
    Schedule lowerLr,
    double k,
    double m,
    MsgBio.Coefficients coefficients,
    @Nullable Double curvatureMin,
    @Nullable Double curvatureMax,
    @Nullable Double upperGradientBound,
    @Nullable Double crossBound)
    implements BilevelAlgorithm<MsgBio.State>, VrMsgBioBuilder.With {

  /** No clips. */
  public VrMsgBio() {
    this(
        Schedule.constant(0.1),
        Schedule.constant(0.1),
        1,
        8,
        MsgBio.Coefficients.DEFAULTS,
        null,
        null,
        null,
        null);
  }

  /** Starts from the defaults. */
  public static VrMsgBioBuilder builder() {
    return VrMsgBioBuilder.of(new VrMsgBio());
  }

  /**
   * Checks the hyperparameters.
   *
   * @throws org.stackel.config.InvalidInputException if one of them breaks its rule
   */
  public VrMsgBio {
    var rules = new Rules("vr-msgbio");
    rules.positive("k", k);
    rules.positive("m", m);
    if (m < k * k * k) {
      throw rules.broken("m", m, "must be at least k³, " + k * k * k, "k is too large.");
    }
    coefficients.check("vr-msgbio");
    SpectralInverse.check(rules, curvatureMin, curvatureMax, upperGradientBound, crossBound);
  }

  /** No choice: one sample of each level serves all derivatives. */
  @Override
  public Sampling sampling() {
    return Sampling.INDEPENDENT;
  }

  @Override
  public VrMsgBio suitedTo(Scales scales) {
    VrMsgBio usual = MsgBio.suited(scales, 3, 2, this);
    return scales.structure().isPerExample()
        ? usual.withCoefficients(
            usual.coefficients().withCross(RecursiveMomentum.rateOfNone(usual.eta(scales.steps()))))
        : usual;
  }

  @Override
  public boolean reusesSamples() {
    return true;
  }

  @Override
  public SpectralInverse estimator(long t) {
    return new SpectralInverse(curvatureMin, curvatureMax, upperGradientBound, crossBound);
  }

  @Override
  public TheoryPlan theory(Analysis a) {
    return MsgBio.theory(a, 2.0 / 3 + 2, 3);
  }

  @Override
  public MsgBio.State init(Start start, StochasticOracle oracle) {
    return MsgBio.first(start, estimator(0), oracle);
  }

  @Override
  public MsgBio.State step(long t, MsgBio.State s, StochasticOracle oracle) {
    double eta = eta(t);
    Start to = s.moved(eta, upperLr.at(t), lowerLr.at(t), oracle);
    SampledObjective upper = oracle.upper();
    SampledObjective lower = oracle.lower();
    var there = MsgBio.Derivatives.at(upper, lower, to.x(), to.y());
    var here = MsgBio.Derivatives.at(upper, lower, s.x(), s.y());
    var c = coefficients.weights(eta * eta);
    var averages =
        new MsgBio.Derivatives(
            RecursiveMomentum.update(1 - c.upperX(), s.u(), there.upperX(), here::upperX),
            RecursiveMomentum.update(1 - c.upperY(), s.h(), there.upperY(), here::upperY),
            RecursiveMomentum.update(1 - c.lowerY(), s.v(), there.lowerY(), here::lowerY),
            RecursiveMomentum.update(1 - c.cross(), s.cross(), there.cross(), here::cross),
            RecursiveMomentum.update(1 - c.hessian(), s.hessian(), there.hessian(), here::hessian));
    return MsgBio.State.at(to.x(), to.y(), averages, estimator(0));
  }

  private double eta(long t) {
    return k / Math.cbrt(m + t + 1);
  }
}
