package org.stackel.synthetic;

import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;
import org.stackel.config.InvalidInputException;
import org.stackel.config.OptionRecord;
import org.stackel.config.Rules;
import org.stackel.problem.BilevelProblem;
import org.stackel.problem.ClosedForms;
import org.stackel.problem.DenseSecondOrder;
import org.stackel.problem.Goal;
import org.stackel.problem.Metrics;
import org.stackel.problem.Noise;
import org.stackel.problem.ProblemInfo;
import org.stackel.problem.ProblemOptions;
import org.stackel.problem.Property;
import org.stackel.problem.Start;
import org.stackel.tensor.DataTensors;
import org.stackel.tensor.Device;
import org.stackel.tensor.Layout;
import org.stackel.tensor.Plain;
import org.stackel.tensor.Seed;
import org.stackel.tensor.StateScope;
import org.stackel.tensor.Tensors;

/**
 * The problem with closed forms:
 *
 * <pre>
 *   g = ½ yᵀAy - yᵀ(Bx + c)
 *   f = ½ (y-d)ᵀD(y-d) + ½ xᵀEx + eᵀx + yᵀFx
 * </pre>
 *
 * <p>For y of dimension p and x of dimension n: A is p×p, symmetric positive definite; B is p×n; c
 * and d have p numbers; D is p×p; E is n×n; e has n numbers; F is p×n. With coupling {@code tanh},
 * g has tanh(x) in place of x; a quartic q adds {@code q/4 Σ yᵢ⁴} to g: then Hessian and cross
 * derivative move with y and x.
 *
 * @param A symmetric matrix A of y in g; required
 * @param B matrix B that couples x and y in g; required
 * @param c constant part c of g's linear term; zero if left out
 * @param d value of y that f prefers (d); zero if left out
 * @param D matrix D of y in f; identity if left out
 * @param E matrix E of x in f; zero if left out
 * @param e linear term e of x in f; zero if left out
 * @param F matrix F that couples x and y in f; zero if left out
 * @param x0 start of x; zero if left out
 * @param y0 start of y; zero if left out
 * @param coupling form in which x enters g
 * @param quartic coefficient of the quartic term (q), at least 0
 * @param upperBox bounds on x; none if left out
 * @param upperBall ball onto which x is projected, not together with a box; none if left out
 * @param noise noise of the oracle's gradients and products
 */
@OptionRecord
@SuppressWarnings({"MemberName", "NonApiType"}) // names of the formulas
@ProblemInfo(
    name = "quadratic",
    summary = "g = ½ yᵀAy - yᵀ(Bx + c), f = ½ (y-d)ᵀD(y-d) + ½ xᵀEx + eᵀx + yᵀFx; closed forms",
    properties = Property.BOUNDABLE)
