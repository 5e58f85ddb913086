package org.stackel.regularization;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.LongOptional;
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
import org.stackel.model.Classifier;
import org.stackel.model.Encoders;
import org.stackel.model.Input;
import org.stackel.model.Network;
import org.stackel.model.NetworkTexts;
import org.stackel.model.Penalty;
import org.stackel.model.Pooling;
import org.stackel.model.TextModel;
import org.stackel.optim.Schedule;
import org.stackel.problem.Artifacts;
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
import org.stackel.problem.Start;
import org.stackel.problem.Trait;
import org.stackel.tensor.DataTensors;
import org.stackel.tensor.Device;
import org.stackel.tensor.Layout;
import org.stackel.tensor.Seed;
import org.stackel.tensor.StateScope;
import org.stackel.tensor.Tensors;
import org.stackel.text.DomainTexts;
import org.stackel.text.Example;
import org.stackel.text.LabelledTexts;
import org.stackel.text.WordNetText;

/**
 * Strengths of the penalty of a network that classifies texts, learned from validation texts, as in
 * the experiment with Amazon's reviews of BO-REP (Hao, Gong, Liu: "Bilevel Optimization under
 * Unbounded Smoothness: A New Algorithm and Convergence Analysis", ICLR 2024).
 *
 * <pre>
 *   f = mean cross entropy of validation texts
 *   g = mean cross entropy of training texts + ½ Σ_j s_j P(y_j),   P(y_j) = |y_j|² or |y_j|
 * </pre>
 *
 * <p>y is the network, y_j one of its parts or all of it; s_j is made of x_j as {@code form} says.
 * The cross derivative needs no text: {@code ∇²xy g · v = s' ⟨y, v⟩} for one strength.
 *
 * <p>With {@code taskSize}, texts come as tasks of so many texts of one domain, drawn once, and a
 * minibatch is some tasks. Domains that are held out are for the test. Training and validation
 * texts never overlap.
 *
 * <p>x has shape [strengths]; y has the parameters of the network, flat, in the order of its
 * layout.
 *
 * @param texts source of the texts
 * @param split which of them train, validate and test
 * @param grouping how texts form tasks
 * @param network the network that is trained
 * @param maxTokens number of words of a text that the network reads, at least 1
 * @param learned the strengths that are learned
 * @param batch number of texts in a lower minibatch, at least 1; a multiple of taskSize
 * @param upperBatch number of texts in an upper minibatch, at least 1; a multiple of taskSize
 */
@OptionRecord
@ProblemInfo(
    name = "regularization",
    summary = "strengths of the penalty of a network on texts, from validation texts",
    properties = Property.LARGE)
