package org.stackel.synthetic;

import org.bytedeco.pytorch.DoubleOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;
import org.stackel.config.OptionRecord;
import org.stackel.config.Rules;
import org.stackel.problem.BilevelProblem;
import org.stackel.problem.ClosedForms;
import org.stackel.problem.DenseSecondOrder;
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
 * The PL game (Huang: "On momentum-based gradient methods for bilevel optimization with nonconvex
 * lower-level", arXiv 2303.03944): a lower level that is not strongly convex, since Q is singular,
 * but meets the Polyak-Łojasiewicz condition.
 *
 * <pre>
 *   f = ½ xᵀPx + xᵀR₁y,   g = ½ yᵀQy + xᵀR₂y
 *   P = (1/n) Σ pᵢpᵢᵀ,  Q = (1/n) Σ qᵢqᵢᵀ,  R_k = (c/n) Σ lᵢrᵢᵀ
 *   pᵢ ~ N(0, U₁D₁U₁ᵀ),  qᵢ ~ N(0, U₂D₂U₂ᵀ)
 * </pre>
 *
 * <p>U₁ and U₂ are d×r with orthonormal columns, D₁ and D₂ diagonal, uniform in [mu, L]. A
 * minibatch takes the means over some i; upper and lower ones are drawn separately.
 *
 * <p><b>Difference from the paper.</b> As stated there, {@code lᵢ = rᵢ ~ N(0, VVᵀ)} with V a d×d
 * matrix of standard normal numbers, and c = 0.01. That is ill-posed: {@code R₂ᵀx} leaves the range
 * of Q, where g is then unbounded below; y in the null space of Q is free and changes f; Φ may be
 * unbounded below. Generator {@code paper} does it all the same. Generator {@code well-posed}, the
 * default, takes {@code lᵢ = U₁Waᵢ} and {@code rᵢ = U₂Waᵢ} with {@code aᵢ ~ N(0, I)} and W an r×r
 * matrix of {@code N(0, 1/r)} numbers, and c = 0.05. Then {@code R_k = U₁M_kU₂ᵀ}: {@code R₂ᵀx} is
 * in the range of Q, all lower solutions give the same f, and data with a Φ that is not bounded
 * below are drawn again. Gradient steps leave the parts of x and y in the null spaces where they
 * were.
 *
 * <p>With Q⁺ the pseudo-inverse: {@code y*(x) = -Q⁺R₂ᵀx}, {@code ∇Φ = Px + R₁y* - R₂Q⁺R₁ᵀx}.
 *
 * @param d dimension of x and of y, at least 2
 * @param r rank of P and Q, at least 1 and less than d
 * @param n number of samples, at least r
 * @param mu smallest variance, greater than 0
 * @param L largest variance, at least mu
 * @param coupling strength of the coupling of x and y (c), at least 0; that of the generator if
 *     left out
 * @param generator distribution of the random data
 * @param batch number of samples in a minibatch of either level, at least 0; 0 for all, which makes
 *     the problem deterministic
 * @param startVariance variance of the independent normal numbers at which x and y start, at least
 *     0
 */
@OptionRecord
@SuppressWarnings("MemberName") // names of the formulas
@ProblemInfo(
    name = "pl-game",
    summary = "f = ½ xᵀPx + xᵀR₁y, g = ½ yᵀQy + xᵀR₂y with singular P and Q; closed forms")
public record PlGame(
    int d,
    int r,
    int n,
    double mu,
    double L,
    @Nullable Double coupling,
    Generator generator,
    int batch,
    double startVariance)
    implements ProblemOptions, PlGameBuilder.With {

  private static final Rules RULES = new Rules("pl-game");
  private static final int TRIALS = 20;

  /** Singular values below this share of the largest are zero. */
  private static final double RANK_TOLERANCE = 1e-6;

  /** Full batch. The paper's sizes are not known. */
  public PlGame() {
    this(50, 25, 1000, 0.1, 1, null, Generator.WELL_POSED, 0, 0.1);
  }

  /** Starts from the defaults. */
  public static PlGameBuilder builder() {
    return PlGameBuilder.of(new PlGame());
  }

  /** Where the data come from. */
  public enum Generator {
    /** Coupling between the ranges of P and Q alone. */
    WELL_POSED,
    /** As the paper states it: ill-posed. */
    PAPER
  }

  public PlGame {
    RULES.atLeast("d", d, 2);
    RULES.atLeast("r", r, 1);
    if (r >= d) {
      throw RULES.broken("r", r, "must be less than d (%d)".formatted(d), "d / 2 was meant.");
    }
    RULES.atLeast("n", n, r);
    RULES.positive("mu", mu);
    RULES.positive("L", L);
    if (mu > L) {
      throw RULES.broken("mu", mu, "must be at most L (%s)".formatted(L), "the two are swapped.");
    }
    if (coupling != null) {
      RULES.notNegative("coupling", coupling);
    }
    RULES.atLeast("batch", batch, 0);
    RULES.notNegative("startVariance", startVariance);
  }

  private double factor() {
    return coupling != null ? coupling : generator == Generator.PAPER ? 0.01 : 0.05;
  }

  /**
   * A sample of one level.
   *
   * @param square P or Q
   * @param cross R₁ or R₂ without c
   */
  record Game(Bilinear square, Bilinear cross) {
    Game take(Tensor samples) {
      return new Game(
          ((Bilinear.Rows) square).take(samples), ((Bilinear.Rows) cross).take(samples));
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
      Tensor u1 = orthonormal(seed.child("u1"));
      Tensor u2 = orthonormal(seed.child("u2"));
      var opened =
          new Opened(
              device,
              new Game(
                  square(seed.child("p"), u1, device), cross(seed.child("r1"), u1, u2, device)),
              new Game(
                  square(seed.child("q"), u2, device), cross(seed.child("r2"), u1, u2, device)));
      if (generator == Generator.PAPER) {
        return opened;
      }
      Tensor onRange = u1.t().mm(opened.hessian.to(u1)).mm(u1);
      least = Tensors.item(torch.linalg_eigvalsh(onRange).min());
      if (least > 0) {
        return opened;
      }
      opened.close();
    }
    throw RULES.broken(
        "coupling",
        factor(),
        "must leave Φ bounded below; its Hessian has the eigenvalue %.3g".formatted(least),
        "half of it, or a larger mu or n, helps.");
  }

  private Tensor orthonormal(Seed seed) {
    return new Tensor(torch.linalg_qr(Tensors.randn(seed, Device.CPU64, d, r)).get0());
  }

  private Bilinear.Rows square(Seed seed, Tensor basis, Device device) {
    double middle = (mu + L) / 2;
    Tensor offset = Tensors.uniform(seed.child("variances"), (L - mu) / 2, Device.CPU64, r);
    Tensor deviations = Tensors.full(Device.CPU64, middle, r).add(offset).sqrt();
    Tensor normal = Tensors.randn(seed.child("samples"), Device.CPU64, n, r);
    Tensor rows = Tensors.place(normal.mul(deviations).mm(basis.t()), device);
    return new Bilinear.Rows(rows, rows);
  }

  private Bilinear.Rows cross(Seed seed, Tensor u1, Tensor u2, Device device) {
    boolean isPaper = generator == Generator.PAPER;
    int size = isPaper ? d : r;
    Tensor mix = Tensors.randn(seed.child("mix"), Device.CPU64, size, size);
    Tensor rows = Tensors.randn(seed.child("samples"), Device.CPU64, n, size).mm(mix.t());
    if (isPaper) {
      Tensor placed = Tensors.place(rows, device);
      return new Bilinear.Rows(placed, placed);
    }
    Tensor scaled = Tensors.scale(1 / Math.sqrt(r), rows);
    return new Bilinear.Rows(
        Tensors.place(scaled.mm(u1.t()), device), Tensors.place(scaled.mm(u2.t()), device));
  }

  /** The problem with its samples. */
  private final class Opened implements Sampled<Game>, DenseSecondOrder<Game> {
    private final DataTensors home = new DataTensors();
    private final Device device;
    private final Minibatches<Game> upper;
    private final Minibatches<Game> lower;
    private final Game wholeUpper;
    private final Game wholeLower;
    private final Tensor toSolution; // y* = toSolution x
    private final Tensor range; // projection onto the range of Q
    private final Tensor hessian;

    Opened(Device device, Game upper, Game lower) {
      this.device = device;
      wholeUpper = home.keep(whole(upper));
      wholeLower = home.keep(whole(lower));
      this.upper = minibatches(home.keep(upper), wholeUpper);
      this.lower = minibatches(home.keep(lower), wholeLower);
      Tensor p = matrix(wholeUpper.square());
      Tensor q = matrix(wholeLower.square());
      Tensor r1 = Tensors.scale(factor(), matrix(wholeUpper.cross()));
      Tensor r2 = Tensors.scale(factor(), matrix(wholeLower.cross()));
      Tensor inverse =
          torch.linalg_pinv(q, new DoubleOptional(), new DoubleOptional(RANK_TOLERANCE), true);
      toSolution = home.keep(inverse.mm(r2.t()).neg());
      range = home.keep(inverse.mm(q));
      Tensor cross = r1.mm(toSolution);
      hessian = home.keep(p.add(cross).add(cross.t()));
    }

    private Minibatches<Game> minibatches(Game samples, Game whole) {
      return new Minibatches<>(
          n, batch, whole, numbers -> samples.take(Tensors.indices(device, numbers)));
    }

    private static Game whole(Game game) {
      return new Game(
          ((Bilinear.Rows) game.square()).whole(), ((Bilinear.Rows) game.cross()).whole());
    }

    private static Tensor matrix(Bilinear form) {
      return form instanceof Bilinear.Rows rows
          ? rows.whole().matrix()
          : ((Bilinear.Whole) form).matrix();
    }

    @Override
    public Tensor lowerHessian(Tensor x, Tensor y, Game batch) {
      return matrix(batch.square());
    }

    @Override
    public Tensor lowerCross(Tensor x, Tensor y, Game batch) {
      return Tensors.scale(factor(), matrix(batch.cross()));
    }

    @Override
    public long sizeOf(Game batch) {
      return batch.square() instanceof Bilinear.Rows rows ? rows.left().size(0) : n;
    }

    @Override
    public Minibatches<Game> upperSamples() {
      return upper;
    }

    @Override
    public Minibatches<Game> lowerSamples() {
      return lower;
    }

    @Override
    public Layout upperLayout() {
      return Layout.vector("x", d);
    }

    @Override
    public Layout lowerLayout() {
      return Layout.vector("y", d);
    }

    @Override
    public Start start(Seed seed) {
      double deviation = Math.sqrt(startVariance);
      return new Start(
          Tensors.scale(deviation, Tensors.randn(seed.child("x"), device, d)),
          Tensors.scale(deviation, Tensors.randn(seed.child("y"), device, d)));
    }

    @Override
    public Tensor upperLoss(Tensor x, Tensor y, Game batch) {
      return loss(x, x, y, batch);
    }

    @Override
    public Tensor lowerLoss(Tensor x, Tensor y, Game batch) {
      return loss(y, x, y, batch);
    }

    @Override
    public ClosedForms<Game> closedForms() {
      return new Forms();
    }

    private Tensor loss(Tensor own, Tensor x, Tensor y, Game batch) {
      return Tensors.combine(0.5, batch.square().at(own, own), factor(), batch.cross().at(x, y));
    }

    /** {@code f = ½ xᵀPx + c xᵀR₁y} and {@code g = ½ yᵀQy + c xᵀR₂y}, c the factor. */
    private final class Forms implements ClosedForms<Game> {
      private Tensor coupled(Tensor product) {
        return Tensors.scale(factor(), product);
      }

      @Override
      public Partials upperGradient(Tensor x, Tensor y, Game batch) {
        return new Partials(
            Tensors.axpy(batch.square().times(x), factor(), batch.cross().times(y)),
            coupled(batch.cross().transposedTimes(x)));
      }

      @Override
      public Tensor lowerGradientY(Tensor x, Tensor y, Game batch) {
        return Tensors.axpy(batch.square().times(y), factor(), batch.cross().transposedTimes(x));
      }

      @Override
      public Tensor lowerGradientX(Tensor x, Tensor y, Game batch) {
        return coupled(batch.cross().times(y));
      }

      @Override
      public Tensor hessianVector(Tensor x, Tensor y, Tensor v, Game batch) {
        return batch.square().times(v);
      }

      @Override
      public Tensor crossVector(Tensor x, Tensor y, Tensor v, Game batch) {
        return coupled(batch.cross().times(v));
      }
    }

    /**
     * Both losses at (x, y); {@code Φ(x)} and {@code |∇Φ(x)|} with {@code y* = -Q⁺R₂ᵀx}; the
     * distance of y from the lower solutions, which leaves out the null space of Q.
     */
    @Override
    public Metrics evaluate(Tensor x, Tensor y) {
      Tensor solution = toSolution.mv(x);
      return Metrics.NONE
          .with("upperLoss", Tensors.item(upperLoss(x, y, wholeUpper)))
          .with("lowerLoss", Tensors.item(lowerLoss(x, y, wholeLower)))
          .with("valueFunction", Tensors.item(upperLoss(x, solution, wholeUpper)))
          .with("hypergradientNorm", Tensors.item(Tensors.norm(hessian.mv(x))))
          .with("lowerDistance", Tensors.item(Tensors.norm(range.mv(y).sub(solution))));
    }

    @Override
    public Scales scales(long steps) {
      double spread = Scales.spread(r, batch, n);
      double travel = Math.sqrt(d * startVariance);
      UpperScale phi = UpperScale.at(hessian::mv, start(new Seed(0)).x()).curvedBy(spread);
      return Scales.smooth(L * spread, 2 * L * spread, mu, phi, travel, d, steps, batch == 0);
    }

    @Override
    public void close() {
      home.close();
    }
  }
}
