package org.stackel.synthetic;

import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.stackel.config.InvalidInputException;
import org.stackel.config.OptionRecord;
import org.stackel.config.Rules;
import org.stackel.problem.BilevelProblem;
import org.stackel.problem.ClosedForms;
import org.stackel.problem.Goal;
import org.stackel.problem.Metrics;
import org.stackel.problem.Minibatches;
import org.stackel.problem.ProblemInfo;
import org.stackel.problem.ProblemOptions;
import org.stackel.problem.Sampled;
import org.stackel.problem.Scales;
import org.stackel.problem.Start;
import org.stackel.problem.UpperScale;
import org.stackel.tensor.DataTensors;
import org.stackel.tensor.Device;
import org.stackel.tensor.Layout;
import org.stackel.tensor.Seed;
import org.stackel.tensor.Tensors;

/**
 * A finite sum of random quadratics whose optimum is known, after the quadratic problem of
 * benchmark_bilevel (Dagréou, Moreau, Vaiter, Ablin: "A lower bound and a near-optimal algorithm
 * for bilevel empirical risk minimization", AISTATS 2024):
 *
 * <pre>
 *   g = (1/n) Σ ½ yᵀAᵢy + ½ xᵀBᵢx + xᵀCᵢy + aᵢᵀy + bᵢᵀx,   f likewise with matrices of its own
 *   y*(x) = -A⁻¹(Cᵀx + a),   ∇Φ = ∇x f + C v,   v = -A⁻¹ ∇y f
 * </pre>
 *
 * <p>Matrices without an index are means. Each {@code Aᵢ = sᵢsᵢᵀ}, {@code Bᵢ}, {@code Cᵢ} has rank
 * one, so that a minibatch costs no matrix. The eigenvalues of A and B are spread evenly in the
 * logarithm from mu to L, the singular values of C from mu to the coupling (all equal the coupling
 * where that is below mu); aᵢ and bᵢ are standard normal. Φ is strongly convex: data for which it
 * is not are drawn again.
 *
 * <p><b>Difference from the benchmark.</b> The sᵢ are normal numbers made orthonormal before they
 * get their covariance: the mean has exactly the spectrum asked for, not nearly. B of the upper
 * level has no zero eigenvalue.
 *
 * @param d dimension of x, at least 1
 * @param p dimension of y, at least 1
 * @param n number of samples of each level, at least d and p
 * @param mu smallest eigenvalue of the mean matrices, greater than 0
 * @param L largest eigenvalue of the mean matrices, at least mu
 * @param coupling largest singular value of C at both levels, at least 0
 * @param batch number of samples in a minibatch of either level, at least 0; 0 for all, which makes
 *     the problem deterministic
 * @param x0 start of x, the same for all its entries; any number
 * @param y0 start of y, the same for all its entries; any number
 */
@OptionRecord
@SuppressWarnings("MemberName") // names of the formulas
@ProblemInfo(
    name = "quadratic-sum",
    summary = "means of random quadratics, in minibatches; the optimum is known")
