package org.stackel.benchmark;

import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.bytedeco.javacpp.DoublePointer;
import org.bytedeco.pytorch.Tensor;
import org.stackel.oracle.Gradient;
import org.stackel.oracle.Linearization;
import org.stackel.oracle.SampledObjective;
import org.stackel.oracle.SecondDerivatives;
import org.stackel.oracle.StochasticOracle;
import org.stackel.problem.ProblemOptions;
import org.stackel.problem.Problems;
import org.stackel.problem.Start;
import org.stackel.tensor.Device;
import org.stackel.tensor.Seed;
import org.stackel.tensor.Tensors;

/**
 * The problem {@code quadratic} with two numbers in x and in y, its answers in closed form:
 *
 * <pre>
 *   g = ½ yᵀAy - yᵀx,   f = ½ |y - d|² + ¼ |x|²,   y*(x) = A⁻¹x,   ∇Φ = ½ x + A⁻¹(A⁻¹x - d)
 * </pre>
 *
 * <p>A step through libtorch's autograd costs ten times as much, and hundreds of thousands are
 * needed. The noise is that of {@code quadratic}: independent and Gaussian on every number, the
 * same wherever a sample is asked. A minibatch of n samples is noise divided by √n.
 *
 * @param gradientNoise standard deviation on gradients
 * @param productNoise standard deviation on Hessian and cross products
 */
record NoisyQuadratic(double gradientNoise, double productNoise) {
  private static final double[] A = {1.05, 0.05, 0.05, 0.95}; // by rows
  private static final double[] D = {0.5, -0.5};
  private static final double[] X0 = {0.6, 0};
  private static final double CURVATURE = 0.5;

  /** Least and largest eigenvalue of A, rounded outwards. */
  static final double MU = 0.92;

  static final double SMOOTHNESS = 1.08;

  /** The same problem without noise, for the catalogue's own implementation. */
  static ProblemOptions options() {
    return Problems.create(
        "quadratic",
        Map.of(
            "A", List.of(List.of(A[0], A[1]), List.of(A[2], A[3])),
            "B", List.of(List.of(1.0, 0.0), List.of(0.0, 1.0)),
            "d", List.of(D[0], D[1]),
            "E", List.of(List.of(CURVATURE, 0.0), List.of(0.0, CURVATURE)),
            "x0", List.of(X0[0], X0[1])));
  }

  Start start() {
    return new Start(Tensors.of(Device.CPU64, X0), Tensors.zeros(Device.CPU64, 2));
  }

  /** {@code |∇Φ(x)|}. */
  static double hypergradientNorm(Tensor x) {
    double[] at = numbers(x);
    double[] y = solve(at[0], at[1]);
    double[] v = solve(y[0] - D[0], y[1] - D[1]);
    return Math.hypot(CURVATURE * at[0] + v[0], CURVATURE * at[1] + v[1]);
  }

  private static double[] solve(double b0, double b1) {
    double determinant = A[0] * A[3] - A[1] * A[2];
    return new double[] {
      (A[3] * b0 - A[1] * b1) / determinant, (A[0] * b1 - A[2] * b0) / determinant
    };
  }

  /** Two numbers read where they lie, and written the same way: no copies of tensors. */
  private static double[] numbers(Tensor tensor) {
    DoublePointer at = tensor.data_ptr_double();
    return new double[] {at.get(0), at.get(1)};
  }

  private static Tensor tensor(Tensor like, double a, double b) {
    Tensor tensor = Tensors.zerosLike(like);
    tensor.data_ptr_double().put(a, b);
    return tensor;
  }

  /**
   * An oracle whose step draws every sample anew.
   *
   * @param step seed of the step
   */
  StochasticOracle oracle(Seed step) {
    return new Independent(step);
  }

  private final class Independent implements StochasticOracle {
    private final Seed step;
    private long draws;

    Independent(Seed step) {
      this.step = step;
    }

    @Override
    public SampledObjective upper() {
      return new Upper(normals(4, gradientNoise));
    }

