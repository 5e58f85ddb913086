package org.stackel.preset;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.FieldSource;
import org.stackel.algorithm.AlgorithmState;
import org.stackel.algorithm.Algorithms;
import org.stackel.algorithm.BilevelAlgorithm;
import org.stackel.config.InvalidInputException;
import org.stackel.experiment.Draft;
import org.stackel.experiment.Experiment;
import org.stackel.fewshot.HyperRepresentation;
import org.stackel.oracle.AutogradOracle;
import org.stackel.problem.BilevelProblem;
import org.stackel.problem.Metrics;
import org.stackel.problem.ProblemOptions;
import org.stackel.problem.Shard;
import org.stackel.run.MetricsRow;
import org.stackel.run.RunDirectory;
import org.stackel.run.RunListener;
import org.stackel.run.RunOutcome;
import org.stackel.run.Runner;
import org.stackel.tensor.Seed;
import org.stackel.tensor.StateScope;
import org.stackel.tensor.Tensors;
import org.stackel.text.OwnTexts;

public class FewShotPresetsTest {
  @TempDir Path directory;

  private Draft tiny(String preset) {
    Draft draft = Presets.named(preset).draft(Scale.TINY);
    Path lines = directory.resolve(preset + ".jsonl");
    switch (preset) {
      case "hr-amazon" -> {
        draft.set("problem.data", OwnTexts.reviews(lines).toString(), "test");
        draft.set("problem.only", List.of("thr=t4"), "test");
      }
      case "hr-snli" -> draft.set("problem.data", OwnTexts.pairs(lines).toString(), "test");
      case "hr-trec" -> {
        Path questions = OwnTexts.questions(directory.resolve("questions.label"));
        draft.set("problem.data", questions.toString(), "test");
      }
      default -> {} // reads no file
    }
    draft.set("problem.vectors", "random", "test"); // there is no need to read words
    return draft;
  }

  private static final List<String> PRESETS =
      List.of("hr-wordnet", "hr-amazon", "hr-snli", "hr-trec");

  /** A quarter of the algorithms on each preset, and those whose problem is another one. */
  @ParameterizedTest
  @FieldSource("PRESETS")
  void algorithmsRunOnPresets(String preset) {
    List<Algorithms.Entry> all = Algorithms.all();
    int quarter = PRESETS.indexOf(preset);
    runs(
        preset,
        all.stream()
            .filter(entry -> all.indexOf(entry) % 4 == quarter || entry.name().equals("maml"))
            .toList());
  }

  @Tag("slow")
  @ParameterizedTest
  @FieldSource("PRESETS")
  void everyAlgorithmRunsOnEveryPreset(String preset) {
    runs(preset, Algorithms.all());
  }

  /** Those that the problem admits, with their default step sizes. */
  private void runs(String preset, List<Algorithms.Entry> algorithms) {
    var byProblem = new LinkedHashMap<ProblemOptions, List<Experiment>>();
    for (Algorithms.Entry entry : algorithms) {
      Draft draft = tiny(preset);
      draft.useAlgorithm(entry.name(), "test");
      Experiment experiment = draft.experiment();
      byProblem.computeIfAbsent(experiment.problem(), p -> new ArrayList<>()).add(experiment);
    }
    int ran = 0;
    for (List<Experiment> experiments : byProblem.values()) {
      try (var scope = StateScope.open();
          var problem =
              experiments.get(0).problem().open(new Seed(0), experiments.get(0).device())) {
        for (Experiment experiment : experiments) {
          if (allows(experiment, problem)) {
            Experiment complete = experiment.completed(problem);
            assertThat(problem.remarks(complete.lowerLr()))
                .as(experiment.algorithmType())
                .noneMatch(remark -> remark.contains("too large"));
            three(complete.algorithm(), problem, experiment.algorithmType());
            ran++;
          }
        }
      }
    }
    assertThat(byProblem).hasSize(2); // MAML and ANIL learn one head for all
    assertThat(ran).isGreaterThanOrEqualTo(algorithms.size() - 3);
  }

  /** Whether the algorithm may run there; a refusal has a reason. */
  static boolean allows(Experiment experiment, BilevelProblem<?> problem) {
    try {
      Algorithms.named(experiment.algorithmType()).check(experiment.problemType(), problem);
      return true;
    } catch (InvalidInputException e) {
      assertThat(e.getMessage()).containsAnyOf("dense", "minimises the upper loss over y");
      return false;
    }
  }

