package org.stackel.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.stream.Stream;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.stackel.experiment.Draft;
import org.stackel.experiment.Experiment;
import org.stackel.fewshot.HyperRepresentation;
import org.stackel.problem.Artifacts;
import org.stackel.problem.BilevelProblem;
import org.stackel.problem.Detection;
import org.stackel.problem.Metrics;
import org.stackel.run.RunDirectory;
import org.stackel.run.RunListener;
import org.stackel.run.RunOutcome;
import org.stackel.run.Runner;
import org.stackel.runfile.Document;
import org.stackel.tensor.Device;
import org.stackel.tensor.Seed;
import org.stackel.tensor.StateScope;
import org.stackel.tensor.TensorFile;
import org.stackel.tensor.Tensors;
import org.stackel.text.TextFeatures;
import org.stackel.text.Tokenizer;
import org.stackel.text.Vocabulary;

/**
 * What every problem with texts leaves in {@code model/}, and that nothing at the end changes a
 * state.
 */
class ModelOutputTest {
  private static final Device DEVICE = Device.CPU64;
  private static final List<String> CLASSES = List.of("bad", "good");

  @TempDir Path folder;

  // ---- texts ---------------------------------------------------------------------------------

  private record Text(String text, String label) {}

  /**
   * Words of either class, words of both, and a number in front: scores of different texts differ.
   */
  private static List<Text> texts(int count, long seed) {
    var random = new Random(seed);
    var texts = new ArrayList<Text>();
    for (int i = 0; i < count; i++) {
      int kind = i % 3 == 0 ? 1 : 0;
      var words = new StringBuilder("n" + i);
      for (int k = 0; k <= i % 5; k++) {
        int own = random.nextInt(4) == 0 ? 1 - kind : kind;
        words.append(own == 1 ? " fine" : " poor").append(random.nextInt(6));
      }
      texts.add(new Text(words.toString(), CLASSES.get(kind)));
    }
    return texts;
  }

