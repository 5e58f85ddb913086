package org.stackel.linear;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;
import org.stackel.config.Inline;
import org.stackel.config.OptionRecord;
import org.stackel.config.Rules;
import org.stackel.data.FileRules;
import org.stackel.data.NumericColumns;
import org.stackel.optim.Newton;
import org.stackel.problem.Artifacts;
import org.stackel.problem.ClosedForms;
import org.stackel.problem.Finished;
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
import org.stackel.tensor.Plain;
import org.stackel.tensor.Seed;
import org.stackel.tensor.StateScope;
import org.stackel.tensor.Tensors;

/**
 * Strengths of the penalty of a linear model, so that it does well on validation examples.
 *
 * <pre>
 *   f = mean of ℓ(aᵢ, bᵢ; y) over validation examples
 *   g = mean of ℓ(aᵢ, bᵢ; y) over training examples + ½ Σ s_j y_j²
 * </pre>
 *
 * <p>y has shape [features], or for {@code softmax} [features · classes], row by row. There is no
 * intercept but a feature that is always one. s_j is {@code exp(x_j)} or x_j itself; x has shape
 * [features], [classes] or [1]. With a positive strength everywhere g is strongly convex. Without a
 * largest strength ({@code most}) its curvature has no bound: the best strength of a feature that
 * says nothing is infinite, and on the way there every step size of y becomes too large.
 *
 * <p>Known cases: ijcnn1 of benchmark_bilevel is {@code data}, {@code validation} = its two files,
 * {@code start} = {@code log-uniform}, {@code yDeviation} = 1; covtype is {@code loss} = {@code
 * softmax}, {@code strengths} = {@code class}, {@code scaling} = {@code standard}, {@code
 * testShare} = 0.2, {@code validationShare} = 0.2, {@code x0} = -2. The example of hypertorch is
 * {@code form} = {@code plain}, {@code least} = 1e-8 with full batches.
 *
 * @param files source of the examples
 * @param generated sizes of generated examples
 * @param shares how examples are divided
 * @param scaling scaling of the features. If left out: {@code standard} for a CSV or TSV file with
 *     a feature whose root mean square is not between 0.1 and 10, else {@code none}
 * @param loss loss of an example (ℓ)
 * @param learned the strengths that are learned
 * @param batch number of examples in a lower minibatch, at least 0; 0 for all training examples
 * @param upperBatch number of examples in an upper minibatch, at least 0; 0 for all validation
 *     examples
 * @param initial start of x and y
 */
@OptionRecord
@ProblemInfo(
    name = "logistic-hpo",
    summary = "strengths of a linear model's penalty, from validation examples")
