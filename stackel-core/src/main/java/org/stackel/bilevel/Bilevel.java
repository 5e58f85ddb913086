package org.stackel.bilevel;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;
import org.stackel.config.InvalidInputException;
import org.stackel.config.Rules;
import org.stackel.problem.ClosedForms;
import org.stackel.problem.FiniteSum;
import org.stackel.problem.Goal;
import org.stackel.problem.Metrics;
import org.stackel.problem.Noise;
import org.stackel.problem.ProblemOptions;
import org.stackel.problem.RunDefaults;
import org.stackel.tensor.Cuda;
import org.stackel.tensor.DataTensors;
import org.stackel.tensor.Device;
import org.stackel.tensor.Seed;
import org.stackel.tensor.StateScope;
import org.stackel.tensor.Tensors;

/**
 * A bilevel problem in two functions:
 *
 * <pre>{@code
 * var ridge = Bilevel.problem(new double[1], new double[features])
 *     .data("a", a).data("b", b)
 *     .lower((x, y, m) -> loss(y, m).add(x.exp().sum().mul(y.dot(y))))
 *     .upper((x, y, m) -> loss(y, m))
 *     .batches(trainingExamples, 64, heldOutExamples, 64);
 * }</pre>
 *
 * <p>{@code min_x f(x, y*(x))} subject to {@code y*(x) ∈ argmin_y g(x, y)}: {@link #lower} is g,
 * {@link #upper} is f. A loss without samples is a function of (x, y); one that is a mean over
 * samples takes a {@link Minibatch} besides, whose size {@link #batches} gives. The functions see a
 * variable in the shape that it was given with, or as {@link Named} tensors.
 *
 * <p>Every method returns a new description and leaves this one as it is. {@link #open(Seed,
 * Device)} makes a problem for any algorithm; what is wrong with the functions is found then, as
 * far as one evaluation of each at the start shows it.
 *
 * <p><b>Tensors.</b> What is handed over here (starts, data) must live until the problem is opened.
 * Then starts are copied, data are shared where nothing has to change, and both come on the
 * problem's device in its type; closing the problem frees what it made. Tensors that a function
 * captures are the caller's: they must live as long as the problem, and stay as they are, wherever
 * it is opened. Tensors that a function receives or makes are freed after it returned; {@link
 * Tensors#copy} keeps one.
 *
 * @param <V> how functions see the variables: {@link Tensor} or {@link Named}
 */
public final class Bilevel<V> implements ProblemOptions {
  private static final String UNNAMED = "problem";

  private final Variable<V> x;
  private final Variable<V> y;
  private String name = UNNAMED;
  private @Nullable Side<V> lower;
  private @Nullable Side<V> upper;
  private @Nullable Samples lowerSamples;
  private @Nullable Samples upperSamples;
  private Map<String, Tensor> data = Map.of();
  private @Nullable Constraint<V> constraintX;
  private @Nullable Constraint<V> constraintY;
  private @Nullable BiFunction<V, V, Metrics> evaluation;
  private @Nullable ClosedForms<Minibatch> closedForms;
  private Noise noise = Noise.NONE;
  private Goal goal = Goal.UPPER_LOSS;
  private List<String> remarks = List.of();
  private boolean isPerExample;

  /**
   * A loss.
   *
   * @param takesBatch whether it looks at its minibatch
   */
  record Side<V>(BatchLoss<V> loss, boolean takesBatch) {}

  /**
   * The samples of a level.
   *
   * @param count how many
   * @param batch how many make a minibatch; 0 for all
   */
  record Samples(int count, int batch) {
    Samples {
      var rules = new Rules("batches");
      rules.atLeast("samples", count, 1);
      rules.atLeast("size", batch, 0);
    }
  }

  /**
   * What a variable is projected onto: either of the two.
   *
   * @param region a known set
   * @param projection the user's own
   */
  record Constraint<V>(@Nullable Region region, @Nullable UnaryOperator<V> projection) {}

