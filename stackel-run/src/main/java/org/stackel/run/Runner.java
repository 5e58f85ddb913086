package org.stackel.run;

import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.function.Supplier;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;
import org.stackel.algorithm.AlgorithmState;
import org.stackel.algorithm.BilevelAlgorithm;
import org.stackel.config.InvalidInputException;
import org.stackel.distributed.RankLostException;
import org.stackel.distributed.Ranks;
import org.stackel.distributed.UpperParts;
import org.stackel.experiment.CheckLevel;
import org.stackel.experiment.Experiment;
import org.stackel.experiment.OnDivergence;
import org.stackel.experiment.Settings;
import org.stackel.experiment.StepSizes;
import org.stackel.optim.Iterations;
import org.stackel.oracle.AutogradOracle;
import org.stackel.oracle.OracleCalls;
import org.stackel.problem.Artifacts;
import org.stackel.problem.BilevelProblem;
import org.stackel.problem.Finished;
import org.stackel.problem.Metrics;
import org.stackel.runfile.FileErrors;
import org.stackel.runfile.RollbackLine;
import org.stackel.solver.Solver;
import org.stackel.tensor.Blas;
import org.stackel.tensor.Seed;
import org.stackel.tensor.StateScope;
import org.stackel.tensor.TensorFile;
import org.stackel.tensor.Tensors;

/**
 * The loop around every algorithm: data, steps, native memory, checks, clock, evaluation. It writes
 * no files; listeners do.
 *
 * <p>Randomness comes from the experiment's seed alone: {@code data}, {@code start}, {@code init},
 * and {@code step} t. A run therefore goes on from a state and its step number as if it had never
 * stopped.
 *
 * <p>A run is complete when its steps are done or a budget is spent, whichever comes first. A step
 * is never cut: a budget of seconds, oracle calls or samples is exceeded by less than one step.
 *
 * <p>A run that is asked to stop finishes its step and saves the state. An initialisation, and a
 * step that takes seconds more, are given up at their next oracle call: the state before is saved,
 * if there is one. Going on repeats what was given up with the same draws. So does what a problem
 * makes of its solution at the end, if it asks between its iterations.
 *
 * <p>A run has diverged when a number of its state is not finite, or a loss in an evaluation; when
 * a loss or the norm of x or y in an evaluation is many orders above its start; or when an estimate
 * of the hypergradient has no meaning: see {@link RunOutcome.Diverged}. It ends then, or goes back:
 * see {@link OnDivergence}.
 */
public final class Runner {
  /** How long a step may go on once the run was asked to stop. */
  private static final long PATIENCE_NANOS = 2_000_000_000L;

  /** A run that goes back has no step sizes below this part of those given. */
  private static final double SHORTEST = 1e-3;

  private Runner() {}

  /**
   * Runs an experiment from its start.
   *
   * @throws InvalidInputException if the experiment or its data are wrong
   * @throws StepException if a step fails
   */
  public static RunOutcome run(Experiment experiment, RunListener listener) {
    return run(experiment, Ranks.ONE, listener);
  }

  /**
   * Runs an experiment from its start as one of several processes, which all call this with the
   * same experiment. The first rank evaluates and decides; the listeners of others hear of no
   * evaluation, and should write nothing. Where the first rank resumes, the others go on from its
   * state.
   *
   * @param ranks the processes; they stay connected
   * @throws InvalidInputException if the experiment or its data are wrong, or not the same on all
   *     ranks
   * @throws StepException if a step fails
   */
  public static RunOutcome run(Experiment experiment, Ranks ranks, RunListener listener) {
    return start(experiment, null, ranks, listener);
  }

  /** Resumes an experiment from a checkpoint. */
  public static RunOutcome resume(Experiment experiment, ResumePoint from, RunListener listener) {
    return resume(experiment, from, Ranks.ONE, listener);
  }

  /** Resumes an experiment from a checkpoint as the first rank of several. */
  public static RunOutcome resume(
      Experiment experiment, ResumePoint from, Ranks ranks, RunListener listener) {
    return start(experiment, from, ranks, listener);
  }

  private static RunOutcome start(
      Experiment experiment, @Nullable ResumePoint from, Ranks ranks, RunListener listener) {
    return ranks.telling(() -> started(experiment, from, ranks, listener));
  }