public record LogisticHpo(
    @Inline Files files,
    @Inline Generated generated,
    @Inline Shares shares,
    @Nullable Scaling scaling,
    Loss loss,
    @Inline Learned learned,
    int batch,
    int upperBatch,
    @Inline Initial initial)
    implements ProblemOptions, LogisticHpoBuilder.With {

  static final Rules RULES = new Rules("logistic-hpo");

  /** Generated examples of the sizes of hypertorch's example. */
  public LogisticHpo() {
    this(
        new Files("generated", "", "", null, null, List.of(), List.of(), new FileRules()),
        new Generated(1000, 20, 3, 0.1),
        new Shares(0.5, 0),
        null,
        Loss.LOGISTIC,
        new Learned(Strengths.FEATURE, Form.EXP, null, null),
        64,
        64,
        new Initial(StartPoint.CONSTANT, null, 0));
  }

  /** Starts from the defaults. */
  public static LogisticHpoBuilder builder() {
    return LogisticHpoBuilder.of(new LogisticHpo());
  }

  /**
   * Where examples come from.
   *
   * @param data {@code generated}, or a CSV, TSV, JSONL or LIBSVM file, also with .gz
   * @param validation a file with validation examples; taken from the data if empty
   * @param test a file with test examples; taken from the data if empty
   * @param label column of the label; guessed if left out
   * @param split column that says {@code train}, {@code validation} or {@code test}; the column
   *     "split", if there is one, if left out
   * @param featureColumns columns of the features; all others but one that numbers the rows if
   *     empty
   * @param ignoreColumns columns that are not read
   * @param rules how files are read
   */
  @OptionRecord
  public record Files(
      String data,
      String validation,
      String test,
      @Nullable String label,
      @Nullable String split,
      List<String> featureColumns,
      List<String> ignoreColumns,
      @Inline FileRules rules)
      implements LogisticHpoFilesBuilder.With {
    public Files {
      featureColumns = List.copyOf(featureColumns);
      ignoreColumns = List.copyOf(ignoreColumns);
    }

    NumericColumns columns() {
      return new NumericColumns(label, split, featureColumns, ignoreColumns);
    }
  }

  /**
   * Sizes of generated examples; without effect on files.
   *
   * @param examples number of generated examples, at least 4
   * @param features number of features of a generated example, at least 1
   * @param classes number of classes of generated examples, at least 2; for the loss softmax
   * @param noise standard deviation of the noise on the logits of generated labels, at least 0
   */
  @OptionRecord
  public record Generated(int examples, int features, int classes, double noise)
      implements LogisticHpoGeneratedBuilder.With {
    public Generated {
      var rules = new Rules();
      rules.atLeast("examples", examples, 4);
      rules.atLeast("features", features, 1);
      rules.atLeast("classes", classes, 2);
      rules.notNegative("noise", noise);
    }
  }

  /**
   * How examples are divided where no files or columns say so.
   *
   * @param validationShare share of the examples outside the test set that are used for validation,
   *     at least 0 and less than 1
   * @param testShare share of the examples for the test, at least 0 and less than 1
   */
  @OptionRecord
  public record Shares(double validationShare, double testShare)
      implements LogisticHpoSharesBuilder.With {
    public Shares {
      var rules = new Rules();
      rules.fraction("validationShare", validationShare);
      rules.fraction("testShare", testShare);
    }
  }

  /**
   * The strengths that are learned.
   *
   * @param strengths granularity of the strengths
   * @param form meaning of x
   * @param least lower bound of the numbers in x, to which smaller ones are projected; any number,
   *     none if left out
   * @param most logarithm of the largest strength, with form {@code exp}: a larger number in x acts
   *     as this one. So the curvature of the lower level has a bound, however far x goes; any
   *     number, none if left out
   */
  @OptionRecord
  public record Learned(
      Strengths strengths, Form form, @Nullable Double least, @Nullable Double most)
      implements LogisticHpoLearnedBuilder.With {
    public Learned {
      if (least != null) {
        new Rules().finite("least", least);
      }
      if (most != null) {
        new Rules().finite("most", most);
        if (form != Form.EXP) {
          throw new Rules().broken("most", most, "needs the form exp", "it can be left out.");
        }
      }
    }
  }

  /**
   * Where x and y start.
   *
   * @param start start of x
   * @param x0 start of x, the same for all its entries, with start {@code constant}; any number;
   *     strength 1 if left out
   * @param yDeviation standard deviation of the independent normal numbers at which y starts, at
   *     least 0
   */
  @OptionRecord
  public record Initial(StartPoint start, @Nullable Double x0, double yDeviation)
      implements LogisticHpoInitialBuilder.With {
    public Initial {
      if (x0 != null) {
        new Rules().finite("x0", x0);
      }
      new Rules().notNegative("yDeviation", yDeviation);
    }
  }

  /** What is done to the features. */
  public enum Scaling {
    /** Nothing. */
    NONE,
    /**
     * Mean 0 and standard deviation 1 over the training examples; a feature that is constant there
     * becomes 1, or stays 0.
     */
    STANDARD,
    /** Examples of length 1. */
    ROWS
  }

  /** Loss of an example. */
  public enum Loss {
    /** {@code ln(1 + exp(-b aᵀy))} with two classes, b = ±1. */
    LOGISTIC,
    /** Cross entropy of any number of classes. */
    SOFTMAX,
    /** {@code ½ (aᵀy - b)²}, b a number. */
    SQUARED
  }

  /** How many strengths there are. */
  public enum Strengths {
    /** One a feature. */
    FEATURE,
    /** One a class, for softmax. */
    CLASS,
    /** One. */
    SINGLE
  }

  /** What x is. */
  public enum Form {
    /** The logarithm of a strength. */
    EXP,
    /** A strength. */
    PLAIN
  }

  /** Where x starts. */
  public enum StartPoint {
    /** At x0. */
    CONSTANT,
    /** At logarithms of numbers uniform in (0, 1). */
    LOG_UNIFORM
  }

  public LogisticHpo {
    if (learned.strengths() == Strengths.CLASS && loss != Loss.SOFTMAX) {
      throw RULES.broken(
          "strengths", "class", "needs the loss softmax", "one for each 'feature' was meant.");
    }
    RULES.atLeast("batch", batch, 0);
    RULES.atLeast("upperBatch", upperBatch, 0);
    if (initial.start() == StartPoint.LOG_UNIFORM && learned.form() == Form.PLAIN) {
      throw RULES.broken(
          "start", "log-uniform", "needs the form exp", "'constant' with an x0 was meant.");
    }
  }

  /**
   * Examples.
   *
   * @param a features, shape [examples, features]
   * @param b labels, shape [examples]: 0 or 1, numbers, or int64 classes
   */
  record Examples(Tensor a, Tensor b) {
    int size() {
      return (int) a.size(0);
    }

    Examples take(Tensor numbers) {
      return new Examples(a.index_select(0, numbers), b.index_select(0, numbers));
    }
  }

  @Override
  public Opened open(Seed seed, Device device) {
    return new Opened(LogisticData.load(this, seed, device), device);
  }

  /** The problem with its examples. */
  final class Opened implements Sampled<Drawn> {
    /** Products of an exact metric beyond which it is left out: some seconds. */
    private static final double MAX_WORK = 1e9;

    private static final int MAX_NUMBERS = 2000;
    private static final int MAX_SCALED_NUMBERS = 200;

    /** Joint curvature of f and g beyond that of g in y, where strengths and y are about 1. */
    private static final double BEYOND_LOWER = 2;

    private final DataTensors home = new DataTensors();
    private final Device device;
    private final LogisticData data;
    private final int outputs; // columns of y as a matrix
    private final Minibatches<Drawn> lower;
    private final Minibatches<Drawn> upper;

    Opened(LogisticData data, Device device) {
      this.data = data;
      this.device = device;
      outputs = loss == Loss.SOFTMAX ? data.classes().size() : 1;
      lower = minibatches(home.keep(data.training()), batch);
      upper = minibatches(home.keep(data.validation()), upperBatch);
      if (data.test() != null) {
        home.keep(data.test());
      }
    }

    private Minibatches<Drawn> minibatches(Examples examples, int size) {
      var pool = Drawn.Pool.of(examples, device);
      var whole = new Drawn(pool, null);
      return new Minibatches<>(whole.size(), size, whole, numbers -> new Drawn(pool, numbers));
    }

    private long width() {
      return data.training().a().size(1);
    }

    private long numbers() {
      return width() * outputs;
    }

    @Override
    public long sizeOf(Drawn batch) {
      return batch.size();
    }

    @Override
    public Minibatches<Drawn> upperSamples() {
      return upper;
    }

    @Override
    public Minibatches<Drawn> lowerSamples() {
      return lower;
    }

    @Override
    public Layout upperLayout() {
      long size =
          switch (learned.strengths()) {
            case FEATURE -> width();
            case CLASS -> outputs;
            case SINGLE -> 1;
          };
      return Layout.vector(learned.form() == Form.EXP ? "logStrength" : "strength", size);
    }

    @Override
    public Layout lowerLayout() {
      return Layout.EMPTY.with("weight", width(), outputs);
    }

    @Override
    public Start start(Seed seed) {
      long size = upperLayout().size();
      Double x0 = initial.x0();
      double constant = x0 != null ? x0 : learned.form() == Form.EXP ? 0 : 1;
      Tensor x =
          initial.start() == StartPoint.CONSTANT
              ? Tensors.full(device, constant, size)
              : Tensors.uniform(seed.child("x"), 0.5, device, size).add(new Scalar(0.5)).log();
      Tensor y =
          initial.yDeviation() == 0
              ? Tensors.zeros(device, numbers())
              : Tensors.scale(
                  initial.yDeviation(), Tensors.randn(seed.child("y"), device, numbers()));
      return new Start(x, y);
    }

    @Override
    public Tensor projectX(Tensor x) {
      Double least = learned.least();
      return least == null ? x : x.clamp_min(new Scalar(least));
    }

    @Override
    public boolean isConstrained() {
      return learned.least() != null;
    }

    @Override
    public Tensor upperLoss(Tensor x, Tensor y, Drawn batch) {
      return meanLoss(y, batch.examples());
    }

    @Override
    public Tensor lowerLoss(Tensor x, Tensor y, Drawn batch) {
      return lowerLoss(x, y, batch.examples());
    }

    private Tensor lowerLoss(Tensor x, Tensor y, Examples batch) {
      return Tensors.axpy(meanLoss(y, batch), 0.5, strengthOf(x).mul(y).dot(y));
    }

    @Override
    public ClosedForms<Drawn> closedForms() {
      return new Forms();
    }

    /**
     * One product with the examples and one with their transpose for each answer; of small
     * minibatches over plain arrays.
     */
    private final class Forms implements ClosedForms<Drawn> {
      @Override
      public Partials upperGradient(Tensor x, Tensor y, Drawn batch) {
        PlainExamples plain = plain(x, y, batch);
        Tensor inY = plain == null ? meanGradient(y, batch.examples()) : plainGradient(y, plain);
        return new Partials(Tensors.zerosLike(x), inY);
      }

      private Tensor plainGradient(Tensor y, PlainExamples batch) {
        double[] mean = batch.times(Plain.read(y), outputs);
        PlainExamples.activate(loss, mean, outputs);
        return Plain.like(y, batch.mean(batch.errors(loss, mean, outputs), outputs));
      }

      private @Nullable PlainExamples plain(Tensor x, Tensor y, Drawn batch) {
        return Plain.are(x, y) ? batch.plain(outputs) : null;
      }

      @Override
      public Lower lowerAt(Tensor x, Tensor y, Drawn batch) {
        PlainExamples plain = plain(x, y, batch);
        return plain == null ? lowerAt(x, y, batch.examples()) : new PlainLower(x, y, plain);
      }

      private Lower lowerAt(Tensor x, Tensor y, Examples batch) {
        Tensor strength = strengthOf(x);
        Tensor mean = activations(logits(y, batch));
        return new Lower() {
          @Override
          public Tensor gradientY() {
            return mean(batch, mean.sub(targets(mean, batch))).add(strength.mul(y));
          }

          @Override
          public Tensor gradientX() {
            return Tensors.scale(0.5, inStrengths(x, y.mul(y)));
          }

          @Override
          public Tensor hessianVector(Tensor v) {
            return mean(batch, curved(mean, logits(v, batch))).add(strength.mul(v));
          }

          @Override
          public Tensor crossVector(Tensor v) {
            return inStrengths(x, y.mul(v));
          }
        };
      }

      /** The second derivative of the losses in the logits, times u. */
      private Tensor curved(Tensor mean, Tensor u) {
        return switch (loss) {
          case LOGISTIC -> mean.sub(mean.mul(mean)).mul(u);
          case SOFTMAX -> {
            Tensor weighted = mean.mul(u);
            yield weighted.sub(mean.mul(weighted.sum(1).unsqueeze(1)));
          }
          case SQUARED -> u;
        };
      }
    }

    /** The lower loss of a small minibatch at one point. */
    private final class PlainLower implements ClosedForms.Lower {
      private final Tensor x;
      private final Tensor y;
      private final PlainExamples batch;
      private final double[] atY;
      private final double[] strengths;
      private final double[] slopes;
      private final double[] mean;

      PlainLower(Tensor x, Tensor y, PlainExamples batch) {
        this.x = x;
        this.y = y;
        this.batch = batch;
        atY = Plain.read(y);
        strengths = Plain.read(x);
        slopes = strengths.clone();
        if (learned.form() == Form.EXP) {
          double most = learned.most() == null ? Double.POSITIVE_INFINITY : learned.most();
          for (int i = 0; i < strengths.length; i++) {
            slopes[i] = strengths[i] > most ? 0 : Math.exp(strengths[i]);
            strengths[i] = strengths[i] > most ? Math.exp(most) : slopes[i];
          }
        } else {
          Arrays.fill(slopes, 1);
        }
        mean = batch.times(atY, outputs);
        PlainExamples.activate(loss, mean, outputs);
      }

      /** Which strength is that of a number of y. */
      private int strength(int number) {
        return switch (learned.strengths()) {
          case FEATURE -> number / outputs;
          case CLASS -> number % outputs;
          case SINGLE -> 0;
        };
      }

      @Override
      public Tensor gradientY() {
        return penalised(batch.errors(loss, mean, outputs), atY);
      }

      @Override
      public Tensor gradientX() {
        return inStrengths(0.5, atY);
      }

      @Override
      public Tensor hessianVector(Tensor v) {
        double[] by = Plain.numbers(v);
        double[] u = batch.times(by, outputs);
        PlainExamples.curve(loss, mean, u, outputs);
        return penalised(u, by);
      }

      @Override
      public Tensor crossVector(Tensor v) {
        return inStrengths(1, Plain.numbers(v));
      }

      /** {@code AᵀU / size + strength · v}. */
      private Tensor penalised(double[] u, double[] v) {
        double[] sum = batch.mean(u, outputs);
        for (int i = 0; i < sum.length; i++) {
          sum[i] += strengths[strength(i)] * v[i];
        }
        return Plain.like(y, sum);
      }

      /** The derivatives in x of {@code factor Σ strength y v}. */
      private Tensor inStrengths(double factor, double[] v) {
        double[] sums = new double[slopes.length];
        for (int i = 0; i < v.length; i++) {
          sums[strength(i)] += factor * atY[i] * v[i];
        }
        for (int i = 0; i < sums.length; i++) {
          sums[i] *= slopes[i];
        }
        return Plain.like(x, sums);
      }
    }

    private Tensor meanLoss(Tensor y, Examples batch) {
      return switch (loss) {
        case LOGISTIC -> torch.binary_cross_entropy_with_logits(batch.a().mv(y), batch.b());
        case SOFTMAX ->
            logits(y, batch).log_softmax(1).gather(1, batch.b().unsqueeze(1)).mean().neg();
        case SQUARED -> {
          Tensor error = batch.a().mv(y).sub(batch.b());
          yield Tensors.scale(0.5, error.mul(error).mean());
        }
      };
    }

    private Tensor logits(Tensor y, Examples batch) {
      return batch.a().mm(y.view(width(), outputs));
    }

    /** The strength of every number of y. */
    private Tensor strengthOf(Tensor x) {
      return spread(learned.form() == Form.EXP ? limited(x).exp() : x);
    }

    private Tensor limited(Tensor x) {
      Double most = learned.most();
      return most == null ? x : x.clamp_max(new Scalar(most));
    }

    /** Derivative of the strengths in x. */
    private Tensor strengthSlope(Tensor x) {
      Double most = learned.most();
      return most == null ? x.exp() : x.exp().mul(x.le(new Scalar(most)));
    }

    /** From one number for each number of y to derivatives in x. */
    private Tensor inStrengths(Tensor x, Tensor products) {
      Tensor sums = gathered(products);
      return learned.form() == Form.EXP ? sums.mul(strengthSlope(x)) : sums;
    }

    /** From a number for each strength to one for each number of y. */
    private Tensor spread(Tensor x) {
      Tensor column = learned.strengths() == Strengths.FEATURE ? x.unsqueeze(1) : x.unsqueeze(0);
      return column.expand(width(), outputs).reshape(numbers());
    }

    /** Sums over the numbers of y that share a strength: the transpose of {@link #spread}. */
    private Tensor gathered(Tensor y) {
      Tensor matrix = y.view(width(), outputs);
      return switch (learned.strengths()) {
        case FEATURE -> matrix.sum(1);
        case CLASS -> matrix.sum(0);
        case SINGLE -> matrix.sum().view(1);
      };
    }

    // ---- exact metrics -------------------------------------------------------------------------

    private boolean isSmall() {
      double size = numbers();
      return size <= MAX_NUMBERS && lower.samples() * size * size <= MAX_WORK;
    }

    /** What the model expects of its targets, shape [examples, outputs]. */
    private Tensor activations(Tensor logits) {
      return switch (loss) {
        case LOGISTIC -> logits.sigmoid();
        case SOFTMAX -> logits.softmax(1);
        case SQUARED -> logits;
      };
    }

    private Tensor targets(Tensor like, Examples batch) {
      return loss == Loss.SOFTMAX
          ? torch.one_hot(batch.b(), outputs).to(like)
          : batch.b().unsqueeze(1);
    }

    /** {@code Aᵀu / n} as a vector. */
    private static Tensor mean(Examples batch, Tensor u) {
      return Tensors.scale(1.0 / batch.size(), batch.a().t().mm(u)).view(-1);
    }

    private Tensor meanGradient(Tensor y, Examples batch) {
      Tensor mean = activations(logits(y, batch));
      return mean(batch, mean.sub(targets(mean, batch)));
    }

    /** {@code ∇²yy g} at all training examples. */
    Tensor lowerHessian(Tensor x, Tensor y) {
      Examples all = data.training();
      Tensor logits = logits(y, all);
      Tensor hessian =
          switch (loss) {
            case LOGISTIC -> {
              Tensor p = logits.sigmoid();
              yield weighted(all, p.sub(p.mul(p)));
            }
            case SOFTMAX -> softmaxHessian(all, logits.softmax(1));
            case SQUARED -> weighted(all, torch.ones_like(logits));
          };
      return hessian.add(torch.diag(strengthOf(x)));
    }

    /** {@code Aᵀ diag(w) A / n}. */
    private static Tensor weighted(Examples all, Tensor w) {
      return Tensors.scale(1.0 / all.size(), all.a().t().mm(all.a().mul(w)));
    }

    private Tensor softmaxHessian(Examples all, Tensor p) {
      var blocks = new ArrayList<Tensor>();
      for (long i = 0; i < outputs; i++) {
        for (long j = 0; j < outputs; j++) {
          Tensor both = p.narrow(1, i, 1).mul(p.narrow(1, j, 1)).neg();
          blocks.add(weighted(all, i == j ? both.add(p.narrow(1, i, 1)) : both));
        }
      }
      return torch
          .stack(new TensorVector(blocks.toArray(new Tensor[0])), 0)
          .view(outputs, outputs, width(), width())
          .permute(2, 0, 3, 1)
          .reshape(numbers(), numbers());
    }

    /** The lower minimiser. */
    Tensor solution(Tensor x, Tensor y) {
      Tensor strength = strengthOf(x);
      return Newton.minimize(
          at ->
              new Newton.Local(
                  Tensors.item(lowerLoss(x, at, data.training())),
                  meanGradient(at, data.training()).add(strength.mul(at)),
                  () -> lowerHessian(x, at)),
          y);
    }

    /** {@code ∇Φ(x)} where y solves the lower level at x. */
    Tensor hypergradient(Tensor x, Tensor y) {
      Tensor v = Newton.solve(lowerHessian(x, y), meanGradient(y, data.validation()));
      return inStrengths(x, y.mul(v)).neg();
    }

    /**
     * Both losses; loss and share of right classes on the validation and, if there are any, test
     * examples; and unless the problem is large: {@code Φ(x)}, {@code |∇Φ(x)|} and {@code |y -
     * y*(x)|}, with y* by Newton's method and a dense Hessian.
     */
    @Override
    public Metrics evaluate(Tensor x, Tensor y) {
      Metrics metrics =
          Metrics.NONE
              .with("upperLoss", Tensors.item(meanLoss(y, data.validation())))
              .with("lowerLoss", Tensors.item(lowerLoss(x, y, data.training())));
      if (loss != Loss.SQUARED) {
        metrics = metrics.with("validationAccuracy", accuracy(y, data.validation()));
      }
      Examples held = data.test();
      if (held != null) {
        metrics = metrics.with("testLoss", Tensors.item(meanLoss(y, held)));
        if (loss != Loss.SQUARED) {
          metrics = metrics.with("testAccuracy", accuracy(y, held));
        }
      }
      if (!isSmall()) {
        return metrics;
      }
      Tensor solution = solution(x, y);
      return metrics
          .with("valueFunction", Tensors.item(meanLoss(solution, data.validation())))
          .with("hypergradientNorm", Tensors.item(Tensors.norm(hypergradient(x, solution))))
          .with("lowerDistance", Tensors.item(Tensors.norm(y.sub(solution))));
    }

    private double accuracy(Tensor y, Examples held) {
      Tensor logits = logits(y, held);
      Tensor found =
          loss == Loss.SOFTMAX
              ? logits.argmax(new LongOptional(1), false)
              : logits.squeeze(1).gt(new Scalar(0));
      return Tensors.item(found.eq(held.b()).sum()) / held.size();
    }

    /** Leaves the model in {@code model/}. */
    @Override
    public Finished finish(Tensor x, Tensor y, Seed run, Artifacts artifacts) {
      try (var scope = StateScope.open()) {
        LinearModelFiles.of(data, loss, device)
            .write(Map.of("weight", y.view(width(), outputs)), artifacts);
      }
      return Finished.NOTHING;
    }

    @Override
    public Map<String, String> inputs() {
      return data.sources();
    }

    @Override
    public List<String> remarks() {
      return data.remarks();
    }

    /** How the features are scaled is known once the kind of the file is. */
    @Override
    public ProblemOptions resolved() {
      return withScaling(data.scaling());
    }

    /** What generated examples are made with is known, files are looked at. */
    @Override
    public Scales scales(long steps) {
      double size = learned.strengths() == Strengths.FEATURE ? width() : 1;
      boolean isWhole = batch == 0 && upperBatch == 0;
      boolean isFile = !data.sources().isEmpty();
      double curvature = isFile ? fileCurvature() : (loss == Loss.SQUARED ? 4 : 1) + penalty();
      double joint = isFile ? Math.max(5, curvature + BEYOND_LOWER) : 5;
      return Scales.smooth(curvature, joint, 0, phi(), 3 * Math.sqrt(size), size, steps, isWhole);
    }

    /** The largest strength, as far as it is known before the run. */
    private double penalty() {
      Double most = learned.most();
      return most == null ? 1 : Math.exp(most);
    }

    /** Bound of the curvature of g in y on a minibatch. */
    private double fileCurvature() {
      double second =
          switch (loss) {
            case LOGISTIC -> 0.25;
            case SOFTMAX -> 0.5;
            case SQUARED -> 1;
          };
      return second * FeatureCurvature.of(data.training().a(), batch) + penalty();
    }

    /** About steps that are too large for the data. */
    @Override
    public List<String> remarks(Map<String, Double> lowerLr) {
      if (data.sources().isEmpty()) {
        return List.of();
      }
      double limit = 2 / fileCurvature();
      return lowerLr.entrySet().stream()
          .filter(entry -> entry.getValue() > limit)
          .map(
              entry ->
                  "%s (%s) may be too large for these features: steps below %.1g are stable. Left out, it follows from the data."
                      .formatted(entry.getKey(), entry.getValue(), limit))
          .toList();
    }

    /** From some of the examples, if they are many. */
    private UpperScale phi() {
      if (numbers() > MAX_SCALED_NUMBERS) {
        return UpperScale.UNKNOWN;
      }
      Start begin = start(new Seed(0));
      return UpperScale.at(x -> hypergradient(x, solution(x, begin.y())), begin.x());
    }

    @Override
    public void close() {
      home.close();
    }
  }
}
