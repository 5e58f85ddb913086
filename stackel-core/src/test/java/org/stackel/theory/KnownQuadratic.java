package org.stackel.theory;

import java.util.HashMap;
import java.util.Map;
import java.util.SplittableRandom;
import org.bytedeco.javacpp.DoublePointer;
import org.bytedeco.pytorch.Tensor;
import org.stackel.config.Options;
import org.stackel.oracle.Gradient;
import org.stackel.oracle.Linearization;
import org.stackel.oracle.SampledObjective;
import org.stackel.oracle.SecondDerivatives;
import org.stackel.oracle.StochasticOracle;
import org.stackel.problem.Start;
import org.stackel.tensor.Device;
import org.stackel.tensor.Seed;
import org.stackel.tensor.Tensors;

/**
 * A quadratic problem with two numbers in x and in y, whose constants are known:
 *
 * <pre>
 *   g = ½ yᵀAy - yᵀBx,   f = ½ (y-d)ᵀD(y-d) + ½ xᵀEx + yᵀFx,   y* = A⁻¹Bx
 * </pre>
 *
 * <p>Answers are computed from arrays: a step through autograd takes ten times as long. The noise
 * of products is that of a matrix, so it grows with the vector.
 *
 * @param noiseF standard deviation of each number of ∇F
 * @param noiseG standard deviation of each number of ∇y G
 * @param noiseH standard deviation of each entry of the second derivatives of G
 */