  private static RunOutcome started(
      Experiment experiment, @Nullable ResumePoint from, Ranks ranks, RunListener listener) {
    Blas.setThreads(experiment.settings().threads());
    try (var scope = StateScope.open();
        var problem = experiment.open()) {
      return start(experiment, problem, from, ranks, listener);
    }
  }

  /**
   * Runs an experiment on its problem, which stays open: reading the data may take longer than a
   * short run.
   *
   * @param problem what {@link Experiment#open} returned for it, or for another experiment with the
   *     same problem, seed, type of numbers and device
   * @param from where to resume; null for a new run
   * @param ranks the processes that share it
   */
  public static RunOutcome run(
      Experiment experiment,
      BilevelProblem<?> problem,
      @Nullable ResumePoint from,
      Ranks ranks,
      RunListener listener) {
    return ranks.telling(
        () -> {
          Blas.setThreads(experiment.settings().threads());
          try (var scope = StateScope.open()) {
            return start(experiment, problem, from, ranks, listener);
          }
        });
  }

  private static RunOutcome start(
      Experiment experiment,
      BilevelProblem<?> problem,
      @Nullable ResumePoint from,
      Ranks ranks,
      RunListener listener) {
    Experiment complete = experiment.completed(problem);
    AutogradOracle.checkParts(problem, complete.settings().pieces(), ranks.count());
    var alike = new Alike(ranks);
    alike.check(complete, problem);
    var loop = new Loop(complete, problem, alike, listener);
    return Iterations.watched(loop::next, () -> loop.run(complete.algorithm(), from));
  }

  /** One run. */
  private static final class Loop {
    private final Experiment experiment;
    private Experiment present; // after rollbacks with shorter steps
    private final BilevelProblem<?> problem;
    private final Ranks ranks;
    private final Alike alike;
    private final RunListener listener;
    private final Settings settings;
    private final Seed seed;
    private final Interruption interruption;
    private final @Nullable BestPoint best;
    private Metrics metrics = Metrics.NONE;
    private double secondsBefore;
    private long nanos;
    private Saved saved = new Saved(-1, 0, Metrics.NONE);
    private OracleCalls settled = OracleCalls.NONE; // of the steps that were accepted
    private double stepSizes = 1;
    private @Nullable Kept kept;

    /** What the run was at its last checkpoint; of step -1 if there is none. */
    private record Saved(long step, double seconds, Metrics metrics) {}

    /**
     * The point that the run goes back to if it diverges: its last checkpoint, or its start.
     *
     * @param tensors copies
     */
    private record Kept(long step, Map<String, Tensor> tensors, Metrics metrics) {}

    Loop(Experiment experiment, BilevelProblem<?> problem, Alike alike, RunListener listener) {
      this.experiment = experiment;
      present = experiment;
      this.problem = problem;
      this.alike = alike;
      ranks = alike.ranks();
      this.listener = listener;
      settings = experiment.settings();
      seed = new Seed(settings.seed());
      interruption = new Interruption(listener::stopRequested, System::nanoTime, ranks);
      best = ranks.isFirst() ? BestPoint.of(experiment) : null;
    }

    <S extends Record & AlgorithmState> RunOutcome run(
        BilevelAlgorithm<S> algorithm, @Nullable ResumePoint from) {
      var setup =
          shared()
              .withPieces(settings.pieces())
              .withArithmetic(settings.precision())
              .withBeforeCall(interruption::check)
              .withWatched(t -> (t + 1) % settings.evaluateEvery() == 0);
      settings.precision().begin();
      if (from == null) {
        listener.opened(experiment, problem);
      }
      RunOutcome outcome = attempt(algorithm, setup, from);
      while (outcome instanceof RunOutcome.Diverged d && d.at() == 0 && goesBack(d)) {
        outcome = attempt(this.<S>shortened(), setup, null);
      }
      return outcome;
    }

    /** Each rank has its part of x unless somebody looks at all of it all the time. */
    private Solver.Setup shared() {
      var whole = Solver.Setup.DEFAULT.withRanks(ranks);
      boolean isWhole = settings.check() == CheckLevel.FULL || listener.looksAtStates();
      return alike.asFirst(isWhole) ? whole : whole.withPartsOfX();
    }

