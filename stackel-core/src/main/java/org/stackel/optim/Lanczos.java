package org.stackel.optim;

import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.stackel.config.Rules;
import org.stackel.tensor.Device;
import org.stackel.tensor.StateScope;
import org.stackel.tensor.Tensors;

/**
 * Extreme eigenvalues of a symmetric matrix that is known by its products alone (Lanczos, with full
 * reorthogonalisation: Golub and Van Loan, "Matrix Computations", section 10.3).
 *
 * <p>One step is one product. The values found lie between the extreme eigenvalues; each is within
 * its {@code error} of an eigenvalue. As many steps as there are different eigenvalues give them
 * all.
 *
 * @param steps most steps, at least 1
 */
public record Lanczos(int steps) {
  private static final double EXHAUSTED = 1e-12;

  /**
   * The result.
   *
   * @param smallest an upper bound of the smallest eigenvalue
   * @param largest a lower bound of the largest eigenvalue
   * @param smallestError distance of {@code smallest} from an eigenvalue, at most
   * @param largestError distance of {@code largest} from an eigenvalue, at most
   * @param basis orthonormal vectors, one per step
   */
  public record Spectrum(
      double smallest,
      double largest,
      double smallestError,
      double largestError,
      List<double[]> basis) {
    public Spectrum {
      basis = List.copyOf(basis);
    }
  }

  public Lanczos {
    new Rules("Lanczos").atLeast("steps", steps, 1);
  }

  /**
   * Estimates the extreme eigenvalues.
   *
   * @param product the product with the matrix, in float64
   * @param start a vector other than zero; eigenvectors orthogonal to it are not found
   */
  public Spectrum spectrum(UnaryOperator<double[]> product, double[] start) {
    var basis = new ArrayList<double[]>();
    int most = Math.min(steps, start.length);
    double[] diagonal = new double[most];
    double[] beside = new double[most];
    double[] q = scaled(1 / norm(start), start);
    double scale = 0;
    int done = 0;
    while (done < most) {
      basis.add(q);
      double[] r = product.apply(q).clone();
      diagonal[done] = dot(q, r);
      scale = Math.max(scale, norm(r));
      for (int twice = 0; twice < 2; twice++) {
        for (double[] earlier : basis) {
          add(r, -dot(earlier, r), earlier);
        }
      }
      beside[done] = norm(r);
      done++;
      if (beside[done - 1] <= EXHAUSTED * scale) {
        beside[done - 1] = 0;
        break;
      }
      q = scaled(1 / beside[done - 1], r);
    }
    return extremes(diagonal, beside, done, basis);
  }

  private static Spectrum extremes(
      double[] diagonal, double[] beside, int n, List<double[]> basis) {
    double[] matrix = new double[n * n];
    for (int i = 0; i < n; i++) {
      matrix[i * n + i] = diagonal[i];
      if (i + 1 < n) {
        matrix[i * n + i + 1] = beside[i];
        matrix[(i + 1) * n + i] = beside[i];
      }
    }
    try (var scope = StateScope.open()) {
      var eigen = torch.linalg_eigh(Tensors.of(Device.CPU64, matrix, n, n));
      double[] values = Tensors.toArray(new Tensor(eigen.get0()));
      double[] vectors = Tensors.toArray(new Tensor(eigen.get1()));
      double rest = beside[n - 1];
      return new Spectrum(
          values[0],
          values[n - 1],
          Math.abs(rest * vectors[(n - 1) * n]),
          Math.abs(rest * vectors[n * n - 1]),
          basis);
    }
  }

  private static double dot(double[] a, double[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += a[i] * b[i];
    }
    return sum;
  }

  private static double norm(double[] a) {
    return Math.sqrt(dot(a, a));
  }

  private static void add(double[] to, double factor, double[] what) {
    for (int i = 0; i < to.length; i++) {
      to[i] += factor * what[i];
    }
  }

  private static double[] scaled(double factor, double[] a) {
    double[] b = a.clone();
    for (int i = 0; i < b.length; i++) {
      b[i] *= factor;
    }
    return b;
  }
}
