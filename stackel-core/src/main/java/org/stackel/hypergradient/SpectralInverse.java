package org.stackel.hypergradient;

import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;
import org.stackel.config.InvalidInputException;
import org.stackel.config.Rules;
import org.stackel.oracle.Gradient;
import org.stackel.oracle.SampledObjective;
import org.stackel.oracle.SecondDerivatives;
import org.stackel.oracle.StochasticOracle;
import org.stackel.tensor.Tensors;

/**
 * The exact solution of the linear system, with every factor forced into the set where theory has
 * it (MGBiO, equation 9):
 *
 * <pre>
 *   direction = ∇x f - P[∇²xy g] S[∇²yy g]⁻¹ P[∇y f]
 * </pre>
 *
 * <p>S makes H symmetric and clips its eigenvalues to [curvatureMin, curvatureMax]: the nearest
 * symmetric matrix with such eigenvalues. P shortens ∇y f to upperGradientBound, and clips the
 * singular values of the cross derivative to crossBound. A bound that is left out does not act. H
 * is diagonalised: directions of eigenvalue 0 are amplified by 1/curvatureMin, and without that
 * bound the solution is not finite; {@link NormalEquation} ignores them instead.
 *
 * <p>Dense: one estimate counts as many Hessian and cross products as y has numbers, and costs the
 * cube of that number besides. Refused where the dimension of y exceeds {@value #MAX_LOWER}, or the
 * cross derivative {@value #MAX_CROSS} entries.
 *
 * @param curvatureMin μ, greater than 0
 * @param curvatureMax L_g, at least μ
 * @param upperGradientBound C_fy, largest norm of ∇y f
 * @param crossBound C_gxy, largest singular value of ∇²xy g
 */
public record SpectralInverse(
    @Nullable Double curvatureMin,
    @Nullable Double curvatureMax,
    @Nullable Double upperGradientBound,
    @Nullable Double crossBound)
    implements HypergradientEstimator {
  /** Largest dimension of y. */
  public static final long MAX_LOWER = 2000;

  /** Largest dimension of x times that of y. */
  public static final long MAX_CROSS = 4_000_000;

  /** Without bounds. */
  public static final SpectralInverse UNBOUNDED = new SpectralInverse(null, null, null, null);

  public SpectralInverse {
    check(
        new Rules("the spectral inverse"),
        curvatureMin,
        curvatureMax,
        upperGradientBound,
        crossBound);
  }

  /** The rules of the four bounds, for records that have them as options. */
  public static void check(
      Rules rules,
      @Nullable Double curvatureMin,
      @Nullable Double curvatureMax,
      @Nullable Double upperGradientBound,
      @Nullable Double crossBound) {
    rules.positiveIfGiven("curvatureMin", curvatureMin);
    rules.positiveIfGiven("curvatureMax", curvatureMax);
    rules.positiveIfGiven("upperGradientBound", upperGradientBound);
    rules.positiveIfGiven("crossBound", crossBound);
    if (curvatureMin != null && curvatureMax != null && curvatureMin > curvatureMax) {
      throw rules.broken(
          "curvatureMin",
          curvatureMin,
          "must not exceed curvatureMax, " + curvatureMax,
          "the two are swapped.");
    }
  }

  /** Whether dense second derivatives of these sizes are accepted. */
  public static boolean fits(long upper, long lower) {
    return lower <= MAX_LOWER && upper <= MAX_CROSS / Math.max(1, lower);
  }

  @Override
  public String title() {
    return "spectral inverse";
  }

  @Override
  public SampledHypergradient sample(StochasticOracle oracle) {
    SampledObjective upper = oracle.upper();
    SampledObjective lower = oracle.lower();
    return SampledHypergradient.of(
        oracle,
        (x, y) -> {
          checkSizes(x, y);
          Gradient f = upper.gradient(x, y);
          SecondDerivatives g = lower.linearize(x, y).dense();
          Tensor v = spectrum(g.hessian()).solve(shorten(f.y()));
          return new Hypergradient(f.x().sub(clipCross(g.cross()).mv(v)), v);
        });
  }

  /**
   * Refuses what is too large.
   *
   * @throws InvalidInputException if dense matrices of these sizes are refused
   */
  public static void checkSizes(Tensor x, Tensor y) {
    if (!fits(x.numel(), y.numel())) {
      throw new InvalidInputException(
          "Dense second derivatives are too large: dimension of y is %,d, the limit is %,d; dimension of x times that of y is %,d, the limit is %,d."
              .formatted(y.numel(), MAX_LOWER, x.numel() * y.numel(), MAX_CROSS),
          "an algorithm with Hessian-vector products was meant.");
    }
  }

  /** {@code P[∇y f]}: the vector, no longer than the bound. */
  public Tensor shorten(Tensor vector) {
    if (upperGradientBound == null) {
      return vector;
    }
    Tensor norm = Tensors.norm(vector);
    Tensor factor = norm.reciprocal().mul(new Scalar(upperGradientBound));
    // Where the vector is 0 the factor is infinite.
    return vector.mul(factor.clamp_max(new Scalar(1.0)));
  }

  /** {@code P[∇²xy g]}: the matrix with its singular values clipped. */
  public Tensor clipCross(Tensor cross) {
    if (crossBound == null || !Tensors.isFinite(cross)) {
      return cross; // a decomposition fails on what is not finite
    }
    var svd = torch.linalg_svd(cross, false, null);
    Tensor u = new Tensor(svd.get0());
    Tensor values = new Tensor(svd.get1()).clamp_max(new Scalar(crossBound));
    return u.mul(values).mm(new Tensor(svd.get2()));
  }

  /** {@code S[∇²yy g]}, diagonalised. */
  public Spectrum spectrum(Tensor hessian) {
    Tensor symmetric = Tensors.scale(0.5, hessian.add(hessian.t()));
    if (!Tensors.isFinite(symmetric)) {
      Tensor undefined = symmetric.select(0, 0).mul(new Scalar(Double.NaN));
      return new Spectrum(undefined, Tensors.zerosLike(symmetric));
    }
    var eigen = torch.linalg_eigh(symmetric);
    Tensor values = new Tensor(eigen.get0());
    if (curvatureMin != null) {
      values = values.clamp_min(new Scalar(curvatureMin));
    }
    if (curvatureMax != null) {
      values = values.clamp_max(new Scalar(curvatureMax));
    }
    return new Spectrum(values, new Tensor(eigen.get1()));
  }

  /**
   * A symmetric matrix {@code U diag(values) Uᵀ}.
   *
   * @param values its eigenvalues
   * @param vectors U, an eigenvector a column
   */
  public record Spectrum(Tensor values, Tensor vectors) {
    /** The matrix. */
    public Tensor matrix() {
      return vectors.mul(values).mm(vectors.t());
    }

    /** Its inverse times a vector; not finite if an eigenvalue is 0. */
    public Tensor solve(Tensor b) {
      return vectors.mv(vectors.t().mv(b).div(values));
    }
  }
}