public record QuadraticSum(
    int d, int p, int n, double mu, double L, double coupling, int batch, double x0, double y0)
    implements ProblemOptions, QuadraticSumBuilder.With {

  private static final Rules RULES = new Rules("quadratic-sum");
  private static final int TRIALS = 20;

  /** The sizes of the benchmark. */
  public QuadraticSum() {
    this(100, 100, 1024, 0.1, 1, 0.1, 64, -2, 0);
  }

  /** Starts from the defaults. */
  public static QuadraticSumBuilder builder() {
    return QuadraticSumBuilder.of(new QuadraticSum());
  }

  public QuadraticSum {
    RULES.atLeast("d", d, 1);
    RULES.atLeast("p", p, 1);
    RULES.atLeast("n", n, Math.max(d, p));
    RULES.positive("mu", mu);
    RULES.positive("L", L);
    if (mu > L) {
      throw RULES.broken("mu", mu, "must be at most L (%s)".formatted(L), "the two are swapped.");
    }
    RULES.notNegative("coupling", coupling);
    RULES.atLeast("batch", batch, 0);
    RULES.finite("x0", x0);
    RULES.finite("y0", y0);
  }

  /**
   * A sample of one level.
   *
   * @param yy A, in y twice
   * @param xx B, in x twice
   * @param xy C, in x and y
   * @param y a
   * @param x b
   */
  record Level(Bilinear yy, Bilinear xx, Bilinear xy, Tensor y, Tensor x) {
    Tensor at(Tensor atX, Tensor atY) {
      return Tensors.scale(0.5, yy.at(atY, atY).add(xx.at(atX, atX)))
          .add(xy.at(atX, atY))
          .add(y.dot(atY))
          .add(x.dot(atX));
    }

    Tensor gradientX(Tensor atX, Tensor atY) {
      return xx.times(atX).add(xy.times(atY)).add(x);
    }

    Tensor gradientY(Tensor atX, Tensor atY) {
      return yy.times(atY).add(xy.transposedTimes(atX)).add(y);
    }

    static Tensor matrix(Bilinear form) {
      return ((Bilinear.Whole) form).matrix();
    }
  }

  /** All samples of one level: aᵢ in the rows of y, bᵢ in the rows of x. */
  private record Samples(Bilinear.Rows yy, Bilinear.Rows xx, Bilinear.Rows xy, Tensor y, Tensor x) {
    Level take(Tensor samples) {
      return new Level(
          yy.take(samples),
          xx.take(samples),
          xy.take(samples),
          y.index_select(0, samples).mean(0),
          x.index_select(0, samples).mean(0));
    }

    Level whole() {
      return new Level(yy.whole(), xx.whole(), xy.whole(), y.mean(0), x.mean(0));
    }
  }

  @Override
  public Goal goal() {
    return Goal.CLOSED_FORM;
  }

  @Override
  public BilevelProblem<?> open(Seed data, Device device) {
    double least = Double.NaN;
    for (int trial = 0; trial < TRIALS; trial++) {
      Seed seed = data.child(trial);
      var opened =
          new Opened(
              device, samples(seed.child("upper"), device), samples(seed.child("lower"), device));
      least = Tensors.item(torch.linalg_eigvalsh(opened.hessian).min());
      if (least > 0) {
        return opened;
      }
      opened.close();
    }
    throw new InvalidInputException(
            "The coupling (%s) of quadratic-sum makes Φ unbounded below: its Hessian has the eigenvalue %.3g."
                .formatted(coupling, least),
            "a coupling of at most mu (%s) was meant.".formatted(mu))
        .atKey("coupling");
  }

  private Samples samples(Seed seed, Device device) {
    double[] crossSpectrum = spectrum(Math.min(mu, coupling), coupling, Math.min(d, p));
    Tensor mix = orthonormal(seed.child("C"), n, crossSpectrum.length);
    Tensor left =
        mix.mul(Tensors.of(Device.CPU64, crossSpectrum))
            .mm(orthonormal(seed.child("C-left"), d, crossSpectrum.length).t());
    Tensor right = mix.mm(orthonormal(seed.child("C-right"), p, crossSpectrum.length).t());
    return new Samples(
        square(seed.child("A"), p, device),
        square(seed.child("B"), d, device),
        new Bilinear.Rows(rows(left, device), rows(right, device)),
        Tensors.randn(seed.child("a"), device, n, p),
        Tensors.randn(seed.child("b"), device, n, d));
  }

  private Bilinear.Rows square(Seed seed, int size, Device device) {
    Tensor deviations = Tensors.of(Device.CPU64, spectrum(mu, L, size)).sqrt();
    Tensor rows =
        rows(
            orthonormal(seed.child("samples"), n, size)
                .mul(deviations)
                .mm(orthonormal(seed.child("basis"), size, size).t()),
            device);
    return new Bilinear.Rows(rows, rows);
  }

  /** Rows whose mean square is that of the columns' sum of squares. */
  private Tensor rows(Tensor orthogonal, Device device) {
    return Tensors.place(Tensors.scale(Math.sqrt(n), orthogonal), device);
  }

  private static Tensor orthonormal(Seed seed, int rows, int columns) {
    return new Tensor(torch.linalg_qr(Tensors.randn(seed, Device.CPU64, rows, columns)).get0());
  }

  private static double[] spectrum(double least, double largest, int size) {
    double[] numbers = new double[size];
    for (int i = 0; i < size; i++) {
      double share = size == 1 ? 1 : (double) i / (size - 1);
      numbers[i] = least == largest ? largest : least * Math.pow(largest / least, share);
    }
    return numbers;
  }

  /** Both losses are quadratic. */
  private enum Forms implements ClosedForms<Level> {
    INSTANCE;

    @Override
    public Partials upperGradient(Tensor x, Tensor y, Level batch) {
      return new Partials(batch.gradientX(x, y), batch.gradientY(x, y));
    }

    @Override
    public Tensor lowerGradientY(Tensor x, Tensor y, Level batch) {
      return batch.gradientY(x, y);
    }

    @Override
    public Tensor lowerGradientX(Tensor x, Tensor y, Level batch) {
      return batch.gradientX(x, y);
    }

    @Override
    public Tensor hessianVector(Tensor x, Tensor y, Tensor v, Level batch) {
      return batch.yy().times(v);
    }

    @Override
    public Tensor crossVector(Tensor x, Tensor y, Tensor v, Level batch) {
      return batch.xy().times(v);
    }
  }

  /** The problem with its samples. */
  private final class Opened implements Sampled<Level> {
    private final DataTensors home = new DataTensors();
    private final Device device;
    private final Minibatches<Level> upper;
    private final Minibatches<Level> lower;
    private final Level wholeUpper;
    private final Level wholeLower;
    private final Tensor hessian;
    private final Tensor optimum;

    Opened(Device device, Samples upper, Samples lower) {
      this.device = device;
      wholeUpper = home.keep(upper.whole());
      wholeLower = home.keep(lower.whole());
      this.upper = minibatches(home.keep(upper), wholeUpper);
      this.lower = minibatches(home.keep(lower), wholeLower);
      Tensor slope = // of y* in x
          torch
              .linalg_solve(Level.matrix(wholeLower.yy()), Level.matrix(wholeLower.xy()).t())
              .neg();
      Tensor mixed = Level.matrix(wholeUpper.xy()).mm(slope);
      hessian =
          home.keep(
              Level.matrix(wholeUpper.xx())
                  .add(mixed)
                  .add(mixed.t())
                  .add(slope.t().mm(Level.matrix(wholeUpper.yy())).mm(slope)));
      Tensor zero = Tensors.zeros(device, d);
      optimum = home.keep(torch.linalg_solve(hessian, gradient(zero, solution(zero)).neg()));
    }

    private Minibatches<Level> minibatches(Samples samples, Level whole) {
      return new Minibatches<>(
          n, batch, whole, numbers -> samples.take(Tensors.indices(device, numbers)));
    }

    /** {@code y*(x)}. */
    private Tensor solution(Tensor x) {
      Tensor right = Level.matrix(wholeLower.xy()).t().mv(x).add(wholeLower.y());
      return torch.linalg_solve(Level.matrix(wholeLower.yy()), right).neg();
    }

    /** {@code ∇Φ(x)}, given y*(x). */
    private Tensor gradient(Tensor x, Tensor solution) {
      Tensor v =
          torch.linalg_solve(
              Level.matrix(wholeLower.yy()), wholeUpper.gradientY(x, solution).neg());
      return wholeUpper.gradientX(x, solution).add(Level.matrix(wholeLower.xy()).mv(v));
    }

    @Override
    public long sizeOf(Level batch) {
      return batch.yy() instanceof Bilinear.Rows rows ? rows.left().size(0) : n;
    }

    @Override
    public Minibatches<Level> upperSamples() {
      return upper;
    }

    @Override
    public Minibatches<Level> lowerSamples() {
      return lower;
    }

    @Override
    public Layout upperLayout() {
      return Layout.vector("x", d);
    }

    @Override
    public Layout lowerLayout() {
      return Layout.vector("y", p);
    }

    @Override
    public Start start(Seed seed) {
      return new Start(Tensors.full(device, x0, d), Tensors.full(device, y0, p));
    }

    @Override
    public Tensor upperLoss(Tensor x, Tensor y, Level batch) {
      return batch.at(x, y);
    }

    @Override
    public Tensor lowerLoss(Tensor x, Tensor y, Level batch) {
      return batch.at(x, y);
    }

    @Override
    public ClosedForms<Level> closedForms() {
      return Forms.INSTANCE;
    }

    /**
     * Both losses at (x, y); {@code Φ(x)}, {@code Φ(x) - Φ(x*)}, {@code |∇Φ(x)|}, {@code |x - x*|}
     * and {@code |y - y*(x)|}.
     */
    @Override
    public Metrics evaluate(Tensor x, Tensor y) {
      Tensor solution = solution(x);
      Tensor offset = x.sub(optimum);
      return Metrics.NONE
          .with("upperLoss", Tensors.item(upperLoss(x, y, wholeUpper)))
          .with("lowerLoss", Tensors.item(lowerLoss(x, y, wholeLower)))
          .with("valueFunction", Tensors.item(upperLoss(x, solution, wholeUpper)))
          .with("optimalityGap", 0.5 * Tensors.item(offset.dot(hessian.mv(offset))))
          .with("hypergradientNorm", Tensors.item(Tensors.norm(gradient(x, solution))))
          .with("upperDistance", Tensors.item(Tensors.norm(offset)))
          .with("lowerDistance", Tensors.item(Tensors.norm(y.sub(solution))));
    }

    @Override
    public Scales scales(long steps) {
      double curvature = L * Scales.spread(p, batch, n);
      double joint = 2 * L * Scales.spread(p + (double) d, batch, n);
      double travel = (Math.abs(x0) + 1) * Math.sqrt(d);
      UpperScale phi =
          UpperScale.at(x -> gradient(x, solution(x)), start(new Seed(0)).x())
              .curvedBy(Scales.spread(d, batch, n));
      return Scales.smooth(curvature, joint, mu, phi, travel, d, steps, batch == 0);
    }

    @Override
    public void close() {
      home.close();
    }
  }
}
