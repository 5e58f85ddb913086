package org.stackel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.stackel.algorithm.AlgorithmState;
import org.stackel.algorithm.BilevelAlgorithm;
import org.stackel.algorithm.Slip;
import org.stackel.algorithm.Soba;
import org.stackel.bilevel.Bilevel;
import org.stackel.bilevel.Minibatch;
import org.stackel.check.CheckPlan;
import org.stackel.check.CheckResult;
import org.stackel.compare.Terms;
import org.stackel.config.InvalidInputException;
import org.stackel.config.Rules;
import org.stackel.experiment.Experiment;
import org.stackel.experiment.Keep;
import org.stackel.experiment.Settings;
import org.stackel.oracle.Products;
import org.stackel.oracle.Sampling;
import org.stackel.oracle.StochasticOracle;
import org.stackel.problem.ClosedForms;
import org.stackel.problem.Start;
import org.stackel.run.RunDirectory;
import org.stackel.run.RunListener;
import org.stackel.runfile.ComparisonFile;
import org.stackel.runfile.MetricsLine;
import org.stackel.runfile.RunStatus;
import org.stackel.synthetic.Quadratic;
import org.stackel.tensor.Device;
import org.stackel.tensor.StateScope;
import org.stackel.tensor.Tensors;

/** The whole of what a program needs, on objects that no catalogue knows. */
class StackelTest {
  private static final Slip SLIP =
      Slip.builder().upperLr(0.02).lowerLr(0.5).linearSystemLr(0.3).build();

  @TempDir Path home;

  /**
   * min_x ½|y* − 1|², y* = argmin_y ½|y − x|² + noise of the minibatch: y* = x, so the solution is
   * x = y = 1.
   */
  private static Bilevel<Tensor> pull() {
    return Bilevel.problem(new double[] {0, 3}, new double[] {0, 0})
        .named("pull")
        .lower((x, y, b) -> half(y.sub(x)).add(y.sum().mul(wave(b.indices()))))
        .upper((x, y) -> half(y.sub(new Scalar(1))))
        .batches(8, 2);
  }

  private static Tensor half(Tensor difference) {
    return difference.mul(difference).sum().mul(new Scalar(0.5));
  }

  /** Of mean 0 over all samples. */
  private static Tensor wave(Tensor indices) {
    return indices.sub(new Scalar(3.5)).mean().mul(new Scalar(0.01));
  }

  /** Descent along −∇²xy g ∇y f: an algorithm of a user's own. */
  public record Plain(double upperLr, double lowerLr) implements BilevelAlgorithm<Plain.State> {
    public Plain {
      new Rules("plain").positive("upperLr", upperLr);
    }

    public record State(Tensor x, Tensor y) implements AlgorithmState {}

    @Override
    public Sampling sampling() {
      return Sampling.INDEPENDENT;
    }

    @Override
    public State init(Start start, StochasticOracle oracle) {
      return new State(start.x(), start.y());
    }

    @Override
    public State step(long t, State s, StochasticOracle oracle) {
      Tensor f = oracle.upper().gradient(s.x(), s.y()).y();
      Products g = oracle.products(s.x(), s.y(), f);
      Tensor gradY = oracle.lower().gradientY(s.x(), s.y());
      Tensor y = s.y().sub(gradY.mul(new Scalar(lowerLr)));
      return new State(s.x().add(g.cross().mul(new Scalar(upperLr))), y);
    }
  }

  private static final Quadratic QUADRATIC =
      Quadratic.builder().A(List.of(List.of(2.0))).B(List.of(List.of(1.0))).build();
  private static final Plain PLAIN = new Plain(0.1, 0.5);

