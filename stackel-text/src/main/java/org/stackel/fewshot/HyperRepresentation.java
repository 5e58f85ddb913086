package org.stackel.fewshot;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;
import org.stackel.config.Inline;
import org.stackel.config.OptionRecord;
import org.stackel.config.Options;
import org.stackel.config.Rules;
import org.stackel.model.Classifier;
import org.stackel.model.Encoder;
import org.stackel.model.EncoderOptions;
import org.stackel.model.Encoders;
import org.stackel.model.EvaluationChunk;
import org.stackel.model.Head;
import org.stackel.model.Input;
import org.stackel.model.InputSizes;
import org.stackel.model.Network;
import org.stackel.model.Penalty;
import org.stackel.model.PenaltyTerm;
import org.stackel.model.Pooling;
import org.stackel.model.Projected;
import org.stackel.model.TextEncoder;
import org.stackel.model.TextModel;
import org.stackel.model.TextNetwork;
import org.stackel.optim.Iterations;
import org.stackel.problem.Artifacts;
import org.stackel.problem.FeatureProblem;
import org.stackel.problem.Finished;
import org.stackel.problem.Goal;
import org.stackel.problem.HandWritten;
import org.stackel.problem.Metrics;
import org.stackel.problem.Minibatches;
import org.stackel.problem.ProblemInfo;
import org.stackel.problem.ProblemOptions;
import org.stackel.problem.Property;
import org.stackel.problem.RunDefaults;
import org.stackel.problem.Sampled;
import org.stackel.problem.Scales;
import org.stackel.problem.Start;
import org.stackel.problem.Trait;
import org.stackel.tensor.DataTensors;
import org.stackel.tensor.Device;
import org.stackel.tensor.Layout;
import org.stackel.tensor.Seed;
import org.stackel.tensor.StateScope;
import org.stackel.tensor.Tensors;
import org.stackel.text.DomainTexts;
import org.stackel.text.WordNetText;

/**
 * Hyper-representation: an encoder of texts such that a head learned from a few examples of a task
 * answers the task's other examples.
 *
 * <pre>
 *   min_w (1/n) Σ_i CE(queries of i; w, θ_i*(w)),
 *   θ_i*(w) = argmin_θ CE(support of i; w, θ) + c |θ|²
 * </pre>
 *
 * <p>x = w has the encoder's parameters, y one head for each of the n training tasks, or one head
 * for all ({@link Heads#SHARED}). A step is about {@code taskBatch} tasks, the same at both levels;
 * both losses are means over them. So the gradient of one head is the (1/taskBatch)-th part of that
 * of its own loss, and step sizes of y are taskBatch times those of a single head. The encoder's
 * outputs are this problem's features.
 *
 * <p>Test tasks have classes, domains or premises that no training task has. Their heads are fitted
 * by gradient steps on their support sets and judged by their queries; x and y stay as they are.
 *
 * <p>x has shape [encoder], y shape [n · head] or [head], one head after the other. The problem is
 * that of Ji, Yang, Liang ("Bilevel Optimization: Convergence Analysis and Enhanced Design", ICML
 * 2021, section 6) and of Raghu, Raghu, Bengio, Vinyals (ANIL, ICLR 2020); on texts it is the
 * experiment of BO-REP (Hao, Gong, Liu, ICLR 2024) and SLIP (Gong, Hao, Liu, ICML 2024).
 *
 * @param texts source of the texts
 * @param division how training and test tasks are separated
 * @param sizes sizes and numbers of the tasks
 * @param heads whether each task has a head of its own
 * @param penaltyTerm c |θ|², or c |θ| as in published scripts
 * @param crossData examples on which ∇²xy G is computed
 * @param network the encoder
 * @param tokens what the encoder reads
 * @param features projection and scale of the encoder's outputs
 * @param adaptation how heads of test tasks are fitted
 */
@OptionRecord
@ProblemInfo(
    name = "hyper-representation",
    summary = "an encoder of texts from which tasks are learned from a few examples each",
    properties = Property.LARGE)
