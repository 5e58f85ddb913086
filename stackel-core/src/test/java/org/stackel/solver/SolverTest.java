package org.stackel.solver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.stackel.algorithm.AlgorithmState;
import org.stackel.algorithm.Algorithms;
import org.stackel.algorithm.BilevelAlgorithm;
import org.stackel.config.InvalidInputException;
import org.stackel.distributed.Together;
import org.stackel.oracle.AutogradOracle;
import org.stackel.oracle.CountingOracle;
import org.stackel.oracle.OracleCalls;
import org.stackel.oracle.Sampling;
import org.stackel.oracle.StochasticOracle;
import org.stackel.problem.BilevelProblem;
import org.stackel.problem.LossPair;
import org.stackel.problem.Problems;
import org.stackel.problem.Shard;
import org.stackel.problem.Start;
import org.stackel.tensor.Device;
import org.stackel.tensor.NativeObjects;
import org.stackel.tensor.Seed;
import org.stackel.tensor.StateScope;
import org.stackel.tensor.TensorFile;
import org.stackel.tensor.Tensors;

class SolverTest {
  private static final Seed SEED = new Seed(7);
  private BilevelProblem<?> problem;

  @BeforeEach
  void open() {
    problem =
        Problems.create("quadratic-sum", Map.of("d", 4, "p", 5, "n", 30, "batch", 7))
            .open(new Seed(1), Device.CPU64);
  }

  @AfterEach
  void close() {
    problem.close();
  }

  private static Map<String, List<Double>> numbers(Record state) {
    var numbers = new LinkedHashMap<String, List<Double>>();
    StateScope.tensors(state)
        .forEach(
            (name, tensor) ->
                numbers.put(name, Arrays.stream(Tensors.toArray(tensor)).boxed().toList()));
    return numbers;
  }

  // ---- steps -------------------------------------------------------------------------------

  /** The steps without a solver, with seeds spelled out. */
  private <S extends Record & AlgorithmState> S byHand(
      BilevelAlgorithm<S> algorithm, long steps, List<OracleCalls> calls) {
    S state = null;
    for (long t = -1; t < steps; t++) {
      Seed draws = t < 0 ? SEED.child("init") : SEED.child("step").child(t);
      var oracle =
          new CountingOracle(new AutogradOracle<>(problem, draws, algorithm.sampling(), Shard.ALL));
      state =
          state == null
              ? algorithm.init(problem.start(SEED.child("start")), oracle)
              : algorithm.step(t, state, oracle);
      calls.add(oracle.calls());
    }
    return state;
  }

  @ParameterizedTest
  @ValueSource(strings = {"soba", "saba", "slip", "accbo", "stocbio"})
  void makesTheStepsOfTheAlgorithm(String name) {
    BilevelAlgorithm<?> algorithm = Algorithms.create(name, Map.of());
    try (var scope = StateScope.open();
        var solver = Solver.start(algorithm, problem, SEED)) {
      for (int t = 0; t < 4; t++) {
        assertThat(solver.step()).isEqualTo(t);
        var calls = new ArrayList<OracleCalls>();
        assertThat(numbers(solver.state())).isEqualTo(numbers(byHand(algorithm, t, calls)));
        assertThat(solver.calls())
            .isEqualTo(calls.stream().reduce(OracleCalls.NONE, OracleCalls::plus));
        assertThat(solver.next()).isSameAs(solver.state());
      }
    }
  }

  @Test
  void answersAboutItsState() {
    try (var solver = Solver.start(Algorithms.create("soba", Map.of()), problem, SEED)) {
      solver.next();
      assertThat(solver.x()).isSameAs(solver.state().x());
      assertThat(solver.y()).isSameAs(solver.state().y());
      assertThat(solver.tensors()).containsOnlyKeys("x", "y", "z");
      assertThat(solver.evaluate()).isEqualTo(problem.evaluate(solver.x(), solver.y()));
    }
  }

  @Test
  void piecesGiveTheSameNumbers() {
    var algorithm = Algorithms.create("soba", Map.of());
    try (var whole = Solver.start(algorithm, problem, SEED);
        var pieces = Solver.start(algorithm, problem, SEED, Solver.Setup.DEFAULT.withPieces(3))) {
      for (int t = 0; t < 3; t++) {
        whole.next();
        pieces.next();
      }
      assertThat(Tensors.toArray(pieces.x()))
          .containsExactly(Tensors.toArray(whole.x()), within(1e-12));
      assertThat(numbers(pieces.state())).isNotEqualTo(numbers(whole.state()));
      assertThat(pieces.calls()).isEqualTo(whole.calls());
    }
  }