@SuppressWarnings({"ArrayRecordComponent", "MemberName"}) // nobody compares them
record KnownQuadratic(
    double[] A,
    double[] B,
    double[] D,
    double[] E,
    double[] F,
    double[] d,
    double[] x0,
    double[] y0,
    double noiseF,
    double noiseG,
    double noiseH) {

  /**
   * A problem that is drawn from a seed.
   *
   * @param curvature of f in x, about
   */
  static KnownQuadratic random(
      long number, double noiseF, double noiseG, double noiseH, double curvature) {
    var r = new SplittableRandom(1000 + number);
    return new KnownQuadratic(
        symmetric(r, 1, 1.1),
        scaled(matrix(r), r.nextDouble(0.1, 0.4)),
        symmetric(r, 0.1, 0.3),
        symmetric(r, 0.6 * curvature, curvature),
        scaled(matrix(r), 0.02),
        vector(r),
        unit(vector(r), 2),
        scaledBy(vector(r), 0.3),
        noiseF,
        noiseG,
        noiseH);
  }

  private static double[] vector(SplittableRandom r) {
    return new double[] {r.nextDouble(-1, 1), r.nextDouble(-1, 1)};
  }

  private static double[] unit(double[] v, double length) {
    return scaledBy(v, length / length(v));
  }

  private static double[] matrix(SplittableRandom r) {
    return new double[] {
      r.nextDouble(-1, 1), r.nextDouble(-1, 1), r.nextDouble(-1, 1), r.nextDouble(-1, 1)
    };
  }

  private static double[] scaled(double[] m, double factor) {
    double norm = norm(m);
    return new double[] {
      factor * m[0] / norm, factor * m[1] / norm, factor * m[2] / norm, factor * m[3] / norm
    };
  }

  private static double[] symmetric(SplittableRandom r, double low, double high) {
    double a = r.nextDouble(low, high);
    double b = r.nextDouble(low, high);
    double angle = r.nextDouble(0, Math.PI);
    double c = Math.cos(angle);
    double s = Math.sin(angle);
    return new double[] {
      a * c * c + b * s * s, (a - b) * c * s, (a - b) * c * s, a * s * s + b * c * c
    };
  }

  // ---- two by two

  private static double[] times(double[] m, double[] v) {
    return new double[] {m[0] * v[0] + m[1] * v[1], m[2] * v[0] + m[3] * v[1]};
  }

  private static double[] transposed(double[] m) {
    return new double[] {m[0], m[2], m[1], m[3]};
  }

  private static double[] product(double[] a, double[] b) {
    double[] left = times(a, new double[] {b[0], b[2]});
    double[] right = times(a, new double[] {b[1], b[3]});
    return new double[] {left[0], right[0], left[1], right[1]};
  }

  private static double[] plus(double[] a, double[] b) {
    double[] sum = new double[a.length];
    for (int i = 0; i < a.length; i++) {
      sum[i] = a[i] + b[i];
    }
    return sum;
  }

  private static double[] minus(double[] a, double[] b) {
    return plus(a, scaledBy(b, -1));
  }

  private static double[] scaledBy(double[] m, double factor) {
    double[] scaled = m.clone();
    for (int i = 0; i < m.length; i++) {
      scaled[i] *= factor;
    }
    return scaled;
  }

  private static double[] inverse(double[] m) {
    double determinant = m[0] * m[3] - m[1] * m[2];
    return scaledBy(new double[] {m[3], -m[1], -m[2], m[0]}, 1 / determinant);
  }

  private static double dot(double[] a, double[] b) {
    return a[0] * b[0] + a[1] * b[1];
  }

  private static double length(double[] v) {
    return Math.hypot(v[0], v[1]);
  }

  /** Both eigenvalues of a symmetric matrix, the smaller first. */
  private static double[] eigenvalues(double[] m) {
    double middle = (m[0] + m[3]) / 2;
    double half = Math.hypot((m[0] - m[3]) / 2, m[1]);
    return new double[] {middle - half, middle + half};
  }

  /** Norm of [a b; b 0]: a bound of that of the matrix with blocks of the norms a and b. */
  private static double joint(double a, double b) {
    return a / 2 + Math.hypot(a / 2, b);
  }

  /** Largest singular value. */
  private static double norm(double[] m) {
    return Math.sqrt(eigenvalues(product(transposed(m), m))[1]);
  }

  // ---- what is known

  /** A⁻¹B. */
  private double[] slope() {
    return product(inverse(A), B);
  }

  double[] solution(double[] x) {
    return times(slope(), x);
  }

  private double[] upperY(double[] x, double[] y) {
    return plus(times(D, minus(y, d)), times(F, x));
  }

  double[] gradient(double[] x) {
    double[] y = solution(x);
    return plus(
        plus(times(E, x), times(transposed(F), y)), times(transposed(slope()), upperY(x, y)));
  }

  private double value(double[] x) {
    double[] y = solution(x);
    double[] off = minus(y, d);
    return 0.5 * dot(off, times(D, off)) + 0.5 * dot(x, times(E, x)) + dot(y, times(F, x));
  }

  private double[] curvature() {
    double[] m = slope();
    double[] mixed = product(transposed(F), m);
    return plus(plus(E, product(transposed(m), product(D, m))), plus(mixed, transposed(mixed)));
  }

  /**
   * The constants.
   *
   * @param relaxed L_x1 and L_y1: any number is right beside the L_x0 and L_y0 of L_x1 = L_y1 = 0
   * @param isShort whether L₀ of Φ stands beside its parts
   */
  Constants constants(double relaxed, boolean isShort) {
    double[] curvature = curvature();
    double[] spectrum = eigenvalues(curvature);
    double[] zero = {0, 0};
    double[] least = scaledBy(times(inverse(curvature), gradient(zero)), -1);
    double delta = value(x0) - value(least);
    // Where Φ is at most 4Δ above its infimum.
    double radius = Math.sqrt(8 * delta / spectrum[0]);
    double bound =
        length(upperY(least, solution(least))) + (norm(product(D, slope())) + norm(F)) * radius;
    double[] off = minus(y0, solution(x0));
    var values =
        new HashMap<String, Double>(
            Map.of(
                "mu",
                eigenvalues(A)[0],
                "lg1",
                joint(eigenvalues(A)[1], norm(B)),
                "lg2",
                0.0,
                "lf0",
                bound,
                "Lx0",
                Math.hypot(norm(E), norm(F)),
                "Ly0",
                Math.hypot(norm(F), norm(D)),
                "Lx1",
                relaxed,
                "Ly1",
                relaxed,
                "delta",
                delta,
                "lowerDistance",
                length(off)));
    values.putAll(
        Map.of(
            "sigmaF1", 2 * noiseF,
            "sigmaG1", Math.sqrt(2) * noiseG,
            "sigmaG2", Math.sqrt(2) * noiseH,
            "lowerGap", 0.5 * dot(off, times(A, off)),
            "Lf", Math.max(norm(E), norm(D)) + norm(F),
            "crossBound", norm(B)));
    if (isShort) {
      values.put("L0", spectrum[1]);
      values.put("L1", relaxed);
    }
    return Options.bind(Constants.NONE, values, "the constants");
  }

  Start start() {
    return new Start(Tensors.of(Device.CPU64, x0), Tensors.of(Device.CPU64, y0));
  }

  double gradientNorm(Tensor x) {
    return length(gradient(numbers(x)));
  }

  double lowerDistance(Tensor x, Tensor y) {
    return length(minus(numbers(y), solution(numbers(x))));
  }

  // ---- the oracle

  private static double[] numbers(Tensor tensor) {
    DoublePointer at = tensor.data_ptr_double();
    return new double[] {at.get(0), at.get(1)};
  }

  private static Tensor tensor(Tensor like, double[] numbers) {
    Tensor tensor = Tensors.zerosLike(like);
    tensor.data_ptr_double().put(numbers);
    return tensor;
  }

  private static double[] normals(Seed seed, String role, double deviation) {
    double[] numbers = new double[4];
    if (deviation > 0) {
      SplittableRandom generator = seed.child(role).generator();
      for (int i = 0; i < numbers.length; i++) {
        numbers[i] = deviation * generator.nextGaussian();
      }
    }
    return numbers;
  }

  /** Every sample anew. */
  StochasticOracle oracle(Seed step) {
    return new StochasticOracle() {
      private long draws;

      @Override
      public SampledObjective upper() {
        return new Sample(step.child(draws++), true);
      }

      @Override
      public SampledObjective lower() {
        return new Sample(step.child(draws++), false);
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
    };
  }

  private final class Sample implements SampledObjective {
    private final boolean isUpper;
    private final double[] gradient;
    private final double[] hessian;
    private final double[] cross;

    Sample(Seed seed, boolean isUpper) {
      this.isUpper = isUpper;
      gradient = normals(seed, "gradient", isUpper ? noiseF : noiseG);
      hessian = normals(seed, "hessian", isUpper ? 0 : noiseH);
      cross = normals(seed, "cross", isUpper ? 0 : noiseH);
    }

    @Override
    public Gradient gradient(Tensor x, Tensor y) {
      double[] atX = numbers(x);
      double[] atY = numbers(y);
      double[] upperX = plus(times(E, atX), times(transposed(F), atY));
      return new Gradient(
          tensor(x, plus(upperX, new double[] {gradient[0], gradient[1]})), gradientY(x, y));
    }

    @Override
    public Tensor gradientY(Tensor x, Tensor y) {
      double[] atX = numbers(x);
      double[] atY = numbers(y);
      double[] exact = isUpper ? upperY(atX, atY) : minus(times(A, atY), times(B, atX));
      return tensor(y, plus(exact, new double[] {gradient[2], gradient[3]}));
    }

    @Override
    public Linearization linearize(Tensor x, Tensor y) {
      return new Linearization() {
        @Override
        public Tensor gradY() {
          return gradientY(x, y);
        }

        @Override
        public Tensor hessianVector(Tensor v) {
          return tensor(v, times(plus(A, hessian), numbers(v)));
        }

        @Override
        public Tensor crossVector(Tensor v) {
          return tensor(v, times(minus(cross, transposed(B)), numbers(v)));
        }

        @Override
        public SecondDerivatives dense() {
          return new SecondDerivatives(
              Tensors.of(Device.CPU64, plus(A, hessian), 2, 2),
              Tensors.of(Device.CPU64, minus(cross, transposed(B)), 2, 2));
        }
      };
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
