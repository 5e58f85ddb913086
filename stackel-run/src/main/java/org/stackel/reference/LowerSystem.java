package org.stackel.reference;

import java.util.Arrays;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;
import org.stackel.optim.Iterations;
import org.stackel.optim.Lanczos;
import org.stackel.tensor.Device;
import org.stackel.tensor.Seed;
import org.stackel.tensor.StateScope;
import org.stackel.tensor.Tensors;

/**
 * The linear system {@code ∇²yy g · v = ∇y f} at a point, solved as well as it can be: with all
 * eigenvalues where y is small, else by conjugate gradients to a relative residual of 1e-10.
 *
 * <p>Where the Hessian is not positive definite there is no {@code ∇Φ} to compare with. A small
 * system is then solved by least squares (its pseudo-inverse); a large one with a damping added to
 * the diagonal that makes it positive definite.
 *
 * <p>Coordinates of y on which neither loss depends, such as the heads of tasks that are in none of
 * the minibatches, are left out: v is zero there.
 */
@SuppressWarnings("ArrayRecordComponent") // nobody compares these records
public final class LowerSystem {
  /** Up to here the Hessian is made as a matrix. */
  public static final int DENSE = 200;

  private static final int LANCZOS_STEPS = 30;
  private static final int MAX_ITERATIONS = 20_000;
  private static final int MAX_DAMPINGS = 60;
  private static final double RESIDUAL = 1e-10;
  private static final double SINGULAR = 1e-12;

  /** Largest relative residual of a system that counts as solved. */
  static final double SOLVED = 1e-6;

  private LowerSystem() {}

  /** How a system was solved. */
  public enum Method {
    /** Eigenvalues of the whole matrix, all positive. */
    DENSE,
    /** Conjugate gradients; all curvatures met are positive. */
    CONJUGATE_GRADIENT,
    /** Pseudo-inverse of an indefinite or singular matrix. */
    LEAST_SQUARES,
    /** Conjugate gradients with a damping, where curvatures are negative. */
    DAMPED
  }

  /**
   * Extreme curvatures of g in y.
   *
   * @param smallest least eigenvalue, or the least value met
   * @param largest greatest eigenvalue, or the greatest value met
   * @param error how far an eigenvalue may be from either; 0 if they are eigenvalues
   */
  public record Curvature(double smallest, double largest, double error) {}

  /**
   * A solution.
   *
   * @param v the solution
   * @param method how it was found
   * @param damping added to the diagonal
   * @param residual {@code |b - (H + damping I) v| / |b|}
   * @param curvature extreme curvatures
   */
  public record Solution(
      double[] v, Method method, double damping, double residual, Curvature curvature) {
    /** Whether the Hessian is positive definite, so that there is a hypergradient. */
    public boolean isHypergradient() {
      return method == Method.DENSE || method == Method.CONJUGATE_GRADIENT;
    }

    /**
     * Whether the system was solved: its residual, which is not a number if a curvature is none. A
     * least-squares solution has a residual by nature, which is reported without a verdict.
     */
    public Finding finding() {
      boolean isFinite =
          Double.isFinite(curvature.smallest)
              && Double.isFinite(curvature.largest)
              && Double.isFinite(residual);
      return new Finding(
          "exact solve",
          isFinite ? residual : Double.NaN,
          isFinite && method == Method.LEAST_SQUARES ? null : (Double) SOLVED);
    }

    private static Solution none(int size, Method method) {
      double[] v = new double[size];
      Arrays.fill(v, Double.NaN);
      var curvature = new Curvature(Double.NaN, Double.NaN, Double.NaN);
      return new Solution(v, method, 0, Double.NaN, curvature);
    }
  }

  /**
   * Solves.
   *
   * @param near the solution at a point nearby: a start, and the same damping; null if there is
   *     none
   */
  public static Solution solve(ExactPoint at, Seed seed, @Nullable Solution near) {
    double[] b = at.upperY();
    if (b.length <= DENSE) {
      return dense(at, b);
    }
    double[] random = normal(seed, b.length);
    double[] product = at.hessian(random);
    if (!isFinite(b) || !isFinite(product)) {
      return Solution.none(b.length, Method.CONJUGATE_GRADIENT);
    }
    if (near != null) {
      return iterated(at, b, near.curvature, near.damping, near.v);
    }
    double[] start = seen(at, b, product, random);
    Lanczos.Spectrum spectrum = new Lanczos(LANCZOS_STEPS).spectrum(at::hessian, start);
    var curvature =
        new Curvature(
            spectrum.smallest(),
            spectrum.largest(),
            Math.max(spectrum.smallestError(), spectrum.largestError()));
    boolean isIndefinite = curvature.smallest < -SINGULAR * curvature.largest;
    double damping = isIndefinite ? -2 * curvature.smallest : 0;
    return iterated(at, b, curvature, damping, new double[b.length]);
  }

  private static boolean isFinite(double[] numbers) {
    return Arrays.stream(numbers).allMatch(Double::isFinite);
  }

  /** The random vector, zero in coordinates on which nothing depends; as it is if none is left. */
  private static double[] seen(ExactPoint at, double[] b, double[] product, double[] random) {
    double[] lowerY = at.lowerY();
    double[] seen = random.clone();
    for (int i = 0; i < seen.length; i++) {
      if (b[i] == 0 && product[i] == 0 && lowerY[i] == 0) {
        seen[i] = 0;
      }
    }
    return Vectors.norm(seen) == 0 ? random : seen;
  }

  private static double[] normal(Seed seed, int size) {
    try (var scope = StateScope.open()) {
      return Tensors.toArray(Tensors.randn(seed, Device.CPU64, size));
    }
  }