  @Test
  void runsAProblemOfTwoFunctions() {
    Result result = Stackel.run(pull(), SLIP, Settings.ofSteps(400), home.resolve("run"));
    assertThat(result.isComplete()).isTrue();
    assertThat(result.steps()).isEqualTo(400);
    assertThat(result.x()).containsExactly(new double[] {1, 1}, within(0.2));
    assertThat(result.y()).hasSize(2);
    assertThat(result.metrics().get("upperLoss")).isLessThan(0.1);
    assertThat(result.history()).extracting(MetricsLine::step).contains(0L, 10L, 400L);
    assertThat(result.directory().resolve("experiment.json")).exists();
    assertThat(result).hasToString(Result.read(home.resolve("run")).toString());
  }

  @Test
  void runsAnAlgorithmOfTheUsersOwn() {
    Result result = Stackel.run(pull(), PLAIN, Settings.ofSteps(300), home.resolve("run"));
    assertThat(result.x()).containsExactly(new double[] {1, 1}, within(0.1));
  }

  @Test
  void numbersAreInTheTypeOfTheStart() {
    try (var scope = StateScope.open()) {
      Tensor start = Tensors.of(Device.CPU, new double[] {0.5});
      var problem =
          Bilevel.problem(start, start)
              .lower((x, y) -> half(y.sub(x)))
              .upper((x, y) -> half(y))
              .named("single");
      Stackel.run(problem, PLAIN, Settings.ofSteps(1), home.resolve("single"));
    }
    assertThat(home.resolve("single/experiment.json")).content().contains("\"dtype\": \"float32\"");
    Stackel.run(pull(), PLAIN, Settings.ofSteps(1), home.resolve("double"));
    assertThat(home.resolve("double/experiment.json")).content().contains("\"dtype\": \"float64\"");
  }

  private static RunListener stoppingAfter(long steps) {
    return new RunListener() {
      private boolean stop;

      @Override
      public void stepped(long step, Tensor x, Tensor y) {
        stop = step >= steps;
      }

      @Override
      public boolean stopRequested() {
        return stop;
      }
    };
  }

  @Test
  void aStoppedRunGoesOnAsIfItHadNeverStopped() {
    Settings settings = Settings.builder().steps(60).seed(4).checkpointEvery(7).build();
    Result whole = Stackel.run(pull(), PLAIN, settings, home.resolve("whole"));
    Experiment experiment = Experiment.of(pull(), PLAIN, settings);
    Path cut = home.resolve("cut");
    Result stopped = Stackel.run(experiment, cut, stoppingAfter(25));
    assertThat(stopped.status()).isEqualTo(RunStatus.STOPPED);
    assertThat(stopped.isComplete()).isFalse();
    Result resumed = Stackel.resume(cut, pull(), PLAIN);
    assertThat(resumed.isComplete()).isTrue();
    assertThat(resumed.x()).isEqualTo(whole.x());
    assertThat(resumed.y()).isEqualTo(whole.y());
    assertThat(resumed.metrics()).isEqualTo(whole.metrics());
    assertThat(Stackel.resume(cut, pull(), PLAIN).x()).as("complete").isEqualTo(whole.x());
  }

  /** The best point travels with the checkpoints. */
  @Test
  void aStoppedRunRemembersItsBestPoint() {
    var away = new Plain(1.2, 0.5); // swings further and further
    Settings settings =
        Settings.builder().steps(60).keep(Keep.BEST).evaluateEvery(5).checkpointEvery(7).build();
    Result whole = Stackel.run(pull(), away, settings, home.resolve("whole"));
    Path cut = home.resolve("cut");
    Stackel.run(Experiment.of(pull(), away, settings), cut, stoppingAfter(25));
    Result resumed = Stackel.resume(cut, pull(), away);
    assertThat(resumed.x()).isEqualTo(whole.x());
    assertThat(resumed.metrics()).isEqualTo(whole.metrics());
    double lowest =
        whole.history().stream()
            .mapToDouble(line -> line.metrics().get("upperLoss"))
            .min()
            .orElseThrow();
    assertThat(whole.metrics().get("upperLoss")).isEqualTo(lowest);
    assertThat(whole.history().get(whole.history().size() - 1).metrics().get("upperLoss"))
        .isGreaterThan(lowest);
  }