  /** Three steps leave a finite state that has moved. */
  static <S extends Record & AlgorithmState> void three(
      BilevelAlgorithm<S> algorithm, BilevelProblem<?> problem, String name) {
    Seed seed = new Seed(0);
    try (var scope = StateScope.open()) {
      var first =
          new AutogradOracle<>(problem, seed.child("init"), algorithm.sampling(), Shard.ALL);
      S state = algorithm.init(problem.start(seed.child("start")), first);
      Tensor x = state.x();
      Tensor y = state.y();
      for (long t = 0; t < 3; t++) {
        Seed draws = seed.child("step").child(t);
        state =
            algorithm.step(
                t, state, new AutogradOracle<>(problem, draws, algorithm.sampling(), Shard.ALL));
      }
      assertThat(Tensors.isFinite(state.x()) && Tensors.isFinite(state.y())).as(name).isTrue();
      // A memory that starts at zero may leave x where it is for some steps.
      double moved =
          Tensors.item(Tensors.norm(state.x().sub(x)))
              + Tensors.item(Tensors.norm(state.y().sub(y)));
      assertThat(moved).as(name).isPositive();
      if (name.equals("slip")) { // evaluation takes longer than three steps
        Double diverged = problem.evaluate(state.x(), state.y()).values().get("divergedHeads");
        assertThat(diverged == null ? 0 : diverged).as(name).isZero();
      }
    }
  }

  @Test
  void aPresetSaysWhichDataItMissesAndWhatMayStandIn() {
    for (String name : List.of("hr-amazon", "hr-snli", "hr-trec")) {
      for (Scale scale : Scale.values()) {
        Draft draft = Presets.named(name).draft(scale);
        assertThatThrownBy(draft::experiment)
            .isInstanceOf(InvalidInputException.class)
            .hasMessageContaining("'data/")
            .hasMessageContaining("is missing")
            .hasMessageContaining("--set problem.data=PATH names it elsewhere")
            .hasMessageContaining(
                name.equals("hr-snli")
                    ? "--set problem.data=wordnet-pairs does"
                    : "--set problem.data=wordnet --set problem.split=classes");
      }
      Draft other = Presets.named(name).draft(Scale.TINY);
      if (name.equals("hr-snli")) {
        other.set("problem.data=wordnet-pairs");
      } else {
        other.set("problem.data=wordnet");
        other.set("problem.split=classes");
      }
      other.set("problem.heldOut=[]");
      other.set("problem.vectors=random");
      try (var scope = StateScope.open();
          var problem = other.experiment().open()) {
        assertThat(problem.upperLayout().size()).isPositive();
      }
    }
  }

  /** Sizes of the published networks. */
  @ParameterizedTest
  @CsvSource({"hr-amazon, 400, 50, 20", "hr-snli, 500, 100, 20", "hr-trec, 500, 500, 20"})
  void publishedSizes(String name, int tasks, int testTasks, int taskBatch) {
    Draft draft = Presets.named(name).draft(Scale.PAPER);
    draft.set("problem.data=elsewhere");
    draft.set("problem.test=");
    draft.set("problem.vectors=glove");
    var problem = (HyperRepresentation) draft.experiment().problem();
    assertThat(
            List.of(
                problem.sizes().tasks(), problem.sizes().testTasks(), problem.sizes().taskBatch()))
        .containsExactly(tasks, testTasks, taskBatch);
    assertThat(problem.heads()).isEqualTo(HyperRepresentation.Heads.SHARED);
  }

  /** Twice the largest step that a head bears is remarked upon. */
  @Test
  void lowerStepsThatAreTooLargeAreRemarkedUpon() {
    Draft draft = tiny("hr-wordnet");
    draft.set("algorithm.lowerSolver", "steps", "test");
    Experiment experiment = draft.experiment();
    try (var scope = StateScope.open();
        var problem = (HyperRepresentation.Opened) experiment.open()) {
      double largest = 2 * 4 / problem.headCurvature(); // 4 tasks a step
      assertThat(problem.remarks(experiment.completed(problem).lowerLr()))
          .noneMatch(remark -> remark.contains("too large"));
      draft.set("algorithm.lowerLr", 1.01 * largest, "test");
      assertThat(problem.remarks(draft.experiment().completed(problem).lowerLr()))
          .anyMatch(remark -> remark.contains("The lowerLr") && remark.contains("too large"));
      draft.set("algorithm.lowerLr", 0.99 * largest, "test");
      assertThat(problem.remarks(draft.experiment().completed(problem).lowerLr()))
          .noneMatch(remark -> remark.contains("too large"));
    }
  }

