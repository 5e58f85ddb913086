package org.stackel.cleaning;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;
import org.stackel.config.Alias;
import org.stackel.config.Inline;
import org.stackel.config.OptionRecord;
import org.stackel.config.Options;
import org.stackel.config.Rules;
import org.stackel.model.BatchSizes;
import org.stackel.model.Classifier;
import org.stackel.model.EvaluationChunk;
import org.stackel.model.Input;
import org.stackel.model.Penalty;
import org.stackel.model.PenaltyTerm;
import org.stackel.model.Pooling;
import org.stackel.model.TextModel;
import org.stackel.model.TextNetwork;
import org.stackel.optim.Iterations;
import org.stackel.optim.Schedule;
import org.stackel.problem.Artifacts;
import org.stackel.problem.BaselineResult;
import org.stackel.problem.Baselines;
import org.stackel.problem.Blocks;
import org.stackel.problem.ClosedForms;
import org.stackel.problem.Detection;
import org.stackel.problem.FeatureProblem;
import org.stackel.problem.Finished;
import org.stackel.problem.FiniteSum;
import org.stackel.problem.Goal;
import org.stackel.problem.Metrics;
import org.stackel.problem.PerExample;
import org.stackel.problem.Presentation;
import org.stackel.problem.ProblemInfo;
import org.stackel.problem.ProblemOptions;
import org.stackel.problem.Property;
import org.stackel.problem.RunDefaults;
import org.stackel.problem.Scales;
import org.stackel.problem.Shard;
import org.stackel.problem.Start;
import org.stackel.problem.Trait;
import org.stackel.tensor.DataTensors;
import org.stackel.tensor.Device;
import org.stackel.tensor.Layout;
import org.stackel.tensor.Seed;
import org.stackel.tensor.StateScope;
import org.stackel.tensor.Tensors;
import org.stackel.text.WordNetText;

/**
 * Data hyper-cleaning (Franceschi, Donini, Frasconi, Pontil: "Forward and Reverse Gradient-Based
 * Hyperparameter Optimization", ICML 2017, section 5.1): a weight for every training example, so
 * that a model trained with the weights does well on trusted examples.
 *
 * <pre>
 *   min_λ (1/|V|) Σ_{j∈V} CE_j(w*(λ)),   w*(λ) = argmin_w (1/|T|) Σ_{i∈T} σ(λ_i) CE_i(w) + c P(w)
 * </pre>
 *
 * <p>x = λ has shape [training examples]; y = w has the parameters of the classifier, flat, in the
 * order of its {@link Opened#lowerLayout layout}: [features · classes] for the linear model. The
 * lower level sees x through the weights of its minibatch alone, which are this problem's features.
 * The encoder {@code linear} makes the lower level strongly convex; networks do not. On texts it is
 * the experiment of BO-REP (Hao, Gong, Liu, ICLR 2024) and SLIP (Gong, Hao, Liu, ICML 2024).
 *
 * @param texts source of the texts
 * @param sizes how many of them train, are trusted and test
 * @param mislabeling how training labels are made wrong
 * @param network the network that is trained
 * @param maxTokens number of words of a text that a network reads, at least 1
 * @param batches sizes of minibatches
 * @param upperData examples over which the upper loss is a mean
 * @param penaltyTerm c P(w)
 * @param x0 start of λ, the same for all examples; any number
 * @param retraining training of a network from scratch with the weights found
 */
@OptionRecord
@ProblemInfo(
    name = "data-cleaning",
    summary = "a weight for each training text, so that a classifier does well on trusted ones",
    properties = Property.LARGE)