  @Test
  void aRunIsExtended() {
    Stackel.run(pull(), PLAIN, Settings.ofSteps(20), home.resolve("short"));
    Result longer = Stackel.resume(home.resolve("short"), pull(), PLAIN, 50);
    Result whole = Stackel.run(pull(), PLAIN, Settings.ofSteps(50), home.resolve("whole"));
    assertThat(longer.x()).isEqualTo(whole.x());
    assertThatThrownBy(() -> Stackel.resume(home.resolve("short"), pull(), PLAIN, 40))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("The steps (40) must be at least 50, the steps of the run.");
  }

  @Test
  void resumingNeedsTheSameObjects() {
    Path run = home.resolve("run");
    Stackel.run(Experiment.of(pull(), PLAIN, Settings.ofSteps(50)), run, stoppingAfter(5));
    assertThatThrownBy(() -> Stackel.resume(run, pull(), new Plain(0.2, 0.5)))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("has algorithm.upperLr 0.1, not 0.2.")
        .hasMessageContaining("Maybe a new run was meant");
    assertThatThrownBy(() -> Stackel.resume(run, pull(), SLIP))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("The algorithm of this run is plain, not slip.");
    assertThatThrownBy(() -> Stackel.resume(run, pull().named("push"), PLAIN))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("The problem of this run is pull, not push.");
    assertThat(Stackel.resume(run, pull(), PLAIN).steps()).isEqualTo(50);
  }

  @Test
  void aFileAloneCannotMakeObjectsAgain() {
    Path run = home.resolve("run");
    Stackel.run(Experiment.of(pull(), PLAIN, Settings.ofSteps(50)), run, stoppingAfter(5));
    assertThatThrownBy(() -> Stackel.resume(run))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("experiment.json:")
        .hasMessageContaining(
            "The problem 'pull' was created in Java, by org.stackel.bilevel.Bilevel")
        .hasMessageContaining("Maybe Stackel.resume(directory, problem, algorithm) was meant");
    Path half = home.resolve("half");
    Stackel.run(Experiment.of(QUADRATIC, PLAIN, Settings.ofSteps(50)), half, stoppingAfter(5));
    assertThatThrownBy(() -> RunDirectory.open(half))
        .hasMessageContaining("The algorithm 'plain' was created in Java");
  }

  @Test
  void aRunOfTheCataloguesNeedsNoObjects() {
    Path run = home.resolve("run");
    Stackel.run(Experiment.of(QUADRATIC, new Soba(), Settings.ofSteps(50)), run, stoppingAfter(5));
    assertThat(Stackel.resume(run).steps()).isEqualTo(50);
  }

  @Test
  void comparesAlgorithms() {
    Compared compared =
        Stackel.compare(
            pull(),
            List.of(PLAIN, SLIP),
            Settings.ofSteps(30),
            List.of(0L, 1L, 2L),
            Terms.PLAIN,
            home.resolve("compare"));
    assertThat(compared.diverged()).isEmpty();
    ComparisonFile.Section table = compared.file().sections().get(0);
    assertThat(table.rows())
        .extracting(ComparisonFile.Row::method)
        .containsExactly("plain", "slip");
    assertThat(home.resolve("compare/comparison.json")).exists();
    assertThat(home.resolve("compare/plain-seed2/outcome.json")).exists();
  }

  @Test
  void aComparisonNeedsDifferentNames() {
    assertThatThrownBy(
            () ->
                Stackel.compare(
                    pull(), List.of(PLAIN, new Plain(1, 1)), Settings.ofSteps(3), List.of(0L)))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("Two of the algorithms are called 'plain'.");
    assertThatThrownBy(
            () -> Stackel.compare(pull(), List.of(PLAIN), Settings.ofSteps(3), List.of()))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("found 1 and 0");
  }

