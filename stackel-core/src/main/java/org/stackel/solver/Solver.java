package org.stackel.solver;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.function.LongPredicate;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;
import org.stackel.algorithm.AlgorithmInfo;
import org.stackel.algorithm.AlgorithmState;
import org.stackel.algorithm.Algorithms;
import org.stackel.algorithm.BilevelAlgorithm;
import org.stackel.algorithm.LikeX;
import org.stackel.config.InvalidInputException;
import org.stackel.config.Rules;
import org.stackel.distributed.Ranks;
import org.stackel.distributed.UpperParts;
import org.stackel.oracle.AutogradOracle;
import org.stackel.oracle.Breakdown;
import org.stackel.oracle.CountingOracle;
import org.stackel.oracle.CountingOracle.Watch;
import org.stackel.oracle.OracleCalls;
import org.stackel.oracle.StochasticOracle;
import org.stackel.problem.BilevelProblem;
import org.stackel.problem.Metrics;
import org.stackel.problem.PerExample;
import org.stackel.problem.Start;
import org.stackel.tensor.Arithmetic;
import org.stackel.tensor.Seed;
import org.stackel.tensor.StateScope;
import org.stackel.tensor.Tensors;

/**
 * An algorithm at work on a problem, step by step:
 *
 * <pre>{@code
 * try (var solver = Solver.start(algorithm, problem, new Seed(0))) {
 *   while (solver.step() < 1_000) {
 *     solver.next();
 *   }
 *   double[] x = Tensors.toArray(solver.x());
 * }
 * }</pre>
 *
 * <p><b>Randomness</b> is a function of the seed: the start is drawn from its child {@code start},
 * the oracle of the initialisation has the child {@code init}, that of step t, counted from 0, the
 * child t of {@code step}. So a solver that is {@linkplain #restore restored} at step t goes on as
 * if it had never stopped.
 *
 * <p><b>Memory.</b> The solver owns the state and nothing else. What a step makes on its way is
 * freed at its end, and the state before a step once the state after it is accepted; {@link
 * #close()} frees the last state. A step that throws leaves the state as it was, and leaks nothing.
 * No scope need be open. Tensors of a state may be read until the next step is accepted; {@link
 * Tensors#copy} keeps one for longer.
 *
 * <p>To look at a state before it replaces the last one, call {@link #propose} in place of {@link
 * #next}, and then {@link #accept} or {@link #reject}. A state that is not finite is the caller's
 * to find: see {@link #notFinite}.
 *
 * <p>For one thread. The problem stays open, and must not be closed before the last step.
 *
 * @param <S> the algorithm's state
 */
public final class Solver<S extends Record & AlgorithmState> implements AutoCloseable {
  private BilevelAlgorithm<S> algorithm;
  private final BilevelProblem<?> problem;
  private final Seed seed;
  private final Setup setup;
  private final @Nullable UpperParts parts;
  private @Nullable S state;
  private @Nullable S proposal;
  private long step;
  private OracleCalls calls = OracleCalls.NONE;
  private @Nullable Breakdown breakdown;