public record Quadratic(
    List<List<Double>> A,
    List<List<Double>> B,
    @Nullable List<Double> c,
    @Nullable List<Double> d,
    @Nullable List<List<Double>> D,
    @Nullable List<List<Double>> E,
    @Nullable List<Double> e,
    @Nullable List<List<Double>> F,
    @Nullable List<Double> x0,
    @Nullable List<Double> y0,
    Coupling coupling,
    double quartic,
    Box upperBox,
    Ball upperBall,
    Noise noise)
    implements ProblemOptions, QuadraticBuilder.With {

  private static final Rules RULES = new Rules("quadratic");

  /** No matrices: A and B must be given. */
  public Quadratic() {
    this(
        List.of(),
        List.of(),
        null,
        null,
        null,
        null,
        null,
        null,
        null,
        null,
        Coupling.LINEAR,
        0,
        new Box(List.of(), List.of()),
        new Ball(List.of(), null),
        Noise.NONE);
  }

  /** Starts from the defaults. */
  public static QuadraticBuilder builder() {
    return QuadraticBuilder.of(new Quadratic());
  }

  /** How x enters the lower loss. */
  public enum Coupling {
    /** As x. */
    LINEAR,
    /** As tanh(x). */
    TANH
  }

  /**
   * Bounds of x, number by number; none if both lists are empty.
   *
   * @param low smallest values of x
   * @param high largest values of x
   */
  @OptionRecord
  public record Box(List<Double> low, List<Double> high) implements QuadraticBoxBuilder.With {
    public Box {
      for (int i = 0; i < Math.min(low.size(), high.size()); i++) {
        if (!(low.get(i) <= high.get(i))) {
          throw new Rules("upperBox")
              .broken("low", low, "must not exceed high " + high, "the two are swapped.");
        }
      }
    }

    boolean isNone() {
      return low.isEmpty() && high.isEmpty();
    }
  }

  /**
   * A Euclidean ball; none without a radius.
   *
   * @param center center of the ball; 0 if empty
   * @param radius radius of the ball, greater than 0
   */
  @OptionRecord
  public record Ball(List<Double> center, @Nullable Double radius)
      implements QuadraticBallBuilder.With {
    public Ball {
      if (radius != null) {
        new Rules("upperBall").positive("radius", radius);
      }
    }

    boolean isNone() {
      return radius == null && center.isEmpty();
    }
  }

  public Quadratic {
    RULES.notNegative("quartic", quartic);
    if (!upperBox.isNone() && !upperBall.isNone()) {
      throw RULES.broken(
          "upperBall",
          upperBall,
          "must not stand beside upperBox",
          "remove one: projecting onto their intersection is not supported.");
    }
  }

  @Override
  public Goal goal() {
    return Goal.CLOSED_FORM;
  }

  @Override
  public BilevelProblem<Seed> open(Seed data, Device device) {
    int p = A.size();
    if (p == 0 || B.isEmpty()) {
      throw new InvalidInputException(
              "The matrices A and B of quadratic must be given.",
              "\"A\": [[2]], \"B\": [[1]] is the smallest example.")
          .atKey(p == 0 ? "A" : "B");
    }
    int n = B.get(0).size();
    checkPositiveDefinite(matrix("A", A, p, p));
    vector("x0", x0, n);
    vector("y0", y0, p);
    if (!upperBox.isNone()) {
      vector("upperBox.low", upperBox.low(), n);
      vector("upperBox.high", upperBox.high(), n);
    }
    if (!upperBall.isNone()) {
      if (upperBall.radius() == null) {
        throw RULES.broken("upperBall.radius", "none", "must be given", "\"radius\": 1 was meant.");
      }
      vector("upperBall.center", ballCenter(n), n);
    }
    return new Opened(
        p,
        n,
        Tensors.of(device, matrix("A", A, p, p), p, p),
        Tensors.of(device, matrix("B", B, p, n), p, n),
        Tensors.of(device, vector("c", c, p)),
        Tensors.of(device, vector("d", d, p)),
        Tensors.of(device, D == null ? identity(p) : symmetric(matrix("D", D, p, p), p), p, p),
        Tensors.of(
            device, E == null ? new double[n * n] : symmetric(matrix("E", E, n, n), n), n, n),
        Tensors.of(device, vector("e", e, n)),
        Tensors.of(device, F == null ? new double[p * n] : matrix("F", F, p, n), p, n),
        device);
  }

  private List<Double> ballCenter(int n) {
    return upperBall.center().isEmpty() ? Collections.nCopies(n, 0.0) : upperBall.center();
  }

  private static double[] vector(String name, @Nullable List<Double> numbers, int size) {
    if (numbers == null) {
      return new double[size];
    }
    if (numbers.size() != size) {
      throw RULES.broken(
          name,
          numbers,
          "must have " + (size == 1 ? "1 number" : size + " numbers"),
          "A and B have other sizes.");
    }
    return numbers.stream().mapToDouble(Double::doubleValue).toArray();
  }

  private static String count(int number, String what) {
    return number + " " + what + (number == 1 ? "" : "s");
  }

  private static double[] matrix(String name, List<List<Double>> rows, int height, int width) {
    if (rows.size() != height || rows.stream().anyMatch(row -> row.size() != width)) {
      boolean isTransposed =
          rows.size() == width && rows.stream().allMatch(row -> row.size() == height);
      throw RULES.broken(
          name,
          rows,
          "must have %s of %s".formatted(count(height, "row"), count(width, "number")),
          isTransposed
              ? "it is transposed."
              : "a row or a number is missing, or the rows of A or B are of another count.");
    }
    return rows.stream().flatMap(List::stream).mapToDouble(Double::doubleValue).toArray();
  }

  /** Half the sum with the transpose: the same quadratic form, and its own derivative. */
  private static double[] symmetric(double[] numbers, int size) {
    double[] half = new double[numbers.length];
    for (int i = 0; i < size; i++) {
      for (int j = 0; j < size; j++) {
        half[i * size + j] = 0.5 * (numbers[i * size + j] + numbers[j * size + i]);
      }
    }
    return half;
  }

  private static double[] identity(int size) {
    double[] numbers = new double[size * size];
    for (int i = 0; i < size; i++) {
      numbers[i * size + i] = 1;
    }
    return numbers;
  }

  private void checkPositiveDefinite(double[] numbers) {
    int p = A.size();
    try (var scope = StateScope.open()) {
      Tensor a = Tensors.of(Device.CPU64, numbers, p, p);
      if (!torch.equal(a, a.t())) {
        throw RULES.broken(
            "A", A, "must be symmetric", "half the sum with its transpose was meant.");
      }
      double least = Tensors.item(torch.linalg_eigvalsh(a).min());
      if (!(least > 0)) {
        throw RULES.broken(
            "A",
            A,
            "must be positive definite; its least eigenvalue is " + least,
            "a multiple of the identity is missing.");
      }
    }
  }

  /** The problem with its tensors. */
  private final class Opened implements OneBlock, DenseSecondOrder<Seed> {
    private final int p;
    private final int n;
    private final Tensor a;
    private final Tensor b;
    private final Tensor shift;
    private final Tensor target;
    private final Tensor weight;
    private final Tensor curvature;
    private final Tensor slope;
    private final Tensor mixed;
    private final Device device;
    private final @Nullable Tensor low;
    private final @Nullable Tensor high;
    private final @Nullable Tensor center;
    private final DataTensors home = new DataTensors();
    private final Forms forms;

    Opened(
        int p,
        int n,
        Tensor a,
        Tensor b,
        Tensor shift,
        Tensor target,
        Tensor weight,
        Tensor curvature,
        Tensor slope,
        Tensor mixed,
        Device device) {
      this.p = p;
      this.n = n;
      this.a = home.keep(a);
      this.b = home.keep(b);
      this.shift = home.keep(shift);
      this.target = home.keep(target);
      this.weight = home.keep(weight);
      this.curvature = home.keep(curvature);
      this.slope = home.keep(slope);
      this.mixed = home.keep(mixed);
      this.device = device;
      low =
          upperBox.isNone()
              ? null
              : home.keep(Tensors.of(device, vector("low", upperBox.low(), n)));
      high =
          upperBox.isNone()
              ? null
              : home.keep(Tensors.of(device, vector("high", upperBox.high(), n)));
      center =
          upperBall.isNone()
              ? null
              : home.keep(Tensors.of(device, vector("upperBall.center", ballCenter(n), n)));
      forms = new Forms();
    }

    @Override
    public Layout upperLayout() {
      return Layout.vector("x", n);
    }

    @Override
    public Layout lowerLayout() {
      return Layout.vector("y", p);
    }

    @Override
    public Start start(Seed seed) {
      return new Start(
          Tensors.of(device, vector("x0", x0, n)), Tensors.of(device, vector("y0", y0, p)));
    }

    @Override
    public Tensor upperLoss(Tensor x, Tensor y, Seed batch) {
      Tensor offset = y.sub(target);
      return half(offset.dot(weight.mv(offset)))
          .add(half(x.dot(curvature.mv(x))))
          .add(slope.dot(x))
          .add(y.dot(mixed.mv(x)));
    }

    @Override
    public Tensor lowerLoss(Tensor x, Tensor y, Seed batch) {
      Tensor loss = half(y.dot(a.mv(y))).sub(y.dot(b.mv(coupled(x)).add(shift)));
      return quartic == 0
          ? loss
          : loss.add(y.pow(new Scalar(4.0)).sum().mul(new Scalar(quartic / 4)));
    }

    @Override
    public ClosedForms<Seed> closedForms() {
      return forms;
    }

    /** Every answer is a few products with the matrices: of small ones over plain arrays. */
    private final class Forms implements ClosedForms<Seed> {
      private final Tensor minusPull = home.keep(weight.mv(target).neg());
      private final Tensor minusShift = home.keep(shift.neg());
      private final Tensor minusB = home.keep(b.neg());
      private final Tensor minusBt = home.keep(minusB.t());
      private final Tensor mixedT = home.keep(mixed.t());
      private final boolean isMixed = torch.count_nonzero(mixed).item_long() > 0;
      private final Numbers numbers = new Numbers();

      @Override
      public Partials upperGradient(Tensor x, Tensor y, Seed batch) {
        if (Plain.are(x, y)) {
          return numbers.upperGradient(x, y);
        }
        Tensor inX = torch.addmv(slope, curvature, x);
        Tensor inY = torch.addmv(minusPull, weight, y);
        return isMixed
            ? new Partials(torch.addmv(inX, mixedT, y), torch.addmv(inY, mixed, x))
            : new Partials(inX, inY);
      }

      @Override
      public Lower lowerAt(Tensor x, Tensor y, Seed batch) {
        return Plain.are(x, y)
            ? new PlainLower(numbers, x, y)
            : ClosedForms.super.lowerAt(x, y, batch);
      }

      @Override
      public Tensor lowerGradientY(Tensor x, Tensor y, Seed batch) {
        Tensor gradient = torch.addmv(torch.addmv(minusShift, minusB, coupled(x)), a, y);
        return quartic == 0 ? gradient : Tensors.axpy(gradient, quartic, y.pow(new Scalar(3.0)));
      }

      @Override
      public Tensor lowerGradientX(Tensor x, Tensor y, Seed batch) {
        return crossVector(x, y, y, batch);
      }

      @Override
      public Tensor hessianVector(Tensor x, Tensor y, Tensor v, Seed batch) {
        Tensor product = a.mv(v);
        return quartic == 0 ? product : Tensors.axpy(product, 3 * quartic, y.mul(y).mul(v));
      }

      @Override
      public Tensor crossVector(Tensor x, Tensor y, Tensor v, Seed batch) {
        Tensor product = minusBt.mv(v);
        return coupling == Coupling.TANH ? product.mul(slopeOfTanh(x)) : product;
      }
    }

    /** The matrices and vectors as plain arrays. */
    private final class Numbers {
      private final double[] a = Tensors.toArray(Opened.this.a);
      private final double[] b = Tensors.toArray(Opened.this.b);
      private final double[] shift = Tensors.toArray(Opened.this.shift);
      private final double[] target = Tensors.toArray(Opened.this.target);
      private final double[] weight = Tensors.toArray(Opened.this.weight);
      private final double[] curvature = Tensors.toArray(Opened.this.curvature);
      private final double[] slope = Tensors.toArray(Opened.this.slope);
      private final double[] mixed = Tensors.toArray(Opened.this.mixed);

      ClosedForms.Partials upperGradient(Tensor x, Tensor y) {
        double[] atX = Plain.read(x);
        double[] atY = Plain.read(y);
        double[] inX = slope.clone();
        Plain.addProduct(inX, 1, curvature, atX);
        Plain.addTransposed(inX, 1, mixed, atY);
        double[] inY = new double[p];
        Plain.addProduct(inY, 1, mixed, atX);
        Plain.addProduct(inY, 1, weight, atY);
        Plain.addProduct(inY, -1, weight, target);
        return new ClosedForms.Partials(Plain.like(x, inX), Plain.like(y, inY));
      }
    }

    /** The lower loss at one point over plain arrays. */
    private final class PlainLower implements ClosedForms.Lower {
      private final Numbers of;
      private final Tensor x;
      private final Tensor y;
      private final double[] coupled;
      private final double[] atY;

      PlainLower(Numbers of, Tensor x, Tensor y) {
        this.of = of;
        this.x = x;
        this.y = y;
        coupled = Plain.read(x);
        atY = Plain.read(y);
        if (coupling == Coupling.TANH) {
          Arrays.setAll(coupled, i -> Math.tanh(coupled[i]));
        }
      }

      @Override
      public Tensor gradientY() {
        double[] gradient = new double[p];
        Plain.addProduct(gradient, 1, of.a, atY);
        Plain.addProduct(gradient, -1, of.b, coupled);
        for (int i = 0; i < p; i++) {
          gradient[i] += quartic * atY[i] * atY[i] * atY[i] - of.shift[i];
        }
        return Plain.like(y, gradient);
      }

      @Override
      public Tensor gradientX() {
        return cross(atY);
      }

      @Override
      public Tensor hessianVector(Tensor v) {
        double[] by = Plain.numbers(v);
        double[] product = new double[p];
        Plain.addProduct(product, 1, of.a, by);
        for (int i = 0; i < p; i++) {
          product[i] += 3 * quartic * atY[i] * atY[i] * by[i];
        }
        return Plain.like(y, product);
      }

      @Override
      public Tensor crossVector(Tensor v) {
        return cross(Plain.numbers(v));
      }

      private Tensor cross(double[] v) {
        double[] product = new double[n];
        Plain.addTransposed(product, -1, of.b, v);
        if (coupling == Coupling.TANH) {
          for (int i = 0; i < n; i++) {
            product[i] *= 1 - coupled[i] * coupled[i];
          }
        }
        return Plain.like(x, product);
      }
    }

    private Tensor coupled(Tensor x) {
      return coupling == Coupling.TANH ? x.tanh() : x;
    }

    private static Tensor half(Tensor scalar) {
      return Tensors.scale(0.5, scalar);
    }

    @Override
    public Tensor projectX(Tensor x) {
      if (low != null && high != null) {
        return torch.minimum(torch.maximum(x, low), high);
      }
      Double radius = upperBall.radius();
      if (center == null || radius == null) {
        return x;
      }
      Tensor offset = x.sub(center);
      // At the center the quotient is infinite.
      Tensor factor = Tensors.norm(offset).reciprocal().mul(new Scalar(radius));
      return center.add(offset.mul(factor.clamp_max(new Scalar(1.0))));
    }

    @Override
    public boolean isConstrained() {
      return low != null || center != null;
    }

    @Override
    public Noise noise() {
      return noise;
    }

    /**
     * Both losses at (x, y); {@code Φ(x)}, {@code |∇Φ(x)|} and {@code |y - y*(x)|} with y* by
     * Newton's method.
     */
    @Override
    public Metrics evaluate(Tensor x, Tensor y) {
      var batch = new Seed(0);
      Tensor solution = torch.linalg_solve(a, b.mv(coupled(x)).add(shift));
      for (int i = 0; quartic > 0 && i < 100; i++) {
        Tensor gradient = forms.lowerGradientY(x, solution, batch);
        solution = solution.sub(torch.linalg_solve(hessian(solution), gradient));
      }
      ClosedForms.Partials upper = forms.upperGradient(x, solution, batch);
      Tensor v = torch.linalg_solve(hessian(solution), upper.y());
      Tensor gradient = upper.x().sub(forms.crossVector(x, solution, v, batch));
      return Metrics.NONE
          .with("upperLoss", Tensors.item(upperLoss(x, y, batch)))
          .with("lowerLoss", Tensors.item(lowerLoss(x, y, batch)))
          .with("valueFunction", Tensors.item(upperLoss(x, solution, batch)))
          .with("hypergradientNorm", Tensors.item(Tensors.norm(gradient)))
          .with("lowerDistance", Tensors.item(Tensors.norm(y.sub(solution))));
    }

    @Override
    public Tensor lowerHessian(Tensor x, Tensor y, Seed batch) {
      return hessian(y);
    }

    @Override
    public Tensor lowerCross(Tensor x, Tensor y, Seed batch) {
      return coupling == Coupling.TANH ? b.mul(slopeOfTanh(x)).t().neg() : b.t().neg();
    }

    private static Tensor slopeOfTanh(Tensor x) {
      Tensor tanh = x.tanh();
      return torch.ones_like(tanh).sub(tanh.mul(tanh));
    }

    private Tensor hessian(Tensor y) {
      return quartic == 0 ? a : a.add(torch.diag(y.mul(y)).mul(new Scalar(3 * quartic)));
    }

    @Override
    public void close() {
      home.close();
    }
  }
}