  @Test
  void checksDerivativesAndEstimators() {
    var result =
        Stackel.check(
            pull(), SLIP, Settings.ofSteps(20), new CheckPlan(2, List.of(), 8, 8, 0, List.of()));
    assertThat(result.wrong()).isEmpty();
    assertThat(result.passed()).isTrue();
    assertThat(result.toFile().points()).hasSize(2);
    assertThat(result.toFile().points().get(1).hypergradientNorm()).isGreaterThan(0);
  }

  /** A closed form that is wrong is what a check is for. */
  @Test
  void aCheckFindsAWrongDerivative() {
    var wrong =
        pull()
            .closedForms(
                new ClosedForms<>() {
                  @Override
                  public Tensor lowerGradientY(Tensor x, Tensor y, Minibatch batch) {
                    return y; // of |y|²/2, not of |y − x|²/2
                  }
                });
    assertThat(Stackel.check(wrong, SLIP, Settings.ofSteps(4)).passed()).isFalse();
  }

  @Test
  void divergenceIsAnExceptionWithTheRunUntilThen() {
    var error =
        catchThrowableOfType(
            DivergedException.class,
            () ->
                Stackel.run(
                    pull(), new Plain(1e200, 0.5), Settings.ofSteps(50), home.resolve("run")));
    assertThat(error)
        .hasMessageContaining("plain on pull diverged in step")
        .hasMessageContaining("is no longer finite")
        .hasMessageContaining("Maybe smaller step sizes help.");
    assertThat(error.result().status()).isEqualTo(RunStatus.DIVERGED);
    assertThat(Arrays.stream(error.result().x()).allMatch(Double::isFinite)).isTrue();
    assertThatThrownBy(() -> Stackel.resume(home.resolve("run"), pull(), new Plain(1e200, 0.5)))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("The run diverged after step");
  }

  @Test
  void aLossThatThrowsIsNamed() {
    var broken =
        Bilevel.problem(new double[] {1}, new double[] {1})
            .lower(
                (x, y) -> {
                  if (Tensors.toArray(x)[0] != 1) {
                    throw new IllegalStateException("my own mistake");
                  }
                  return half(y.sub(x));
                })
            .upper((x, y) -> half(y));
    assertThatThrownBy(
            () -> Stackel.run(broken, PLAIN, Settings.ofSteps(9), home.resolve("broken")))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("The lower loss of the problem failed with x of shape [1]")
        .hasMessageContaining("my own mistake")
        .hasMessageContaining("Maybe its own code is wrong");
  }

  @Test
  void nothingIsOverwritten() throws IOException {
    Path run = home.resolve("run");
    Stackel.run(pull(), PLAIN, Settings.ofSteps(1), run);
    assertThatThrownBy(() -> Stackel.run(pull(), PLAIN, Settings.ofSteps(1), run))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("exists");
    assertThat(Stackel.unused(home, "run")).isEqualTo(home.resolve("run-2"));
    assertThat(Stackel.unused(home, "run")).isEqualTo(home.resolve("run-3"));
    assertThat(Stackel.unused(home, "new")).isEqualTo(home.resolve("new")).isEmptyDirectory();
  }

  @Test
  void anAlgorithmMustBeARecord() {
    BilevelAlgorithm<Plain.State> noRecord =
        new BilevelAlgorithm<>() {
          @Override
          public Sampling sampling() {
            return Sampling.INDEPENDENT;
          }

          @Override
          public Plain.State init(Start start, StochasticOracle oracle) {
            return PLAIN.init(start, oracle);
          }

          @Override
          public Plain.State step(long t, Plain.State state, StochasticOracle oracle) {
            return PLAIN.step(t, state, oracle);
          }
        };
    assertThatThrownBy(
            () -> Stackel.run(pull(), noRecord, Settings.ofSteps(1), home.resolve("run")))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("must be a record");
  }