    @Override
    public SampledObjective lower() {
      return new Lower(normals(2, gradientNoise), step.child(draws++));
    }

    @Override
    public SampledObjective freshLower() {
      return lower();
    }

    @Override
    public boolean sharesSamples() {
      return false;
    }

    @Override
    public int uniform(int bound) {
      return step.child(draws++).generator().nextInt(bound);
    }

    private double[] normals(int n, double sd) {
      return NoisyQuadratic.normals(step.child(draws++), n, sd);
    }
  }

  private static double[] normals(Seed seed, int n, double sd) {
    double[] numbers = new double[n];
    if (sd > 0) {
      SplittableRandom generator = seed.generator();
      for (int i = 0; i < n; i++) {
        numbers[i] = sd * generator.nextGaussian();
      }
    }
    return numbers;
  }

  /** The upper loss. */
  @SuppressWarnings("ArrayRecordComponent") // nobody compares them
  private record Upper(double[] noise) implements SampledObjective {
    @Override
    public Gradient gradient(Tensor x, Tensor y) {
      double[] atX = numbers(x);
      double[] atY = numbers(y);
      return new Gradient(
          tensor(x, CURVATURE * atX[0] + noise[0], CURVATURE * atX[1] + noise[1]),
          tensor(y, atY[0] - D[0] + noise[2], atY[1] - D[1] + noise[3]));
    }

    @Override
    public Tensor gradientY(Tensor x, Tensor y) {
      return gradient(x, y).y();
    }

    @Override
    public Tensor value(Tensor x, Tensor y) {
      throw new UnsupportedOperationException();
    }

    @Override
    public Linearization linearize(Tensor x, Tensor y) {
      throw new UnsupportedOperationException();
    }

    @Override
    public Gradient hessianVector(Tensor x, Tensor y, Gradient v) {
      throw new UnsupportedOperationException();
    }
  }

  /** The lower loss. */
  private final class Lower implements SampledObjective {
    private final double[] noise;
    private final Seed products;

    Lower(double[] noise, Seed products) {
      this.noise = noise;
      this.products = products;
    }

    @Override
    public Tensor gradientY(Tensor x, Tensor y) {
      double[] atX = numbers(x);
      double[] atY = numbers(y);
      return tensor(
          y,
          A[0] * atY[0] + A[1] * atY[1] - atX[0] + noise[0],
          A[2] * atY[0] + A[3] * atY[1] - atX[1] + noise[1]);
    }

    @Override
    public Linearization linearize(Tensor x, Tensor y) {
      return new Linearization() {
        private long next;

        @Override
        public Tensor gradY() {
          return gradientY(x, y);
        }

        @Override
        public Tensor hessianVector(Tensor v) {
          double[] at = numbers(v);
          double[] n = normals(products.child(next++), 2, productNoise);
          return tensor(v, A[0] * at[0] + A[1] * at[1] + n[0], A[2] * at[0] + A[3] * at[1] + n[1]);
        }

        @Override
        public Tensor crossVector(Tensor v) {
          double[] at = numbers(v);
          double[] n = normals(products.child(next++), 2, productNoise);
          return tensor(v, n[0] - at[0], n[1] - at[1]);
        }

        @Override
        public SecondDerivatives dense() {
          double[] n = normals(products.child(next++), 8, productNoise);
          return new SecondDerivatives(
              Tensors.of(
                  Device.CPU64,
                  new double[] {A[0] + n[0], A[1] + n[1], A[2] + n[2], A[3] + n[3]},
                  2,
                  2),
              Tensors.of(Device.CPU64, new double[] {n[4] - 1, n[5], n[6], n[7] - 1}, 2, 2));
        }
      };
    }

    @Override
    public Gradient gradient(Tensor x, Tensor y) {
      throw new UnsupportedOperationException();
    }

    @Override
    public Tensor value(Tensor x, Tensor y) {
      throw new UnsupportedOperationException();
    }

    @Override
    public Gradient hessianVector(Tensor x, Tensor y, Gradient v) {
      throw new UnsupportedOperationException();
    }
  }
}
