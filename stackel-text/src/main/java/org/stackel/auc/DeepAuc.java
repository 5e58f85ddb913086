package org.stackel.auc;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;
import org.stackel.config.Inline;
import org.stackel.config.InvalidInputException;
import org.stackel.config.OptionRecord;
import org.stackel.config.Options;
import org.stackel.config.Rules;
import org.stackel.data.Classes;
import org.stackel.data.Stratified;
import org.stackel.model.BatchSizes;
import org.stackel.model.Classifier;
import org.stackel.model.Encoders;
import org.stackel.model.Input;
import org.stackel.model.Inputs;
import org.stackel.model.Network;
import org.stackel.model.NetworkTexts;
import org.stackel.model.Pooling;
import org.stackel.model.TextModel;
import org.stackel.optim.Schedule;
import org.stackel.problem.Artifacts;
import org.stackel.problem.BaselineResult;
import org.stackel.problem.Baselines;
import org.stackel.problem.Detection;
import org.stackel.problem.FeatureProblem;
import org.stackel.problem.Finished;
import org.stackel.problem.Goal;
import org.stackel.problem.Metrics;
import org.stackel.problem.Minibatches;
import org.stackel.problem.ProblemInfo;
import org.stackel.problem.ProblemOptions;
import org.stackel.problem.Property;
import org.stackel.problem.RunDefaults;
import org.stackel.problem.Sampled;
import org.stackel.problem.Scales;
import org.stackel.problem.Shard;
import org.stackel.problem.Start;
import org.stackel.problem.StatedFacts;
import org.stackel.problem.Trait;
import org.stackel.tensor.DataTensors;
import org.stackel.tensor.Device;
import org.stackel.tensor.Layout;
import org.stackel.tensor.Seed;
import org.stackel.tensor.StateScope;
import org.stackel.tensor.Tensors;
import org.stackel.text.Example;
import org.stackel.text.LabelledTexts;
import org.stackel.text.Texts;
import org.stackel.text.WordNetText;

/**
 * A text classifier trained for the area under the ROC curve, as the saddle point of Ying, Wen and
 * Lyu (NeurIPS 2016) with the margin of AUCM (Yuan, Yan, Sonka, Yang, ICCV 2021), written with two
 * levels: {@code f = F} and {@code g = -F}, both over all training examples.
 *
 * <pre>
 *   F = (1-p) E[(h-a)² 1₊] + p E[(h-b)² 1₋] + 2α (p(1-p) m + s) - p(1-p) α²
 *   s = p E[h 1₋] - (1-p) E[h 1₊],   h = sigmoid(logit of the positive class),   p = P(positive)
 * </pre>
 *
 * <p>x is the network w with a and b, y is the one number α. The lower level is strongly convex
 * with curvature 2p(1-p) on every sample, and its solution is {@code α* = m + s / (p(1-p))}, which
 * is {@code m + E[h|-] - E[h|+]}. Both losses see x through two numbers of the sample, so products
 * beyond the first cost nothing. F is a maximum over α, so methods that minimise it over y too
 * ({@code maml}, {@code anil}, {@code bvfsm}) are refused.
 *
 * <p>With {@code split} {@code halves}, as in the experiments of AccBO and AdamBO, g has one half
 * of the training examples and f the other. Then α* is not the maximiser of the F that x is judged
 * by. With the differences of mean scores {@code Δ = E[h|-] - E[h|+]} of both halves,
 *
 * <pre>
 *   f(x, α*(x)) / (p(1-p)) = Var[h|+] + Var[h|-] + (m + Δf)² - (Δf - Δg)²     at the best a and b,
 * </pre>
 *
 * <p>and the last term, which vanishes without the split, rewards halves that are ranked
 * differently. A network that knows the texts by heart ranks the lower half backwards and the upper
 * one right, where f is -4p(1-p) for m = 1, its least value: {@code trainAuc} below 1/2 beside a
 * {@code validationAuc} near 1 shows it.
 *
 * <p>With {@code pretraining} the network is first trained by cross entropy, as AUCM's authors do;
 * large networks with trained word vectors need it. Its steps are no oracle calls, but their time
 * counts, and the comparison with cross entropy makes as many steps more. A run that is resumed
 * repeats them with the same result.
 *
 * <p>x has the parameters of the network in the order of its layout, then a and b: shape [network +
 * 2]; y has shape [1].
 *
 * @param texts source of the texts
 * @param selection which of them are positive, train and test
 * @param network the network that is trained
 * @param logits number of outputs of the network, 1 or 2; with 2, as in published scripts, the
 *     second is the positive class's
 * @param maxTokens number of words of a text that the network reads, at least 1
 * @param objective F and what it is judged by
 * @param batches sizes of minibatches
 * @param split division of the training examples between the levels
 * @param pretraining training by cross entropy before the first step
 */