    /** A run until its end, or until its initialisation has diverged. */
    private <S extends Record & AlgorithmState> RunOutcome attempt(
        BilevelAlgorithm<S> algorithm, Solver.Setup setup, @Nullable ResumePoint from) {
      interruption.begin(0);
      try (Solver<S> solver =
          timed("its initialisation", () -> Solver.start(algorithm, problem, seed, setup))) {
        boolean isNew = !begun(solver, from);
        try {
          return advance(solver, isNew);
        } catch (RankLostException e) {
          return lost(solver, e);
        }
      } catch (Interruption.GivenUp e) {
        return stopped(from, null);
      } catch (RankLostException e) {
        return stopped(from, e.getMessage());
      }
    }

    /** A rank may be lost when its step is done here. */
    private RunOutcome lost(Solver<?> solver, RankLostException e) {
      solver.reject();
      if (solver.parts() == null) {
        save(solver, settled);
        return new RunOutcome.Stopped(solver.step(), seconds(), metrics, true, e.getMessage());
      }
      boolean isSaved = saved.step() >= 0;
      String what =
          isSaved
              ? "Its part of x is lost: the run goes on from its last checkpoint, of step "
                  + saved.step()
                  + "."
              : "Its part of x is lost, and there is no checkpoint yet.";
      return new RunOutcome.Stopped(
          Math.max(0, saved.step()),
          saved.seconds(),
          saved.metrics(),
          isSaved,
          e.getMessage() + "\n" + what);
    }

    /** Stopped before the first step. */
    private RunOutcome stopped(@Nullable ResumePoint from, @Nullable String lost) {
      return from == null
          ? new RunOutcome.Stopped(0, seconds(), metrics, false, lost)
          : new RunOutcome.Stopped(from.step(), from.seconds(), from.metrics(), true, lost);
    }

    /** Whether the run goes on from a checkpoint; other ranks get the state of the first. */
    private <S extends Record & AlgorithmState> boolean begun(
        Solver<S> solver, @Nullable ResumePoint from) {
      try (var scope = StateScope.open()) {
        Map<String, Tensor> whole = Map.of();
        if (from != null) {
          whole = restore(solver, from);
          listener.opened(experiment, problem); // now that the checkpoint is known to fit
        }
        return ranks.count() == 1 ? from != null : goesOn(solver, from, whole);
      }
    }

    /**
     * @param whole tensors of the checkpoint, on the first rank
     */
    private <S extends Record & AlgorithmState> boolean goesOn(
        Solver<S> solver, @Nullable ResumePoint from, Map<String, Tensor> whole) {
      Alike.Point point = alike.point(from, solver.calls());
      if (point == null) {
        return false;
      }
      if (!ranks.isFirst()) {
        if (point.stepSizes() != 1) {
          shorten(point.stepSizes());
          solver.use(this.<S>shortened());
        }
        var own = new LinkedHashMap<String, Tensor>();
        solver.tensors().forEach((name, tensor) -> own.put(name, tensor.clone()));
        solver.restore(point.step(), point.calls(), own);
        saved = new Saved(point.step(), 0, Metrics.NONE);
      }
      Map<String, Tensor> same = solver.tensors();
      UpperParts parts = solver.parts();
      if (parts != null) {
        for (String name : solver.namesOfParts()) {
          Tensor own = Objects.requireNonNull(same.remove(name));
          own.copy_(parts.ofFirst(whole.getOrDefault(name, own)));
        }
      }
      ranks.copyFromFirst(same.values());
      return true;
    }

    /** The tensors of the checkpoint, in the open scope. */
    private <S extends Record & AlgorithmState> Map<String, Tensor> restore(
        Solver<S> solver, ResumePoint from) {
      Path checkpoint = from.checkpoint();
      if (from.stepSizes() != 1) {
        shorten(from.stepSizes());
        solver.use(this.<S>shortened());
      }
      Map<String, Tensor> tensors;
      try {
        tensors = TensorFile.read(checkpoint, experiment.device()).tensors();
        solver.restore(from.step(), from.calls(), solver.partsOf(tensors));
        if (best != null) {
          best.restore(tensors, problem);
        }
      } catch (IOException e) {
        throw FileErrors.reading(checkpoint, e);
      } catch (IllegalArgumentException e) {
        throw new InvalidInputException(
                "The checkpoint does not fit: "
                    + String.valueOf(e.getMessage()).lines().findFirst().orElse(""),
                "the algorithm, the problem or a plug-in is another one than that of the run, an earlier version wrote the checkpoint, or experiment.json was changed.")
            .at(checkpoint.toString());
      }
      String notFinite = Solver.notFinite(tensors);
      if (notFinite != null) {
        throw new InvalidInputException(
                "The checkpoint holds a number that is not finite, in %s.".formatted(notFinite),
                "the run diverged unwatched, with --check none; a new run was meant.")
            .at(checkpoint.toString());
      }
      metrics = from.metrics();
      secondsBefore = from.seconds();
      nanos = 0;
      saved = new Saved(from.step(), seconds(), metrics);
      return tensors;
    }