  private Bilevel(Variable<V> x, Variable<V> y) {
    this.x = x;
    this.y = y;
    Variable.checkSame("x0", x.device(), "y0", y.device());
  }

  private Bilevel(Bilevel<V> other) {
    x = other.x;
    y = other.y;
    name = other.name;
    lower = other.lower;
    upper = other.upper;
    lowerSamples = other.lowerSamples;
    upperSamples = other.upperSamples;
    data = other.data;
    constraintX = other.constraintX;
    constraintY = other.constraintY;
    evaluation = other.evaluation;
    closedForms = other.closedForms;
    noise = other.noise;
    goal = other.goal;
    remarks = other.remarks;
    isPerExample = other.isPerExample;
  }

  private Bilevel<V> with(Consumer<Bilevel<V>> change) {
    var copy = new Bilevel<>(this);
    change.accept(copy);
    return copy;
  }

  // ---- what must be said -------------------------------------------------------------------

  /**
   * A problem whose variables are vectors, in float64.
   *
   * @param x0 where the upper variable starts
   * @param y0 where the lower variable starts
   * @throws InvalidInputException if one of them is empty
   */
  public static Bilevel<Tensor> problem(double[] x0, double[] y0) {
    return new Bilevel<>(Variable.of("x", x0), Variable.of("y", y0));
  }

  /**
   * A problem whose variables are tensors of any shape, which functions see them in.
   *
   * @param x0 where the upper variable starts; float32 or float64
   * @param y0 where the lower variable starts; likewise
   * @throws InvalidInputException if one of them is empty, freed, or of another type
   */
  public static Bilevel<Tensor> problem(Tensor x0, Tensor y0) {
    return new Bilevel<>(Variable.of("x", x0), Variable.of("y", y0));
  }

  /**
   * A problem whose variables are named tensors.
   *
   * @param x0 where the upper variable starts; all float32 or all float64
   * @param y0 where the lower variable starts; likewise
   * @throws InvalidInputException if a tensor is empty, freed, or of another type
   */
  public static Bilevel<Named> problem(Named x0, Named y0) {
    return new Bilevel<>(Variable.of("x", x0), Variable.of("y", y0));
  }

  /** The lower loss g, which y minimises. */
  public Bilevel<V> lower(Loss<V> loss) {
    return with(to -> to.lower = new Side<>((atX, atY, batch) -> loss.at(atX, atY), false));
  }

  /** The lower loss g, which y minimises, on a minibatch. */
  public Bilevel<V> lower(BatchLoss<V> loss) {
    return with(to -> to.lower = new Side<>(loss, true));
  }

  /** The upper loss f, which x minimises. */
  public Bilevel<V> upper(Loss<V> loss) {
    return with(to -> to.upper = new Side<>((atX, atY, batch) -> loss.at(atX, atY), false));
  }

  /** The upper loss f, which x minimises, on a minibatch. */
  public Bilevel<V> upper(BatchLoss<V> loss) {
    return with(to -> to.upper = new Side<>(loss, true));
  }

  /**
   * Minibatches of one size, drawn from as many samples at either level.
   *
   * @param samples how many each level has, at least 1
   * @param size how many make a minibatch; all with 0 or if there are no more
   */
  public Bilevel<V> batches(int samples, int size) {
    return batches(samples, size, samples, size);
  }

  /**
   * Minibatches, drawn without replacement. They are functions of their seed.
   *
   * @param lowerSamples how many the lower level has, at least 1
   * @param lowerSize how many make a lower minibatch; all with 0 or if there are no more
   * @param upperSamples how many the upper level has, at least 1
   * @param upperSize how many make an upper minibatch; likewise
   */
  public Bilevel<V> batches(int lowerSamples, int lowerSize, int upperSamples, int upperSize) {
    var lowers = new Samples(lowerSamples, lowerSize);
    var uppers = new Samples(upperSamples, upperSize);
    return with(
        to -> {
          to.lowerSamples = lowers;
          to.upperSamples = uppers;
        });
  }

