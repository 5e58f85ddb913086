package org.stackel.tensor;

import java.util.Arrays;
import org.bytedeco.pytorch.Tensor;

/**
 * A linear combination of vectors of one size, which is computed once, when all of its terms are
 * known:
 *
 * <pre>{@code
 * Tensor z = LinearSum.of(s.z()).plus(-lr, hessian).plus(lr, b).get();
 * }</pre>
 *
 * <p>Small vectors are one pass over arrays; of others the first term is copied, and the rest added
 * to the copy.
 */
public final class LinearSum {
  private final double[] factors;
  private final Tensor[] vectors;

  private LinearSum(double[] factors, Tensor[] vectors) {
    this.factors = factors;
    this.vectors = vectors;
  }

  /** One vector. */
  public static LinearSum of(Tensor vector) {
    return of(1, vector);
  }

  /** {@code a x}. */
  public static LinearSum of(double a, Tensor x) {
    return new LinearSum(new double[] {a}, new Tensor[] {x});
  }

  /** This, and {@code x}. */
  public LinearSum plus(Tensor x) {
    return plus(1, x);
  }

  /** This, less {@code x}. */
  public LinearSum minus(Tensor x) {
    return plus(-1, x);
  }

  /** This, and {@code a x}. */
  public LinearSum plus(double a, Tensor x) {
    return plus(a, of(x));
  }

  /** This, less another one. */
  public LinearSum minus(LinearSum other) {
    return plus(-1, other);
  }

  /** This, and a times another one. */
  public LinearSum plus(double a, LinearSum other) {
    int size = vectors.length;
    double[] all = Arrays.copyOf(factors, size + other.vectors.length);
    Tensor[] terms = Arrays.copyOf(vectors, all.length);
    for (int i = size; i < all.length; i++) {
      all[i] = a * other.factors[i - size];
      terms[i] = other.vectors[i - size];
    }
    return new LinearSum(all, terms);
  }

  /** The vector: a new one. */
  public Tensor get() {
    return Plain.are(vectors[0], vectors) ? plain() : byLibtorch();
  }

  private Tensor plain() {
    double[] sum = Plain.read(vectors[0]);
    if (factors[0] != 1) {
      for (int i = 0; i < sum.length; i++) {
        sum[i] *= factors[0];
      }
    }
    for (int k = 1; k < vectors.length; k++) {
      double a = factors[k];
      double[] x = Plain.read(vectors[k]);
      if (x.length != sum.length) {
        return byLibtorch(); // which broadcasts, or says what does not fit
      }
      for (int i = 0; i < sum.length; i++) {
        sum[i] += a * x[i];
      }
    }
    return Plain.like(vectors[0], sum);
  }

  private Tensor byLibtorch() {
    Tensor sum =
        factors[0] == 1 && vectors.length > 1
            ? Tensors.axpy(vectors[0], factors[1], vectors[1])
            : Tensors.scale(factors[0], vectors[0]);
    for (int k = factors[0] == 1 ? 2 : 1; k < vectors.length; k++) {
      Tensor x = vectors[k];
      if (isLike(x, sum)) {
        sum.add_(x, Tensors.scalar(factors[k], sum)); // nobody else has seen it
      } else {
        sum = Tensors.axpy(sum, factors[k], x);
      }
    }
    return sum;
  }

  private static boolean isLike(Tensor x, Tensor sum) {
    return !x.requires_grad()
        && !sum.requires_grad()
        && x.is_same_size(sum)
        && x.element_size() == sum.element_size();
  }
}