    private <S extends Record & AlgorithmState> RunOutcome advance(
        Solver<S> solver, boolean isNew) {
      keep(solver);
      settled = solver.calls();
      long firstStep = solver.step();
      var full = settings.check() == CheckLevel.FULL && ranks.isFirst() ? new FullCheck() : null;
      String notFinite = isNew ? alike.notFinite(solver.state(), solver.parts() != null) : null;
      if (notFinite != null) {
        return new RunOutcome.Diverged(firstStep, seconds(), metrics, firstStep, notFinite);
      }
      var explosion = new Explosion<>(problem, seed, settings.pieces());
      if (full != null) {
        full.derivatives(problem, experiment.device(), seed.child("check"), solver.x(), solver.y());
      }
      alike.await();
      if (isNew) {
        listener.stepped(0, solver.x(), solver.y());
        listener.reached(0, solver.state());
        Explosion.Broken broken = evaluate(0, solver, solver.state(), explosion);
        if (broken != null) {
          return diverged(0, 0, broken);
        }
      }
      boolean isSpent = isSpent(solver.step(), solver.calls());
      while (!isSpent) {
        S next = interruption.isAsked() ? null : propose(solver);
        if (next == null) {
          save(solver);
          return new RunOutcome.Stopped(solver.step(), seconds(), metrics, true);
        }
        isSpent = isSpent(solver.step() + 1, solver.calls());
        Explosion.Broken broken;
        try {
          broken = look(solver, next, explosion, isSpent);
        } catch (Interruption.GivenUp e) { // an evaluation that takes long: the step is repeated
          solver.restore(solver.step(), settled, solver.tensors());
          save(solver);
          return new RunOutcome.Stopped(solver.step(), seconds(), metrics, true);
        }
        if (broken != null) {
          broken = explained(broken, solver, next, explosion);
          solver.reject();
          if (kept != null && goesBack(kept.step(), solver.step() + 1, broken)) {
            back(solver, kept);
            isSpent = isSpent(solver.step(), solver.calls());
            continue;
          }
          if (settings.check() != CheckLevel.NONE) { // else the old state may be broken too
            save(solver);
          }
          return diverged(solver.step(), solver.step() + 1, broken);
        }
        boolean saves = isSpent || (solver.step() + 1) % settings.checkpointEvery() == 0;
        solver.accept();
        settled = solver.calls();
        if (saves) {
          save(solver);
          alike.await();
        }
        if (full != null) {
          full.step(solver.step() - firstStep, solver.tensors().values());
        }
      }
      save(solver); // initialisation alone may spend a budget
      if (full != null) {
        listener.checked(full.finish(solver.tensors().values()));
        listener.judged(FullCheck.descent(present, solver.step(), solver.state()));
      }
      return complete(solver);
    }

    /** Remembers where the run goes back to if it diverges. */
    private void keep(Solver<?> solver) {
      if (settings.onDivergence() == OnDivergence.ROLLBACK) {
        if (kept != null) {
          kept.tensors().values().forEach(StateScope::release);
        }
        var copies = new LinkedHashMap<String, Tensor>();
        solver.tensors().forEach((name, tensor) -> copies.put(name, Tensors.copy(tensor)));
        kept = new Kept(solver.step(), copies, metrics);
      }
    }

    /** Whether the run goes back to an earlier step: it is to, and steps are not too short yet. */
    private boolean goesBack(long to, long at, Explosion.Broken broken) {
      double shorter = stepSizes / 2;
      if (settings.onDivergence() != OnDivergence.ROLLBACK
          || shorter < SHORTEST
          || alike.asFirst(inVain(broken.why(), to, at))) {
        return false;
      }
      shorten(shorter);
      listener.rolledBack(
          new RollbackLine(
              to,
              at,
              broken.quantity(),
              broken.value(),
              broken.why() == null ? null : broken.why().cause(),
              shorter));
      return true;
    }