  @Test
  void complainsAboutRanksBeforeItStarts() {
    var whole = new LossPair(new double[1], new double[1], (x, y) -> x.dot(y), (x, y) -> x.dot(y));
    var algorithm = Algorithms.create("soba", Map.of());
    List<String> messages =
        Together.on(
            2,
            ranks -> {
              var setup = Solver.Setup.DEFAULT.withRanks(ranks);
              return catchThrowable(() -> Solver.start(algorithm, whole, SEED, setup)).getMessage();
            });
    assertThat(messages)
        .hasSize(2)
        .containsOnly(
            "--ranks: Minibatches of this problem cannot be shared by 2 ranks: its losses are no means over samples.\n"
                + "Maybe one process was meant.");
  }

  @Test
  void complainsAboutPiecesBeforeItStarts() {
    var whole = new LossPair(new double[1], new double[1], (x, y) -> x.dot(y), (x, y) -> x.dot(y));
    var algorithm = Algorithms.create("soba", Map.of());
    assertThatThrownBy(
            () -> Solver.start(algorithm, whole, SEED, Solver.Setup.DEFAULT.withPieces(2)))
        .isInstanceOf(InvalidInputException.class)
        .hasMessage(
            "The minibatches of this problem cannot be cut into 2 pieces: its losses are no means over samples.\n"
                + "Maybe 1 was meant.");
    assertThatThrownBy(() -> Solver.Setup.DEFAULT.withPieces(0))
        .hasMessage(
            "The pieces (0) of the solver must be at least 1.\n"
                + "Maybe the smallest value, 1, was meant.");
  }

  @Test
  void refusesAnAlgorithmThatDoesNotFit() {
    var options =
        Map.of(
            "A", List.of(List.of(2)),
            "B", List.of(List.of(1)),
            "upperBox", Map.of("low", List.of(0), "high", List.of(1)));
    try (var bounded = Problems.create("quadratic", options).open(new Seed(0), Device.CPU64)) {
      var algorithm = Algorithms.create("amigo", Map.of());
      assertThatThrownBy(() -> Solver.start(algorithm, bounded, SEED))
          .isInstanceOf(InvalidInputException.class)
          .hasMessageStartingWith(
              "amigo does not project, but x of this problem must stay in a set.\nMaybe ");
    }
  }

  // ---- looking before accepting ------------------------------------------------------------

  @Test
  void aProposalLeavesTheStateAlone() {
    try (var solver = Solver.start(Algorithms.create("slip", Map.of()), problem, SEED);
        var other = Solver.start(Algorithms.create("slip", Map.of()), problem, SEED)) {
      Map<String, List<Double>> before = numbers(solver.state());
      OracleCalls callsBefore = solver.calls();
      Record after = solver.propose();
      assertThat(solver.step()).isZero();
      assertThat(numbers(solver.state())).isEqualTo(before);
      assertThat(numbers(after)).isNotEqualTo(before);
      assertThat(solver.calls().total()).as("it was asked").isGreaterThan(callsBefore.total());
      solver.reject();
      assertThat(StateScope.tensors(after).values()).allMatch(tensor -> tensor.isNull());
      assertThat(numbers(solver.state())).isEqualTo(before);
      Record again = solver.propose();
      assertThat(solver.accept()).isSameAs(again).isSameAs(solver.state());
      assertThat(solver.step()).isEqualTo(1);
      other.next();
      assertThat(numbers(again)).isEqualTo(numbers(other.state()));
    }
  }

  @Test
  void onlyAProposalCanBeAccepted() {
    try (var solver = Solver.start(Algorithms.create("soba", Map.of()), problem, SEED)) {
      assertThatThrownBy(solver::accept)
          .isInstanceOf(IllegalStateException.class)
          .hasMessage(
              "There is no step to accept.\nMaybe propose() was not called before, or it threw.");
      solver.next();
      solver.reject();
      assertThat(solver.step()).isEqualTo(1);
    }
  }

