package org.stackel.check;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;
import org.stackel.optim.Iterations;
import org.stackel.optim.Lanczos;
import org.stackel.oracle.Gradient;
import org.stackel.oracle.Linearization;
import org.stackel.oracle.Sampling;
import org.stackel.oracle.StochasticOracle;
import org.stackel.reference.ExactPoint;
import org.stackel.reference.Iterate;
import org.stackel.reference.LowerSolution;
import org.stackel.reference.LowerSystem;
import org.stackel.reference.Reference;
import org.stackel.reference.Vectors;
import org.stackel.tensor.Device;
import org.stackel.tensor.Seed;
import org.stackel.tensor.StateScope;
import org.stackel.tensor.Tensors;
import org.stackel.theory.Constants;

/** Makes a {@link ConstantsEstimate} from iterates of a run. */
final class ConstantsEstimator {
  private static final int LANCZOS_STEPS = 30;
  private static final double SINGULAR = 1e-10;
  private static final double ROUNDING = 1e-12;

  /** Two iterates, one step apart. */
  record Pair(Iterate before, Iterate after) {}

  private final Reference<?> reference;
  private final Device device;
  private final Seed seed;
  private final int samples;
  private final Consumer<String> talk;
  private final List<String> remarks = new ArrayList<>();
  private double mu = Double.POSITIVE_INFINITY;
  private double curvature;
  private double cross;
  private double upperGradient;
  private double upperNoise;
  private double lowerNoise;
  private double productNoise;
  private double best = Double.POSITIVE_INFINITY;
  private double error;
  private double secondLipschitz;
  private double upperLipschitz;

  ConstantsEstimator(
      Reference<?> reference, Device device, Seed seed, int samples, Consumer<String> talk) {
    this.reference = reference;
    this.device = device;
    this.seed = seed;
    this.samples = samples;
    this.talk = talk;
  }

  /**
   * @param start where the lower level starts before any warm start
   * @param points where to look at curvatures, bounds and noise, from the first on
   * @param pairs where to look at smoothness
   */
  ConstantsEstimate estimate(double[] start, List<Iterate> points, List<Pair> pairs) {
    for (Iterate point : points) {
      talk.accept("curvatures and noise after step %,d".formatted(point.step()));
      curvatures(point);
      noise(point);
    }
    List<Envelope.Observation> scatter = pairs.stream().flatMap(p -> observe(p).stream()).toList();
    boolean isConvex = mu > SINGULAR * curvature;
    if (!isConvex) {
      remarks.add(
          String.format(
              Locale.ROOT,
              "g is not strongly convex in y: its smallest curvature is %.3g. There is no mu, and the theory does not apply.",
              mu));
    }
    if (error > 0) {
      remarks.add(
          String.format(
              Locale.ROOT,
              "Curvatures are from %d steps of Lanczos, each within %.2g of an eigenvalue; the smallest one may be smaller.",
              LANCZOS_STEPS,
              error));
    }
    Iterate first = pairs.isEmpty() ? points.get(0) : pairs.get(0).before;
    points.forEach(point -> best = Math.min(best, upperAt(point)));
    pairs.forEach(pair -> best = Math.min(best, upperAt(pair.after)));
    var gap = gap(first.x(), start, isConvex);
    double delta = upperAt(first) - best;
    if (!(delta > 0)) {
      remarks.add("delta is left out: f never falls below its value at the start.");
    }
    Envelope fit = Envelope.of(scatter);
    boolean isFitted = !scatter.isEmpty();
    return new ConstantsEstimate(
        new Constants(
            isConvex ? mu : null,
            Math.max(curvature, cross),
            pairs.isEmpty() ? null : secondLipschitz,
            upperGradient,
            null,
            null,
            null,
            null,
            isFitted ? fit.l0() : null,
            isFitted ? fit.l1() : null,
            upperNoise,
            lowerNoise,
            productNoise,
            delta > 0 ? delta : null,
            gap.distance,
            gap.gap,
            pairs.isEmpty() ? null : upperLipschitz,
            cross),
        scatter,
        remarks);
  }