    private boolean goesBack(RunOutcome.Diverged start) {
      return goesBack(0, 0, new Explosion.Broken(start.quantity(), start.value(), null));
    }

    /** Whether a run that goes back would only come to the same again. */
    private static boolean inVain(Explosion.@Nullable Why why, long to, long at) {
      return why != null
          && switch (why.steps()) {
            case HELP -> false;
            case HELP_BEFORE -> to + 1 == at;
            case IN_VAIN -> true;
          };
    }

    /** The same with its cause, if it can be found. */
    private Explosion.Broken explained(
        Explosion.Broken broken, Solver<?> solver, AlgorithmState next, Explosion<?> explosion) {
      Explosion.Why why = broken.why();
      try (var scope = StateScope.open()) {
        // others know less of what broke
        boolean isBefore = alike.asFirst(broken.value() == null);
        Point at = whole(solver, isBefore ? solver.state() : next);
        if (why == null && ranks.isFirst()) {
          why = explosion.endless(at);
        }
        if (alike.asFirst(why == null)) {
          why = Explosion.why(solver.diagnose());
        }
      } catch (Interruption.GivenUp e) { // the cause stays unknown
        return broken;
      }
      return new Explosion.Broken(broken.quantity(), broken.value(), why);
    }

    private <S extends Record & AlgorithmState> void back(Solver<S> solver, Kept to) {
      try (var scope = StateScope.open()) {
        var copies = new LinkedHashMap<String, Tensor>();
        to.tensors().forEach((name, tensor) -> copies.put(name, Tensors.copy(tensor)));
        solver.restore(to.step(), solver.calls(), copies);
      }
      metrics = to.metrics();
      solver.use(this.<S>shortened());
      settled = solver.calls();
    }

    private void shorten(double factor) {
      stepSizes = factor;
      present = StepSizes.times(experiment, factor);
    }

    @SuppressWarnings("unchecked") // only hyperparameters change
    private <S extends Record & AlgorithmState> BilevelAlgorithm<S> shortened() {
      return (BilevelAlgorithm<S>) present.algorithm();
    }

    private RunOutcome diverged(long step, long at, Explosion.Broken broken) {
      Explosion.Why why = broken.why();
      String cause = why == null ? null : why.cause();
      if (cause != null
          && settings.onDivergence() == OnDivergence.ROLLBACK
          && inVain(why, kept == null ? step : kept.step(), at)) {
        cause += "; the run did not go back, since shorter steps would not help";
      }
      return new RunOutcome.Diverged(
          step,
          seconds(),
          metrics,
          at,
          broken.quantity(),
          broken.value(),
          cause,
          why == null ? null : why.maybe());
    }

    /**
     * Looks at the state after the next step; names what is not finite or exploded, or null.
     *
     * @param isLast whether that step is the last one
     */
    private Explosion.@Nullable Broken look(
        Solver<?> solver, AlgorithmState next, Explosion<?> explosion, boolean isLast) {
      long step = solver.step() + 1;
      boolean evaluates = isLast || step % settings.evaluateEvery() == 0;
      boolean saves = isLast || step % settings.checkpointEvery() == 0;
      if (settings.check() != CheckLevel.NONE || evaluates || saves) {
        var broken =
            Explosion.Broken.notFinite(alike.notFinite((Record) next, solver.parts() != null));
        if (broken != null) {
          return broken;
        }
      }
      var broken = Explosion.find(solver.breakdown());
      if (broken != null) {
        return broken;
      }
      listener.stepped(step, next.x(), next.y());
      listener.reached(step, (Record) next);
      return evaluates ? evaluate(step, solver, next, explosion) : null;
    }

    /** Whether the run is at its end after so many steps. */
    private boolean isSpent(long step, OracleCalls calls) {
      boolean isSpent = settings.isSpent(step, seconds(), calls);
      return settings.maxSeconds() == null ? isSpent : alike.asFirst(isSpent);
    }

    /** The state after the next step; null if it was given up because the run is to stop. */
    private <S extends Record & AlgorithmState> @Nullable S propose(Solver<S> solver) {
      interruption.begin(PATIENCE_NANOS);
      try {
        return timed("step " + (solver.step() + 1), solver::propose);
      } catch (Interruption.GivenUp e) {
        return null;
      }
    }

