package org.stackel.experiment;

import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.stackel.oracle.AutogradOracle;
import org.stackel.oracle.Gradient;
import org.stackel.oracle.Linearization;
import org.stackel.oracle.SampledObjective;
import org.stackel.oracle.Sampling;
import org.stackel.oracle.StochasticOracle;
import org.stackel.problem.BilevelProblem;
import org.stackel.problem.Noise;
import org.stackel.problem.Shard;
import org.stackel.tensor.Device;
import org.stackel.tensor.Seed;
import org.stackel.tensor.StateScope;
import org.stackel.tensor.Tensors;

/**
 * Derivatives at one point against each other and against central differences, on one sample of
 * each level; then the growth of native memory over the run.
 */
final class FullCheck {
  private static final long SMALL = 100_000;
  private static final double WIDTH = 1e-5;
  private static final double DIFFERENCE_BOUND = 1e-5;
  private static final int SETTLED = 3; // caches are filled in the first steps

  private final List<Finding> findings = new ArrayList<>();
  private long pointers = -1;
  private long bytes;

  /** Compares the derivatives at a point. */
  void derivatives(BilevelProblem<?> problem, Device device, Seed seed, Tensor x, Tensor y) {
    if (!problem.noise().equals(Noise.NONE)) {
      return; // answers with noise agree with nothing
    }
    try (var scope = StateScope.open()) {
      new Point(problem, device, seed, x, y).compare();
    }
  }

  /** Notes how much is alive, once the first steps are done. */
  void step(long sinceStart) {
    if (sinceStart == SETTLED) {
      pointers = StateScope.livePointers();
      bytes = StateScope.residentBytes();
    }
  }

  /** Everything found. */
  List<Finding> finish() {
    if (pointers >= 0) {
      findings.add(
          new Finding(
              "native objects more than after step " + SETTLED,
              StateScope.livePointers() - (double) pointers,
              0.0));
      findings.add(
          new Finding(
              "resident MiB more than after step " + SETTLED,
              (StateScope.residentBytes() - bytes) / (double) (1 << 20),
              null));
    }
    return List.copyOf(findings);
  }

  private final class Point {
    private final StochasticOracle oracle;
    private final Device device;
    private final Seed seed;
    private final Tensor x;
    private final Tensor y;

    Point(BilevelProblem<?> problem, Device device, Seed seed, Tensor x, Tensor y) {
      oracle = new AutogradOracle<>(problem, seed.child("sample"), Sampling.SHARED, Shard.ALL);
      this.device = device;
      this.seed = seed;
      this.x = x;
      this.y = y;
    }

    void compare() {
      Tensor u = direction("u", y);
      Tensor v = direction("v", y);
      Tensor w = direction("w", x);
      Linearization here = oracle.lower().linearize(x, y);
      Tensor hessianV = here.hessianVector(v);
      boolean fine = device.precision() == Device.Precision.FLOAT64;
      findings.add(
          new Finding(
              "lower Hessian, symmetry",
              relative(dot(u, hessianV), dot(v, here.hessianVector(u)), norm(hessianV)),
              fine ? 1e-10 : 1e-3));
      if (!fine || x.numel() + y.numel() > SMALL) {
        return; // differences drown in rounding, or cost too much
      }
      findings.add(gradient("upper gradient", oracle.upper(), w, v));
      findings.add(gradient("lower gradient", oracle.lower(), w, v));
      Tensor slopeY = slope(lowerGradient(x, moved(y, v, 1)), lowerGradient(x, moved(y, v, -1)));
      findings.add(
          new Finding(
              "Hessian-vector product against differences",
              norm(slopeY.sub(hessianV)) / Math.max(1e-8, norm(hessianV)),
              DIFFERENCE_BOUND));
      Tensor slopeX = slope(lowerGradient(moved(x, w, 1), y), lowerGradient(moved(x, w, -1), y));
      double cross = dot(w, here.crossVector(v));
      findings.add(
          new Finding(
              "cross-vector product against differences",
              relative(dot(slopeX, v), cross, Math.abs(cross)),
              DIFFERENCE_BOUND));
    }

    private Finding gradient(String name, SampledObjective loss, Tensor w, Tensor v) {
      Gradient gradient = loss.gradient(x, y);
      double exact = dot(gradient.x(), w) + dot(gradient.y(), v);
      double high = Tensors.item(loss.value(moved(x, w, 1), moved(y, v, 1)));
      double low = Tensors.item(loss.value(moved(x, w, -1), moved(y, v, -1)));
      return new Finding(
          name + " against differences",
          relative((high - low) / (2 * WIDTH), exact, Math.abs(exact)),
          DIFFERENCE_BOUND);
    }

    private Tensor lowerGradient(Tensor atX, Tensor atY) {
      return oracle.lower().gradientY(atX, atY);
    }

    private Tensor direction(String role, Tensor like) {
      Tensor random = Tensors.randn(seed.child(role), device, like.numel());
      return Tensors.scale(1 / Math.max(1e-300, norm(random)), random);
    }

    private static Tensor moved(Tensor from, Tensor direction, int sign) {
      return Tensors.axpy(from, sign * WIDTH, direction);
    }

    private static Tensor slope(Tensor high, Tensor low) {
      return Tensors.scale(1 / (2 * WIDTH), high.sub(low));
    }

    private static double dot(Tensor a, Tensor b) {
      return Tensors.item(a.dot(b));
    }

    private static double norm(Tensor a) {
      return Tensors.item(Tensors.norm(a));
    }

    private static double relative(double a, double b, double scale) {
      return Math.abs(a - b) / Math.max(1e-8, scale);
    }
  }
}