  @Test
  void saysWhatIsNotFinite() {
    try (var scope = StateScope.open()) {
      Tensor one = Tensors.of(Device.CPU64, 1);
      assertThat(Solver.notFinite(new Moving.State(one, one))).isNull();
      Tensor infinite = Tensors.of(Device.CPU64, Double.POSITIVE_INFINITY);
      assertThat(Solver.notFinite(new Moving.State(one, infinite))).isEqualTo("y");
      assertThat(Solver.notFinite(new Moving.State(Tensors.of(Device.CPU64, Double.NaN), infinite)))
          .isEqualTo("x");
    }
  }

  // ---- going on ----------------------------------------------------------------------------

  @Test
  void goesOnFromAFile(@TempDir Path directory) throws IOException {
    var algorithm = Algorithms.create("accbo", Map.of());
    Path file = directory.resolve("state.safetensors");
    long step;
    OracleCalls calls;
    Map<String, List<Double>> end;
    OracleCalls endCalls;
    try (var solver = Solver.start(algorithm, problem, SEED)) {
      for (int t = 0; t < 6; t++) {
        if (t == 3) {
          TensorFile.write(file, solver.tensors(), Map.of());
        }
        solver.next();
      }
      end = numbers(solver.state());
      endCalls = solver.calls();
    }
    try (var solver = Solver.start(algorithm, problem, SEED)) {
      for (int t = 0; t < 3; t++) {
        solver.next();
      }
      step = solver.step();
      calls = solver.calls();
    }
    try (var solver = Solver.start(algorithm, problem, SEED)) {
      solver.propose();
      try (var scope = StateScope.open()) {
        solver.restore(step, calls, TensorFile.read(file, Device.CPU64).tensors());
      } // the solver has handles of its own
      assertThat(solver.step()).isEqualTo(3);
      assertThat(solver.calls()).isEqualTo(calls);
      assertThatThrownBy(solver::accept).as("of another state").hasMessageContaining("no step");
      for (int t = 3; t < 6; t++) {
        solver.next();
      }
      assertThat(numbers(solver.state())).isEqualTo(end);
      assertThat(solver.calls()).isEqualTo(endCalls);
    }
  }