  /**
   * How the oracle of every step is made. None of it changes the numbers, but for rounding.
   *
   * @param ranks the processes that share every minibatch
   * @param cutsX whether each rank has a part of x and of what is like it, where problem and
   *     algorithm allow
   * @param pieces slices of a minibatch that are computed one after the other, at least 1
   * @param arithmetic how matrices are multiplied
   * @param beforeCall run before every oracle call; an exception abandons the step
   * @param watched whether the step after this many steps is {@linkplain StochasticOracle#isWatched
   *     watched}: it may wait for the device
   */
  public record Setup(
      Ranks ranks,
      boolean cutsX,
      int pieces,
      Arithmetic arithmetic,
      Runnable beforeCall,
      LongPredicate watched) {
    /** One process, whole minibatches, no check. */
    public static final Setup DEFAULT =
        new Setup(Ranks.ONE, false, 1, Arithmetic.FP32, () -> {}, t -> false);

    public Setup {
      new Rules("the solver").atLeast("pieces", pieces, 1);
    }

    /** The same with minibatches in {@code pieces} slices. */
    public Setup withPieces(int pieces) {
      return new Setup(ranks, cutsX, pieces, arithmetic, beforeCall, watched);
    }

    /** The same with every minibatch shared by several processes, which all make every step. */
    public Setup withRanks(Ranks ranks) {
      return new Setup(ranks, cutsX, pieces, arithmetic, beforeCall, watched);
    }

    /**
     * The same with x in parts: on a {@link PerExample} problem, with an algorithm whose state says
     * what is like x ({@link LikeX}), every rank has its part of these in place of all of them.
     * Elsewhere x stays whole.
     */
    public Setup withPartsOfX() {
      return new Setup(ranks, true, pieces, arithmetic, beforeCall, watched);
    }

    /** The same with matrices multiplied so; {@link Arithmetic#begin} is the caller's. */
    public Setup withArithmetic(Arithmetic arithmetic) {
      return new Setup(ranks, cutsX, pieces, arithmetic, beforeCall, watched);
    }

    /** The same with a check before every oracle call. */
    public Setup withBeforeCall(Runnable beforeCall) {
      return new Setup(ranks, cutsX, pieces, arithmetic, beforeCall, watched);
    }

    /** The same with estimators that look at their estimates in some steps. */
    public Setup withWatched(LongPredicate watched) {
      return new Setup(ranks, cutsX, pieces, arithmetic, beforeCall, watched);
    }
  }

  private Solver(BilevelAlgorithm<S> algorithm, BilevelProblem<?> problem, Seed seed, Setup setup) {
    this.algorithm = algorithm;
    this.problem = problem;
    this.seed = seed;
    this.setup = setup;
    parts = setup.cutsX() && marksX(algorithm) ? UpperParts.of(setup.ranks(), problem) : null;
  }

  private static boolean marksX(BilevelAlgorithm<?> algorithm) {
    try {
      Class<?> state =
          algorithm
              .getClass()
              .getMethod("init", Start.class, StochasticOracle.class)
              .getReturnType();
      return state.isRecord()
          && Arrays.stream(state.getRecordComponents())
              .anyMatch(
                  part -> part.getName().equals("x") && part.isAnnotationPresent(LikeX.class));
    } catch (NoSuchMethodException e) { // it implements the interface
      throw new IllegalStateException(e);
    }
  }

  /**
   * Initialises the algorithm at the problem's start.
   *
   * @param seed random seed of the start and of all samples
   * @throws InvalidInputException if the algorithm's entry in the catalogue says that it does not
   *     fit the problem
   */
  public static <S extends Record & AlgorithmState> Solver<S> start(
      BilevelAlgorithm<S> algorithm, BilevelProblem<?> problem, Seed seed) {
    return start(algorithm, problem, seed, Setup.DEFAULT);
  }

  /**
   * Initialises the algorithm at the problem's start.
   *
   * @param seed random seed of the start and of all samples
   * @throws InvalidInputException if the algorithm's entry in the catalogue says that it does not
   *     fit the problem, or if its minibatches cannot be cut into pieces, or shared by ranks
   */
  public static <S extends Record & AlgorithmState> Solver<S> start(
      BilevelAlgorithm<S> algorithm, BilevelProblem<?> problem, Seed seed, Setup setup) {
    if (algorithm.getClass().isAnnotationPresent(AlgorithmInfo.class)) {
      Algorithms.Entry.of(algorithm).check("problem", problem);
    }
    try (var scope = StateScope.open()) {
      AutogradOracle.checkParts(problem, setup.pieces(), setup.ranks().count());
    }
    var solver = new Solver<>(algorithm, problem, seed, setup);
    solver.initialise();
    return solver;
  }

  private void initialise() {
    state = made(seed.child("init"), Watch.NONE, oracle -> algorithm.init(start(), oracle));
  }

  private Start start() {
    Start start = problem.start(seed.child("start"));
    return parts == null ? start : new Start(parts.own(start.x()), start.y());
  }

  private S made(Seed draws, Watch watch, Function<StochasticOracle, S> part) {
    breakdown = null;
    try (var scope = StateScope.open()) {
      AutogradOracle<?> exact =
          new AutogradOracle<>(
              problem,
              draws,
              algorithm.sampling(),
              setup.pieces(),
              setup.arithmetic(),
              setup.ranks(),
              parts);
      var oracle = new CountingOracle(exact, setup.beforeCall(), watch);
      S made = part.apply(oracle);
      checkKind(made);
      checkShapes(made);
      scope.keep(made);
      calls = calls.plus(oracle.calls());
      breakdown = oracle.breakdown();
      return made;
    }
  }