  // ---- what may be said --------------------------------------------------------------------

  /**
   * Data of both levels, which functions find in {@link Minibatch#rows(String)} and {@link
   * Minibatch#data}: on the device of the run and, if they are floating-point numbers, in its type.
   * Memory is shared where nothing has to change, so do not change them in place.
   *
   * @throws InvalidInputException if the tensor has been freed, or there are data of this name
   */
  public Bilevel<V> data(String name, Tensor tensor) {
    Misuse.checkAlive(dataName(name), tensor);
    if (data.containsKey(name)) {
      throw new InvalidInputException(
          "There are two data '%s'.".formatted(name), "another name was meant.");
    }
    var all = new LinkedHashMap<>(data);
    all.put(name, tensor);
    return with(to -> to.data = all);
  }

  static String dataName(String name) {
    return "The tensor '%s' of the data".formatted(name);
  }

  /** Keeps x in a set. */
  public Bilevel<V> constrainX(Region region) {
    return with(to -> to.constraintX = once("x", to.constraintX, new Constraint<>(region, null)));
  }

  /** Keeps y in a set. */
  public Bilevel<V> constrainY(Region region) {
    return with(to -> to.constraintY = once("y", to.constraintY, new Constraint<>(region, null)));
  }

  /** Keeps x in a set, by the projection onto it: to the nearest point of the set. */
  public Bilevel<V> projectX(UnaryOperator<V> projection) {
    return with(
        to -> to.constraintX = once("x", to.constraintX, new Constraint<>(null, projection)));
  }

  /** Keeps y in a set, by the projection onto it: to the nearest point of the set. */
  public Bilevel<V> projectY(UnaryOperator<V> projection) {
    return with(
        to -> to.constraintY = once("y", to.constraintY, new Constraint<>(null, projection)));
  }

  private static <V> Constraint<V> once(
      String symbol, @Nullable Constraint<V> before, Constraint<V> constraint) {
    if (before != null) {
      throw new InvalidInputException(
          "%s is constrained twice.".formatted(symbol),
          "the projection onto both sets at once was meant: give it as project%s."
              .formatted(symbol.toUpperCase(Locale.ROOT)));
    }
    return constraint;
  }

  /**
   * Metrics in place of the default ones, which are {@code upperLoss} and {@code lowerLoss}: means
   * over all samples, or over 10,000 that are drawn once if there are more. The end of a metric's
   * name says which end is better: {@code …Loss}, {@code …Error}, {@code …Norm}: lower; {@code
   * …Accuracy}, {@code …Auc}: higher. If {@code upperLoss} is not among them, give a {@link
   * #goal(Goal)} too.
   */
  public Bilevel<V> evaluate(BiFunction<V, V, Metrics> metrics) {
    return with(to -> to.evaluation = metrics);
  }

  /**
   * Derivatives in closed form, used in place of autograd. They see both variables as flat vectors.
   */
  public Bilevel<V> closedForms(ClosedForms<Minibatch> forms) {
    return with(to -> to.closedForms = forms);
  }

  /**
   * Says that x has one number for each sample of the lower level, in their order: then each of
   * several processes can have a part of x. The lower loss must see x through {@link
   * Minibatch#rows(Tensor)} alone, and the upper loss not at all. x is one vector, and kept in no
   * set but a box of two numbers.
   */
  public Bilevel<V> perExample() {
    return with(to -> to.isPerExample = true);
  }

  /** Gaussian noise on the oracle's answers. */
  public Bilevel<V> noise(Noise noise) {
    return with(to -> to.noise = noise);
  }

  /** What results and messages call it. */
  public Bilevel<V> named(String name) {
    return with(to -> to.name = name);
  }

  /** By which metrics runs are judged; by default by the upper loss. */
  public Bilevel<V> goal(Goal goal) {
    return with(to -> to.goal = goal);
  }

