package org.stackel.reference;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.function.DoubleFunction;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;
import org.stackel.oracle.Gradient;
import org.stackel.oracle.Linearization;
import org.stackel.oracle.SampledObjective;
import org.stackel.runfile.CheckFile.Verdict;
import org.stackel.tensor.Device;
import org.stackel.tensor.Layout;
import org.stackel.tensor.Seed;
import org.stackel.tensor.StateScope;
import org.stackel.tensor.Tensors;

/**
 * The derivatives of both losses at a point, on one batch, against central differences along random
 * directions and against each other.
 *
 * <p>A difference of width r is compared with one of width 2r: three times what they differ by is
 * how far either may be from the derivative. With that, rounding, and a relative {@code 1e-6}, a
 * bound is known that right derivatives keep and wrong ones do not. {@code r = ∛ε (1 + |y|)} for a
 * direction of length 1, or narrower: losses with a maximum in them have kinks, which a narrow
 * difference misses. Two differences across a kink very near the point may agree with each other
 * and with no derivative, so only those count that are consistent with the narrowest one; of them,
 * the one of the tightest bound. All in float64: in float32 differences drown in rounding.
 *
 * @param reference whose first batches are looked at
 * @param device where the point is, in float64
 */
public record Derivatives(Reference<?> reference, Device device, Seed seed) {
  private static final double EPSILON = Math.ulp(1.0);
  private static final double RELATIVE = 1e-6;
  private static final double ROUNDINGS = 16;
  private static final double SYMMETRY = 1e-10;
  private static final double SYMMETRY_32 = 1e-3;
  private static final int DIRECTIONS = 5;
  private static final double DOUBT = 3;
  private static final double[] WIDTHS = {1, 1.0 / 8, 1.0 / 64, 1.0 / 512};

  /** How wide differences are at a point of this norm. */
  static double width(double norm) {
    return Math.cbrt(EPSILON) * (1 + norm);
  }

  /** Everything, at a point in float64. */
  public List<Finding> compare(Tensor x, Tensor y, Layout upper, Layout lower) {
    var findings = new ArrayList<Finding>();
    findings.add(symmetry(x, y));
    findings.add(gradient(Level.UPPER, Variable.X, x, y, upper));
    findings.add(gradient(Level.UPPER, Variable.Y, x, y, lower));
    findings.add(gradient(Level.LOWER, Variable.X, x, y, upper));
    findings.add(gradient(Level.LOWER, Variable.Y, x, y, lower));
    findings.add(hessian(x, y));
    findings.add(cross(x, y));
    findings.addAll(new Routes(reference, device, seed.child("routes")).compare(x, y));
    return findings;
  }

  private enum Level {
    UPPER,
    LOWER
  }

  private enum Variable {
    X,
    Y
  }

  /** {@code ⟨u, Hv⟩ = ⟨v, Hu⟩}; the only comparison that works in float32 too. */
  public Finding symmetry(Tensor x, Tensor y) {
    double error = 0;
    for (int i = 0; i < DIRECTIONS; i++) {
      try (var scope = StateScope.open()) {
        Tensor u = direction("u", i, y);
        Tensor v = direction("v", i, y);
        Linearization at = reference.oneLower().linearize(x, y);
        Tensor hessianV = at.hessianVector(v);
        double difference = Math.abs(dot(u, hessianV) - dot(v, at.hessianVector(u)));
        double size = norm(hessianV);
        error = Math.max(error, size == 0 ? difference : difference / size);
      }
    }
    boolean isFine = device.precision() == Device.Precision.FLOAT64;
    return new Finding("lower Hessian, symmetry", error, isFine ? SYMMETRY : SYMMETRY_32);
  }