  @Test
  void settingsHaveABuilder() {
    Settings settings = Settings.builder().steps(7).seed(2).maxOracleCalls(90L).build();
    assertThat(settings.length()).isEqualTo("7 steps or 90 oracle calls");
    assertThat(Settings.ofSteps(7).withSeed(2).withMaxOracleCalls(90L)).isEqualTo(settings);
    assertThatThrownBy(() -> Settings.ofSteps(0))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("steps (0)");
  }

  /** Its step size halves: a number that no checkpoint has. */
  public record Halving() implements BilevelAlgorithm<Halving.State> {
    public record State(Tensor x, Tensor y, double lr) implements AlgorithmState {}

    @Override
    public Sampling sampling() {
      return Sampling.INDEPENDENT;
    }

    @Override
    public State init(Start start, StochasticOracle oracle) {
      return new State(start.x(), start.y(), 1);
    }

    @Override
    public State step(long t, State s, StochasticOracle oracle) {
      Tensor gradY = oracle.lower().gradientY(s.x(), s.y());
      return new State(s.x(), s.y().sub(gradY.mul(new Scalar(s.lr()))), s.lr() / 2);
    }
  }

  @Test
  void aStateThatNoCheckpointHoldsIsRefused() {
    assertThatThrownBy(
            () -> Stackel.run(pull(), new Halving(), Settings.ofSteps(2), home.resolve("halving")))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("The state of Halving has the component lr (double)")
        .hasMessageContaining("Maybe a tensor of one number was meant");
  }

  /** The problem of another dimension has the same name: only its checkpoint shows it. */
  @Test
  void aRunThatCannotGoOnStaysAsItWas() throws IOException {
    Path run = home.resolve("run");
    Stackel.run(pull(), PLAIN, Settings.ofSteps(20), run);
    var before = content(run);
    var other =
        Bilevel.problem(new double[3], new double[3])
            .named("pull")
            .lower((x, y) -> half(y.sub(x)))
            .upper((x, y) -> half(y));
    assertThatThrownBy(() -> Stackel.resume(run, other, PLAIN, 40))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("The checkpoint does not fit")
        .hasMessageContaining("Maybe the algorithm, the problem or a plug-in is another one");
    assertThat(content(run)).isEqualTo(before);
    assertThat(Stackel.resume(run, pull(), PLAIN, 30).steps()).isEqualTo(30);
  }

  private static Map<Path, String> content(Path directory) throws IOException {
    var content = new TreeMap<Path, String>();
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        content.put(file, Files.readString(file, StandardCharsets.ISO_8859_1));
      }
    }
    return content;
  }

  @Test
  void aCheckOfNothingDoesNotPass() {
    Slip wild = Slip.builder().upperLr(0.1).lowerLr(1e200).build();
    assertThatThrownBy(() -> Stackel.check(pull(), wild, Settings.ofSteps(5)))
        .isInstanceOf(DivergedException.class)
        .hasMessageContaining("diverged in its initialisation");
    assertThat(new CheckResult("", 2, List.of(), null).passed()).isFalse();
    assertThat(new CheckResult("", 2, List.of(), null)).asString().contains("Nothing was checked");
  }

  @Test
  void seedsDiffer() {
    assertThatThrownBy(
            () -> Stackel.compare(pull(), List.of(PLAIN), Settings.ofSteps(3), List.of(1L, 1L)))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("must differ; found [1, 1]");
    assertThat(Path.of("runs/compare-pull")).doesNotExist();
  }

  @Test
  void aCompleteRunOfOthersIsRefusedToo() {
    Path run = home.resolve("run");
    Stackel.run(pull(), PLAIN, Settings.ofSteps(3), run);
    assertThatThrownBy(() -> Stackel.resume(run, pull(), new Plain(0.2, 0.5)))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("has algorithm.upperLr 0.1, not 0.2.");
  }
}
