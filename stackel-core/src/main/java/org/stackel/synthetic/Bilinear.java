package org.stackel.synthetic;

import org.bytedeco.pytorch.Tensor;
import org.stackel.tensor.Tensors;

/** A bilinear form {@code uᵀMv}, differentiable in u and v. */
sealed interface Bilinear {
  /** {@code uᵀMv}, a scalar. */
  Tensor at(Tensor u, Tensor v);

  /** {@code Mv}, the gradient in u. */
  Tensor times(Tensor v);

  /** {@code Mᵀu}, the gradient in v. */
  Tensor transposedTimes(Tensor u);

  /**
   * The matrix itself: for all samples at once.
   *
   * @param matrix M, as many rows as u has numbers, as many columns as v has
   */
  record Whole(Tensor matrix) implements Bilinear {
    @Override
    public Tensor at(Tensor u, Tensor v) {
      return u.dot(matrix.mv(v));
    }

    @Override
    public Tensor times(Tensor v) {
      return matrix.mv(v);
    }

    @Override
    public Tensor transposedTimes(Tensor u) {
      return matrix.t().mv(u);
    }
  }

  /**
   * The mean of rank-one terms {@code l_i r_iᵀ}, one a sample. No matrix is formed: the form is the
   * mean of {@code (l_iᵀu)(r_iᵀv)}.
   *
   * @param left l_i, shape [samples, numbers of u]
   * @param right r_i, shape [samples, numbers of v]; the same tensor for a quadratic form
   */
  record Rows(Tensor left, Tensor right) implements Bilinear {
    @Override
    public Tensor at(Tensor u, Tensor v) {
      return left.mv(u).mul(right.mv(v)).mean();
    }

    @Override
    public Tensor times(Tensor v) {
      return product(left, right, v);
    }

    @Override
    public Tensor transposedTimes(Tensor u) {
      return product(right, left, u);
    }

    private static Tensor product(Tensor outer, Tensor inner, Tensor vector) {
      return Tensors.scale(1.0 / outer.size(0), outer.t().mv(inner.mv(vector)));
    }

    /** The terms of some samples. */
    Rows take(Tensor samples) {
      Tensor some = left.index_select(0, samples);
      return new Rows(some, isSquare() ? some : right.index_select(0, samples));
    }

    @SuppressWarnings("ReferenceEquality") // one tensor, not equal numbers
    private boolean isSquare() {
      return left == right;
    }

    /** The mean as a matrix. */
    Whole whole() {
      return new Whole(Tensors.scale(1.0 / left.size(0), left.t().mm(right)));
    }
  }
}
