package org.stackel.algorithm;

import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;
import org.stackel.config.OptionRecord;
import org.stackel.config.Rules;
import org.stackel.hypergradient.SpectralInverse;
import org.stackel.optim.Schedule;
import org.stackel.oracle.Sampling;
import org.stackel.oracle.StochasticOracle;
import org.stackel.problem.Scales;
import org.stackel.problem.Start;
import org.stackel.problem.Trait;
import org.stackel.problem.UpperStep;
import org.stackel.tensor.Tensors;
import org.stackel.theory.Analysis;
import org.stackel.theory.TheoryPlan;

/**
 * MGBiO (Huang: "On Momentum-Based Gradient Methods for Bilevel Optimization with Nonconvex
 * Lower-Level", arXiv 2303.03944, Algorithm 1): relaxed projected gradient steps with the exact,
 * clipped hypergradient.
 *
 * <pre>
 *   v  = ∇y G(x, y)
 *   w  = ∇x F - P[∇²xy G] S[∇²yy G]⁻¹ P[∇y F]        ({@link SpectralInverse})
 *   x⁺ = x + relaxation (P_X(x - upperLr w) - x)
 *   y⁺ = y - relaxation lowerLr v
 * </pre>
 *
 * <p>P_X is the problem's projection. One step asks for one gradient of each loss and for dense
 * second derivatives: for y of dimension p, p Hessian and p cross products; for small problems.
 *
 * <p><b>Difference from the paper</b>: none; where it speaks of both eigenvalues and singular
 * values of the Hessian, eigenvalues are clipped. The paper returns an iterate drawn at random.
 *
 * @param upperLr step size of x (γ in the paper)
 * @param lowerLr step size of y (λ in the paper)
 * @param relaxation share of the way to the new point that a step goes (η in the paper), in (0, 1]
 * @param curvatureMin smallest eigenvalue of ∇²yy G (μ in the paper), to which smaller ones are
 *     clipped, greater than 0; no clip if left out
 * @param curvatureMax largest eigenvalue of ∇²yy G (L_g in the paper), to which larger ones are
 *     clipped, at least curvatureMin; no clip if left out
 * @param upperGradientBound largest norm of ∇y F (C_fy in the paper), to which longer gradients are
 *     clipped, greater than 0; no clip if left out
 * @param crossBound largest singular value of ∇²xy G (C_gxy in the paper), to which larger ones are
 *     clipped, greater than 0; no clip if left out
 * @param sampling whether the derivative products of a step use the same samples
 */
@OptionRecord
@AlgorithmInfo(
    name = "mgbio",
    title = "MGBiO",
    paper = "Huang, arXiv 2303.03944",
    calls = "1 ∇f, 1 ∇g, p Hv, p Jv",
    traits = {Trait.NEEDS_DENSE, Trait.PROJECTS_X})
public record MgBio(
    Schedule upperLr,
    Schedule lowerLr,
    double relaxation,
    @Nullable Double curvatureMin,
    @Nullable Double curvatureMax,
    @Nullable Double upperGradientBound,
    @Nullable Double crossBound,
    Sampling sampling)
    implements BilevelAlgorithm<MgBio.State>, MgBioBuilder.With {

  /** No clips. */
  public MgBio() {
    this(
        Schedule.constant(0.1),
        Schedule.constant(0.1),
        1,
        null,
        null,
        null,
        null,
        Sampling.INDEPENDENT);
  }

  /** Starts from the defaults. */
  public static MgBioBuilder builder() {
    return MgBioBuilder.of(new MgBio());
  }

  /**
   * State, where n is the dimension of x and p that of y.
   *
   * @param x upper variable, shape [n]
   * @param y lower variable, shape [p]
   * @param w the direction of the last step of x, shape [n]
   * @param v the direction of the last step of y, shape [p]
   */
  public record State(Tensor x, Tensor y, Tensor w, Tensor v) implements AlgorithmState {}

  /**
   * Checks the hyperparameters.
   *
   * @throws org.stackel.config.InvalidInputException if one of them breaks its rule
   */
  public MgBio {
    var rules = new Rules("mgbio");
    rules.share("relaxation", relaxation);
    SpectralInverse.check(rules, curvatureMin, curvatureMax, upperGradientBound, crossBound);
  }

  @Override
  public MgBio suitedTo(Scales scales) {
    MgBio usual = Suited.to(scales, UpperStep.PLAIN, this);
    return switch (scales.structure()) {
      case WEIGHTS, NETWORK_WEIGHTS -> usual.withUpperLr(scales.upperLr(UpperStep.NORMALIZED));
      default -> usual;
    };
  }

  @Override
  public SpectralInverse estimator(long t) {
    return new SpectralInverse(curvatureMin, curvatureMax, upperGradientBound, crossBound);
  }

  @Override
  public TheoryPlan theory(Analysis a) {
    Analysis.Clipped clipped = a.clipped();
    double steps = clipped.budget(1) / (clipped.upper(1) * a.epsilon() * a.epsilon());
    return clipped.plan(1).put("relaxation", 1.0).steps(steps);
  }

  @Override
  public State init(Start start, StochasticOracle oracle) {
    SpectralInverse.checkSizes(start.x(), start.y());
    return new State(
        start.x(), start.y(), Tensors.zerosLike(start.x()), Tensors.zerosLike(start.y()));
  }

  @Override
  public State step(long t, State s, StochasticOracle oracle) {
    SpectralInverse inverse = estimator(t);
    Tensor w = inverse.sample(oracle).at(s.x(), s.y()).direction();
    Tensor v = oracle.lower().gradientY(s.x(), s.y());
    Tensor x = relaxed(s.x(), w, upperLr.at(t), relaxation, oracle);
    return new State(x, Tensors.axpy(s.y(), -relaxation * lowerLr.at(t), v), w, v);
  }

  /** {@code x + relaxation (P(x - lr w) - x)}. */
  static Tensor relaxed(Tensor x, Tensor w, double lr, double relaxation, StochasticOracle oracle) {
    Tensor target = oracle.projectX(Tensors.axpy(x, -lr, w));
    return Tensors.axpy(x, relaxation, target.sub(x));
  }
}