public record HyperRepresentation(
    @Inline DomainTexts texts,
    @Inline Division division,
    @Inline Sizes sizes,
    Heads heads,
    @Inline PenaltyTerm penaltyTerm,
    CrossData crossData,
    @Inline EncoderOptions network,
    @Inline Tokens tokens,
    @Inline Features features,
    @Inline Adaptation adaptation)
    implements ProblemOptions, HyperRepresentationBuilder.With {
  private static final Rules RULES = new Rules("hyper-representation");

  /** Five of WordNet's topics a task, five definitions of each to learn from. */
  public HyperRepresentation() {
    this(
        new DomainTexts(),
        new Division(FewShotTasks.Split.CLASSES, List.of(), 0.3, 0.2, 1_000),
        new Sizes(5, 5, 10, 500, 0, 150, 20),
        Heads.PER_TASK,
        new PenaltyTerm(1e-2, Penalty.SQUARED),
        CrossData.LOWER,
        new EncoderOptions(Encoders.RNN, 64, 1, 4, 256, Pooling.MAX),
        new Tokens("glove", "", 16),
        new Features(0, 1, List.of()),
        new Adaptation(100, 0.2));
  }

  /** Starts from the defaults. */
  public static HyperRepresentationBuilder builder() {
    return HyperRepresentationBuilder.of(new HyperRepresentation());
  }

  /**
   * What training and test tasks have not in common.
   *
   * @param split what training and test tasks do not share
   * @param heldOut classes or domains of the test tasks; chosen by the seed if empty
   * @param testShare share of the classes, domains, premises or examples that test tasks get if
   *     none are named, greater than 0 and at most 1
   * @param validationShare share of the classes, domains, premises or examples left for training
   *     that validation tasks get if there are any, greater than 0 and at most 1
   * @param perClass largest number of texts of a topic of {@code wordnet}, at least 1
   */
  @OptionRecord
  public record Division(
      FewShotTasks.Split split,
      List<String> heldOut,
      double testShare,
      double validationShare,
      int perClass)
      implements HyperRepresentationDivisionBuilder.With {
    public Division {
      heldOut = List.copyOf(heldOut);
      var rules = new Rules();
      rules.share("testShare", testShare);
      rules.share("validationShare", validationShare);
      rules.atLeast("perClass", perClass, 1);
    }
  }

  /**
   * How large tasks are and how many there are.
   *
   * @param ways number of classes in a task, at least 2
   * @param shots number of examples of a class in the support set, at least 1
   * @param queries number of examples of a class in the query set, at least 1
   * @param tasks number of training tasks, drawn once; at least 1
   * @param validationTasks number of validation tasks, drawn once, 0 or at least 2; 0 for none, and
   *     for no validation metrics
   * @param testTasks number of test tasks, drawn once; at least 2
   * @param taskBatch number of tasks in a step, at least 1
   */
  @OptionRecord
  public record Sizes(
      int ways,
      int shots,
      int queries,
      int tasks,
      int validationTasks,
      int testTasks,
      int taskBatch)
      implements HyperRepresentationSizesBuilder.With {
    public Sizes {
      var rules = new Rules();
      rules.atLeast("ways", ways, 2);
      rules.atLeast("shots", shots, 1);
      rules.atLeast("queries", queries, 1);
      rules.atLeast("tasks", tasks, 1);
      rules.atLeast("validationTasks", validationTasks, validationTasks == 0 ? 0 : 2);
      rules.atLeast("testTasks", testTasks, 2);
      rules.atLeast("taskBatch", taskBatch, 1);
    }
  }

  /**
   * What the encoder reads of a text.
   *
   * @param vectors {@code glove}, {@code random}, or the path of a GloVe text file
   * @param tokenizer what a transformer reads: the path of a tokenizer.json, {@code minilm} for
   *     that of MiniLM, or the words of the texts if empty
   * @param maxTokens number of words of a text that the encoder reads, or of tokens with a
   *     tokenizer; at least 1
   */
  @OptionRecord
  public record Tokens(String vectors, String tokenizer, int maxTokens)
      implements HyperRepresentationTokensBuilder.With {
    public Tokens {
      new Rules().atLeast("maxTokens", maxTokens, 1);
    }
  }

  /**
   * What becomes of the encoder's outputs.
   *
   * @param projection width of a linear layer after the encoder, part of x, at least 0; 0 for none
   * @param featureScale factor of the features, greater than 0
   * @param headHidden widths of the hidden layers between features and classes, each at least 1;
   *     empty for a linear head
   */
  @OptionRecord
  public record Features(int projection, double featureScale, List<Integer> headHidden)
      implements HyperRepresentationFeaturesBuilder.With {
    public Features {
      headHidden = List.copyOf(headHidden);
      Network.checkHead(headHidden);
      var rules = new Rules();
      rules.atLeast("projection", projection, 0);
      rules.positive("featureScale", featureScale);
    }
  }

  /**
   * How heads of test tasks are fitted.
   *
   * @param testSteps number of gradient steps of a test task's head, at least 1
   * @param testLr step size of a test task's head, greater than 0
   */
  @OptionRecord
  public record Adaptation(long testSteps, double testLr)
      implements HyperRepresentationAdaptationBuilder.With {
    public Adaptation {
      var rules = new Rules();
      rules.atLeast("testSteps", testSteps, 1);
      rules.positive("testLr", testLr);
    }
  }

  /** How many heads there are. */
  public enum Heads {
    /** One for each training task: the Hessian of the lower level is block diagonal. */
    PER_TASK,
    /** One for all tasks, which is where heads of test tasks start too. */
    SHARED
  }

  /** On which examples the cross derivative is taken. */
  public enum CrossData {
    /** The support sets, as the definition has it. */
    LOWER,
    /** The queries. */
    UPPER
  }

  public HyperRepresentation {
    if (!tokens.tokenizer().isEmpty() && network.encoder().reads() != TextEncoder.Reads.WORDS) {
      throw RULES.broken(
          "tokenizer",
          tokens.tokenizer(),
          "must be empty for this encoder",
          "a transformer was meant.");
    }
  }

  /** MAML and ANIL learn the head that tasks start from, and adapt to one task a step. */
  @Override
  public ProblemOptions suitedTo(Map<String, ?> given, Set<Trait> algorithm) {
    return algorithm.contains(Trait.ADAPTS_TO_A_TASK)
        ? Options.bind(this, Map.of("heads", "shared", "taskBatch", 1), "hyper-representation")
        : this;
  }

  @Override
  public List<String> madeFor(String data) {
    return WordNetText.NAMES.contains(data)
        ? List.of()
        : List.of("heldOut", "test", "format", "text", "text2", "label", "domain", "only");
  }

  @Override
  public RunDefaults runDefaults() {
    return new RunDefaults(400, 100, 200, Device.Precision.FLOAT32);
  }

  @Override
  public List<String> remarks(String method, Map<String, Double> lowerLr, Metrics metrics) {
    return HeadWarnings.atEnd(this, lowerLr, metrics);
  }

  /**
   * Tuned by the loss on the queries of validation tasks, or of training tasks if there are none;
   * judged by accuracy on test tasks.
   */
  @Override
  public Goal goal() {
    String objective = sizes.validationTasks() > 0 ? "validationLoss" : "upperLoss";
    return new Goal(objective, "testAccuracy", "testAccuracy");
  }

  private TextNetwork trained() {
    return new TextNetwork(network, features.headHidden(), tokens.maxTokens());
  }

  /** Size of a task. */
  FewShotTasks.Shape shape() {
    return new FewShotTasks.Shape(sizes.ways(), sizes.shots(), sizes.queries());
  }

  @Override
  public Opened open(Seed seed, Device device) {
    return DataTensors.owning(
        home -> new Opened(FewShotTexts.load(this, seed, device, home), home, seed, device));
  }

  /**
   * Some tasks.
   *
   * @param tasks their numbers, int64
   * @param input texts of one kind, task after task; of an upper sample the queries, of a lower one
   *     the support sets, and the queries behind them where the cross derivative needs both
   * @param support labels of the support sets, [tasks, examples]; none of an upper sample
   * @param query labels of the queries, [tasks, examples]; none of a lower sample without them
   */
  public record Batch(
      Tensor tasks, Input input, @Nullable Tensor support, @Nullable Tensor query) {}

  /** Numbers and labels of a set of tasks. */
  @SuppressWarnings("ArrayRecordComponent")
  private record Side(int[][] examples, Tensor labels) {}

  /** Both sets of some tasks. */
  private record Asked(Side support, Side query) {}

  /** The problem with its data. */
  public final class Opened implements FeatureProblem<Batch>, Sampled<Batch> {
    private final FewShotData data;
    private final DataTensors home;
    private final Device device;
    private final Encoder model;
    private final TaskHeads taskHeads;
    private final long headSize;
    private final Tensor headStart;
    private final Side support;
    private final Side query;
    private final @Nullable Asked validation;
    private final Side testSupport;
    private final Side testQuery;
    private final Seed curvatureSeed;
    private final double headCurvature;

    Opened(FewShotData data, DataTensors home, Seed seed, Device device) {
      this.data = data;
      this.home = home;
      this.device = device;
      Encoder encoder = trained().over(data.texts());
      int projection = features.projection();
      model = projection == 0 ? encoder : new Projected(encoder, projection);
      var head = new Head(model.width(), features.headHidden(), data.train().outputs());
      taskHeads = new TaskHeads(head, penaltyTerm);
      headSize = head.layout().size();
      // At zero a linear head's loss is convex and smooth; with a hidden layer it is a saddle.
      boolean isZero = features.headHidden().isEmpty() && penaltyTerm.penalty() == Penalty.SQUARED;
      headStart =
          home.keep(
              isZero ? Tensors.zeros(device, headSize) : head.initial(seed.child("head"), device));
      support = side(data.train(), Level.LOWER);
      query = side(data.train(), Level.UPPER);
      FewShotTasks apart = data.validation();
      validation =
          apart == null ? null : new Asked(side(apart, Level.LOWER), side(apart, Level.UPPER));
      testSupport = side(data.test(), Level.LOWER);
      testQuery = side(data.test(), Level.UPPER);
      curvatureSeed = seed.child("curvature");
      headCurvature = curvatureAtStart();
    }

    private Side side(FewShotTasks tasks, Level level) {
      int[][] examples =
          tasks.tasks().stream()
              .map(task -> level == Level.LOWER ? task.support() : task.query())
              .toArray(int[][]::new);
      int each = level == Level.LOWER ? sizes.shots() : sizes.queries();
      int[] labels =
          tasks.tasks().stream()
              .flatMapToInt(
                  task ->
                      Arrays.stream(task.outputs())
                          .flatMap(output -> IntStream.generate(() -> output).limit(each)))
              .toArray();
      return new Side(
          examples,
          home.keep(Tensors.indices(device, labels, examples.length, (long) sizes.ways() * each)));
    }

    /** The tasks. */
    public FewShotData data() {
      return data;
    }

    /** The encoder, whose parameters are x. */
    public Encoder encoder() {
      return model;
    }

    /** What the experiment file says. */
    public HyperRepresentation options() {
      return HyperRepresentation.this;
    }

    /**
     * The largest curvature of any training task's own lower loss in its head, at the start of the
     * head and of a random encoder, by the power method. Steps of 2 over it and more do not lead to
     * a minimiser.
     */
    public double headCurvature() {
      return headCurvature;
    }

    private double curvatureAtStart() {
      try (var scope = StateScope.open()) {
        Tensor x = model.initial(curvatureSeed.child("encoder"), device);
        return largestCurvature(x, chosen -> starts(chosen.length));
      }
    }

    /**
     * The largest of all training tasks, some tasks at once.
     *
     * @param heads of some tasks
     */
    private double largestCurvature(Tensor x, Function<int[], Tensor> heads) {
      int step = Math.max(1, textsAtOnce() / (sizes.ways() * sizes.shots()));
      double largest = 0;
      for (int from = 0; from < sizes.tasks(); from += step) {
        Iterations.next("evaluating tasks", from, sizes.tasks());
        int[] some = IntStream.range(from, Math.min(sizes.tasks(), from + step)).toArray();
        try (var scope = StateScope.open()) {
          double found =
              curvature(heads.apply(some), supportFeatures(x, some), labels(support, some));
          largest = Math.max(largest, found);
        }
      }
      return largest;
    }

    private double curvature(Tensor heads, Tensor features, Tensor labels) {
      return taskHeads.curvature(heads, features, labels, curvatureSeed.child("direction"), device);
    }

    /** Shape [tasks, examples, width]. */
    private Tensor supportFeatures(Tensor x, int[] chosen) {
      return byTask(
          featuresOf(x, data.texts().inputs().batch(examples(support, chosen))),
          labels(support, chosen));
    }

    private Tensor starts(long count) {
      return headStart.unsqueeze(0).expand(count, headSize);
    }

    // ---- the two levels ----------------------------------------------------------------------

    @Override
    public Layout upperLayout() {
      return model.layout();
    }

    @Override
    public Layout lowerLayout() {
      return heads == Heads.SHARED
          ? taskHeads.head().layout()
          : Layout.EMPTY.with("heads", sizes.tasks(), headSize);
    }

    @Override
    public Start start(Seed seed) {
      Tensor y =
          heads == Heads.SHARED
              ? taskHeads.head().initial(seed.child("head"), device)
              : starts(sizes.tasks()).reshape(-1);
      return new Start(model.initial(seed.child("encoder"), device), y.clone());
    }

    /** Both levels of a step are about the same tasks. */
    @Override
    public boolean drawsOnce() {
      return true;
    }

    @Override
    public Minibatches<Batch> upperSamples() {
      return Minibatches.of(sizes.tasks(), sizes.taskBatch(), this::upper);
    }

    @Override
    public Minibatches<Batch> lowerSamples() {
      return Minibatches.of(sizes.tasks(), sizes.taskBatch(), this::lower);
    }

    @Override
    public long sizeOf(Batch batch) {
      return network.pooling() == Pooling.PADDED_MAX ? 0 : batch.tasks().size(0);
    }

    private Batch upper(int[] chosen) {
      return new Batch(
          Tensors.indices(device, chosen),
          data.texts().inputs().batch(examples(query, chosen)),
          null,
          labels(query, chosen));
    }

    private Batch lower(int[] chosen) {
      boolean isBoth = crossData == CrossData.UPPER;
      int[] texts = examples(support, chosen);
      if (isBoth) {
        texts =
            IntStream.concat(Arrays.stream(texts), Arrays.stream(examples(query, chosen)))
                .toArray();
      }
      return new Batch(
          Tensors.indices(device, chosen),
          data.texts().inputs().batch(texts),
          labels(support, chosen),
          isBoth ? labels(query, chosen) : null);
    }

    private static int[] examples(Side side, int[] chosen) {
      return Arrays.stream(chosen).flatMap(task -> Arrays.stream(side.examples()[task])).toArray();
    }

    private Tensor labels(Side side, int[] chosen) {
      return side.labels().index_select(0, Tensors.indices(device, chosen));
    }

    /** Outputs of the encoder, scaled, one row a text of the batch. */
    @Override
    public Tensor features(Tensor x, Batch batch) {
      return scaled(model.features(model.layout().split(x), batch.input()));
    }

    /** No product asks for second derivatives of the encoder, but through the whole losses. */
    @Override
    public Tensor features(Tensor x, Batch batch, HandWritten parts) {
      return featuresOf(x, batch.input(), parts);
    }

    /** What encoders read word by word; others gain nothing. */
    @Override
    public List<Tensor> featuresOfBoth(Tensor x, Batch upper, Batch lower, HandWritten parts) {
      if (network.pooling() == Pooling.PADDED_MAX || !isRead(upper.input())) {
        return List.of();
      }
      Tensor both = featuresOf(x, Input.stacked(upper.input(), lower.input()), parts);
      long first = upper.input().size();
      return List.of(both.narrow(0, 0, first), both.narrow(0, first, lower.input().size()));
    }

    private static boolean isRead(Input input) {
      return input instanceof Input.Pair pair
          ? isRead(pair.first())
          : input instanceof Input.Sequence || input instanceof Input.Tokens;
    }

    /** Without gradients. */
    private Tensor featuresOf(Tensor x, Input input) {
      return featuresOf(x, input, new HandWritten());
    }

    private Tensor featuresOf(Tensor x, Input input, HandWritten parts) {
      return scaled(model.featuresForGradients(model.layout().split(x), input, parts));
    }

    private Tensor scaled(Tensor outputs) {
      double scale = features.featureScale();
      return scale == 1 ? outputs : Tensors.scale(scale, outputs);
    }

    @Override
    public Tensor upperLossOf(Tensor features, Tensor y, Batch batch) {
      return loss(features, heads(y, batch.tasks()), labelsOf(batch.query()));
    }

    @Override
    public Tensor lowerLossOf(Tensor features, Tensor y, Batch batch) {
      Tensor labels = labelsOf(batch.support());
      Tensor own = heads(y, batch.tasks());
      Tensor penalty = taskHeads.penalties(heads == Heads.SHARED ? y.unsqueeze(0) : own).mean();
      if (batch.query() == null) {
        return loss(features, own, labels).add(penalty);
      }
      // Value, gradient in y and Hessian are those of the support sets; ∇x and ∇²xy those of the
      // queries, whose loss is added once with a derivative in x and taken away without.
      Tensor first = features.narrow(0, 0, labels.numel()).detach();
      Tensor rest = features.narrow(0, labels.numel(), batch.query().numel());
      return loss(first, own, labels)
          .add(penalty)
          .add(loss(rest, own, batch.query()))
          .sub(loss(rest.detach(), own, batch.query()));
    }

    private Tensor heads(Tensor y, Tensor chosen) {
      return heads == Heads.SHARED
          ? y.unsqueeze(0).expand(chosen.size(0), headSize)
          : y.view(sizes.tasks(), headSize).index_select(0, chosen);
    }

    private Tensor loss(Tensor features, Tensor own, Tensor labels) {
      return taskHeads.losses(own, byTask(features, labels), labels).mean();
    }

    private Tensor byTask(Tensor features, Tensor labels) {
      return features.view(labels.size(0), labels.size(1), features.size(1));
    }

    private static Tensor labelsOf(@Nullable Tensor labels) {
      if (labels == null) {
        throw new IllegalArgumentException("A sample of the other level.");
      }
      return labels;
    }

    // ---- evaluation --------------------------------------------------------------------------

    /**
     * Mean accuracy of the test tasks after fitting a head for each, and its standard error; the
     * same accuracy for some training tasks; their upper loss at y; how many fitted heads diverged,
     * which the means leave out; how many heads in y did; and the curvature that y's have.
     */
    @Override
    public Metrics evaluate(Tensor x, Tensor y) {
      try (var scope = StateScope.open()) {
        Tensor begin = heads == Heads.SHARED ? y : headStart;
        Reader reader = texts -> featuresOf(x, data.texts().inputs().batch(texts));
        Adapted test = adapted(reader, begin, taskHeads, testSupport, testQuery);
        Adapted train = adapted(reader, begin, taskHeads, part(support), part(query));
        return Metrics.NONE
            .with("testAccuracy", test.mean())
            .with("testAccuracySe", test.standardError())
            .with("trainAccuracy", train.mean())
            .with("upperLoss", upperLoss(x, y))
            .with("divergedHeads", test.diverged())
            .with(trainHeads(x, y))
            .with(validated(reader, begin));
      }
    }

    /** Of the validation tasks, if there are any. */
    private Metrics validated(Reader reader, Tensor begin) {
      if (validation == null) {
        return Metrics.NONE;
      }
      Adapted held = adapted(reader, begin, taskHeads, validation.support(), validation.query());
      return Metrics.NONE
          .with("validationAccuracy", held.mean())
          .with("validationLoss", held.loss());
    }

    /**
     * How many of some training tasks' heads in y are worse on their support sets than the head
     * they started as, and the largest curvature of any. A head of all tasks answers each of them
     * badly; it counts, as one, where its loss is more than twice that of guessing.
     */
    private Metrics trainHeads(Tensor x, Tensor y) {
      int count = Math.min(LOSS_TASKS, sizes.tasks());
      int step = Math.max(1, TEXTS / (sizes.ways() * sizes.shots()));
      double sum = 0;
      int diverged = 0;
      for (int from = 0; from < count; from += step) {
        Iterations.next("evaluating tasks", from, count);
        int[] chosen = IntStream.range(from, Math.min(count, from + step)).toArray();
        try (var scope = StateScope.open()) {
          Tensor features = supportFeatures(x, chosen);
          Tensor labels = labels(support, chosen);
          Tensor own = heads(y, Tensors.indices(device, chosen));
          double[] now = taskHeads.lowerLosses(own, features, labels);
          double[] start = taskHeads.lowerLosses(starts(chosen.length), features, labels);
          for (int i = 0; i < now.length; i++) {
            sum += now[i];
            diverged += isWorse(now[i], start[i]) ? 1 : 0;
          }
        }
      }
      if (heads == Heads.SHARED) {
        diverged = isWorse(sum / count, 2 * Math.log(taskHeads.head().classes())) ? 1 : 0;
      }
      return Metrics.NONE
          .with("divergedTrainHeads", diverged)
          .with(
              "headCurvature",
              largestCurvature(x, some -> heads(y, Tensors.indices(device, some))));
    }

    /** Also if it is not a number. */
    private static boolean isWorse(double loss, double than) {
      return !(loss <= than + 1e-6);
    }

    /** Mean accuracy of the test tasks with linear heads on the mean word vectors. */
    public double meanVectorAccuracy() {
      try (var scope = StateScope.open()) {
        Encoder mean =
            TextNetwork.of(Encoders.MEAN, 1, 1, Pooling.MEAN, List.of(), tokens.maxTokens())
                .over(data.vectors(), new InputSizes(data.vectors().width(), 0, 0));
        var plain =
            new TaskHeads(new Head(mean.width(), List.of(), data.train().outputs()), penaltyTerm);
        Tensor zero = Tensors.zeros(device, plain.head().layout().size());
        Reader reader = texts -> mean.features(List.of(), data.vectors().batch(texts));
        return adapted(reader, zero, plain, testSupport, testQuery).mean();
      }
    }

    /** Features of texts, one row each. */
    private interface Reader {
      Tensor read(int[] texts);
    }

    private Side part(Side side) {
      int count = Math.min(LOSS_TASKS, sizes.tasks());
      return new Side(Arrays.copyOf(side.examples(), count), side.labels().narrow(0, 0, count));
    }

    private int textsAtOnce() {
      return EvaluationChunk.texts(
          TEXTS, tokens.maxTokens(), Math.max(network.hidden(), network.inner()));
    }

    private double upperLoss(Tensor x, Tensor y) {
      double sum = 0;
      int count = Math.min(LOSS_TASKS, sizes.tasks());
      int step = Math.max(1, textsAtOnce() / (sizes.ways() * sizes.queries()));
      for (int from = 0; from < count; from += step) {
        Iterations.next("evaluating tasks", from, count);
        int[] chosen = IntStream.range(from, Math.min(count, from + step)).toArray();
        try (var scope = StateScope.open()) {
          Batch batch = upper(chosen);
          sum += chosen.length * Tensors.item(upperLoss(x, y, batch));
        }
      }
      return sum / count;
    }

    /** Accuracies and the mean loss of heads that converged, and the number of the others. */
    @SuppressWarnings("ArrayRecordComponent")
    private record Adapted(double[] accuracies, double loss, int diverged) {
      double mean() {
        return Arrays.stream(accuracies).average().orElse(Double.NaN);
      }

      double standardError() {
        int n = accuracies.length;
        double mean = mean();
        double squares = Arrays.stream(accuracies).map(a -> (a - mean) * (a - mean)).sum();
        return Math.sqrt(squares / (n - 1) / n);
      }
    }

    /**
     * Fits a head for every task, some tasks at once.
     *
     * @param start where each head starts
     */
    private Adapted adapted(Reader reader, Tensor start, TaskHeads own, Side learn, Side ask) {
      int count = learn.examples().length;
      long size = own.head().layout().size();
      int atOnce = (int) Math.max(1, Math.min(count, NUMBERS / size));
      var accuracies = new ArrayList<Double>();
      double loss = 0;
      int diverged = 0;
      try (var all = StateScope.open()) {
        Encoded texts = encoded(reader, learn, ask);
        for (int from = 0; from < count; from += atOnce) {
          int to = Math.min(count, from + atOnce);
          try (var scope = StateScope.open()) {
            Tensor begin = start.unsqueeze(0).expand(to - from, size);
            Tensor features = texts.of(learn, from, to);
            Tensor labels = learn.labels().narrow(0, from, to - from);
            Tensor fitted =
                own.fit(begin, features, labels, adaptation.testSteps(), adaptation.testLr());
            double[] before = own.lowerLosses(begin, features, labels);
            double[] after = own.lowerLosses(fitted, features, labels);
            Tensor asked = texts.of(ask, from, to);
            Tensor answers = ask.labels().narrow(0, from, to - from);
            double[] right = Tensors.toArray(own.accuracies(fitted, asked, answers));
            double[] losses = Tensors.toArray(own.losses(fitted, asked, answers));
            for (int i = 0; i < right.length; i++) {
              if (isWorse(after[i], before[i])) {
                diverged++;
              } else {
                accuracies.add(right[i]);
                loss += losses[i];
              }
            }
          }
        }
      }
      double[] found = accuracies.stream().mapToDouble(Double::doubleValue).toArray();
      return new Adapted(found, loss / found.length, diverged);
    }

    /** Features of the texts of some tasks, each text once. */
    private final class Encoded {
      private final int[] rows;
      private final Tensor features;

      Encoded(int[] rows, Tensor features) {
        this.rows = rows;
        this.features = features;
      }

      /** Shape [tasks, examples, width]. */
      Tensor of(Side side, int from, int to) {
        int[] wanted =
            Arrays.stream(side.examples(), from, to)
                .flatMapToInt(Arrays::stream)
                .map(example -> rows[example])
                .toArray();
        return features
            .index_select(0, Tensors.indices(device, wanted))
            .view(to - from, side.examples()[0].length, features.size(1));
      }
    }

    private Encoded encoded(Reader reader, Side... sides) {
      int[] texts =
          Arrays.stream(sides)
              .flatMap(side -> Arrays.stream(side.examples()))
              .flatMapToInt(Arrays::stream)
              .distinct()
              .toArray();
      int[] rows = new int[data.texts().inputs().size()];
      for (int i = 0; i < texts.length; i++) {
        rows[texts[i]] = i;
      }
      int size = textsAtOnce();
      Tensor[] parts =
          IntStream.range(0, (texts.length + size - 1) / size)
              .mapToObj(
                  k -> Arrays.copyOfRange(texts, k * size, Math.min(texts.length, (k + 1) * size)))
              .map(part -> StateScope.nested(() -> reader.read(part)))
              .toArray(Tensor[]::new);
      return new Encoded(rows, torch.cat(new TensorVector(parts), 0));
    }

    /**
     * The encoder with the head that all tasks have, or that those of new tasks start from. Its
     * tensors belong to the open scope, or to the problem.
     */
    public TextModel model(Tensor x, Tensor y) {
      var facts = new LinkedHashMap<String, Object>();
      facts.put("problem", "hyper-representation");
      facts.put("task", "few-shot");
      facts.putAll(trained().facts(tokens.vectors()));
      if (data.texts().tokenizer() != null) {
        facts.put("tokenizer", "tokenizer.json");
      }
      if (network.encoder().reads() == TextEncoder.Reads.WORDS
          && data.texts().tokenizer() == null) {
        facts.put("firstToken", FewShotTexts.FIRST);
      }
      facts.put("classifier", trained().blueprint(data.train().outputs()));
      facts.put("pairs", data.hasPairs());
      facts.put("projection", features.projection());
      facts.put("featureScale", features.featureScale());
      facts.put("heads", Options.kebab(heads));
      facts.put("outputs", data.train().outputs());
      facts.put("classes", data.classes());
      facts.put("testSteps", adaptation.testSteps());
      facts.put("testLr", adaptation.testLr());
      facts.put("regularization", penaltyTerm.regularization());
      facts.put("regularizer", Options.kebab(penaltyTerm.penalty()));
      return new TextModel(
          new Classifier.Encoded(model, taskHeads.head()),
          Tensors.concat(x, heads == Heads.SHARED ? y : headStart),
          data.texts(),
          facts);
    }

    @Override
    public Map<String, String> inputs() {
      return data.sources();
    }

    @Override
    public List<String> remarks() {
      return data.remarks();
    }

    @Override
    public Scales scales(long steps) {
      return new FewShotScales(HyperRepresentation.this).of(steps, (double) upperLayout().size());
    }

    /** About steps that are too large for the curvature at the start. */
    @Override
    public List<String> remarks(Map<String, Double> lowerLr) {
      return HeadWarnings.of(HyperRepresentation.this, lowerLr, headCurvature, "at the start");
    }

    /** What the accuracy of the result is to be compared with. */
    @Override
    public Finished finish(Tensor x, Tensor y, Seed run, Artifacts artifacts) {
      try (var scope = StateScope.open()) {
        model(x, y).write(artifacts);
        Start start = start(run.child("start"));
        return new Finished(
            Metrics.NONE
                .with("startAccuracy", evaluate(start.x(), start.y()).get("testAccuracy"))
                .with("meanVectorAccuracy", meanVectorAccuracy()),
            0);
      }
    }

    @Override
    public void close() {
      home.close();
    }
  }

  /** Which of a task's sets. */
  private enum Level {
    LOWER,
    UPPER
  }

  /** Training tasks that evaluation looks at. */
  private static final int LOSS_TASKS = 64;

  /** Texts encoded at once in evaluation. */
  private static final int TEXTS = 1024;

  /** Numbers in heads fitted at once. */
  private static final long NUMBERS = 20_000_000;
}