  private Finding gradient(Level level, Variable variable, Tensor x, Tensor y, Layout layout) {
    String name =
        "%s gradient in %s"
            .formatted(
                level == Level.UPPER ? "upper" : "lower", variable == Variable.X ? "x" : "y");
    Tensor at = variable == Variable.X ? x : y;
    var all = new Comparison();
    for (int i = 0; i < DIRECTIONS; i++) {
      try (var scope = StateScope.open()) {
        slope(level, variable, x, y, direction(name, i, at), all);
      }
    }
    Finding finding = all.finding(name);
    if (finding.verdict() != Verdict.WRONG || layout.parts().size() < 2) {
      return finding;
    }
    List<String> wrong =
        IntStream.range(0, layout.parts().size())
            .filter(part -> isWrong(level, variable, x, y, layout, part))
            .mapToObj(part -> layout.parts().get(part).name())
            .toList();
    return wrong.isEmpty()
        ? finding
        : new Finding(
            name + " (" + String.join(", ", wrong) + ")", finding.value(), finding.bound());
  }

  private boolean isWrong(
      Level level, Variable variable, Tensor x, Tensor y, Layout layout, int part) {
    long begin = layout.parts().stream().limit(part).mapToLong(Layout.Part::size).sum();
    long size = layout.parts().get(part).size();
    if (size == 0) {
      return false;
    }
    try (var scope = StateScope.open()) {
      Tensor inside = Tensors.zerosLike(variable == Variable.X ? x : y);
      inside.narrow(0, begin, size).copy_(direction("part", part, inside.narrow(0, begin, size)));
      var comparison = new Comparison();
      slope(level, variable, x, y, inside, comparison);
      return comparison.finding("").verdict() == Verdict.WRONG;
    }
  }

  private void slope(
      Level level, Variable variable, Tensor x, Tensor y, Tensor v, Comparison comparison) {
    SampledObjective loss = level == Level.UPPER ? reference.oneUpper() : reference.oneLower();
    Gradient both = loss.gradient(x, y);
    Tensor at = variable == Variable.X ? x : y;
    Tensor gradient = variable == Variable.X ? both.x() : both.y();
    DoubleFunction<Double> value =
        step -> {
          Tensor moved = Tensors.axpy(at, step, v);
          return Tensors.item(variable == Variable.X ? loss.value(moved, y) : loss.value(x, moved));
        };
    double size = norm(at);
    double rounding = Math.abs(value.apply(0)) + norm(gradient) * (1 + size);
    double exact = dot(gradient, v);
    comparison.add(
        new double[] {exact},
        best(
            size,
            r -> {
              double narrow = (value.apply(r) - value.apply(-r)) / (2 * r);
              double wide = (value.apply(2 * r) - value.apply(-2 * r)) / (4 * r);
              return Difference.of(narrow, wide, rounding / r);
            }));
  }

  /**
   * A central difference.
   *
   * @param value the derivative that it stands for; a number, or the numbers of a product
   * @param tolerance how far it may be from that derivative
   */
  @SuppressWarnings("ArrayRecordComponent") // nobody compares them
  private record Difference(double[] value, double tolerance) {
    static Difference of(double narrow, double wide, double rounding) {
      return new Difference(
          new double[] {narrow}, Derivatives.tolerance(Math.abs(wide - narrow), rounding));
    }

    boolean isConsistentWith(Difference other) {
      return Vectors.distance(value, other.value) <= tolerance + other.tolerance;
    }
  }

  private static double tolerance(double doubt, double rounding) {
    return DOUBT * doubt + ROUNDINGS * EPSILON * rounding;
  }

  /** The difference of the tightest bound, of those that no kink makes inconsistent. */
  private static Difference best(double norm, DoubleFunction<Difference> ofWidth) {
    List<Difference> all =
        Arrays.stream(WIDTHS).mapToObj(factor -> ofWidth.apply(factor * width(norm))).toList();
    Difference narrowest = all.get(all.size() - 1);
    return all.stream()
        .filter(each -> each.isConsistentWith(narrowest))
        .min(Comparator.comparingDouble(Difference::tolerance))
        .orElse(narrowest);
  }