public record Regularization(
    @Inline DomainTexts texts,
    @Inline Split split,
    @Inline TaskSizes grouping,
    @Inline Network network,
    int maxTokens,
    @Inline Learned learned,
    int batch,
    int upperBatch)
    implements ProblemOptions, RegularizationBuilder.With {
  private static final Rules RULES = new Rules("regularization");

  /** WordNet's topics, one strength that starts at about 1e-3. */
  public Regularization() {
    this(
        new DomainTexts(),
        new Split(List.of(), 2_000, 0.5, 2_000),
        new TaskSizes(0, 200, 50),
        new Network(Encoders.RNN, "glove", 32, 1, Pooling.MAX, List.of()),
        20,
        new Learned(Strengths.SINGLE, Form.EXP, Penalty.SQUARED, -7),
        128,
        128);
  }

  /** Starts from the defaults. */
  public static RegularizationBuilder builder() {
    return RegularizationBuilder.of(new Regularization());
  }

  /**
   * Which texts train, validate and test.
   *
   * @param heldOut domains of the test, named as in the data except for marks such as {@code &} and
   *     {@code _}; random texts if empty
   * @param trainSize largest number of training texts, at least 0; 0 for all
   * @param validationShare share of the texts outside the test set that are used for validation,
   *     between 0 and 1
   * @param testSize largest number of test texts, at least 1, a fifth of the texts if left out;
   *     with a test file or domains held out at least 0, 0 for all
   */
  @OptionRecord
  public record Split(
      List<String> heldOut, int trainSize, double validationShare, @Nullable Integer testSize)
      implements RegularizationSplitBuilder.With {
    public Split {
      heldOut = List.copyOf(heldOut);
      var rules = new Rules();
      rules.atLeast("trainSize", trainSize, 0);
      if (!(validationShare > 0 && validationShare < 1)) {
        throw rules.broken(
            "validationShare",
            validationShare,
            "must be greater than 0 and less than 1",
            "0.5 was meant.");
      }
    }
  }

  /**
   * How texts form tasks.
   *
   * @param taskSize number of texts in a task, at least 0; 0 for minibatches of single texts
   * @param tasks number of training tasks, and of validation tasks, at least 1; without effect if
   *     taskSize is 0
   * @param testTasks number of test tasks, at least 1; metrics of the test are over their texts
   */
  @OptionRecord
  public record TaskSizes(int taskSize, int tasks, int testTasks)
      implements RegularizationTaskSizesBuilder.With {
    public TaskSizes {
      var rules = new Rules();
      rules.atLeast("taskSize", taskSize, 0);
      rules.atLeast("tasks", tasks, 1);
      rules.atLeast("testTasks", testTasks, 1);
    }
  }

  /**
   * The strengths that are learned.
   *
   * @param strengths granularity of the strengths
   * @param form meaning of x
   * @param penalty form of the penalty that the strengths multiply (P)
   * @param x0 start of x, the same for all its entries; any number
   */
  @OptionRecord
  public record Learned(Strengths strengths, Form form, Penalty penalty, double x0)
      implements RegularizationLearnedBuilder.With {
    public Learned {
      new Rules().finite("x0", x0);
    }
  }

  /** How many strengths there are. */
  public enum Strengths {
    /** One. */
    SINGLE,
    /** One for each part of the network: each weight and each bias. */
    PART
  }

  /** What x is. */
  public enum Form {
    /** The logarithm of a strength. */
    EXP,
    /** {@code s = ln(1 + exp x)}. */
    SOFTPLUS,
    /** A strength, which may become negative. */
    PLAIN
  }

  public Regularization {
    boolean isTestApart = !texts.test().isEmpty() || !split.heldOut().isEmpty();
    Integer testSize = split.testSize();
    if (testSize != null) {
      RULES.atLeast("testSize", testSize, isTestApart ? 0 : 1);
    }
    RULES.atLeast("maxTokens", maxTokens, 1);
    RULES.atLeast("batch", batch, 1);
    RULES.atLeast("upperBatch", upperBatch, 1);
    int taskSize = grouping.taskSize();
    if (taskSize > 0) {
      multiple("batch", batch, taskSize);
      multiple("upperBatch", upperBatch, taskSize);
    }
  }

  private static void multiple(String name, int value, int of) {
    if (value % of != 0) {
      throw RULES.broken(
          name,
          value,
          "must be a multiple of taskSize (%d)".formatted(of),
          "%d was meant.".formatted(Math.max(1, value / of) * of));
    }
  }

  /** Tuned by the loss on validation texts, judged by the accuracy on test texts. */
  @Override
  public Goal goal() {
    return new Goal("upperLoss", "testAccuracy", "testAccuracy");
  }

  @Override
  public RunDefaults runDefaults() {
    return new RunDefaults(500, 50, 500, Device.Precision.FLOAT32);
  }

  /** All of a user's own texts are used. */
  @Override
  public ProblemOptions suitedTo(Map<String, ?> given, Set<Trait> algorithm) {
    if (!isOwn(given.get("data"))) {
      return this;
    }
    var options = new HashMap<String, @Nullable Object>();
    options.put("trainSize", 0);
    options.put("testSize", null);
    return Options.bind(this, options, "regularization");
  }

  @Override
  public List<String> madeFor(String data) {
    return isOwn(data)
        ? List.of(
            "heldOut",
            "trainSize",
            "testSize",
            "test",
            "format",
            "text",
            "text2",
            "label",
            "domain",
            "only")
        : List.of();
  }

  private static boolean isOwn(@Nullable Object data) {
    return data instanceof String file && !WordNetText.NAMES.contains(file);
  }

  @Override
  public Opened open(Seed seed, Device device) {
    return DataTensors.owning(home -> load(seed, device, home));
  }

  // ---- texts ---------------------------------------------------------------------------------

  /** Which texts. */
  public enum Part {
    /** Those of the lower loss. */
    TRAINING,
    /** Those of the upper loss. */
    VALIDATION,
    /** Held out. */
    TEST
  }

  private Opened load(Seed seed, Device device, DataTensors home) {
    LabelledTexts read = LabelledTexts.read(texts.data(), texts.test(), texts::source, seed);
    var all = new ArrayList<Example>();
    var groups = new LinkedHashMap<Part, int[][]>();
    new Division(read, seed).parts().forEach((part, sets) -> groups.put(part, number(sets, all)));
    Classes classes = Classes.of(Example.labels(all));
    read.remarks()
        .add(
            "%d training, %d validation and %d test texts of %d classes."
                .formatted(
                    count(groups, Part.TRAINING),
                    count(groups, Part.VALIDATION),
                    count(groups, Part.TEST),
                    classes.size()));
    return new Opened(
        NetworkTexts.of(
            network.reading(maxTokens), network.vectors(), read, all, seed, device, home),
        classes.names(),
        classes.ids(Example.labels(all)),
        groups);
  }

  private static int count(Map<Part, int[][]> groups, Part part) {
    return Arrays.stream(groups.getOrDefault(part, new int[0][])).mapToInt(g -> g.length).sum();
  }

  /** Appends the texts to all and says which numbers they got. */
  private static int[][] number(List<List<Example>> sets, List<Example> all) {
    int[][] numbers = new int[sets.size()][];
    for (int i = 0; i < numbers.length; i++) {
      int from = all.size();
      all.addAll(sets.get(i));
      numbers[i] = IntStream.range(from, all.size()).toArray();
    }
    return numbers;
  }

  /** Cuts the texts into the three parts, each a list of groups. */
  private final class Division {
    private final LabelledTexts texts;
    private final Seed seed;

    Division(LabelledTexts texts, Seed seed) {
      this.texts = texts;
      this.seed = seed;
    }

    Map<Part, List<List<Example>>> parts() {
      Seed order = seed.child("split");
      int n = texts.data().size();
      List<Example> held;
      List<Example> validation;
      List<Example> training;
      if (!texts.test().isEmpty() || split.heldOut().isEmpty()) {
        boolean isApart = !texts.test().isEmpty();
        int tested = isApart ? 0 : testSize(Math.max(1, n / 5));
        requireEnough(n - 2, tested);
        int[][] sets = texts.split(order, tested, validating(n - tested));
        held = isApart ? shuffledTest() : examples(sets[0]);
        validation = examples(sets[1]);
        training = examples(sets[2]);
      } else {
        List<Example> all = examples(order.permutation(n));
        List<String> names = domains(all);
        held = all.stream().filter(e -> names.contains(e.domain())).toList();
        List<Example> rest = all.stream().filter(e -> !names.contains(e.domain())).toList();
        validation = rest.subList(0, validating(rest.size()));
        training = rest.subList(validating(rest.size()), rest.size());
      }
      held = first(held, testSize(0));
      training = first(training, split.trainSize());
      requireEnough(Math.min(validation.size(), training.size()), 1);
      var parts = new LinkedHashMap<Part, List<List<Example>>>();
      parts.put(Part.TRAINING, groups(training, grouping.tasks(), "training"));
      parts.put(Part.VALIDATION, groups(validation, grouping.tasks(), "validation"));
      parts.put(Part.TEST, groups(held, grouping.testTasks(), "test"));
      return parts;
    }

    private int testSize(int otherwise) {
      return Objects.requireNonNullElse(split.testSize(), otherwise);
    }

    private int validating(int texts) {
      return (int) Math.round(split.validationShare() * texts);
    }

    private List<Example> examples(int[] numbers) {
      return Arrays.stream(numbers).mapToObj(texts.data()::get).toList();
    }

    private List<Example> shuffledTest() {
      int[] order = seed.child("test").permutation(texts.test().size());
      return Arrays.stream(order).mapToObj(texts.test()::get).toList();
    }

    /** At most so many; all for 0. */
    private static List<Example> first(List<Example> examples, int most) {
      return most > 0 && examples.size() > most ? examples.subList(0, most) : examples;
    }

    private void requireEnough(int there, int needed) {
      if (there < needed) {
        throw new InvalidInputException(
                "The data has too few texts for training, validation and test.",
                "a smaller testSize fits.")
            .atKey("testSize");
      }
    }

    /** The domains held out as the data spells them. */
    private List<String> domains(List<Example> examples) {
      List<String> known = examples.stream().map(Example::domain).distinct().sorted().toList();
      var found = new ArrayList<String>();
      for (String wanted : split.heldOut()) {
        found.add(
            known.stream()
                .filter(name -> plain(name).equals(plain(wanted)))
                .findFirst()
                .orElseThrow(
                    () ->
                        new InvalidInputException(
                                "There is no domain '%s' to hold out.".formatted(wanted),
                                Options.meant(wanted, known, "the domains are"))
                            .atKey("heldOut")));
      }
      return found;
    }

    private static String plain(String name) {
      return name.toLowerCase(Locale.ROOT).replaceAll("[^\\p{L}\\p{N}]", "");
    }

    /** Single texts, or tasks of one domain each, a domain as likely as it is large. */
    private List<List<Example>> groups(List<Example> pool, int count, String role) {
      int taskSize = grouping.taskSize();
      if (taskSize == 0) {
        return pool.stream().map(List::of).toList();
      }
      var byDomain = new TreeMap<String, List<Example>>();
      pool.forEach(e -> byDomain.computeIfAbsent(e.domain(), d -> new ArrayList<>()).add(e));
      byDomain.values().removeIf(texts -> texts.size() < taskSize);
      List<Example> eligible = byDomain.values().stream().flatMap(List::stream).toList();
      if (eligible.isEmpty()) {
        throw new InvalidInputException(
                "No domain has %d %s texts, which a task needs.".formatted(taskSize, role),
                "a smaller taskSize fits; 0 is for minibatches of single texts.")
            .atKey("taskSize");
      }
      var drawn = new ArrayList<List<Example>>();
      for (int i = 0; i < count; i++) {
        Seed draw = seed.child(role + "-task").child(i);
        String name = eligible.get(draw.generator().nextInt(eligible.size())).domain();
        List<Example> domain = java.util.Objects.requireNonNull(byDomain.get(name));
        drawn.add(
            Arrays.stream(draw.child("texts").sample(domain.size(), taskSize))
                .mapToObj(domain::get)
                .toList());
      }
      return drawn;
    }
  }

  // ---- the problem ---------------------------------------------------------------------------

  /**
   * A minibatch.
   *
   * @param input what the network reads
   * @param labels class of each text, int64
   */
  public record Batch(Input input, Tensor labels) {}

  /** The problem with its data. */
  public final class Opened implements FeatureProblem<Batch>, Sampled<Batch> {
    private final NetworkTexts texts;
    private final List<String> names;
    private final Tensor labels;
    private final Map<Part, int[][]> groups;
    private final Classifier classifier;

    private Opened(
        NetworkTexts texts, List<String> names, int[] classes, Map<Part, int[][]> groups) {
      this.texts = texts;
      this.names = names;
      this.groups = groups;
      labels = texts.home().keep(Tensors.indices(texts.device(), classes));
      classifier = texts.classifier(names.size());
    }

    /** The network, whose parameters are y. */
    public Classifier classifier() {
      return classifier;
    }

    @Override
    public Layout upperLayout() {
      return Layout.vector(
          "strength",
          learned.strengths() == Strengths.SINGLE ? 1 : classifier.layout().parts().size());
    }

    @Override
    public Layout lowerLayout() {
      return classifier.layout();
    }

    @Override
    public Start start(Seed seed) {
      return new Start(
          Tensors.full(texts.device(), learned.x0(), upperLayout().size()),
          classifier.initial(seed, texts.device()));
    }

    private int[][] groupsOf(Part part) {
      return java.util.Objects.requireNonNull(groups.get(part));
    }

    private Minibatches<Batch> minibatches(Part part, int size) {
      int[][] own = groupsOf(part);
      int taskSize = grouping.taskSize();
      return Minibatches.of(
          own.length,
          taskSize == 0 ? size : size / taskSize,
          drawn -> take(Arrays.stream(drawn).flatMap(i -> Arrays.stream(own[i])).toArray()));
    }

    private Batch take(int[] numbers) {
      return new Batch(texts.batch(numbers), labelsOf(numbers));
    }

    private Tensor labelsOf(int[] numbers) {
      return labels.index_select(0, Tensors.indices(texts.device(), numbers));
    }

    @Override
    public Minibatches<Batch> upperSamples() {
      return minibatches(Part.VALIDATION, upperBatch);
    }

    @Override
    public Minibatches<Batch> lowerSamples() {
      return minibatches(Part.TRAINING, batch);
    }

    @Override
    public long sizeOf(Batch batch) {
      return network.pooling() == Pooling.PADDED_MAX ? 0 : batch.labels().size(0);
    }

    /** The strengths. */
    @Override
    public Tensor features(Tensor x, Batch batch) {
      return strength(x);
    }

    private Tensor strength(Tensor x) {
      return switch (learned.form()) {
        case EXP -> x.exp();
        case SOFTPLUS -> torch.softplus(x);
        case PLAIN -> x.mul(new Scalar(1));
      };
    }

    @Override
    public Tensor upperLossOf(Tensor strength, Tensor y, Batch batch) {
      return classifier.losses(y, batch.input(), batch.labels()).mean();
    }

    @Override
    public Tensor lowerLossOf(Tensor strength, Tensor y, Batch batch) {
      Tensor penalties =
          learned.strengths() == Strengths.SINGLE
              ? learned.penalty().of(y).reshape(1)
              : torch.stack(
                  new TensorVector(
                      classifier.layout().split(y).stream()
                          .map(part -> learned.penalty().of(part.reshape(-1)))
                          .toArray(Tensor[]::new)),
                  0);
      return upperLossOf(strength, y, batch).add(Tensors.scale(.5, strength.dot(penalties)));
    }

    /** Loss and accuracy on test and validation texts, the training loss, the strengths. */
    @Override
    public Metrics evaluate(Tensor x, Tensor y) {
      Judged tested = judge(y, Part.TEST);
      Judged validated = judge(y, Part.VALIDATION);
      Metrics metrics =
          Metrics.NONE
              .with("testAccuracy", tested.accuracy())
              .with("testLoss", tested.loss())
              .with("validationAccuracy", validated.accuracy())
              .with("upperLoss", validated.loss())
              .with("trainLoss", judge(y, Part.TRAINING).loss())
              .with("weightNorm", Tensors.item(Tensors.norm(y)));
      double[] found = Tensors.toArray(strength(x));
      if (learned.strengths() == Strengths.SINGLE) {
        return metrics.with("strength", found[0]);
      }
      for (int i = 0; i < found.length; i++) {
        metrics = metrics.with("strength." + classifier.layout().parts().get(i).name(), found[i]);
      }
      return metrics;
    }

    private record Judged(double loss, double accuracy) {}

    private Judged judge(Tensor y, Part part) {
      int[] numbers = Arrays.stream(groupsOf(part)).flatMapToInt(Arrays::stream).toArray();
      try (var scope = StateScope.open()) {
        Tensor logits = texts.outputs(numbers, input -> classifier.logits(y, input));
        Tensor own = labelsOf(numbers);
        Tensor right = logits.argmax(new LongOptional(1), false).eq(own);
        return new Judged(
            Tensors.item(torch.cross_entropy_loss(logits, own)),
            Tensors.item(right.to(torch.ScalarType.Double).mean()));
      }
    }

    /** The model of a state. Its tensors belong to the open scope, or to the problem. */
    public TextModel model(Tensor x, Tensor y) {
      return texts.model("regularization", classifier, names.size(), y, Map.of("classes", names));
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
     * The network must be trained before strengths move, or less penalty looks like faster
     * progress. Then logarithms have about five to go, ever slower, so that they come to rest.
     */
    @Override
    public Scales scales(long steps) {
      double travel = learned.form() == Form.PLAIN ? 0.02 : 5;
      Schedule upperLr = Scales.falling(travel / (2 * Math.sqrt((double) steps)));
      var usual = new Scales.Usual(upperLr, 0.3, 0.1, null, 0.4, 10, 200L, 100.0, null, true, null);
      return new Scales(
          Scales.Structure.STRENGTHS,
          steps,
          (double) upperLayout().size(),
          Double.NaN,
          Scales.uppers(usual, upperLr, upperLr, upperLr));
    }

    /** Leaves the model in {@code model/}. */
    @Override
    public Finished finish(Tensor x, Tensor y, Seed run, Artifacts artifacts) {
      try (var scope = StateScope.open()) {
        model(x, y).write(artifacts);
      }
      return Finished.NOTHING;
    }

    @Override
    public void close() {
      texts.home().close();
    }
  }
}