  private String file(String name, List<Text> texts) {
    var csv = new StringBuilder("text,label\n");
    texts.forEach(t -> csv.append(t.text()).append(',').append(t.label()).append('\n'));
    try {
      return Files.writeString(folder.resolve(name), csv).toString();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  // ---- runs ----------------------------------------------------------------------------------

  static Stream<Arguments> problems() {
    Map<String, Object> tasks =
        Map.of("ways", 2, "shots", 2, "queries", 2, "tasks", 6, "testTasks", 4, "taskBatch", 3);
    var shared = new HashMap<>(tasks);
    shared.putAll(Map.of("heads", "shared", "regularizer", "norm", "crossData", "upper"));
    return Stream.of(
        Arguments.of("data-cleaning", Map.of("model", "rnn", "pooling", "padded-max")),
        Arguments.of("data-cleaning", Map.of("model", "gru")),
        Arguments.of("data-cleaning", Map.of("model", "transformer")),
        Arguments.of("deep-auc", Map.of("encoder", "rnn", "pooling", "padded-max")),
        Arguments.of("deep-auc", Map.of("encoder", "lstm", "logits", 2, "score", "difference")),
        Arguments.of("deep-auc", Map.of("encoder", "gru", "headHidden", List.of(3))),
        Arguments.of("deep-auc", Map.of("encoder", "transformer", "layers", 2)),
        Arguments.of("regularization", Map.of("encoder", "rnn", "pooling", "padded-max")),
        Arguments.of("regularization", Map.of("encoder", "gru", "strengths", "part")),
        Arguments.of("regularization", Map.of("encoder", "lstm", "layers", 2)),
        Arguments.of("regularization", Map.of("encoder", "transformer")),
        Arguments.of("hyper-representation", tasks),
        Arguments.of("hyper-representation", with(tasks, "encoder", "transformer", "inner", 8)),
        Arguments.of("hyper-representation", shared),
        Arguments.of("hyper-representation", with(shared, "pooling", "padded-max")));
  }

  private static Map<String, Object> with(Map<String, Object> options, Object... more) {
    var all = new HashMap<>(options);
    for (int i = 0; i < more.length; i += 2) {
      all.put((String) more[i], more[i + 1]);
    }
    return all;
  }

  private Experiment experiment(String type, Map<String, Object> more, List<Text> test) {
    var problem = new LinkedHashMap<String, Object>(Map.of("type", type, "vectors", "random"));
    problem.put("data", file("data.csv", texts(160, 1)));
    problem.put("test", file("test.csv", test));
    problem.putAll(Map.of("hidden", 4, "maxTokens", 4));
    switch (type) {
      case "data-cleaning" ->
          problem.putAll(
              Map.of(
                  "trainSize",
                  100,
                  "trustedSize",
                  40,
                  "noiseRate",
                  .2,
                  "batch",
                  20,
                  "retraining",
                  Map.of("steps", 5, "lr", 1e-2, "batch", 20)));
      case "hyper-representation" -> problem.put("split", "examples");
      default -> problem.putAll(Map.of("trainSize", 80, "testSize", 0, "batch", 20));
    }
    problem.putAll(more);
    return Draft.of(
            "test",
            Map.of(
                "problem",
                problem,
                "algorithm",
                Map.of("type", "slip", "upperLr", .05),
                "steps",
                3,
                "dtype",
                "float64"))
        .experiment();
  }

  /** Looks at a state before and after everything that may be made of it. */
  private final class Watch implements RunListener {
    private final Artifacts artifacts;
    private Metrics metrics = Metrics.NONE;
    private List<double[]> features = List.of();

    Watch(Artifacts artifacts) {
      this.artifacts = artifacts;
    }

    @Override
    public void completed(BilevelProblem<?> problem, Tensor x, Tensor y) {
      Path before = state("before", x, y);
      metrics = problem.finish(x, y, new Seed(0), artifacts).metrics();
      assertThat(Files.exists(folder.resolve("run/model/config.json"))).isTrue();
      problem.evaluate(x, y);
      assertThat(state("after", x, y)).hasSameBinaryContentAs(before);
      if (problem instanceof HyperRepresentation.Opened tasks) {
        Input all = tasks.data().texts().inputs().all();
        features = rows(tasks.encoder().features(tasks.encoder().layout().split(x), all));
      }
    }

    private Path state(String name, Tensor x, Tensor y) {
      Path file = folder.resolve(name);
      try {
        TensorFile.write(file, Map.of("x", x), Map.of());
        byte[] first = Files.readAllBytes(file);
        TensorFile.write(file, Map.of("y", y), Map.of());
        byte[] second = Files.readAllBytes(file);
        byte[] both = Arrays.copyOf(first, first.length + second.length);
        System.arraycopy(second, 0, both, first.length, second.length);
        return Files.write(file, both);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  private static List<double[]> rows(Tensor matrix) {
    double[] flat = Tensors.toArray(matrix.reshape(-1));
    int width = (int) matrix.size(1);
    var rows = new ArrayList<double[]>();
    for (int i = 0; i < flat.length; i += width) {
      rows.add(Arrays.copyOfRange(flat, i, i + width));
    }
    return rows;
  }

  @ParameterizedTest(name = "{0} {1}")
  @MethodSource("problems")
  void theModelIsTheOneThatWasJudgedAndTheStateStays(String type, Map<String, Object> more)
      throws IOException {
    List<Text> test = texts(90, 2);
    Experiment experiment = experiment(type, more, test);
    RunOutcome outcome;
    Watch watch;
    try (var run =
        RunDirectory.create(
            folder.resolve("run"),
            experiment,
            RunDirectory.IfExists.REFUSE,
            RunDirectory.Trace.OFF)) {
      watch = new Watch(run);
      outcome = Runner.run(experiment, RunListener.all(run, watch));
      run.finish(outcome);
    }
    assertThat(outcome).isInstanceOf(RunOutcome.Completed.class);
    Map<String, Double> metrics = outcome.metrics().with(watch.metrics).values();
    try (var scope = StateScope.open()) {
      var model = Rebuilt.read(folder.resolve("run/model"));
      assertThat(model.config.get("problem")).isEqualTo(type);
      if (type.equals("hyper-representation")) {
        assertThat(model.config.get("heads")).isEqualTo(more.getOrDefault("heads", "per-task"));
        // What a text's features are depends on its company there.
        if (!Objects.equals(more.get("pooling"), "padded-max")) {
          var all = new ArrayList<>(texts(160, 1));
          all.addAll(test);
          List<double[]> own = rows(model.features(all));
          assertThat(watch.features)
              .isNotEmpty()
              .allSatisfy(row -> assertThat(own).anyMatch(other -> distance(row, other) < 1e-12));
        }
        return;
      }
      Tensor logits = model.logits(test);
      if (type.equals("deep-auc")) {
        assertThat(model.config.get("positive")).isEqualTo("good");
        assertThat(auc(model, logits, test)).isCloseTo(metrics.get("testAuc"), within(1e-12));
      } else {
        assertThat(model.config.get("classes")).isEqualTo(CLASSES);
        String key = type.equals("data-cleaning") ? "retrainAccuracy" : "testAccuracy";
        assertThat(accuracy(logits, test)).isCloseTo(metrics.get(key), within(1e-12));
      }
    }
  }

  private static double distance(double[] a, double[] b) {
    double largest = 0;
    for (int i = 0; i < a.length; i++) {
      largest = Math.max(largest, Math.abs(a[i] - b[i]));
    }
    return largest;
  }

  private static double auc(Rebuilt model, Tensor logits, List<Text> test) {
    Tensor last = logits.select(1, logits.size(1) - 1);
    boolean isDifference = Objects.equals(model.config.get("score"), "difference");
    boolean[] positive = new boolean[test.size()];
    for (int i = 0; i < positive.length; i++) {
      positive[i] = test.get(i).label().equals("good");
    }
    return Detection.auroc(
        Tensors.toArray(isDifference ? last.sub(logits.select(1, 0)) : last), positive);
  }

  private static double accuracy(Tensor logits, List<Text> test) {
    long[] predicted = Tensors.toLongs(logits.argmax(new LongOptional(1), false));
    int right = 0;
    for (int i = 0; i < predicted.length; i++) {
      right += CLASSES.get((int) predicted[i]).equals(test.get(i).label()) ? 1 : 0;
    }
    return (double) right / predicted.length;
  }

  // ---- from the files alone ------------------------------------------------------------------

  @SuppressWarnings("unchecked") // an object of JSON has strings as keys
  private static Map<String, ?> object(Path file) {
    try {
      return (Map<String, ?>) Objects.requireNonNull(Document.read(file).value());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A model made of nothing but the files. */
  private static final class Rebuilt {
    private final Map<String, ?> config;
    private final Vocabulary vocabulary;
    private final Map<String, Tensor> tensors;
    private final Encoder encoder;
    private final Classifier.Encoded classifier;

    private Rebuilt(Map<String, ?> config, Vocabulary vocabulary, Map<String, Tensor> tensors) {
      this.config = config;
      this.vocabulary = vocabulary;
      this.tensors = tensors;
      encoder = encoder();
      List<Integer> hidden = new ArrayList<>();
      for (Object width : (List<?>) value("headHidden")) {
        hidden.add(((Number) width).intValue());
      }
      classifier = new Classifier.Encoded(encoder, new Head(encoder.width(), hidden, outputs()));
    }

    static Rebuilt read(Path model) throws IOException {
      var built =
          new Rebuilt(
              object(model.resolve("config.json")),
              Vocabulary.load(model.resolve("vocabulary.txt")),
              TensorFile.read(model.resolve("weights.safetensors"), DEVICE).tensors());
      assertThat(((List<?>) built.value("layout")))
          .hasSameSizeAs(built.classifier.layout().parts());
      return built;
    }

    private Object value(String key) {
      return Objects.requireNonNull(config.get(key), key);
    }

    private int number(String key) {
      return ((Number) value(key)).intValue();
    }

    private int outputs() {
      return switch ((String) value("problem")) {
        case "deep-auc" -> number("logits");
        case "hyper-representation" -> number("outputs");
        default -> ((List<?>) value("classes")).size();
      };
    }

    private Encoder encoder() {
      String name = (String) value("encoder");
      Pooling pooling =
          Pooling.valueOf(((String) value("pooling")).replace('-', '_').toUpperCase(Locale.ROOT));
      int maxTokens = number("maxTokens");
      if (name.equals("transformer")) {
        return new Transformer(
            vocabulary.size(),
            firstToken() == null ? maxTokens : maxTokens + 1,
            1,
            number("hidden"),
            number("layers"),
            number("attentionHeads"),
            number("inner"),
            Transformer.Norm.PRE,
            pooling,
            Transformer.Pooler.NONE);
      }
      Cell cell = name.equals("rnn") ? Cell.ELMAN : Cell.valueOf(name.toUpperCase(Locale.ROOT));
      int width = (int) Objects.requireNonNull(tensors.get("wordVectors")).size(1);
      return new Rnn(cell, width, number("hidden"), number("layers"), Direction.FORWARD, pooling);
    }

    private @Nullable String firstToken() {
      return (String) config.get("firstToken");
    }

    private Input input(List<Text> texts) {
      List<List<String>> words = texts.stream().map(t -> Tokenizer.words(t.text())).toList();
      Tensor table = tensors.get("wordVectors");
      int maxTokens = number("maxTokens");
      if (table == null) {
        String first = firstToken();
        if (first == null) {
          return new Inputs.Tokens(TextFeatures.ids(words, vocabulary, maxTokens), DEVICE).all();
        }
        List<List<String>> longer =
            words.stream().map(w -> Stream.concat(Stream.of(first), w.stream()).toList()).toList();
        return new Inputs.Tokens(TextFeatures.ids(longer, vocabulary, maxTokens + 1), DEVICE).all();
      }
      var tokens = TextFeatures.tokens(words, vocabulary, maxTokens, DEVICE);
      return new Inputs.Sequence(tokens.ids(), tokens.lengths(), table, DEVICE).all();
    }

    Tensor features(List<Text> texts) {
      List<Tensor> parts = classifier.layout().split(parameters());
      return encoder.features(parts.subList(0, encoder.layout().parts().size()), input(texts));
    }

    Tensor logits(List<Text> texts) {
      return classifier.logits(parameters(), input(texts));
    }

    private Tensor parameters() {
      return Objects.requireNonNull(tensors.get("parameters"));
    }
  }
}