  private Finding hessian(Tensor x, Tensor y) {
    var all = new Comparison();
    for (int i = 0; i < DIRECTIONS; i++) {
      try (var scope = StateScope.open()) {
        Tensor v = direction("v", i, y);
        Tensor product = reference.oneLower().linearize(x, y).hessianVector(v);
        double rounding = rounding(x, y, norm(product), norm(y));
        all.add(
            Tensors.toArray(product),
            best(
                norm(y),
                r -> {
                  Tensor narrow = slopeOfGradient(x, y, v, Variable.Y, r);
                  Tensor wide = slopeOfGradient(x, y, v, Variable.Y, 2 * r);
                  return new Difference(
                      Tensors.toArray(narrow), tolerance(norm(wide.sub(narrow)), rounding / r));
                }));
      }
    }
    return all.finding("Hessian-vector product");
  }

  /** {@code ⟨w, ∇²xy g · v⟩ = d/ds ⟨∇y g(x + sw, y), v⟩}. */
  private Finding cross(Tensor x, Tensor y) {
    var all = new Comparison();
    for (int i = 0; i < DIRECTIONS; i++) {
      try (var scope = StateScope.open()) {
        Tensor v = direction("v", i, y);
        Tensor w = direction("w", i, x);
        Tensor product = reference.oneLower().linearize(x, y).crossVector(v);
        double rounding = rounding(x, y, norm(product), norm(x));
        double exact = dot(w, product);
        all.add(
            new double[] {exact},
            best(
                norm(x),
                r -> {
                  double narrow = dot(slopeOfGradient(x, y, w, Variable.X, r), v);
                  double wide = dot(slopeOfGradient(x, y, w, Variable.X, 2 * r), v);
                  return Difference.of(narrow, wide, rounding / r);
                }));
      }
    }
    return all.finding("cross-vector product");
  }

  /** The size of what is added up in a lower gradient. */
  private double rounding(Tensor x, Tensor y, double product, double size) {
    return norm(reference.oneLower().gradientY(x, y)) + product * (1 + size);
  }

  private Tensor slopeOfGradient(Tensor x, Tensor y, Tensor along, Variable variable, double r) {
    Tensor high = lowerGradient(x, y, along, variable, r);
    return Tensors.scale(1 / (2 * r), high.sub(lowerGradient(x, y, along, variable, -r)));
  }

  private Tensor lowerGradient(Tensor x, Tensor y, Tensor along, Variable variable, double step) {
    return variable == Variable.X
        ? reference.oneLower().gradientY(Tensors.axpy(x, step, along), y)
        : reference.oneLower().gradientY(x, Tensors.axpy(y, step, along));
  }

  private Tensor direction(String role, int index, Tensor like) {
    Tensor random = Tensors.randn(seed.child(role).child(index), device, like.numel());
    return Tensors.scale(1 / Math.max(Double.MIN_NORMAL, norm(random)), random);
  }

  private static double dot(Tensor a, Tensor b) {
    return Tensors.item(a.dot(b));
  }

  private static double norm(Tensor a) {
    return Tensors.item(Tensors.norm(a));
  }

  /** Derivatives along several directions, as one vector. */
  private static final class Comparison {
    private double error;
    private double exact;
    private double found;
    private double allowed;

    void add(double[] derivative, Difference difference) {
      error = Math.hypot(error, Vectors.distance(difference.value, derivative));
      exact = Math.hypot(exact, Vectors.norm(derivative));
      found = Math.hypot(found, Vectors.norm(difference.value));
      allowed = Math.hypot(allowed, difference.tolerance);
    }

    Finding finding(String what) {
      double scale = Math.max(exact, found);
      if (scale == 0) {
        return new Finding(what, 0, RELATIVE);
      }
      return new Finding(what, error / scale, RELATIVE + allowed / scale);
    }
  }
}