  /**
   * Makes the next step.
   *
   * @return the new state
   * @throws IllegalStateException if the solver is closed, or the algorithm changed the shape of a
   *     tensor of its state
   */
  public S next() {
    propose();
    return accept();
  }

  /**
   * Computes the state after the next step, beside the one before it. Neither {@link #state} nor
   * {@link #step} changes until it is accepted. An earlier proposal is given up.
   *
   * @return the new state, to be read until it is rejected or the step after it is accepted
   * @throws IllegalStateException if the solver is closed, or the algorithm changed the shape of a
   *     tensor of its state
   */
  public S propose() {
    return propose(setup.watched().test(step) ? Watch.ESTIMATES : Watch.NONE);
  }

  private S propose(Watch watch) {
    S before = state();
    reject();
    S after =
        made(seed.child("step").child(step), watch, oracle -> algorithm.step(step, before, oracle));
    proposal = after;
    return after;
  }

  /**
   * What an estimator said against its estimate in the last step that was proposed; null if none
   * did. Without {@link Setup#watched} only those speak that read from the device anyway.
   */
  public @Nullable Breakdown breakdown() {
    return breakdown;
  }

  /**
   * Makes the next step, watched, and forgets it: to find out what is wrong with it. Its calls are
   * not counted.
   *
   * @return what an estimator says against its estimate; null if none does
   */
  public @Nullable Breakdown diagnose() {
    OracleCalls counted = calls;
    propose(Watch.ESTIMATES);
    reject();
    calls = counted;
    return breakdown;
  }

  /** What is no tensor would be lost with a checkpoint. */
  private void checkKind(S made) {
    String other = state == null ? StateScope.other(made) : null;
    if (other != null) {
      throw new InvalidInputException(
          "The state of %s has the component %s, but a state consists of tensors, lists of tensors, and records of these: a checkpoint holds nothing else."
              .formatted(algorithm.getClass().getSimpleName(), other),
          "a tensor of one number was meant, or a function of the step number t.");
    }
  }

  /** Every state has the shapes of the one before it. */
  private void checkShapes(S made) {
    if (state == null || haveSameShapes(StateScope.list(state), StateScope.list(made))) {
      return;
    }
    Map<String, Tensor> before = StateScope.tensors(state);
    StateScope.tensors(made)
        .forEach(
            (name, tensor) -> {
              Tensor old = before.get(name);
              List<Long> found = Tensors.shape(tensor);
              List<Long> expected = old == null ? null : Tensors.shape(old);
              if (!found.equals(expected)) {
                throw new IllegalStateException(
                    "the state's %s has shape %s, before the step %s"
                        .formatted(name, found, expected));
              }
            });
  }

  private static boolean haveSameShapes(List<Tensor> some, List<Tensor> others) {
    boolean same = some.size() == others.size();
    for (int i = 0; same && i < some.size(); i++) {
      same = some.get(i).is_same_size(others.get(i));
    }
    return same;
  }

  /**
   * Makes the proposal the state and frees the state before it.
   *
   * @return the new state
   * @throws IllegalStateException if there is no proposal
   */
  public S accept() {
    S before = state();
    if (proposal == null) {
      throw new IllegalStateException(
          "There is no step to accept.\nMaybe propose() was not called before, or it threw.");
    }
    S after = proposal;
    state = after;
    proposal = null;
    step++;
    StateScope.release(before);
    return after;
  }

  /** Frees the proposal, if there is one. Its oracle calls stay counted. */
  public void reject() {
    if (proposal != null) {
      StateScope.release(proposal);
      proposal = null;
    }
  }

  /**
   * Goes on from an earlier state, in place of the present one and of any proposal.
   *
   * @param step number of steps that led to it
   * @param calls the oracle calls until then
   * @param tensors those of {@link #tensors} at that time; their memory is shared, not copied
   * @throws IllegalArgumentException if a tensor is missing or of another shape or type; the solver
   *     is unchanged then
   */
  public void restore(long step, OracleCalls calls, Map<String, Tensor> tensors) {
    S before = state();
    try (var scope = StateScope.open()) {
      var own = new LinkedHashMap<String, Tensor>();
      tensors.forEach((name, tensor) -> own.put(name, tensor.detach()));
      state = scope.keep(StateScope.rebuild(before, own));
    }
    reject();
    StateScope.release(before);
    this.step = step;
    this.calls = calls;
  }