@OptionRecord
@ProblemInfo(
    name = "deep-auc",
    summary = "a text classifier trained for the area under the ROC curve, as a saddle point",
    properties = Property.SADDLE)
public record DeepAuc(
    @Inline Texts texts,
    @Inline Selection selection,
    @Inline Network network,
    int logits,
    int maxTokens,
    @Inline Objective objective,
    @Inline BatchSizes batches,
    Split split,
    Pretraining pretraining)
    implements ProblemOptions, DeepAucBuilder.With {

  private static final Rules RULES = new Rules("deep-auc"); // before the first use of it

  /** Definitions of persons among WordNet's topics. */
  public DeepAuc() {
    this(
        new Texts(),
        new Selection(null, null, 8_000, 4_000),
        new Network(Encoders.RNN, "glove", 32, 1, Pooling.MEAN, List.of()),
        1,
        40,
        new Objective(Form.AUCM, 1, Ratio.DATA, Lower.PLAIN, Score.LOGIT),
        new BatchSizes(128, 128),
        Split.NONE,
        new Pretraining(0, 3e-3));
  }

  /** Starts from the defaults. */
  public static DeepAucBuilder builder() {
    return DeepAucBuilder.of(new DeepAuc());
  }

  /**
   * Which examples are positive, train and test.
   *
   * @param positive the positive class, all others are negative; the rarer one of two if left out
   * @param imratio share of positives to which the training examples are thinned, between 0 and 1;
   *     not thinned if left out. Test examples are never thinned
   * @param trainSize number of training examples of both levels together, at least 0; 0 for all
   *     that are left
   * @param testSize number of test examples to take from the data, at least 1, a fifth of it if
   *     left out; or from the test file, at least 0, 0 for all
   */
  @OptionRecord
  public record Selection(
      @Nullable String positive,
      @Nullable Double imratio,
      int trainSize,
      @Nullable Integer testSize)
      implements DeepAucSelectionBuilder.With {
    public Selection {
      var rules = new Rules();
      rules.atLeast("trainSize", trainSize, 0);
      if (imratio != null && !(imratio > 0 && imratio < 1)) {
        throw rules.broken(
            "imratio", imratio, "must be greater than 0 and less than 1", "0.1 was meant.");
      }
    }
  }

  /**
   * The saddle function F and the score whose AUC is reported.
   *
   * @param form form of F
   * @param margin margin between the scores of both classes (m), at least 0; without effect in the
   *     form {@code ying}
   * @param ratio source of the share of positives (p)
   * @param lower divisor of the lower loss
   * @param score scores of which the AUC is computed
   */
  @OptionRecord
  public record Objective(Form form, double margin, Ratio ratio, Lower lower, Score score)
      implements DeepAucObjectiveBuilder.With {
    public Objective {
      new Rules().notNegative("margin", margin);
    }
  }

  private static final List<String> MADE_FOR_DATA =
      List.of(
          "positive",
          "imratio",
          "trainSize",
          "testSize",
          "test",
          "format",
          "text",
          "text2",
          "label",
          "only");
  private static final String RETRAINING = "retrain";
  private static final int STEP_SIZES = 5;
  private static final String WORDNET_POSITIVE = "noun.person";

  /** Which saddle function. */
  public enum Form {
    /** With the margin: {@code 2α (p(1-p) m + s)}. */
    AUCM,
    /** Ying's: {@code 2(1+α) s}. The same as a margin of 1, with α shifted by 1. */
    YING,
    /** Of a published script: {@code 2(1+α) (p(1-p) m + s)}, whose margin is in effect m + 1. */
    SCRIPT
  }

  /** Which training examples each level has. */
  public enum Split {
    /** All of them: the two levels are those of a saddle point. */
    NONE,
    /** Its own half of them, as in the published experiments. */
    HALVES
  }

  /** Where p comes from. */
  public enum Ratio {
    /** The share among the training examples. */
    DATA,
    /** The share in one minibatch, kept for the whole run, as a published script has it. */
    FIRST_BATCH
  }

  /** The scale of the lower loss. It changes neither α* nor the hypergradient. */
  public enum Lower {
    /** {@code g = -F}. */
    PLAIN,
    /**
     * {@code g = -F / (2p(1-p))}, whose curvature is 1 everywhere: a lower step of size 1 gives the
     * sample's α* exactly, and one term of size 1 of a series, or one such step of the linear
     * system, the exact inverse. These are then the default step sizes.
     */
    EXACT
  }

  /** What the AUC is taken of. */
  public enum Score {
    /** The logit of the positive class, which h is made of. */
    LOGIT,
    /** The difference of the logits, as with softmax probabilities in a published script. */
    DIFFERENCE
  }

  public DeepAuc {
    Integer testSize = selection.testSize();
    if (testSize != null) {
      RULES.atLeast("testSize", testSize, texts.test().isEmpty() ? 1 : 0);
    }
    RULES.atLeast("maxTokens", maxTokens, 1);
    RULES.atLeast("logits", logits, 1);
    if (logits > 2) {
      throw RULES.broken("logits", logits, "must be 1 or 2", "1 was meant.");
    }
    if (objective.score() == Score.DIFFERENCE && logits < 2) {
      throw RULES.broken(
          "score", "difference", "must be logit where there is one logit", "logits 2 was meant.");
    }
  }

  /**
   * Tuned by {@code f(x, α*(x))}: at a bad α, f itself is small. Judged by the AUC on test
   * examples.
   */
  @Override
  public Goal goal() {
    return new Goal("valueFunction", "testAuc", "testAuc");
  }

  @Override
  public RunDefaults runDefaults() {
    return new RunDefaults(500, 50, 500, Device.Precision.FLOAT32);
  }

  /** All of a user's own data that is not for the test is trained on. */
  @Override
  public ProblemOptions suitedTo(Map<String, ?> given, Set<Trait> algorithm) {
    boolean isOwn = given.get("data") instanceof String file && !WordNetText.NAMES.contains(file);
    if (!isOwn || given.containsKey("trainSize")) {
      return this;
    }
    var options = new HashMap<String, @Nullable Object>();
    options.put("trainSize", 0);
    if (!given.containsKey("test")) {
      options.put("testSize", null);
    }
    return Options.bind(this, options, "deep-auc");
  }

  @Override
  public List<String> madeFor(String data) {
    return WordNetText.NAMES.contains(data) ? List.of() : MADE_FOR_DATA;
  }

  @Override
  public boolean hasBaselines() {
    return true;
  }

  @Override
  public Opened open(Seed seed, Device device) {
    return DataTensors.owning(home -> load(seed, device, home));
  }

  // ---- examples ------------------------------------------------------------------------------

  private Opened load(Seed seed, Device device, DataTensors home) {
    LabelledTexts read =
        LabelledTexts.read(texts.data(), texts.test(), texts.reading()::source, seed);
    return sized(read).load(read, seed, device, home);
  }

  private DeepAuc sized(LabelledTexts read) {
    int share = texts.test().isEmpty() ? Math.max(1, read.data().size() / 5) : 0;
    return selection.testSize() != null
        ? this
        : Options.bind(this, Map.of("testSize", share), "deep-auc");
  }

  private Opened load(LabelledTexts read, Seed seed, Device device, DataTensors home) {
    int tested = Objects.requireNonNull(selection.testSize());
    String wanted = positiveClass(read.data());
    List<Example> all = read.data();
    boolean isApart = !read.test().isEmpty();
    if (!isApart) {
      requireEnough(all.size(), tested + Math.max(selection.trainSize(), 4));
    }
    int[][] sets = read.split(seed.child("split"), isApart ? 0 : tested);
    List<Example> testing;
    if (!isApart) {
      testing = Arrays.stream(sets[0]).mapToObj(all::get).toList();
    } else {
      int[] others = seed.child("test").permutation(read.test().size());
      int count = tested == 0 ? others.length : Math.min(tested, others.length);
      testing = Arrays.stream(others, 0, count).mapToObj(read.test()::get).toList();
    }
    List<Example> training =
        thinned(
            Arrays.stream(sets[1]).mapToObj(all::get).toList(),
            wanted,
            seed.child("halves"),
            read.division());
    return opened(read, training, testing, wanted, seed, device, home);
  }

  /**
   * The problem of these examples.
   *
   * @param read where they are from
   */
  Opened opened(
      LabelledTexts read,
      List<Example> training,
      List<Example> testing,
      String wanted,
      Seed seed,
      Device device,
      DataTensors home) {
    var everything = new ArrayList<Example>(training);
    everything.addAll(testing);
    boolean[] positives = new boolean[everything.size()];
    for (int i = 0; i < positives.length; i++) {
      positives[i] = everything.get(i).label().equals(wanted);
    }
    var parts = new Parts(training.size(), testing.size(), split);
    requireBoth(positives, parts.range(Part.LOWER), "lower");
    requireBoth(positives, parts.range(Part.UPPER), "upper");
    requireBothInTest(positives, training.size(), wanted);
    double p = ratio(positives, parts, seed);
    read.remarks()
        .add(
            "%s is positive: %.1f %% of the training and %.1f %% of the test examples."
                .formatted(
                    wanted,
                    100 * share(positives, 0, training.size()),
                    100 * share(positives, training.size(), positives.length)));
    return new Opened(
        NetworkTexts.of(
            network.reading(maxTokens), network.vectors(), read, everything, seed, device, home),
        wanted,
        others(training, wanted),
        positives,
        parts,
        new Saddle(objective.form(), p, objective.margin()));
  }

  private void requireEnough(int there, int needed) {
    if (there < needed) {
      throw new InvalidInputException(
              "The data has %d examples; trainSize and testSize ask for %d."
                  .formatted(there, needed),
              "smaller ones fit; trainSize 0 takes all that are left.")
          .atKey("trainSize");
    }
  }

  String positiveClass(List<Example> examples) {
    var counts = new TreeMap<String, Integer>();
    examples.forEach(example -> counts.merge(example.label(), 1, Integer::sum));
    String named = selection.positive();
    if (named == null && texts.data().equals(LabelledTexts.WORDNET)) {
      named = WORDNET_POSITIVE;
    }
    if (named != null) {
      try {
        new Classes(List.copyOf(counts.keySet())).id(named);
      } catch (InvalidInputException e) {
        throw e.atKey("positive");
      }
      return named;
    }
    if (counts.size() > 2) {
      throw new InvalidInputException(
              "The data has %d classes; one must be named as the positive one."
                  .formatted(counts.size()),
              "the rarest, '%s', was meant.".formatted(rarest(counts)))
          .atKey("positive");
    }
    return rarest(counts);
  }

  /** Of equally rare ones the last. */
  private static String rarest(TreeMap<String, Integer> counts) {
    return counts.descendingMap().entrySet().stream()
        .min(Map.Entry.comparingByValue())
        .orElseThrow()
        .getKey();
  }

  /** As many as wanted, with the wanted share of positives. */
  private List<Example> thinned(
      List<Example> pool, String wanted, Seed seed, LabelledTexts.Division division) {
    int positives = (int) pool.stream().filter(e -> e.label().equals(wanted)).count();
    int negatives = pool.size() - positives;
    int trainSize = selection.trainSize();
    int size = trainSize == 0 ? pool.size() : trainSize;
    Double imratio = selection.imratio();
    int keepPositive = Integer.MAX_VALUE;
    int keepNegative = Integer.MAX_VALUE;
    if (imratio != null) {
      if (trainSize == 0) {
        size = (int) Math.min(positives / imratio, negatives / (1 - imratio));
      }
      keepPositive = (int) Math.round(imratio * size);
      keepNegative = size - keepPositive;
      if (keepPositive > positives || keepNegative > negatives) {
        throw new InvalidInputException(
                "%d positive and %d negative examples are wanted; there are %d and %d."
                    .formatted(keepPositive, keepNegative, positives, negatives),
                "a smaller trainSize fits; 0 takes as many as there are.")
            .atKey("imratio");
      }
    }
    var kept = new ArrayList<Example>();
    for (Example example : pool) {
      boolean isPositive = example.label().equals(wanted);
      if (kept.size() < size && (isPositive ? keepPositive : keepNegative) > 0) {
        kept.add(example);
        keepPositive -= isPositive ? 1 : 0;
        keepNegative -= isPositive ? 0 : 1;
      }
    }
    requireEnough(kept.size(), Math.max(size, 4));
    // The class that is thinned more is used up later: without this the halves would differ.
    int[] order = seed.permutation(kept.size());
    if (division == LabelledTexts.Division.BY_CLASS) {
      List<String> labels = Example.labels(kept);
      int[][] halves = Stratified.split(labels, order, kept.size() / 2);
      order = IntStream.concat(Arrays.stream(halves[0]), Arrays.stream(halves[1])).toArray();
    }
    return Arrays.stream(order).mapToObj(kept::get).toList();
  }

  /** The other class, or what is said for all others. */
  private static String others(List<Example> examples, String wanted) {
    List<String> names =
        Example.labels(examples).stream().distinct().filter(name -> !name.equals(wanted)).toList();
    return names.size() == 1 ? names.get(0) : "not " + wanted;
  }

  /** The area under the curve of one class is no number. */
  private static void requireBothInTest(boolean[] positives, int from, String wanted) {
    double share = share(positives, from, positives.length);
    if (share == 0 || share == 1) {
      throw new InvalidInputException(
              "The %d test examples have no %s example ('%s' is positive)."
                  .formatted(positives.length - from, share == 0 ? "positive" : "negative", wanted),
              "a larger testSize has some, or a file of test examples with both.")
          .atKey("testSize");
    }
  }

  private static void requireBoth(boolean[] positives, Range range, String level) {
    double share = share(positives, range.from(), range.to());
    if (share == 0 || share == 1) {
      throw new InvalidInputException(
              "All %d training examples of the %s level are %s; both kinds are needed."
                  .formatted(range.size(), level, share == 0 ? "negative" : "positive"),
              "a larger trainSize has both kinds.")
          .atKey("trainSize");
    }
  }

  private double ratio(boolean[] positives, Parts parts, Seed seed) {
    double p = share(positives, 0, parts.train());
    if (objective.ratio() == Ratio.FIRST_BATCH) {
      int[] drawn =
          seed.child("first-batch").sample(parts.range(Part.LOWER).size(), batches.batch());
      p = Arrays.stream(drawn).filter(i -> positives[i]).count() / (double) drawn.length;
    }
    if (p == 0 || p == 1) {
      throw new InvalidInputException(
              "All training examples that the class ratio is taken from are %s."
                  .formatted(p == 0 ? "negative" : "positive"),
              "a larger trainSize or batch has both kinds.")
          .atKey(objective.ratio() == Ratio.DATA ? "trainSize" : "ratio");
    }
    return p;
  }

  private static double share(boolean[] positives, int from, int to) {
    return IntStream.range(from, to).filter(i -> positives[i]).count() / (double) (to - from);
  }

  // ---- the problem ---------------------------------------------------------------------------

  /** Numbers of consecutive examples. */
  private record Range(int from, int to) {
    int size() {
      return to - from;
    }

    int[] numbers() {
      return IntStream.range(from, to).toArray();
    }
  }

  /** How many examples train and test, in this order, and what each level has. */
  private record Parts(int train, int test, Split split) {
    Range range(Part part) {
      int half = train / 2;
      return switch (part) {
        case LOWER -> new Range(0, split == Split.HALVES ? half : train);
        case UPPER -> new Range(split == Split.HALVES ? half : 0, train);
        case TEST -> new Range(train, train + test);
      };
    }

    int[] of(Part part) {
      return range(part).numbers();
    }
  }

  /** Which examples. */
  public enum Part {
    /** Those that the lower loss is a mean over. */
    LOWER,
    /** Those that the upper loss is a mean over. */
    UPPER,
    /** Held out. */
    TEST
  }

  /**
   * A minibatch.
   *
   * @param input what the network reads
   * @param positive 1 for positive examples, 0 for others
   */
  public record Batch(Input input, Tensor positive) {}

  /**
   * F for given p and m, of {@code h} in (0, 1).
   *
   * @param form form of F
   * @param p share of positives
   * @param margin m
   */
  record Saddle(Form form, double p, double margin) {
    /** {@code p(1-p)}. */
    double spread() {
      return p * (1 - p);
    }

    /** {@code (1-p) E[(h-a)² 1₊] + p E[(h-b)² 1₋]} and s: what F needs to know of a sample. */
    Tensor summary(Tensor h, Tensor positive, Tensor a, Tensor b) {
      Tensor onPositive = Tensors.scale(1 - p, positive);
      Tensor onNegative = Tensors.scale(-p, positive.sub(new Scalar(1)));
      Tensor toA = h.sub(a);
      Tensor toB = h.sub(b);
      Tensor squares = toA.mul(toA).mul(onPositive).add(toB.mul(toB).mul(onNegative)).mean();
      Tensor gap = h.mul(onNegative.sub(onPositive)).mean();
      return torch.stack(new TensorVector(squares, gap), 0);
    }

    /** F of a summary. */
    Tensor value(Tensor summary, Tensor alpha) {
      Tensor multiplier = form == Form.AUCM ? alpha : alpha.add(new Scalar(1));
      Tensor gap = summary.narrow(0, 1, 1);
      Tensor slope = form == Form.YING ? gap : gap.add(new Scalar(spread() * margin));
      return summary
          .narrow(0, 0, 1)
          .add(Tensors.scale(2, multiplier.mul(slope)))
          .sub(Tensors.scale(spread(), alpha.mul(alpha)))
          .squeeze();
    }

    /** {@code argmax F} over α, shape [1]. */
    Tensor solution(Tensor summary) {
      Tensor gap = Tensors.scale(1 / spread(), summary.narrow(0, 1, 1));
      return form == Form.YING ? gap : gap.add(new Scalar(margin));
    }
  }

  /** The problem with its data. */
  public final class Opened implements FeatureProblem<Batch>, Sampled<Batch>, StatedFacts {
    private final NetworkTexts texts;
    private final String wanted;
    private final String others;
    private final boolean[] positives;
    private final Tensor indicators;
    private final Parts parts;
    private final Saddle saddle;
    private final Classifier classifier;

    private Opened(
        NetworkTexts texts,
        String wanted,
        String others,
        boolean[] positives,
        Parts parts,
        Saddle saddle) {
      this.texts = texts;
      this.wanted = wanted;
      this.others = others;
      this.positives = positives;
      this.parts = parts;
      this.saddle = saddle;
      double[] ones = new double[positives.length];
      for (int i = 0; i < ones.length; i++) {
        ones[i] = positives[i] ? 1 : 0;
      }
      indicators = texts.home().keep(Tensors.of(texts.device(), ones));
      classifier = classifier(logits);
    }

    /** The same problem with another saddle function; one of the two is to be closed. */
    Opened with(Saddle other) {
      return new Opened(texts, wanted, others, positives, parts, other);
    }

    /** The network with a head of so many outputs. */
    public Classifier classifier(int outputs) {
      return texts.classifier(outputs);
    }

    /** What the experiment file says. */
    public DeepAuc options() {
      return DeepAuc.this;
    }

    /** Where tensors are. */
    public Device device() {
      return texts.device();
    }

    /** What a network reads of all examples. */
    public Inputs texts() {
      return texts.encoded().inputs();
    }

    /** Which of all examples are positive. */
    public boolean[] positives() {
      return positives.clone();
    }

    /** Numbers of the examples of a part. */
    public int[] examples(Part part) {
      return parts.of(part);
    }

    /** p. */
    public double ratio() {
      return saddle.p();
    }

    @Override
    public Layout upperLayout() {
      return Layout.EMPTY.with("network", classifier.layout()).with("a", 1).with("b", 1);
    }

    @Override
    public Layout lowerLayout() {
      return Layout.vector("alpha", 1);
    }

    @Override
    public boolean isSaddle() {
      return true;
    }

    /** Numbers of the training examples of both levels. */
    public int[] trainingExamples() {
      return IntStream.range(0, parts.train()).toArray();
    }

    /**
     * The network as it starts, and a = b = α = 0. After a pretraining a and b are the means of h
     * over the positive and over the other training examples, and α is α*: their best values.
     */
    @Override
    public Start start(Seed seed) {
      if (pretraining.steps() == 0) {
        return new Start(
            Tensors.concat(classifier.initial(seed, device()), Tensors.zeros(device(), 2)),
            Tensors.zeros(device(), 1));
      }
      Tensor network = pretraining.train(this, seed.child("pretraining"));
      int[] all = trainingExamples();
      Tensor outputs = texts.outputs(all, input -> classifier.logits(network, input));
      Tensor h = outputs.select(1, logits - 1).sigmoid();
      Tensor positive = indicators.narrow(0, 0, all.length);
      Tensor a = h.dot(positive).div(positive.sum()).view(1);
      Tensor others = positive.neg().add(new Scalar(1));
      Tensor b = h.dot(others).div(others.sum()).view(1);
      return new Start(
          Tensors.concat(network, Tensors.concat(a, b)),
          saddle.solution(saddle.summary(h, positive, a, b)));
    }

    private Batch take(int[] numbers) {
      return new Batch(
          texts.batch(numbers), indicators.index_select(0, Tensors.indices(device(), numbers)));
    }

    @Override
    public Minibatches<Batch> upperSamples() {
      return Minibatches.of(
          parts.range(Part.UPPER).size(),
          batches.upperBatch(),
          drawn -> take(shifted(drawn, parts.range(Part.UPPER).from())));
    }

    @Override
    public Minibatches<Batch> lowerSamples() {
      return Minibatches.of(parts.range(Part.LOWER).size(), batches.batch(), this::take);
    }

    private static int[] shifted(int[] numbers, int by) {
      return Arrays.stream(numbers).map(i -> i + by).toArray();
    }

    @Override
    public long sizeOf(Batch batch) {
      return network.pooling() == Pooling.PADDED_MAX ? 0 : batch.positive().size(0);
    }

    /** The two numbers of {@link Saddle#summary}. */
    @Override
    public Tensor features(Tensor x, Batch batch) {
      Tensor h = outputs(x, batch.input()).select(1, logits - 1).sigmoid();
      return summary(x, h, batch.positive());
    }

    private Tensor outputs(Tensor x, Input input) {
      return classifier.logits(x.narrow(0, 0, x.numel() - 2), input);
    }

    private Tensor summary(Tensor x, Tensor h, Tensor positive) {
      long a = x.numel() - 2;
      return saddle.summary(h, positive, x.narrow(0, a, 1), x.narrow(0, a + 1, 1));
    }

    @Override
    public Tensor upperLossOf(Tensor features, Tensor y, Batch batch) {
      return saddle.value(features, y);
    }

    @Override
    public Tensor lowerLossOf(Tensor features, Tensor y, Batch batch) {
      double scale = objective.lower() == Lower.EXACT ? 2 * saddle.spread() : 1;
      return Tensors.scale(-1 / scale, saddle.value(features, y));
    }

    /**
     * AUC on test examples and on both halves, pooled over all examples; f at α, and at the α* of
     * the lower half; the distance between the two.
     */
    @Override
    public Metrics evaluate(Tensor x, Tensor y) {
      Tensor lower = outputs(x, Part.LOWER);
      Tensor upper = split == Split.NONE ? lower : outputs(x, Part.UPPER);
      Tensor solution = saddle.solution(summary(x, lower, Part.LOWER));
      Tensor above = summary(x, upper, Part.UPPER);
      Metrics test = Metrics.NONE.with("testAuc", auc(outputs(x, Part.TEST), Part.TEST));
      return (split == Split.NONE ? test : test.with("validationAuc", auc(upper, Part.UPPER)))
          .with("trainAuc", auc(lower, Part.LOWER))
          .with("upperLoss", Tensors.item(saddle.value(above, y)))
          .with("valueFunction", Tensors.item(saddle.value(above, solution)))
          .with("lowerDistance", Tensors.item(y.sub(solution).abs()));
    }

    /**
     * The share of positives, and on one minibatch of each level F, and the curvature and the
     * minimiser of the lower loss in α.
     */
    @Override
    public List<Fact> facts(Tensor x, Tensor y) {
      boolean isShare = objective.ratio() == Ratio.DATA;
      double p = isShare ? share(positives, 0, parts.train()) : saddle.p();
      var formulas = new AucFacts(objective, p);
      var facts = new ArrayList<Fact>();
      if (isShare) {
        facts.add(new Fact("p of the loss, against the share of positives", p, saddle.p()));
      }
      var draw = new Seed(0).child("facts");
      Batch upper = upperBatch(draw, Shard.ALL);
      facts.add(
          new Fact(
              "f, against the formula of F",
              formulas.value(scores(x, upper), Tensors.item(y)),
              Tensors.item(upperLoss(x, y, upper))));
      Batch lower = lowerBatch(draw, Shard.ALL);
      facts.addAll(
          formulas.ofLower(
              scores(x, lower),
              Tensors.item(y),
              alpha -> Tensors.item(lowerLoss(x, Tensors.full(device(), alpha, 1), lower))));
      return facts;
    }

    private AucFacts.Scores scores(Tensor x, Batch batch) {
      double[] all = Tensors.toArray(x);
      return new AucFacts.Scores(
          Tensors.toArray(outputs(x, batch.input()).select(1, logits - 1).sigmoid()),
          Tensors.toArray(batch.positive()),
          all[all.length - 2],
          all[all.length - 1]);
    }

    private Tensor summary(Tensor x, Tensor outputs, Part part) {
      Tensor indicator = indicators.index_select(0, Tensors.indices(device(), parts.of(part)));
      return summary(x, outputs.select(1, logits - 1).sigmoid(), indicator);
    }

    /** Outputs of the network for all examples of a part. */
    private Tensor outputs(Tensor x, Part part) {
      return texts.outputs(parts.of(part), input -> outputs(x, input));
    }

    private double auc(Tensor outputs, Part part) {
      Tensor scores =
          objective.score() == Score.LOGIT ? outputs.select(1, logits - 1) : difference(outputs);
      return auc(Tensors.toArray(scores), part);
    }

    private static Tensor difference(Tensor outputs) {
      return outputs.select(1, 1).sub(outputs.select(1, 0));
    }

    private double auc(double[] scores, Part part) {
      int[] numbers = parts.of(part);
      boolean[] positive = new boolean[numbers.length];
      for (int i = 0; i < numbers.length; i++) {
        positive[i] = positives[numbers[i]];
      }
      return Detection.auroc(scores, positive);
    }

    /** The AUC of a classifier with two outputs, of which the second is the positive class's. */
    public double auc(Classifier model, Tensor parameters, Part part) {
      Tensor outputs = texts.outputs(parts.of(part), input -> model.logits(parameters, input));
      return auc(Tensors.toArray(difference(outputs)), part);
    }

    /**
     * Scores of some examples: the logit of the positive class over that of the others.
     *
     * @param model with two outputs, of which the second is the positive class's
     */
    double[] scores(Classifier model, Tensor parameters, int[] numbers) {
      return Tensors.toArray(
          difference(texts.outputs(numbers, input -> model.logits(parameters, input))));
    }

    /** The network of a state as a classifier of two classes. */
    Classifier ranker() {
      return new Classifier.OneOutput(classifier, logits - 1);
    }

    /** The parameters of the network in x. */
    Tensor network(Tensor x) {
      return x.narrow(0, 0, x.numel() - 2);
    }

    /** A model of two classes that cross entropy trained. */
    TextModel model(Tensor parameters) {
      return texts.model(
          "deep-auc",
          classifier(2),
          2,
          parameters,
          new TreeMap<>(Map.of("positive", wanted, "classes", List.of(others, wanted))));
    }

    /**
     * The network without a and b, at a state. Its tensors belong to the open scope, or to the
     * problem.
     */
    public TextModel model(Tensor x, Tensor y) {
      var meaning = new LinkedHashMap<String, Object>();
      meaning.put("positive", wanted);
      meaning.put("classes", List.of(others, wanted));
      meaning.put("logits", logits);
      meaning.put("score", Options.kebab(objective.score()));
      return texts.model("deep-auc", classifier, logits, x.narrow(0, 0, x.numel() - 2), meaning);
    }

    @Override
    public Map<String, String> inputs() {
      return texts.sources();
    }

    @Override
    public List<String> remarks() {
      return texts.remarks();
    }

    /**
     * Published step sizes are for the script's losses. The lower level has curvature 2p(1-p), or 1
     * where its loss is scaled, and then a step of size 1 solves it. After a pretraining the steps
     * of x are halved after each fifth of the run.
     */
    @Override
    public Scales scales(long steps) {
      boolean isExact = objective.lower() == Lower.EXACT;
      Scales.Usual usual =
          Scales.Usual.ofLowerLr(isExact ? 1 : 0.5)
              .withNeumannStep(1.0)
              .withNeumannTerms(isExact ? 1 : 3)
              .withSharesSamples(true);
      return new Scales(
          Scales.Structure.SADDLE,
          steps,
          (double) upperLayout().size(),
          Double.NaN,
          Scales.uppers(usual, upperLr(0.1, steps), upperLr(6e-3, steps), upperLr(1, steps)));
    }

    /** A pretrained network is near its end: with steps of one length it would leave it again. */
    private Schedule upperLr(double initial, long steps) {
      return pretraining.steps() == 0
          ? Schedule.constant(initial)
          : new Schedule.Step(initial, 0.5, Math.max(1, steps / STEP_SIZES));
    }

    @Override
    public ProblemOptions resolved() {
      return DeepAuc.this;
    }

    /** Leaves the model in {@code model/}. */
    @Override
    public Finished finish(Tensor x, Tensor y, Seed run, Artifacts artifacts) {
      try (var scope = StateScope.open()) {
        model(x, y).write(artifacts);
      }
      return Finished.NOTHING;
    }

    /** The same network trained by cross entropy. */
    @Override
    public List<BaselineResult> baselines(Baselines which, Seed run, long steps) {
      return which == Baselines.NONE || steps >= RunDefaults.NO_LIMIT
          ? List.of()
          : new CrossEntropy(
                  this, pretraining.steps() + steps, run.child(RETRAINING), System::nanoTime)
              .baselines();
    }

    @Override
    public void close() {
      texts.home().close();
    }
  }
}