public record DataCleaning(
    @Inline TrustedTexts texts,
    @Inline Sizes sizes,
    @Inline Mislabeling mislabeling,
    @Inline CleaningNetwork network,
    int maxTokens,
    @Inline BatchSizes batches,
    UpperData upperData,
    @Inline PenaltyTerm penaltyTerm,
    @Alias("startWeight") double x0,
    Retraining retraining)
    implements ProblemOptions, DataCleaningBuilder.With {
  private static final Rules RULES = new Rules("data-cleaning"); // before the first use of it
  static final String TFIDF = "tfidf";
  private static final List<String> MADE_FOR_DATA =
      List.of(
          "noise",
          "noiseRate",
          "noiseDraw",
          "trainSize",
          "trustedSize",
          "testSize",
          "trusted",
          "test",
          "format",
          "text",
          "text2",
          "label",
          "only");

  /** WordNet topics with 40 % of the labels moved to the next class, and the linear model. */
  public DataCleaning() {
    this(
        new TrustedTexts(),
        new Sizes(10_000, 1_000, 3_500, Grouping.NONE),
        new Mislabeling(LabelNoise.PAIR, 0.4, NoiseDraw.ONCE),
        new CleaningNetwork(CleaningModel.LINEAR, "glove", 32, 1, Pooling.MAX, List.of()),
        12,
        new BatchSizes(256, 256),
        UpperData.TRUSTED,
        new PenaltyTerm(1e-4, Penalty.SQUARED),
        1,
        new Retraining(600, 5e-3, 128));
  }

  /** Starts from the defaults. */
  public static DataCleaningBuilder builder() {
    return DataCleaningBuilder.of(new DataCleaning());
  }

  /**
   * How many examples there are of each kind.
   *
   * @param trainSize number of training examples, at least 0; 0 for all that are left
   * @param trustedSize number of trusted examples to take from the data, at least 1; a tenth of it,
   *     at most 1,000, if left out
   * @param testSize number of test examples to take from the data, at least 1; a fifth of it, at
   *     most 3,500, if left out
   * @param grouping examples that stay together when the data are split
   */
  @OptionRecord
  public record Sizes(
      int trainSize, @Nullable Integer trustedSize, @Nullable Integer testSize, Grouping grouping)
      implements DataCleaningSizesBuilder.With {
    public Sizes {
      var rules = new Rules();
      rules.atLeast("trainSize", trainSize, 0);
      if (trustedSize != null) {
        rules.atLeast("trustedSize", trustedSize, 1);
      }
      if (testSize != null) {
        rules.atLeast("testSize", testSize, 1);
      }
    }
  }

  /**
   * How training labels are made wrong, on purpose.
   *
   * @param noise wrong label that replaces the right one
   * @param noiseRate probability that a label is made wrong, at least 0 and less than 1
   * @param noiseDraw time at which labels are made wrong
   */
  @OptionRecord
  public record Mislabeling(LabelNoise noise, double noiseRate, NoiseDraw noiseDraw)
      implements DataCleaningMislabelingBuilder.With {
    public Mislabeling {
      new Rules().fraction("noiseRate", noiseRate);
    }
  }

  /** Which examples stay together when trusted, test and training sets are taken from the data. */
  public enum Grouping {
    /** None. */
    NONE,
    /** Those with the same first text: pairs of one premise would leak from set to set. */
    TEXT
  }

  /** When labels are made wrong. */
  public enum NoiseDraw {
    /** Once, from the seed of the run. */
    ONCE,
    /** Whenever a minibatch is drawn, as published scripts do: no label is wrong for good. */
    EVERY_BATCH
  }

  /** What the upper loss is a mean over. */
  public enum UpperData {
    /** The trusted examples. */
    TRUSTED,
    /** The training examples with their wrong labels, as in published scripts. */
    TRAINING
  }

  /**
   * Adam with a step size that falls to zero over the last 30 %. The linear model is trained by
   * L-BFGS on all examples instead, until its gradient is as good as zero.
   *
   * @param steps number of steps of the retraining, at least 1; of the linear model the most
   *     iterations, never more than 200
   * @param lr step size of the retraining, greater than 0; the linear model has none
   * @param batch number of examples in a step of the retraining, at least 1; the linear model reads
   *     all in each iteration
   */
  @OptionRecord
  public record Retraining(long steps, double lr, int batch)
      implements DataCleaningRetrainingBuilder.With {
    public Retraining {
      var rules = new Rules("the retraining of data-cleaning");
      rules.atLeast("steps", steps, 1);
      rules.positive("lr", lr);
      rules.atLeast("batch", batch, 1);
    }
  }

  public DataCleaning {
    RULES.atLeast("maxTokens", maxTokens, 1);
    RULES.finite("x0", x0);
  }

  /**
   * Tuned by the loss on trusted examples, judged by test accuracy: at the end after retraining.
   */
  @Override
  public Goal goal() {
    return new Goal("upperLoss", "testAccuracy", "retrainAccuracy");
  }

  /**
   * What suits a network, TF-IDF, the algorithm, and a user's own data: her labels stay as they
   * are, and what is not held out is cleaned.
   */
  @Override
  public ProblemOptions suitedTo(Map<String, ?> given, Set<Trait> algorithm) {
    var options = new LinkedHashMap<String, Object>();
    if (given.get("data") instanceof String file && !WordNetText.NAMES.contains(file)) {
      options.put("noise", "none");
      options.put("trainSize", 0);
      options.put("trustedSize", null);
      options.put("testSize", null);
    }
    Object kind = given.get("encoder");
    boolean isNetwork = kind != null && !kind.equals("linear");
    if (isNetwork) {
      options.put("batch", 128);
      options.put("upperBatch", 128);
    }
    if (algorithm.contains(Trait.WANTS_WHOLE_UPPER_BATCH)) {
      options.put("upperBatch", 0);
    }
    if (TFIDF.equals(given.get("vectors"))) {
      options.put("regularization", 1e-5);
    }
    if (isNetwork && given.get("hidden") instanceof Number width && width.intValue() > NARROW) {
      options.put("retraining", Map.of("steps", 800, "lr", 3e-3));
    }
    return Options.bind(this, options, "data-cleaning");
  }

  @Override
  public List<String> madeFor(String data) {
    return WordNetText.NAMES.contains(data) ? List.of() : MADE_FOR_DATA;
  }

  @Override
  public RunDefaults runDefaults() {
    return new RunDefaults(1000, 50, 500, Device.Precision.FLOAT32);
  }

  @Override
  public boolean hasBaselines() {
    return true;
  }

  @Override
  public Presentation presentation() {
    return PRESENTATION;
  }

  @Override
  public List<String> remarks(String method, Map<String, Double> lowerLr, Metrics metrics) {
    return notes(method, metrics);
  }

  /** A warning where λ did not travel. */
  @Override
  public List<String> notes(String method, Metrics metrics) {
    Double deviation = metrics.values().get("lambdaSd");
    return deviation == null || deviation >= LEAST_LAMBDA_SD
        ? List.of()
        : List.of(
            "The weights of %s hardly differ: sd(λ) is %.2f, less than %.1f. Maybe a larger upperLr or more steps help."
                .formatted(method, deviation, LEAST_LAMBDA_SD));
  }

  @Override
  public Opened open(Seed seed, Device device) {
    return DataTensors.owning(
        home -> {
          var texts = new CleaningTexts(this, seed);
          DataCleaning sized = sized(texts.count());
          return sized.new Opened(texts.encode(sized, device, home), home, device, this);
        });
  }

  /**
   * The problem on examples that were read elsewhere. Only the linear model reads numbers.
   *
   * @param home owns the examples' tensors, and is closed with the problem
   */
  public Opened on(CleaningData examples, DataTensors home, Device device) {
    return new Opened(examples, home, device, this);
  }

  /** Whether both read the same data, split and mislabel them alike, and encode them alike. */
  private boolean readsAs(DataCleaning other) {
    return texts.equals(other.texts)
        && sizes.equals(other.sizes)
        && mislabeling.equals(other.mislabeling)
        && network.equals(other.network)
        && maxTokens == other.maxTokens;
  }

  /** These options with the sizes that are left to the data. */
  private DataCleaning sized(int examples) {
    var found = new LinkedHashMap<String, Object>();
    if (sizes.trustedSize() == null) {
      found.put("trustedSize", Math.max(1, Math.min(examples / 10, TRUSTED)));
    }
    if (sizes.testSize() == null) {
      found.put("testSize", Math.max(1, Math.min(examples / 5, TEST)));
    }
    return Options.bind(this, found, "data-cleaning");
  }

  /**
   * A minibatch.
   *
   * @param examples where the numbers of the training examples are in x, int64; none at the upper
   *     level
   * @param input what the model reads
   * @param labels class of each example, int64
   */
  public record Batch(@Nullable Tensor examples, Input input, Tensor labels) {}

  /** The problem with its data. */
  public final class Opened implements FeatureProblem<Batch>, FiniteSum<Batch>, PerExample<Batch> {
    private final CleaningData examples;
    private final DataTensors home;
    private final Device device;
    private final DataCleaning asked;
    private final Classifier classifier;
    private final @Nullable Batch wholeTrusted;

    /**
     * @param asked the options before sizes were left to the data
     */
    Opened(CleaningData examples, DataTensors home, Device device, DataCleaning asked) {
      this.examples = examples;
      this.home = home;
      this.device = device;
      this.asked = asked;
      classifier = classifier(examples);
      boolean isWhole = upperData == UpperData.TRUSTED && upperSize() == examples.trusted();
      wholeTrusted = isWhole ? home.keep(trusted(examples.trustedExamples())) : null;
    }

    /** The examples. */
    public CleaningData examples() {
      return examples;
    }

    /** The classifier, whose parameters are y. */
    public Classifier classifier() {
      return classifier;
    }

    /** Where tensors are. */
    public Device device() {
      return device;
    }

    /** What the experiment file says. */
    public DataCleaning options() {
      return DataCleaning.this;
    }

    private Classifier classifier(CleaningData data) {
      int classes = data.classes().size();
      TextNetwork trained = network.reading(maxTokens);
      return trained == null
          ? new Classifier.Linear(data.inputs().width(), classes)
          : trained.classifier(data.encoded(), classes);
    }

    private Batch trusted(int[] numbers) {
      return new Batch(null, input(numbers), labels(numbers));
    }

    private Input input(int[] numbers) {
      return examples.inputs().batch(examples.places(numbers));
    }

    private Tensor labels(int[] numbers) {
      int[] labels = examples.places(numbers).clone();
      for (int i = 0; i < labels.length; i++) {
        labels[i] = examples.labels()[labels[i]];
      }
      return Tensors.indices(device, labels);
    }

    @Override
    public Layout upperLayout() {
      return Layout.vector("lambda", examples.train());
    }

    @Override
    public Layout lowerLayout() {
      return classifier.layout();
    }

    @Override
    public Start start(Seed seed) {
      Tensor lambda =
          examples.held().count() == examples.train()
              ? Tensors.full(device, x0, examples.train())
              : Tensors.full(device, x0, 1).expand(examples.train()); // of which a part is copied
      return new Start(lambda, classifier.initial(seed, device));
    }

    @Override
    public Batch upperBatch(Seed draw, Shard shard) {
      if (upperData == UpperData.TRAINING) {
        int[] numbers = shard.of(draw.sample(examples.train(), upperSize()));
        return new Batch(null, input(numbers), noisyLabels(numbers, draw));
      }
      return shard.count() == 1 && wholeTrusted != null
          ? wholeTrusted
          : upperExamples(shard.of(draw.sample(examples.trusted(), upperSize())));
    }

    private int upperSize() {
      int all = upperData == UpperData.TRAINING ? examples.train() : examples.trusted();
      return batches.upperBatch() == 0 ? all : Math.min(batches.upperBatch(), all);
    }

    private Batch upperExamples(int[] drawn) {
      if (upperData == UpperData.TRAINING) {
        return new Batch(null, input(drawn), labels(drawn));
      }
      return trusted(Arrays.stream(drawn).map(i -> i + examples.train()).toArray());
    }

    @Override
    public Batch lowerBatch(Seed draw, Shard shard) {
      int[] numbers = shard.of(draw.sample(examples.train(), batches.batch()));
      return lower(numbers, noisyLabels(numbers, draw), shard);
    }

    @Override
    public long lowerBatchSize() {
      return Math.min(batches.batch(), examples.train());
    }

    /** The labels as given, or made wrong anew: that of an example depends on draw and number. */
    private Tensor noisyLabels(int[] numbers, Seed draw) {
      if (mislabeling.noiseDraw() == NoiseDraw.ONCE) {
        return labels(numbers);
      }
      int[] all = examples.truth();
      int[] places = examples.places(numbers);
      int[] noisy = new int[numbers.length];
      for (int i = 0; i < noisy.length; i++) {
        int[] one = {all[places[i]]};
        Seed seed = draw.child("noise").child(numbers[i]);
        noisy[i] =
            mislabeling.noise()
                .apply(one, examples.classes().size(), mislabeling.noiseRate(), seed)[0];
      }
      return Tensors.indices(device, noisy);
    }

    private Batch lower(int[] numbers, Tensor labels, Shard shard) {
      int[] places = examples.places(numbers);
      Tensor here = Tensors.indices(device, places);
      Tensor inX = shard.owned() == null ? here : Tensors.indices(device, shard.inX(numbers));
      return new Batch(inX, examples.inputs().batch(places, here), labels);
    }

    @Override
    public long sizeOf(Batch batch) {
      return network.pooling() == Pooling.PADDED_MAX ? 0 : batch.labels().size(0);
    }

    @Override
    public Blocks upperBlocks() {
      return Blocks.ofSize(
          upperData == UpperData.TRAINING ? examples.train() : examples.trusted(), upperSize());
    }

    @Override
    public Blocks lowerBlocks() {
      return Blocks.ofSize(examples.train(), batches.batch());
    }

    @Override
    public Batch upperBlock(int block, Shard shard) {
      return shard.count() == 1 && wholeTrusted != null
          ? wholeTrusted
          : upperExamples(shard.of(upperBlocks().examplesOf(block)));
    }

    @Override
    public Batch lowerBlock(int block, Shard shard) {
      int[] numbers = shard.of(lowerBlocks().examplesOf(block));
      return lower(numbers, labels(numbers), shard);
    }

    /** The weights σ(λ) of the batch; nothing at the upper level. */
    @Override
    public Tensor features(Tensor x, Batch batch) {
      return batch.examples() == null
          ? x.narrow(0, 0, 0)
          : x.index_select(0, batch.examples()).sigmoid();
    }

    /** Those of softmax regression and of an Elman network; other networks have none. */
    @Override
    public @Nullable ClosedForms<Batch> closedForms() {
      return classifier instanceof Classifier.Linear linear
          ? new LinearForms(linear, penaltyTerm)
          : RecurrentForms.of(classifier, penaltyTerm);
    }

    @Override
    public Tensor upperLossOf(Tensor weights, Tensor y, Batch batch) {
      return classifier.losses(y, batch.input(), batch.labels()).mean();
    }

    @Override
    public Tensor lowerLossOf(Tensor weights, Tensor y, Batch batch) {
      return penaltyTerm.addTo(
          classifier.losses(y, batch.input(), batch.labels()).mul(weights).mean(), y);
    }

    /**
     * Accuracy on the test and on the trusted examples, the upper loss, the standard deviation of
     * λ, and, where wrong labels are known: AUROC of -λ, F1 of {@code λ < x0}, mean weights.
     */
    @Override
    public Metrics evaluate(Tensor x, Tensor y) {
      double[] lambda = Tensors.toArray(x);
      Metrics metrics =
          Metrics.NONE
              .with("testAccuracy", accuracy(y, examples.testExamples()))
              .with("trustedAccuracy", accuracy(y, examples.trustedExamples()))
              .with("upperLoss", trustedLoss(y))
              .with("lambdaSd", deviation(lambda));
      boolean[] flipped = examples.flipped();
      return flipped == null ? metrics : metrics.with(detection(lambda, flipped));
    }

    private double trustedLoss(Tensor y) {
      int[] numbers = examples.trustedExamples();
      double sum = 0;
      for (int[] part : (Iterable<int[]>) chunks(numbers)::iterator) {
        try (var scope = StateScope.open()) {
          Batch batch = trusted(part);
          Tensor losses = classifier.losses(y, batch.input(), batch.labels());
          sum += part.length * Tensors.item(losses.mean());
        }
      }
      return sum / numbers.length;
    }

    private Metrics detection(double[] lambda, boolean[] flipped) {
      double[] suspicion = new double[lambda.length];
      boolean[] below = new boolean[lambda.length];
      double[] sums = new double[2];
      int[] counts = new int[2];
      for (int i = 0; i < lambda.length; i++) {
        suspicion[i] = -lambda[i];
        below[i] = lambda[i] < x0;
        sums[flipped[i] ? 1 : 0] += 1 / (1 + Math.exp(-lambda[i]));
        counts[flipped[i] ? 1 : 0]++;
      }
      return Metrics.NONE
          .with("auroc", Detection.auroc(suspicion, flipped))
          .with("f1", Detection.f1(below, flipped))
          .with("weightOfClean", sums[0] / counts[0])
          .with("weightOfWrong", sums[1] / counts[1]);
    }

    private static double deviation(double[] numbers) {
      double mean = Arrays.stream(numbers).average().orElse(Double.NaN);
      double squares = 0;
      for (double number : numbers) {
        squares += (number - mean) * (number - mean);
      }
      return Math.sqrt(squares / numbers.length);
    }

    /** The share of examples whose class gets the largest logit. */
    public double accuracy(Tensor y, int[] numbers) {
      int right = 0;
      int next = 0;
      int[] places = examples.places(numbers);
      for (long predicted : predictions(y, numbers)) {
        if (predicted == examples.labels()[places[next++]]) {
          right++;
        }
      }
      return (double) right / numbers.length;
    }

    /** The class of the largest logit. */
    public long[] predictions(Tensor y, int[] numbers) {
      return chunks(numbers).flatMapToLong(part -> classes(y, part)).toArray();
    }

    private LongStream classes(Tensor y, int[] part) {
      try (var scope = StateScope.open()) {
        Tensor logits = classifier.logits(y, input(part));
        return Arrays.stream(Tensors.toLongs(logits.argmax(new LongOptional(1), false)));
      }
    }

    /** Probabilities of the classes, {@code [example][class]}. */
    public double[][] probabilities(Tensor y, int[] numbers) {
      var rows = new ArrayList<double[]>();
      int classes = examples.classes().size();
      for (int[] part : (Iterable<int[]>) chunks(numbers)::iterator) {
        try (var scope = StateScope.open()) {
          double[] flat = Tensors.toArray(classifier.logits(y, input(part)).softmax(1));
          for (int i = 0; i < flat.length; i += classes) {
            rows.add(Arrays.copyOfRange(flat, i, i + classes));
          }
        }
      }
      return rows.toArray(new double[0][]);
    }

    /** Parts that are evaluated one after the other. */
    private Stream<int[]> chunks(int[] numbers) {
      int size =
          network.isLinear() ? CHUNK : EvaluationChunk.texts(CHUNK, maxTokens, network.hidden());
      return IntStream.range(0, (numbers.length + size - 1) / size)
          .mapToObj(
              k -> {
                Iterations.next("evaluating texts", (long) k * size, numbers.length);
                return Arrays.copyOfRange(
                    numbers, k * size, Math.min(numbers.length, (k + 1) * size));
              });
    }

    /** The model with parameters that were found by any training. */
    public TextModel model(Tensor parameters) {
      var facts = new LinkedHashMap<String, Object>();
      facts.put("problem", "data-cleaning");
      facts.put("task", "classification");
      facts.put("model", network.encoder().toOption());
      facts.put("vectors", network.vectors());
      TextNetwork trained = network.reading(maxTokens);
      if (trained != null) {
        facts.putAll(trained.facts(network.vectors()));
      }
      int classes = examples.classes().size();
      facts.put(
          "classifier",
          trained == null
              ? new TreeMap<>(Map.of("inputs", examples.inputs().width(), "outputs", classes))
              : trained.blueprint(classes));
      facts.put("classes", examples.classes());
      return new TextModel(classifier, parameters, examples.encoded(), facts);
    }

    @Override
    public Map<String, String> inputs() {
      return examples.sources();
    }

    @Override
    public long stepsPerEpoch() {
      return (examples.train() + batches.batch() - 1L) / batches.batch();
    }

    @Override
    public List<String> remarks() {
      return examples.remarks();
    }

    /**
     * λ must travel far enough to tell examples apart, or the ranking is right and the weights are
     * useless. A normalised step of length η moves n numbers by about {@code ηT/√n} each in T
     * steps, so {@code η = k√n / T} with k of 4 to 8, after which sd(λ) is about 1.5 to 3. A plain
     * step moves them by {@code η/n} times what does not depend on n, so {@code η = kn / T} there.
     */
    @Override
    public Scales scales(long steps) {
      boolean isNetwork = !network.isLinear();
      double n = examples.train();
      double t = steps;
      double k = isNetwork ? 8 : network.vectors().equals(TFIDF) ? 4 : 5;
      return new Scales(
          isNetwork ? Scales.Structure.NETWORK_WEIGHTS : Scales.Structure.WEIGHTS,
          steps,
          n,
          Double.NaN,
          Scales.uppers(
              isNetwork ? networkScales() : linearScales(),
              Schedule.constant(k * Math.sqrt(n) / t),
              Schedule.constant((isNetwork ? 40 : 50) / t), // Adam moves each number by its rate
              Schedule.constant(30 * n / t)));
    }

    private Scales.Usual linearScales() {
      return Scales.Usual.ofLowerLr(network.vectors().equals(TFIDF) ? 20 : 5)
          .withWarmStartSteps(3L)
          .withSharesSamples(false);
    }

    private Scales.Usual networkScales() {
      boolean isNarrow = network.hidden() <= NARROW;
      // Products of features have more curvature.
      double lowerLr = network.readsPairs() ? 0.2 : isNarrow ? 0.7 : 0.5;
      // The Hessian is indefinite along the way: the terms of a series grow, and so does z, which
      // may overflow without a bound.
      return Scales.Usual.ofLowerLr(lowerLr)
          .withLinearSystemLr(Math.min(lowerLr / 2, isNarrow ? 0.15 : 0.1))
          .withLinearSystemRadius(100.0)
          .withNeumannStep(0.4)
          .withNeumannTerms(3)
          .withWarmStartSteps(3L)
          .withSharesSamples(true);
    }

    @Override
    public ProblemOptions resolved() {
      return DataCleaning.this;
    }

    /** Minibatches, losses, start and retraining may differ. */
    @Override
    public @Nullable Opened onSameData(ProblemOptions options) {
      return options instanceof DataCleaning other && asked.readsAs(other)
          ? DataTensors.owning(
              own -> other.withSizes(sizes).new Opened(examples, own, device, other))
          : null;
    }

    /**
     * Trains from scratch with the weights found, leaves that model in {@code model/}, and every
     * training example's weight in {@code weights.csv}.
     */
    @Override
    public Finished finish(Tensor x, Tensor y, Seed run, Artifacts artifacts) {
      double[] lambda = Tensors.toArray(x);
      double[] weights = CleaningBaselines.weights(lambda);
      var training = baselines(run);
      try (var scope = StateScope.open()) {
        long begin = System.nanoTime();
        Tensor parameters = training.retrain(weights, CleaningBaselines.Trusted.APART);
        double seconds = (System.nanoTime() - begin) / 1e9;
        model(parameters).write(artifacts);
        artifacts.text("weights.csv", WeightsTable.of(this, lambda, weights, parameters));
        return new Finished(
            Metrics.NONE
                .with("retrainAccuracy", accuracy(parameters, examples.testExamples()))
                .with(
                    "retrainTrustedAccuracy",
                    training.retrainAccuracy(weights, CleaningBaselines.Trusted.JOIN)),
            seconds);
      }
    }

    private CleaningBaselines baselines(Seed run) {
      return new CleaningBaselines(this, run.child(RETRAINING), System::nanoTime);
    }

    @Override
    public List<BaselineResult> baselines(Baselines which, Seed run, long steps) {
      return switch (which) {
        case NONE -> List.of();
        case PLAIN -> List.of(baselines(run).plain());
        case ALL -> baselines(run).baselines();
      };
    }

    @Override
    public void close() {
      home.close();
    }
  }

  private static final int CHUNK = 4096;
  private static final String RETRAINING = "retrain";

  /** Below this standard deviation of λ the weights hardly differ. */
  private static final double LEAST_LAMBDA_SD = 0.5;

  /** Accuracy is that of the models trained again, without and with the trusted examples. */
  private static final Presentation PRESENTATION =
      new Presentation(
          List.of(
              new Presentation.Column("testAccuracy", "test accuracy", "0.000"),
              new Presentation.Column("auroc", "AUROC", "0.000"),
              new Presentation.Column("f1", "F1", "0.000")),
          List.of(
              new Presentation.Row("", shown("retrainAccuracy")),
              new Presentation.Row(" + trusted", shown("retrainTrustedAccuracy"))));

  private static Map<String, String> shown(String accuracy) {
    var shown = new LinkedHashMap<String, String>();
    shown.put("testAccuracy", accuracy);
    for (String key : List.of("auroc", "f1", "weightOfClean", "weightOfWrong", "lambdaSd")) {
      shown.put(key, key);
    }
    return shown;
  }

  /** Most trusted examples that are taken from the data unless more are asked for. */
  private static final int TRUSTED = 1_000;

  /** Most test examples that are taken from the data unless more are asked for. */
  private static final int TEST = 3_500;

  /** Width of a narrow network. */
  private static final int NARROW = 32;
}