  private static Solution iterated(
      ExactPoint at, double[] b, Curvature met, double least, double[] guess) {
    double damping = least;
    double smallest = met.smallest;
    double largest = met.largest;
    for (int attempt = 0; ; attempt++) {
      double shift = damping;
      UnaryOperator<double[]> product = v -> Vectors.plus(at.hessian(v), shift, v);
      Iterated found =
          conjugateGradient(product, b, guess, MAX_ITERATIONS, RESIDUAL * Vectors.norm(b));
      smallest = Math.min(smallest, found.leastCurvature - damping);
      largest = Math.max(largest, found.greatestCurvature - damping);
      var curvature = new Curvature(smallest, largest, met.error);
      if (found.leastCurvature > 0 || attempt == MAX_DAMPINGS) {
        double residual = Vectors.distance(b, product.apply(found.v));
        return new Solution(
            found.v,
            damping > 0 ? Method.DAMPED : Method.CONJUGATE_GRADIENT,
            damping,
            Vectors.norm(b) == 0 ? 0 : residual / Vectors.norm(b),
            curvature);
      }
      damping = Math.max(2 * damping, -2 * smallest + SINGULAR * largest);
    }
  }

  /**
   * What conjugate gradients gave.
   *
   * @param v the solution
   * @param leastCurvature the least {@code pᵀHp / pᵀp} met; if it is not positive they stopped
   *     there
   * @param greatestCurvature the greatest one
   */
  record Iterated(double[] v, double leastCurvature, double greatestCurvature) {}

  /** Conjugate gradients from a guess, to an absolute residual. */
  static Iterated conjugateGradient(
      UnaryOperator<double[]> product, double[] b, double[] guess, int steps, double residual) {
    double[] v = guess.clone();
    double[] r = Vectors.norm(guess) == 0 ? b.clone() : Vectors.minus(b, product.apply(v));
    double[] p = r;
    double rr = Vectors.dot(r, r);
    double least = Double.POSITIVE_INFINITY;
    double greatest = 0;
    for (int i = 0; i < steps && Math.sqrt(rr) > residual; i++) {
      Iterations.next("conjugate gradients", i, steps);
      double[] hp = product.apply(p);
      double curvature = Vectors.dot(p, hp);
      double pp = Vectors.dot(p, p);
      least = Math.min(least, curvature / pp);
      greatest = Math.max(greatest, curvature / pp);
      if (!(curvature > 0)) {
        break;
      }
      double alpha = rr / curvature;
      v = Vectors.plus(v, alpha, p);
      r = Vectors.plus(r, -alpha, hp);
      double next = Vectors.dot(r, r);
      p = Vectors.plus(r, next / rr, p);
      rr = next;
    }
    return new Iterated(v, least, greatest);
  }

  /** The system with any right-hand side, by all eigenvalues of the matrix. */
  static Solution dense(ExactPoint at, double[] b) {
    double[] rows = rows(at, b.length);
    if (!isFinite(b) || !isFinite(rows)) {
      return Solution.none(b.length, Method.DENSE);
    }
    int[] seen = seen(at, b, rows);
    int n = seen.length;
    try (var scope = StateScope.open()) {
      var eigen = torch.linalg_eigh(symmetric(rows, b.length, seen));
      double[] values = Tensors.toArray(new Tensor(eigen.get0()));
      double[] vectors = Tensors.toArray(new Tensor(eigen.get1())); // columns
      double largest = Math.max(Math.abs(values[0]), Math.abs(values[n - 1]));
      double[] v = new double[b.length];
      for (int k = 0; k < n; k++) {
        if (Math.abs(values[k]) > SINGULAR * largest) {
          double part = 0;
          for (int i = 0; i < n; i++) {
            part += vectors[i * n + k] * b[seen[i]];
          }
          for (int i = 0; i < n; i++) {
            v[seen[i]] += part / values[k] * vectors[i * n + k];
          }
        }
      }
      double norm = Vectors.norm(b);
      return new Solution(
          v,
          values[0] > SINGULAR * largest ? Method.DENSE : Method.LEAST_SQUARES,
          0,
          norm == 0 ? 0 : Vectors.distance(b, at.hessian(v)) / norm,
          new Curvature(values[0], values[n - 1], 0));
    }
  }

  /** Coordinates on which something depends; all if there is none. */
  private static int[] seen(ExactPoint at, double[] b, double[] rows) {
    int n = b.length;
    double[] lowerY = at.lowerY();
    int[] seen =
        IntStream.range(0, n)
            .filter(
                i ->
                    b[i] != 0
                        || lowerY[i] != 0
                        || Arrays.stream(rows, i * n, (i + 1) * n).anyMatch(h -> h != 0))
            .toArray();
    return seen.length == 0 ? IntStream.range(0, n).toArray() : seen;
  }

  /** The Hessian, row by row. */
  private static double[] rows(ExactPoint at, int n) {
    double[] numbers = new double[n * n];
    for (int i = 0; i < n; i++) {
      double[] unit = new double[n];
      unit[i] = 1;
      System.arraycopy(at.hessian(unit), 0, numbers, i * n, n);
    }
    return numbers;
  }

  /** Half the sum with its transpose, of some rows and columns: symmetry is checked elsewhere. */
  private static Tensor symmetric(double[] rows, int size, int[] seen) {
    int n = seen.length;
    double[] numbers = new double[n * n];
    for (int i = 0; i < n; i++) {
      for (int j = 0; j < n; j++) {
        numbers[i * n + j] = rows[seen[i] * size + seen[j]];
      }
    }
    Tensor matrix = Tensors.of(Device.CPU64, numbers, n, n);
    return Tensors.scale(0.5, matrix.add(matrix.t()));
  }
}
