package org.stackel.synthetic;

import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.stackel.config.OptionRecord;
import org.stackel.config.Rules;
import org.stackel.optim.Newton;
import org.stackel.problem.ClosedForms;
import org.stackel.problem.DenseSecondOrder;
import org.stackel.problem.FeatureProblem;
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
 * Matrix sensing as hyper-representation (Huang: "On momentum-based gradient methods for bilevel
 * optimization with nonconvex lower-level", arXiv 2303.03944): a symmetric matrix of low rank from
 * linear measurements.
 *
 * <pre>
 *   H* = U*U*ᵀ,  U* d×r with N(0, 1/d) numbers,   oᵢ = ⟨Cᵢ, H*⟩,  Cᵢ d×d with N(0, 1) numbers
 *   ℓᵢ(U) = ½ (⟨Cᵢ, UUᵀ⟩ - oᵢ)²,   U = [x, y]
 *   g = mean of ℓᵢ over training samples,   f = mean over validation samples
 * </pre>
 *
 * <p>x is the first r-1 columns of U, row by row, y the last column. The lower level is not convex:
 * y and -y are equally good. x enters through {@code ⟨Cᵢ, xxᵀ⟩ - oᵢ} alone, which are the features
 * of a sample, so that second-order products never touch x.
 *
 * <p>With residuals ρᵢ and {@code Sᵢ = Cᵢ + Cᵢᵀ}, means over training samples:
 *
 * <pre>
 *   ∇_U = mean ρᵢSᵢU,   ∇²yy g = mean ρᵢSᵢ + (Sᵢy)(Sᵢy)ᵀ,   ∇²(x_j)y g = mean (Sᵢx_j)(Sᵢy)ᵀ
 * </pre>
 *
 * @param d number of rows of U, at least 2
 * @param r number of columns of U, at least 2
 * @param samples number of measurements, at least 2; 0 for 20 d
 * @param trainShare share of the measurements at the lower level, at least 0 and less than 1
 * @param batch number of samples in a minibatch of either level, at least 0; 0 for all, which makes
 *     the problem deterministic
 * @param start point at which U starts
 * @param startDeviation standard deviation of the random part of the start, at least 0
 */
@OptionRecord
@ProblemInfo(
    name = "matrix-sensing",
    summary = "UUᵀ of low rank from measurements: x all columns of U but the last, y the last")
public record MatrixSensing(
    int d, int r, int samples, double trainShare, int batch, Beginning start, double startDeviation)
    implements ProblemOptions, MatrixSensingBuilder.With {

  private static final Rules RULES = new Rules("matrix-sensing");

  /** Full batch. The paper's sizes are not known; its shares are these. */
  public MatrixSensing() {
    this(50, 5, 0, 0.4, 0, Beginning.NEAR_TRUTH, 0.1);
  }

  /** Starts from the defaults. */
  public static MatrixSensingBuilder builder() {
    return MatrixSensingBuilder.of(new MatrixSensing());
  }

  /** Where U starts. */
  public enum Beginning {
    /** At U* plus normal numbers. */
    NEAR_TRUTH,
    /** At normal numbers. */
    RANDOM
  }

  public MatrixSensing {
    RULES.atLeast("d", d, 2);
    RULES.atLeast("r", r, 2);
    if (r > d) {
      throw RULES.broken("r", r, "must be at most d (%d)".formatted(d), "the two are swapped.");
    }
    if (samples != 0) {
      RULES.atLeast("samples", samples, 2);
    }
    RULES.fraction("trainShare", trainShare);
    RULES.atLeast("batch", batch, 0);
    RULES.notNegative("startDeviation", startDeviation);
  }

  private int measurements() {
    return samples == 0 ? 20 * d : samples;
  }

  /** Training samples: at least one, and one is left. */
  private int training() {
    int all = measurements();
    return Math.max(1, Math.min(all - 1, (int) Math.round(trainShare * all)));
  }

  /**
   * Measurements.
   *
   * @param matrices {@code ½ (Cᵢ + Cᵢᵀ)}, which measure the same; shape [samples, d, d]
   * @param results oᵢ, shape [samples]
   */
  record Measured(Tensor matrices, Tensor results) {
    Measured take(Tensor numbers) {
      return new Measured(matrices.index_select(0, numbers), results.index_select(0, numbers));
    }

    /** {@code ⟨Cᵢ, uuᵀ⟩} of every sample, u with one or more columns: one product for all. */
    Tensor measure(Tensor u) {
      long d = matrices.size(1);
      return matrices.view(-1, d * d).mv(u.mm(u.t()).view(d * d));
    }

    /** {@code mean wᵢSᵢ}. */
    Tensor weighted(Tensor weights) {
      long d = matrices.size(1);
      long n = matrices.size(0);
      return Tensors.scale(2.0 / n, matrices.view(n, d * d).t().mv(weights).view(d, d));
    }

    /** {@code Sᵢv} in rows. */
    Tensor times(Tensor v) {
      return Tensors.scale(2, matrices.matmul(v));
    }
  }

  @Override
  public Goal goal() {
    return Goal.CLOSED_FORM;
  }

  @Override
  public Opened open(Seed data, Device device) {
    Tensor truth =
        Tensors.scale(1 / Math.sqrt(d), Tensors.randn(data.child("truth"), Device.CPU64, d, r));
    int all = measurements();
    Tensor normal = Tensors.randn(data.child("measurements"), Device.CPU64, all, d, d);
    Tensor symmetric = Tensors.scale(0.5, normal.add(normal.transpose(1, 2))).contiguous();
    Tensor matrices = Tensors.place(symmetric, device);
    Tensor placed = Tensors.place(truth, device);
    var measured = new Measured(matrices, new Measured(matrices, matrices).measure(placed));
    int train = training();
    return new Opened(device, placed, part(measured, 0, train), part(measured, train, all - train));
  }

  private static Measured part(Measured all, int from, int count) {
    return new Measured(
        all.matrices().narrow(0, from, count), all.results().narrow(0, from, count));
  }

  /** The problem with its measurements. */
  final class Opened
      implements FeatureProblem<Measured>, Sampled<Measured>, DenseSecondOrder<Measured> {
    private final DataTensors home = new DataTensors();
    private final Device device;
    private final Tensor truth;
    private final Measured training;
    private final Measured validation;
    private final Minibatches<Measured> lower;
    private final Minibatches<Measured> upper;

    Opened(Device device, Tensor truth, Measured training, Measured validation) {
      this.device = device;
      this.truth = home.keep(truth);
      this.training = home.keep(training);
      this.validation = home.keep(validation);
      lower = minibatches(training);
      upper = minibatches(validation);
    }

    private Minibatches<Measured> minibatches(Measured whole) {
      return new Minibatches<>(
          (int) whole.results().numel(),
          batch,
          whole,
          numbers -> whole.take(Tensors.indices(device, numbers)));
    }

    @Override
    public long sizeOf(Measured batch) {
      return batch.results().size(0);
    }

    @Override
    public Minibatches<Measured> upperSamples() {
      return upper;
    }

    @Override
    public Minibatches<Measured> lowerSamples() {
      return lower;
    }

    @Override
    public Layout upperLayout() {
      return Layout.EMPTY.with("x", d, r - 1);
    }

    @Override
    public Layout lowerLayout() {
      return Layout.vector("y", d);
    }

    @Override
    public Start start(Seed seed) {
      Tensor u = Tensors.scale(startDeviation, Tensors.randn(seed.child("u"), device, d, r));
      Tensor begin = start == Beginning.NEAR_TRUTH ? truth.add(u) : u;
      return new Start(
          begin.narrow(1, 0, r - 1).contiguous().view(-1),
          begin.narrow(1, r - 1, 1).contiguous().view(-1));
    }

    /** {@code ⟨Cᵢ, xxᵀ⟩ - oᵢ} of every sample. */
    @Override
    public Tensor features(Tensor x, Measured batch) {
      return batch.measure(columns(x)).sub(batch.results());
    }

    @Override
    public Tensor upperLossOf(Tensor features, Tensor y, Measured batch) {
      Tensor residuals = batch.measure(y.unsqueeze(1)).add(features);
      return Tensors.scale(0.5, residuals.mul(residuals).mean());
    }

    @Override
    public Tensor lowerLossOf(Tensor features, Tensor y, Measured batch) {
      return upperLossOf(features, y, batch);
    }

    @Override
    public ClosedForms<Measured> closedForms() {
      return new Forms();
    }

    /** Residuals at a point, and the products that all derivatives there share. */
    private final class Forms implements ClosedForms<Measured> {
      @Override
      public Partials upperGradient(Tensor x, Tensor y, Measured batch) {
        Tensor slope = batch.weighted(residuals(features(x, batch), y, batch));
        return new Partials(slope.mm(columns(x)).view(-1), slope.mv(y));
      }

      @Override
      public Lower lowerAt(Tensor x, Tensor y, Measured batch) {
        Tensor slope = batch.weighted(residuals(features(x, batch), y, batch));
        Tensor rows = batch.times(y);
        return new Lower() {
          @Override
          public Tensor gradientY() {
            return slope.mv(y);
          }

          @Override
          public Tensor gradientX() {
            return slope.mm(columns(x)).view(-1);
          }

          @Override
          public Tensor hessianVector(Tensor v) {
            Tensor mean = Tensors.scale(1.0 / rows.size(0), rows.t().mv(rows.mv(v)));
            return slope.mv(v).add(mean);
          }

          @Override
          public Tensor crossVector(Tensor v) {
            return batch.weighted(rows.mv(v)).mm(columns(x)).view(-1);
          }
        };
      }
    }

    private Tensor columns(Tensor x) {
      return x.view(d, r - 1);
    }

    private Tensor residuals(Tensor features, Tensor y, Measured samples) {
      return samples.measure(y.unsqueeze(1)).add(features);
    }

    @Override
    public Tensor lowerHessian(Tensor x, Tensor y, Measured batch) {
      return hessian(residuals(features(x, batch), y, batch), y, batch);
    }

    @Override
    public Tensor lowerCross(Tensor x, Tensor y, Measured batch) {
      Tensor rows = batch.times(y);
      var columns = new Tensor[r - 1];
      for (int j = 0; j < r - 1; j++) {
        Tensor left = batch.times(columns(x).select(1, j));
        columns[j] = Tensors.scale(1.0 / rows.size(0), left.t().mm(rows));
      }
      return torch.stack(new TensorVector(columns), 1).view(-1, d);
    }

    /** {@code ∇²yy g}, given the residuals at y. */
    private Tensor hessian(Tensor residuals, Tensor y, Measured samples) {
      Tensor rows = samples.times(y);
      return samples.weighted(residuals).add(Tensors.scale(1.0 / rows.size(0), rows.t().mm(rows)));
    }

    /** {@code Σ_y ∇²xy g v} in the shape of x: column j is {@code mean (Sᵢx_j) ⟨Sᵢy, v⟩}. */
    Tensor crossVector(Tensor x, Tensor y, Tensor v) {
      return training.weighted(training.times(y).mv(v)).mm(columns(x));
    }

    /** The lower minimiser in whose basin y lies. */
    Tensor solution(Tensor x, Tensor y) {
      Tensor features = features(x, training);
      return Newton.minimize(
          at -> {
            Tensor residuals = residuals(features, at, training);
            return new Newton.Local(
                0.5 * Tensors.item(residuals.mul(residuals).mean()),
                training.weighted(residuals).mv(at),
                () -> hessian(residuals, at, training));
          },
          y);
    }

    /** {@code ∇Φ(x)} where y solves the lower level at x. */
    Tensor hypergradient(Tensor x, Tensor y) {
      Tensor upperSlope = validation.weighted(residuals(features(x, validation), y, validation));
      Tensor hessian = lowerHessian(x, y, training);
      Tensor v = Newton.solve(hessian, upperSlope.mv(y));
      return upperSlope.mm(columns(x)).sub(crossVector(x, y, v)).view(-1);
    }

    /**
     * Both losses at (x, y); {@code |UUᵀ - H*| / |H*|} in the Frobenius norm; {@code Φ(x)}, {@code
     * |∇Φ(x)|} and {@code |y - y*(x)|}, where y* is the lower minimiser that Newton's method finds
     * from y.
     */
    @Override
    public Metrics evaluate(Tensor x, Tensor y) {
      Tensor solution = solution(x, y);
      Tensor u = columns(x);
      Tensor right = truth.mm(truth.t());
      Tensor found = u.mm(u.t()).add(y.outer(y));
      return Metrics.NONE
          .with("upperLoss", Tensors.item(upperLoss(x, y, validation)))
          .with("lowerLoss", Tensors.item(lowerLoss(x, y, training)))
          .with(
              "relativeError",
              Tensors.item(Tensors.norm(found.sub(right))) / Tensors.item(Tensors.norm(right)))
          .with("valueFunction", Tensors.item(upperLoss(x, solution, validation)))
          .with("hypergradientNorm", Tensors.item(Tensors.norm(hypergradient(x, solution))))
          .with("lowerDistance", Tensors.item(Tensors.norm(y.sub(solution))));
    }

    @Override
    public Scales scales(long steps) {
      int size = d * (r - 1);
      double all = trainShare * (samples == 0 ? 20 * d : samples);
      double curvature = 4 * Scales.spread(d, batch, all);
      double joint = 4 * Scales.spread(d * (double) r, batch, all);
      double least = 1; // half of what it is at the truth
      double travel = startDeviation * Math.sqrt(size);
      // The largest singular value of U* is about 1 + √(r/d). Near 0, ∇Φ is about -2 H* x; at the
      // truth the curvature is at most four times the square, more on few measurements.
      double square = Scales.spread(r, d, d);
      var phi = new UpperScale(2 * square * travel, square * joint);
      return Scales.smooth(curvature, joint, least, phi, travel, size, steps, batch == 0);
    }

    @Override
    public void close() {
      home.close();
    }
  }
}