  private double upperAt(Iterate point) {
    try (var scope = StateScope.open()) {
      return new ExactPoint(reference, device, point.x(), point.y()).upperValue();
    }
  }

  /** All eigenvalues where they are few. */
  private static Lanczos lanczos(int size) {
    return new Lanczos(size <= LowerSystem.DENSE ? size : LANCZOS_STEPS);
  }

  private double[] normal(String role, int size) {
    try (var scope = StateScope.open()) {
      return Tensors.toArray(Tensors.randn(seed.child(role), Device.CPU64, size));
    }
  }

  private void curvatures(Iterate point) {
    try (var scope = StateScope.open()) {
      var at = new ExactPoint(reference, device, point.x(), point.y());
      double[] begin = normal("lanczos", point.y().length);
      Lanczos.Spectrum found = lanczos(begin.length).spectrum(at::hessian, begin);
      mu = Math.min(mu, found.smallest());
      curvature =
          Math.max(curvature, Math.max(Math.abs(found.smallest()), Math.abs(found.largest())));
      double rounding = 1e-9 * curvature;
      double most = Math.max(found.smallestError(), found.largestError());
      error = Math.max(error, most > rounding ? most : 0);
      cross = Math.max(cross, crossNorm(at, found.basis()));
      upperGradient = Math.max(upperGradient, Vectors.norm(at.upperY()));
    }
  }

  /** {@code |∇²xy g|} on the space of these vectors: a lower bound, exact if they span all. */
  private static double crossNorm(ExactPoint at, List<double[]> basis) {
    int n = basis.size();
    double[] products = new double[n * n];
    List<double[]> images = basis.stream().map(at::cross).toList();
    for (int i = 0; i < n; i++) {
      for (int j = 0; j < n; j++) {
        products[i * n + j] = Vectors.dot(images.get(i), images.get(j));
      }
    }
    try (var scope = StateScope.open()) {
      double square =
          Tensors.item(torch.linalg_eigvalsh(Tensors.of(Device.CPU64, products, n, n)).max());
      return Math.sqrt(Math.max(0, square));
    }
  }

  /** Mean squares of what samples differ from the exact means by. */
  private void noise(Iterate point) {
    try (var scope = StateScope.open()) {
      var at = new ExactPoint(reference, device, point.x(), point.y());
      double[] z = LowerSystem.solve(at, seed, null).v();
      double size = Vectors.norm(z);
      double[] unit = size > 0 ? Vectors.scaled(1 / size, z) : normalised(normal("unit", z.length));
      double[] hessian = at.hessian(unit);
      double[] cross = at.cross(unit);
      double upper = 0;
      double lower = 0;
      double product = 0;
      for (int i = 0; i < samples; i++) {
        Iterations.next("samples", i, samples);
        Seed draw = seed.child("noise").child(point.step()).child(i);
        try (var inner = StateScope.open()) {
          StochasticOracle oracle = reference.draws(draw, Sampling.INDEPENDENT);
          Gradient f = oracle.upper().gradient(at.x(), at.y());
          upper += square(at.upperX(), f.x()) + square(at.upperY(), f.y());
          lower += square(at.lowerY(), oracle.lower().gradientY(at.x(), at.y()));
          Tensor v = Tensors.of(device, unit);
          Linearization g = oracle.lower().linearize(at.x(), at.y());
          product += square(hessian, g.hessianVector(v)) + square(cross, g.crossVector(v));
        }
      }
      upperNoise =
          Math.max(
              upperNoise,
              deviation(upper, Math.hypot(Vectors.norm(at.upperX()), Vectors.norm(at.upperY()))));
      lowerNoise = Math.max(lowerNoise, deviation(lower, curvature));
      productNoise =
          Math.max(
              productNoise,
              deviation(product, Math.hypot(Vectors.norm(hessian), Vectors.norm(cross))));
    }
  }