  /** So is a step of the test tasks' heads, which are not means over tasks. */
  @Test
  void testStepsThatAreTooLargeAreRemarkedUpon() {
    Draft draft = tiny("hr-wordnet");
    double largest;
    try (var scope = StateScope.open();
        var problem = (HyperRepresentation.Opened) draft.experiment().open()) {
      largest = 2 / problem.headCurvature();
    }
    draft.set("problem.testLr", 1.01 * largest, "test");
    assertThat(remarks(draft.experiment()))
        .singleElement()
        .asString()
        .contains("The testLr", "too large");
    draft.set("problem.testLr", 0.99 * largest, "test");
    assertThat(remarks(draft.experiment())).isEmpty();
  }

  private static List<String> remarks(Experiment experiment) {
    try (var scope = StateScope.open();
        var problem = experiment.open()) {
      return problem.remarks(experiment.completed(problem).lowerLr());
    }
  }

  /** What a run says at its end about heads that diverged, some of them or all. */
  @Test
  void aRunSaysWhichHeadsDiverged() {
    Draft steps = tiny("hr-wordnet");
    steps.set("algorithm.lowerSolver", "steps", "test");
    Experiment own = steps.experiment().completed(); // six test tasks
    Metrics fine =
        Metrics.NONE
            .with("divergedHeads", 0)
            .with("divergedTrainHeads", 0)
            .with("headCurvature", 0.1);
    assertThat(own.remarks(fine)).isEmpty();
    assertThat(own.remarks(fine.with("divergedHeads", 6)))
        .singleElement()
        .asString()
        .contains("all 6 test tasks diverged", "no test accuracy", "testLr (0.2)");
    assertThat(own.remarks(fine.with("divergedHeads", 2)))
        .singleElement()
        .asString()
        .contains("2 of the 6 test tasks diverged");
    assertThat(own.remarks(fine.with("divergedTrainHeads", 3)))
        .singleElement()
        .asString()
        .contains("3 heads of training tasks are worse");
    assertThat(own.remarks(fine.with("headCurvature", 1e3)))
        .anyMatch(warning -> warning.contains("The lowerLr") && warning.contains("at the end"))
        .anyMatch(warning -> warning.contains("The testLr"));
    Experiment solved = tiny("hr-wordnet").experiment().completed();
    assertThat(solved.remarks(fine.with("headCurvature", 1e3)))
        .noneMatch(warning -> warning.contains("The lowerLr"));
    assertThat(solved.remarks(fine.with("divergedTrainHeads", 3)))
        .singleElement()
        .asString()
        .contains("smaller steps of x");
    Draft meta = tiny("hr-wordnet");
    meta.useAlgorithm("maml", "test");
    assertThat(meta.experiment().remarks(fine.with("divergedTrainHeads", 1)))
        .singleElement()
        .asString()
        .contains("The head of all training tasks");
    Experiment other = Presets.named("quadratic-demo").draft(Scale.TINY).experiment();
    assertThat(other.remarks(Metrics.NONE)).isEmpty();
  }

  @Test
  void aRunLeavesTheEncoderAndWhatItIsComparedWith() throws Exception {
    Draft draft = tiny("hr-wordnet");
    Path run = directory.resolve("run");
    var rows = new ArrayList<MetricsRow>();
    RunOutcome outcome;
    try (var files =
        RunDirectory.create(
            run, draft.experiment(), RunDirectory.IfExists.REFUSE, RunDirectory.Trace.OFF)) {
      var listener =
          new RunListener() {
            @Override
            public void evaluated(MetricsRow row) {
              rows.add(row);
            }
          };
      outcome =
          Runner.run(
              draft.experiment(), RunListener.all(files, RunListener.finishing(files), listener));
      files.finish(outcome);
    }
    assertThat(outcome).isInstanceOf(RunOutcome.Completed.class);
    Map<String, Double> metrics = outcome.metrics().values();
    assertThat(metrics.get("startAccuracy"))
        .isCloseTo(rows.get(0).metrics().get("testAccuracy"), within(1e-12));
    assertThat(metrics.get("meanVectorAccuracy")).isBetween(0.2, 1.0);
    assertThat(run.resolve("model/weights.safetensors")).exists();
    assertThat(run.resolve("model/config.json"))
        .content()
        .contains("\"task\": \"few-shot\"", "\"hidden\": 8");
    assertThat(run.resolve("model/vocabulary.txt")).isNotEmptyFile();
  }
}