  @Test
  void restoresNothingFromTensorsOfAnotherState() {
    try (var scope = StateScope.open();
        var solver = Solver.start(Algorithms.create("soba", Map.of()), problem, SEED)) {
      solver.next();
      Map<String, List<Double>> before = numbers(solver.state());
      Tensor one = Tensors.of(Device.CPU64, 1);
      assertThatThrownBy(
              () ->
                  solver.restore(9, OracleCalls.NONE, Map.of("x", one, "y", solver.y(), "z", one)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("The tensor 'x' must have shape [4], found [1].");
      assertThat(solver.step()).isEqualTo(1);
      assertThat(numbers(solver.state())).isEqualTo(before);
    }
  }

  // ---- steps that fail ---------------------------------------------------------------------

  /** y moves by the lower gradient; step 2 breaks. */
  private record Moving(Kind kind) implements BilevelAlgorithm<Moving.State> {
    enum Kind {
      THROWS,
      RESHAPES,
      CARRIES_A_GRAPH,
      FAILS_AT_INIT
    }

    record State(Tensor x, Tensor y) implements AlgorithmState {}

    @Override
    public State init(Start start, StochasticOracle oracle) {
      oracle.lower().gradient(start.x(), start.y());
      if (kind == Kind.FAILS_AT_INIT) {
        throw new IllegalArgumentException("bad start");
      }
      return new State(start.x(), start.y());
    }

    @Override
    public State step(long t, State state, StochasticOracle oracle) {
      Tensor y = state.y().sub(oracle.lower().gradientY(state.x(), state.y()));
      if (t < 2) {
        return new State(state.x(), y);
      }
      return switch (kind) {
        case RESHAPES -> new State(state.x(), y.narrow(0, 0, 2));
        case CARRIES_A_GRAPH -> new State(state.x(), y.set_requires_grad(true).mul(y));
        default -> throw new IllegalArgumentException("bad step");
      };
    }

    @Override
    public Sampling sampling() {
      return Sampling.SHARED;
    }
  }

  private void failsAndGoesOn(Moving.Kind kind, Class<? extends Throwable> type, String message) {
    try (var solver = Solver.start(new Moving(kind), problem, SEED)) {
      solver.next();
      solver.next();
      Map<String, List<Double>> before = numbers(solver.state());
      OracleCalls calls = solver.calls();
      assertThatThrownBy(solver::next).isInstanceOf(type).hasMessage(message);
      long live = NativeObjects.settled();
      assertThatThrownBy(solver::next).isInstanceOf(type);
      assertThat(StateScope.livePointers()).as("nothing stays").isEqualTo(live);
      assertThat(solver.step()).isEqualTo(2);
      assertThat(solver.calls()).isEqualTo(calls);
      assertThat(numbers(solver.state())).isEqualTo(before);
    }
  }

  @Test
  void aStepThatThrowsLeavesTheStateAsItWas() {
    failsAndGoesOn(Moving.Kind.THROWS, IllegalArgumentException.class, "bad step");
  }

  @Test
  void aStateKeepsItsShapes() {
    failsAndGoesOn(
        Moving.Kind.RESHAPES,
        IllegalStateException.class,
        "the state's y has shape [2], before the step [5]");
  }

  @Test
  void aStateCarriesNoGraph() {
    failsAndGoesOn(
        Moving.Kind.CARRIES_A_GRAPH,
        IllegalArgumentException.class,
        "The tensor 'y' of a state must not carry a graph.\nMaybe detach() is missing.");
  }

  @Test
  void anInitialisationThatThrowsLeaksNothing() {
    var failing = new Moving(Moving.Kind.FAILS_AT_INIT);
    assertThatThrownBy(() -> Solver.start(failing, problem, SEED)).hasMessage("bad start");
    long live = NativeObjects.settled();
    assertThatThrownBy(() -> Solver.start(failing, problem, SEED)).hasMessage("bad start");
    assertThat(StateScope.livePointers()).isEqualTo(live);
  }

  /** A check may give a step up at any of its oracle calls. */
  @Test
  void aStepIsGivenUpAtAnOracleCall() {
    var allowed = new long[] {Long.MAX_VALUE};
    var setup =
        Solver.Setup.DEFAULT.withBeforeCall(
            () -> {
              if (allowed[0]-- <= 0) {
                throw new UnsupportedOperationException("stop");
              }
            });
    var algorithm = Algorithms.create("stocbio", Map.of());
    try (var solver = Solver.start(algorithm, problem, SEED, setup);
        var free = Solver.start(algorithm, problem, SEED)) {
      solver.next();
      free.next();
      long perStep = free.calls().total();
      for (long i = 0; i < 3; i++) {
        allowed[0] = i;
        assertThatThrownBy(solver::next).hasMessage("stop");
      }
      long live = NativeObjects.settled();
      allowed[0] = 3;
      assertThatThrownBy(solver::next).hasMessage("stop");
      assertThat(StateScope.livePointers()).isEqualTo(live);
      assertThat(solver.calls().total()).isEqualTo(perStep);
      allowed[0] = Long.MAX_VALUE;
      solver.next();
      free.next();
      assertThat(numbers(solver.state())).isEqualTo(numbers(free.state()));
      assertThat(solver.calls()).isEqualTo(free.calls());
    }
  }

  // ---- memory ------------------------------------------------------------------------------

  @Test
  void keepsOneStateAndFreesIt() {
    var algorithm = Algorithms.create("slip", Map.of());
    Solver.start(algorithm, problem, SEED).close(); // loads what loads once
    long before = NativeObjects.settled();
    var solver = Solver.start(algorithm, problem, SEED);
    solver.next();
    solver.next();
    long two = StateScope.livePointers();
    Tensor old = solver.x();
    solver.next();
    assertThat(old.isNull()).as("freed with its state").isTrue();
    assertThat(StateScope.livePointers()).isEqualTo(two);
    solver.propose();
    solver.close();
    solver.close();
    assertThat(StateScope.livePointers()).isEqualTo(before);
    assertThatThrownBy(solver::x)
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("The solver is closed.\nMaybe results are read behind its try block.");
    assertThatThrownBy(solver::next).hasMessageStartingWith("The solver is closed.");
  }

  @Test
  void aCopyOutlivesTheSolver() {
    Tensor x;
    double[] numbers;
    try (var scope = StateScope.open();
        var solver = Solver.start(Algorithms.create("soba", Map.of()), problem, SEED)) {
      solver.next();
      x = Tensors.copy(solver.x());
      numbers = Tensors.toArray(solver.x());
      x.mul_(new Scalar(2.0));
      assertThat(Tensors.toArray(solver.x())).containsExactly(numbers);
    }
    assertThat(Tensors.toArray(x))
        .containsExactly(Arrays.stream(numbers).map(number -> 2 * number).toArray());
    StateScope.release(x);
    assertThat(x.isNull()).as("at once, if that is wanted").isTrue();
  }
}