  /** Nothing where it is rounding. */
  private double deviation(double squares, double size) {
    double deviation = Math.sqrt(squares / samples);
    return deviation <= ROUNDING * size ? 0 : deviation;
  }

  private static double[] normalised(double[] vector) {
    return Vectors.scaled(1 / Vectors.norm(vector), vector);
  }

  private static double square(double[] mean, Tensor sample) {
    double distance = Vectors.distance(mean, Tensors.toArray(sample));
    return distance * distance;
  }

  private record Gap(@Nullable Double distance, @Nullable Double gap) {}

  /** From y* where it can be computed, otherwise bounds from strong convexity. */
  private Gap gap(double[] x, double[] start, boolean isConvex) {
    double[] star = LowerSolution.find(reference, device, x, start).y();
    try (var scope = StateScope.open()) {
      var at = new ExactPoint(reference, device, x, start);
      if (star != null) {
        var minimum = new ExactPoint(reference, device, x, star);
        return new Gap(
            Vectors.distance(start, star), Math.max(0, at.lowerValue() - minimum.lowerValue()));
      }
      if (!isConvex) {
        return new Gap(null, null);
      }
      double gradient = Vectors.norm(at.lowerY());
      remarks.add(
          "lowerDistance and lowerGap are bounds from |∇y g| and mu, which may be far too large.");
      return new Gap(gradient / mu, gradient * gradient / (2 * mu));
    }
  }

  /**
   * The slope of Φ at both ends of a move. None where y* is not known: at the run's y the slope
   * changes by what y moves on its own, which is no property of Φ.
   */
  private List<Envelope.Observation> observe(Pair pair) {
    double move = Vectors.distance(pair.before.x(), pair.after.x());
    if (move == 0) {
      return List.of();
    }
    talk.accept("smoothness after step %,d".formatted(pair.before.step()));
    double[] star = minimiser(pair.before);
    double[] nextStar = star == null ? null : minimiser(pair.after);
    boolean isKnown = star != null && nextStar != null;
    double[] y = star != null && nextStar != null ? star : pair.before.y();
    double[] nextY = nextStar != null ? nextStar : pair.after.y();
    try (var scope = StateScope.open()) {
      var at = new ExactPoint(reference, device, pair.before.x(), y);
      var next = new ExactPoint(reference, device, pair.after.x(), nextY);
      LowerSystem.Solution solution = LowerSystem.solve(at, seed, null);
      LowerSystem.Solution nextSolution = LowerSystem.solve(next, seed, solution);
      lipschitz(at, next, solution.v(), Math.hypot(move, Vectors.distance(y, nextY)));
      if (!isKnown) {
        return List.of();
      }
      double[] slope = at.direction(solution.v());
      double[] nextSlope = next.direction(nextSolution.v());
      return List.of(
          new Envelope.Observation(
              pair.before.step(), Vectors.norm(slope), Vectors.distance(slope, nextSlope) / move));
    }
  }

  private double @Nullable [] minimiser(Iterate point) {
    LowerSolution solution = LowerSolution.find(reference, device, point.x(), point.y());
    if (solution.y() == null) {
      String remark = "L0 and L1 are left out: " + solution.why() + ".";
      if (remarks.stream().noneMatch(each -> each.startsWith("L0 and L1 are left out"))) {
        remarks.add(remark);
      }
    }
    return solution.y();
  }

  private void lipschitz(ExactPoint at, ExactPoint next, double[] v, double move) {
    double size = Vectors.norm(v);
    upperLipschitz =
        Math.max(
            upperLipschitz,
            Math.hypot(
                    Vectors.distance(at.upperX(), next.upperX()),
                    Vectors.distance(at.upperY(), next.upperY()))
                / move);
    if (size > 0) {
      secondLipschitz =
          Math.max(
              secondLipschitz,
              Math.max(
                      Vectors.distance(at.hessian(v), next.hessian(v)),
                      Vectors.distance(at.cross(v), next.cross(v)))
                  / (size * move));
    }
  }
}
