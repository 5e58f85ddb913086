package org.stackel.example;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.stackel.config.InvalidInputException;
import org.stackel.config.OptionDoc;
import org.stackel.config.OptionDocs;
import org.stackel.experiment.Draft;
import org.stackel.experiment.Experiment;
import org.stackel.fewshot.HyperRepresentation;
import org.stackel.model.Encoders;
import org.stackel.oracle.AutogradOracle;
import org.stackel.oracle.Linearization;
import org.stackel.oracle.SampledObjective;
import org.stackel.oracle.Sampling;
import org.stackel.plugin.Plugins;
import org.stackel.problem.BilevelProblem;
import org.stackel.problem.Problems;
import org.stackel.problem.Shard;
import org.stackel.problem.Start;
import org.stackel.run.RunListener;
import org.stackel.run.RunOutcome;
import org.stackel.run.Runner;
import org.stackel.tensor.Device;
import org.stackel.tensor.Seed;
import org.stackel.tensor.StateScope;
import org.stackel.tensor.Tensors;

/** The encoder of docs/new-encoder.md, found as a plug-in's. */
class OwnEncoderTest {
  private static final Device D = Device.CPU64;
  @TempDir static Path folder;
  private static Path data;

  private final ClassLoader before = Thread.currentThread().getContextClassLoader();

  @BeforeAll
  static void texts() throws IOException {
    var lines = new StringBuilder("text,label\n");
    for (int i = 0; i < 160; i++) {
      lines.append("own%d other%d common%d,class%d\n".formatted(i % 8, i % 3, i % 5, i % 8));
    }
    data = Files.writeString(folder.resolve("texts.csv"), lines);
  }

  @BeforeEach
  void plugIn() {
    Plugins.add(List.of(Path.of("src/test/plugin")));
  }

  @AfterEach
  void unplug() {
    Thread.currentThread().setContextClassLoader(before);
  }

  private static Map<String, Object> options(String problem) {
    var options = new HashMap<String, Object>();
    options.put("data", data.toString());
    options.put("vectors", "random");
    options.put("encoder", "deep-sets");
    options.put("hidden", 3);
    options.put("maxTokens", 4);
    options.putAll(
        problem.equals("data-cleaning")
            ? Map.of(
                "noise", "uniform", "trainSize", 80, "trustedSize", 30, "testSize", 30, "batch", 16)
            : Map.of(
                "ways",
                2,
                "shots",
                2,
                "queries",
                3,
                "tasks",
                6,
                "testTasks",
                4,
                "taskBatch",
                2,
                "testShare",
                0.5,
                "testSteps",
                5));
    return options;
  }

  @Test
  void itIsInTheCatalogue() {
    assertThat(Encoders.all()).containsEntry("deep-sets", new DeepSets());
    OptionDoc doc = OptionDocs.of(HyperRepresentation.class).find("encoder", "it");
    assertThat(doc.kind()).startsWith("one of deep-sets, gru");
    assertThat(doc.fallback()).isEqualTo("rnn");
    assertThat(doc.values())
        .contains(new OptionDoc.Value("deep-sets", "A tanh layer for each word, then pooling."));
    assertThatThrownBy(() -> Problems.create("hyper-representation", Map.of("encoder", "deep-set")))
        .isInstanceOf(InvalidInputException.class)
        .hasMessage(
            "The encoder (deep-set) of hyper-representation must be one of deep-sets, gru, lstm,"
                + " mean, mean-rnn, minilm, pair, rnn, transformer.\nMaybe 'deep-sets' was meant.");
  }

  @Test
  void itIsAnOptionInJava() {
    var problem = HyperRepresentation.builder().encoder(new DeepSets()).hidden(64).ways(3).build();
    assertThat(problem.withHidden(8).network().encoder()).isEqualTo(new DeepSets());
  }

  @Test
  void poolingsAreItsOwn() {
    var options = Map.of("pooling", "padded-max", "encoder", "deep-sets");
    assertThatThrownBy(() -> Problems.create("deep-auc", options))
        .hasMessageContaining(
            "The pooling (padded-max) of deep-auc must be one of max, mean, last for the encoder"
                + " deep-sets.");
  }

  @ParameterizedTest
  @ValueSource(strings = {"data-cleaning", "hyper-representation"})
  void experimentsRunWithIt(String problem) {
    var draft = Draft.of("test", Map.of("algorithm", Map.of("type", "slip"), "steps", 3));
    draft.set("problem.type", problem, "test");
    options(problem).forEach((key, value) -> draft.set("problem." + key, value, "test"));
    if (problem.equals("data-cleaning")) {
      draft.set("problem.retraining.steps", 5, "test");
    }
    Experiment experiment = draft.experiment();
    assertThat(Runner.run(experiment, new RunListener() {}))
        .isInstanceOf(RunOutcome.Completed.class);
    assertThat(((Map<?, ?>) experiment.toMap().get("problem")).get("encoder"))
        .isEqualTo("deep-sets");
  }

  /** Products of second derivatives are differences of gradients. */
  @ParameterizedTest
  @ValueSource(strings = {"data-cleaning", "hyper-representation"})
  void secondDerivativesAreRight(String name) {
    try (var scope = StateScope.open();
        BilevelProblem<?> problem = Problems.create(name, options(name)).open(new Seed(1), D)) {
      // ---- begin: derivatives
      SampledObjective g =
          new AutogradOracle<>(problem, new Seed(2), Sampling.SHARED, Shard.ALL).lower();
      Start start = problem.start(new Seed(3));
      Tensor x = start.x();
      Tensor y = Tensors.axpy(start.y(), 0.3, noise(4, start.y()));
      Tensor u = noise(5, x);
      Tensor v = noise(6, y);
      double h = 1e-5;
      Linearization products = g.linearize(x, y);
      Tensor change =
          g.gradientY(x, Tensors.axpy(y, h, v)).sub(g.gradientY(x, Tensors.axpy(y, -h, v)));
      assertClose(products.hessianVector(v).dot(v), change.dot(v), 2 * h);
      change = g.gradientY(Tensors.axpy(x, h, u), y).sub(g.gradientY(Tensors.axpy(x, -h, u), y));
      assertClose(products.crossVector(v).dot(u), change.dot(v), 2 * h);
      // ---- end: derivatives
    }
  }

  private static void assertClose(Tensor product, Tensor change, double step) {
    double expected = Tensors.item(change) / step;
    assertThat(Math.abs(expected)).isGreaterThan(1e-4);
    assertThat(Tensors.item(product)).isCloseTo(expected, within(1e-6 * (1 + Math.abs(expected))));
  }

  private static Tensor noise(long seed, Tensor like) {
    return Tensors.randn(new Seed(seed), D, like.numel());
  }
}