    /** A point whose x is whole on the first rank. */
    private record Point(Tensor x, Tensor y) implements AlgorithmState {}

    /** The point of a state; all ranks ask for it. */
    private static Point whole(Solver<?> solver, AlgorithmState state) {
      return new Point(solver.whole(state.x()), state.y());
    }

    /** Work within the run that takes long. */
    void next(String part, long done, long most) {
      interruption.check();
      listener.working(part, done, most);
    }

    /** A part of the run whose time counts. */
    private <T> T timed(String what, Supplier<T> part) {
      long begin = System.nanoTime();
      try {
        return part.get();
      } catch (Interruption.GivenUp | InvalidInputException | RankLostException e) {
        throw e;
      } catch (RuntimeException e) {
        throw new StepException(experiment, what, e);
      } finally {
        nanos += System.nanoTime() - begin;
      }
    }

    private RunOutcome complete(Solver<?> solver) {
      try (var scope = StateScope.open()) {
        return complete(solver, whole(solver, solver.state()));
      }
    }

    private RunOutcome complete(Solver<?> solver, Point last) {
      Tensor x = best == null ? last.x() : best.xOr(last.x());
      Tensor y = best == null ? last.y() : best.yOr(last.y());
      boolean isWhole = ranks.isFirst() || solver.parts() == null;
      Finished finished;
      interruption.begin(0);
      try {
        finished = isWhole ? interruption.alone(() -> finish(x, y)) : Finished.NOTHING;
      } catch (Interruption.GivenUp e) { // all steps are saved
        return new RunOutcome.Stopped(solver.step(), seconds(), metrics, true);
      }
      metrics = (best == null ? metrics : best.metrics()).with(finished.metrics());
      return new RunOutcome.Completed(solver.step(), seconds(), metrics, finished.seconds());
    }

    private Finished finish(Tensor x, Tensor y) {
      try (var scope = StateScope.open()) {
        listener.completed(problem, x, y);
      }
      Artifacts artifacts = listener.artifacts();
      return artifacts == null ? Finished.NOTHING : problem.finish(x, y, seed, artifacts);
    }

    /** The first rank evaluates; all hear of a loss that is not finite or exploded, or of none. */
    private Explosion.@Nullable Broken evaluate(
        long step, Solver<?> solver, AlgorithmState state, Explosion<?> explosion) {
      Explosion.Broken found = null;
      boolean isGivenUp = false;
      try (var scope = StateScope.open()) {
        Point at = whole(solver, state);
        if (ranks.isFirst()) {
          found = interruption.alone(() -> evaluated(step, at, solver.calls(), explosion));
        }
      } catch (Interruption.GivenUp e) {
        isGivenUp = true;
      }
      return alike.judged(found, isGivenUp, state, solver.namesOfParts());
    }

    private Explosion.@Nullable Broken evaluated(
        long step, Point state, OracleCalls calls, Explosion<?> explosion) {
      try (var scope = StateScope.open()) {
        metrics = problem.evaluate(state.x(), state.y());
      }
      if (best != null) {
        best.offer(state.x(), state.y(), metrics);
      }
      long epoch = problem.stepsPerEpoch();
      listener.evaluated(
          new MetricsRow(
              step, epoch == 0 ? null : (double) step / epoch, seconds(), calls, metrics));
      var broken = Explosion.Broken.notFinite(metrics.notFiniteLoss());
      if (broken != null) {
        return broken;
      }
      try (var scope = StateScope.open()) { // the evaluation is written: it is too late to stop
        return Iterations.watched(Iterations.Watch.NOBODY, () -> explosion.find(state, metrics));
      }
    }

    private void save(Solver<?> solver) {
      save(solver, solver.calls());
    }

    private void save(Solver<?> solver, OracleCalls calls) {
      if (saved.step() != solver.step()) {
        try (var scope = StateScope.open()) {
          var tensors = new LinkedHashMap<>(solver.wholeTensors());
          if (best != null) {
            tensors.putAll(best.tensors());
          }
          listener.checkpoint(solver.step(), tensors, calls);
        }
        saved = new Saved(solver.step(), seconds(), metrics);
        keep(solver);
      }
    }

    private double seconds() {
      return secondsBefore + nanos / 1e9;
    }
  }
}