  /**
   * Goes on with other hyperparameters.
   *
   * @param other the same algorithm: its state has the same components
   */
  public void use(BilevelAlgorithm<S> other) {
    reject();
    algorithm = other;
  }

  /**
   * The state after the last step that was accepted.
   *
   * @throws IllegalStateException if the solver is closed
   */
  public S state() {
    if (state == null) {
      throw new IllegalStateException(
          "The solver is closed.\nMaybe results are read behind its try block.");
    }
    return state;
  }

  /** How x is cut into parts; null if this process has all of it. */
  public @Nullable UpperParts parts() {
    return parts;
  }

  /** The upper variable, or this rank's part of it. */
  public Tensor x() {
    return state().x();
  }

  /** The lower variable. */
  public Tensor y() {
    return state().y();
  }

  /** All tensors of the state by name, as {@link #restore} takes them. */
  public Map<String, Tensor> tensors() {
    return StateScope.tensors(state());
  }

  /** Names of the tensors of which this rank has its part: none where x is not cut. */
  public Set<String> namesOfParts() {
    return parts == null ? Set.of() : StateScope.marked(state(), LikeX.class);
  }

  /**
   * All tensors of the state by name. Where x is cut into parts they are whole on the first rank;
   * all ranks must call this then.
   */
  public Map<String, Tensor> wholeTensors() {
    Map<String, Tensor> all = new LinkedHashMap<>(tensors());
    Set<String> names = namesOfParts();
    all.replaceAll((name, own) -> names.contains(name) ? whole(own) : own);
    return all;
  }

  /** A vector like x, whole, on the first rank; on others as it is. All ranks must call this. */
  public Tensor whole(Tensor own) {
    return parts == null ? own : parts.whole(own);
  }

  /**
   * Of whole tensors this rank's parts, as {@link #restore} takes them.
   *
   * @throws IllegalArgumentException if one of them is missing or of another length than x
   */
  public Map<String, Tensor> partsOf(Map<String, Tensor> whole) {
    Map<String, Tensor> all = new LinkedHashMap<>(whole);
    if (parts != null) {
      for (String name : namesOfParts()) {
        Tensor found = whole.get(name);
        if (found == null || found.dim() == 0 || found.size(0) != parts.size()) {
          throw new IllegalArgumentException(
              "The tensor '%s' must have %d rows, found %s."
                  .formatted(name, parts.size(), found == null ? "nothing" : Tensors.shape(found)));
        }
        all.put(name, parts.own(found));
      }
    }
    return all;
  }

  /** Number of steps done. */
  public long step() {
    return step;
  }

  /** Oracle calls of the initialisation and of all steps that did not throw. */
  public OracleCalls calls() {
    return calls;
  }

  /**
   * The problem's metrics at the state.
   *
   * @throws IllegalStateException if this process has a part of x only
   */
  public Metrics evaluate() {
    if (parts != null) {
      throw new IllegalStateException(
          "A part of x cannot be evaluated.\nMaybe whole(x()) on all ranks was meant, and the problem's evaluate on the first.");
    }
    try (var scope = StateScope.open()) {
      return problem.evaluate(x(), y());
    }
  }

  /**
   * The name of the first tensor of a state with a number that is infinite or NaN; null if all are
   * finite. Waits for the device.
   */
  public static @Nullable String notFinite(Record state) {
    return StateScope.list(state).stream().allMatch(Tensors::isFinite)
        ? null
        : notFinite(StateScope.tensors(state));
  }

  /** The same of tensors by name. */
  public static @Nullable String notFinite(Map<String, Tensor> tensors) {
    for (Map.Entry<String, Tensor> entry : tensors.entrySet()) {
      if (!Tensors.isFinite(entry.getValue())) {
        return entry.getKey();
      }
    }
    return null;
  }

  /** Frees the state and the proposal, if there is one. The problem stays open. */
  @Override
  public void close() {
    reject();
    if (state != null) {
      StateScope.release(state);
      state = null;
    }
  }
}