  /** What a reader of the results should know about the data, in sentences. */
  public Bilevel<V> remarks(String... sentences) {
    return with(to -> to.remarks = List.of(sentences));
  }

  // ---- the problem -------------------------------------------------------------------------

  @Override
  public String typeName() {
    return name;
  }

  @Override
  public RunDefaults runDefaults() {
    RunDefaults exact = RunDefaults.EXACT;
    return new RunDefaults(
        exact.steps(), exact.evaluateEvery(), exact.checkpointEvery(), x.device().precision());
  }

  @Override
  public Goal goal() {
    return goal;
  }

  /**
   * Opens the problem where x0 is and in its type.
   *
   * @throws InvalidInputException as {@link #open(Seed, Device)}
   */
  public FiniteSum<Minibatch> open() {
    return open(new Seed(0), x.device());
  }

  /**
   * Opens the problem. The caller closes it.
   *
   * <p>Evaluates each loss, its gradients, projections and closed forms once at the start.
   *
   * @param seed of the samples that the default metrics are means over, if there are very many
   * @throws InvalidInputException if something is missing or fits nothing; if a loss throws, is not
   *     one number, not finite, or has no gradient; if the lower loss depends on x or y alone; if a
   *     projection or a closed form has another shape
   */
  @Override
  public FiniteSum<Minibatch> open(Seed seed, Device device) {
    if (!device.isAvailable()) {
      throw new InvalidInputException(
          "%s cannot be opened on cuda: libtorch finds no such processor here."
              .formatted(upperFirst(owner())),
          Cuda.advice("Device.CPU"));
    }
    Side<V> g = given("lower", lower, lowerSamples);
    Side<V> f = given("upper", upper, upperSamples);
    if (lowerSamples != null && !g.takesBatch() && !f.takesBatch()) {
      throw new InvalidInputException(
          "The batches of %s have no effect: neither loss takes a minibatch.".formatted(owner()),
          "the losses should be functions of (x, y, b).");
    }
    try (var scope = StateScope.open()) {
      return DataTensors.owning(home -> OpenedBilevel.of(this, home, seed, device));
    }
  }

  private Side<V> given(String level, @Nullable Side<V> side, @Nullable Samples samples) {
    if (side == null) {
      throw new InvalidInputException(
          "%s has no %s loss.".formatted(upperFirst(owner()), level),
          ".%s((x, y) -> …) is missing.".formatted(level));
    }
    if (side.takesBatch() && samples == null) {
      throw new InvalidInputException(
          "The %s loss of %s takes a minibatch, but there are no samples."
              .formatted(level, owner()),
          ".batches(samples, 64) is missing; .batches(samples, 0) takes all of them at once.");
    }
    return side;
  }

  /** The problem in messages. */
  String owner() {
    return name.equals(UNNAMED) ? "the problem" : name;
  }

  private static String upperFirst(String text) {
    return text.substring(0, 1).toUpperCase(Locale.ROOT) + text.substring(1);
  }

  // ---- for the opened problem --------------------------------------------------------------

  Variable<V> x() {
    return x;
  }

  Variable<V> y() {
    return y;
  }

  Side<V> lowerSide() {
    return Objects.requireNonNull(lower);
  }

  Side<V> upperSide() {
    return Objects.requireNonNull(upper);
  }

  @Nullable Samples lowerSamples() {
    return lowerSamples;
  }

  @Nullable Samples upperSamples() {
    return upperSamples;
  }

  Map<String, Tensor> data() {
    return data;
  }

  @Nullable Constraint<V> constraintX() {
    return constraintX;
  }

  @Nullable Constraint<V> constraintY() {
    return constraintY;
  }

  @Nullable BiFunction<V, V, Metrics> evaluation() {
    return evaluation;
  }

  @Nullable ClosedForms<Minibatch> forms() {
    return closedForms;
  }

  Noise noise() {
    return noise;
  }

  List<String> remarks() {
    return remarks;
  }

  boolean isPerExample() {
    return isPerExample;
  }
}
