package org.stackel.experiment;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;
import org.stackel.algorithm.AlgorithmState;
import org.stackel.algorithm.BilevelAlgorithm;
import org.stackel.config.InvalidInputException;
import org.stackel.config.Rules;
import org.stackel.distributed.Collective;
import org.stackel.distributed.SoloCollective;
import org.stackel.oracle.AutogradOracle;
import org.stackel.oracle.CountingOracle;
import org.stackel.oracle.OracleCalls;
import org.stackel.problem.Artifacts;
import org.stackel.problem.BilevelProblem;
import org.stackel.problem.Finished;
import org.stackel.problem.Metrics;
import org.stackel.tensor.Blas;
import org.stackel.tensor.Seed;
import org.stackel.tensor.StateScope;
import org.stackel.tensor.TensorFile;

/**
 * The loop around every algorithm: data, steps, native memory, checks, clock, evaluation. It writes
 * no files; listeners do.
 *
 * <p>Randomness comes from the experiment's seed alone: {@code data}, {@code start}, {@code init},
 * and {@code step} t. A run therefore goes on from a state and its step number as if it had never
 * stopped.
 *
 * <p>A run is complete when its steps are done or a budget is spent, whichever comes first. A step
 * is never cut: a budget of seconds or oracle calls is exceeded by less than one step.
 *
 * <p>A run that is asked to stop finishes its step and saves the state. An initialisation, and a
 * step that takes seconds more, are given up at their next oracle call: the state before is saved,
 * if there is one. Going on repeats what was given up with the same draws.
 *
 * <p>A run has diverged when a number of its state is not finite, or a loss in an evaluation.
 */
public final class Runner {
  /** How long a step may go on once the run is asked to stop. */
  private static final long PATIENCE_NANOS = 2_000_000_000L;

  private Runner() {}

  /**
   * Runs an experiment from its start.
   *
   * @throws InvalidInputException if the experiment or its data are wrong
   * @throws StepException if a step fails
   */
  public static RunOutcome run(Experiment experiment, RunListener listener) {
    return start(experiment, null, listener);
  }

  /** Goes on with an experiment from a checkpoint. */
  public static RunOutcome resume(Experiment experiment, ResumePoint from, RunListener listener) {
    return start(experiment, from, listener);
  }

  private static RunOutcome start(
      Experiment experiment, @Nullable ResumePoint from, RunListener listener) {
    if (!experiment.device().isAvailable()) {
      throw new Rules("the experiment")
          .broken(
              "device",
              "cuda",
              "must be a processor that libtorch finds here",
              "\"cpu\" was meant, or the libraries for CUDA are not on the class path.");
    }
    Blas.setThreads(experiment.settings().threads());
    try (var scope = StateScope.open();
        var problem = experiment.open();
        var collective = new SoloCollective()) {
      Experiment complete = experiment.completed(problem);
      AutogradOracle.checkPieces(problem, complete.settings().pieces());
      listener.opened(complete, problem);
      return loop(complete.algorithm(), complete, problem, collective, listener).run(from);
    }
  }

  private static <S extends Record & AlgorithmState> Loop<S> loop(
      BilevelAlgorithm<S> algorithm,
      Experiment experiment,
      BilevelProblem<?> problem,
      Collective collective,
      RunListener listener) {
    return new Loop<>(algorithm, experiment, problem, collective, listener);
  }

  /** One run. The state is kept by this object and by nothing else. */
  private static final class Loop<S extends Record & AlgorithmState> {
    private final BilevelAlgorithm<S> algorithm;
    private final Experiment experiment;
    private final BilevelProblem<?> problem;
    private final Collective collective;
    private final RunListener listener;
    private final Experiment.Settings settings;
    private final Seed seed;
    private final Interruption interruption;
    private OracleCalls calls = OracleCalls.NONE;
    private Metrics metrics = Metrics.NONE;
    private double secondsBefore;
    private long nanos;
    private long saved = -1;

    Loop(
        BilevelAlgorithm<S> algorithm,
        Experiment experiment,
        BilevelProblem<?> problem,
        Collective collective,
        RunListener listener) {
      this.algorithm = algorithm;
      this.experiment = experiment;
      this.problem = problem;
      this.collective = collective;
      this.listener = listener;
      settings = experiment.settings();
      seed = new Seed(settings.seed());
      interruption = new Interruption(listener::stopRequested, System::nanoTime);
    }

    RunOutcome run(@Nullable ResumePoint from) {
      S state = init();
      if (state == null) {
        return from == null
            ? new RunOutcome.Stopped(0, seconds(), metrics, false)
            : new RunOutcome.Stopped(from.step(), from.seconds(), from.metrics(), true);
      }
      long step = 0;
      if (from != null) {
        S first = state;
        state = restored(first, from.checkpoint());
        StateScope.release(first);
        step = from.step();
        saved = step;
        calls = from.calls();
        metrics = from.metrics();
        secondsBefore = from.seconds();
        nanos = 0;
      }
      return advance(state, step, from == null);
    }

    private RunOutcome advance(S first, long firstStep, boolean isNew) {
      S state = first;
      long step = firstStep;
      var check = new StateCheck(state);
      var full = settings.check() == CheckLevel.FULL ? new FullCheck() : null;
      try {
        String broken = StateCheck.notFinite(state);
        if (broken != null) {
          return new RunOutcome.Diverged(step, seconds(), metrics, step, broken);
        }
        if (full != null) {
          full.derivatives(problem, experiment.device(), seed.child("check"), state.x(), state.y());
        }
        if (isNew) {
          listener.stepped(0, state.x(), state.y());
          listener.reached(0, state);
          broken = evaluate(0, state);
          if (broken != null) {
            return new RunOutcome.Diverged(0, seconds(), metrics, 0, broken);
          }
        }
        while (!settings.isSpent(step, seconds(), calls)) {
          S next = listener.stopRequested() ? null : step(step, state, check);
          if (next == null) {
            save(step, state);
            return new RunOutcome.Stopped(step, seconds(), metrics, true);
          }
          boolean last = settings.isSpent(step + 1, seconds(), calls);
          boolean evaluates = last || (step + 1) % settings.evaluateEvery() == 0;
          boolean saves = last || (step + 1) % settings.checkpointEvery() == 0;
          if (settings.check() != CheckLevel.NONE || evaluates || saves) {
            broken = StateCheck.notFinite(next);
          }
          if (broken == null) {
            listener.stepped(step + 1, next.x(), next.y());
            listener.reached(step + 1, next);
            broken = evaluates ? evaluate(step + 1, next) : null;
          }
          if (broken != null) {
            StateScope.release(next);
            if (settings.check() != CheckLevel.NONE) { // else the old state may be broken too
              save(step, state);
            }
            return new RunOutcome.Diverged(step, seconds(), metrics, step + 1, broken);
          }
          StateScope.release(state);
          state = next;
          step++;
          if (saves) {
            save(step, state);
          }
          if (full != null) {
            full.step(step - firstStep);
          }
        }
        save(step, state); // initialisation alone may spend a budget
        if (full != null) {
          listener.checked(full.finish());
        }
        try (var scope = StateScope.open()) {
          listener.completed(problem, state.x(), state.y());
        }
        Artifacts artifacts = listener.artifacts();
        Finished finished =
            artifacts == null
                ? Finished.NOTHING
                : problem.finish(state.x(), state.y(), seed, artifacts);
        metrics = metrics.with(finished.metrics());
        return new RunOutcome.Completed(step, seconds(), metrics, finished.seconds());
      } finally {
        StateScope.release(state);
      }
    }

    /** The first state; null if it was given up because the run is to stop. */
    private @Nullable S init() {
      interruption.begin(0);
      long begin = System.nanoTime();
      try (var scope = StateScope.open()) {
        var oracle = oracle(seed.child("init"));
        S state = scope.keep(algorithm.init(problem.start(seed.child("start")), oracle));
        calls = calls.plus(oracle.calls());
        return state;
      } catch (Interruption.GivenUp e) {
        return null;
      } catch (InvalidInputException e) {
        throw e;
      } catch (RuntimeException e) {
        throw new StepException(experiment, "its initialisation", e);
      } finally {
        nanos += System.nanoTime() - begin;
      }
    }

    /** The next state; null if it was given up because the run is to stop. */
    private @Nullable S step(long t, S state, StateCheck check) {
      interruption.begin(PATIENCE_NANOS);
      long begin = System.nanoTime();
      try (var scope = StateScope.open()) {
        var oracle = oracle(seed.child("step").child(t));
        S next = algorithm.step(t, state, oracle);
        if (settings.check() != CheckLevel.NONE) {
          check.shapes(next);
        }
        calls = calls.plus(oracle.calls());
        return scope.keep(next);
      } catch (Interruption.GivenUp e) {
        return null;
      } catch (InvalidInputException e) {
        throw e;
      } catch (RuntimeException e) {
        throw new StepException(experiment, "step " + (t + 1), e);
      } finally {
        nanos += System.nanoTime() - begin;
      }
    }

    private CountingOracle oracle(Seed step) {
      return new CountingOracle(
          new AutogradOracle<>(
              problem, step, algorithm.sampling(), collective.shard(), settings.pieces()),
          interruption::check);
    }

    private S restored(S like, Path checkpoint) {
      try (var scope = StateScope.open()) {
        Map<String, Tensor> tensors = TensorFile.read(checkpoint, experiment.device()).tensors();
        return scope.keep(StateScope.rebuild(like, tensors));
      } catch (IOException e) {
        throw DiskProblem.reading(checkpoint, e);
      } catch (IllegalArgumentException e) {
        throw new InvalidInputException(
                "The checkpoint does not fit the experiment: "
                    + String.valueOf(e.getMessage()).lines().findFirst().orElse(""),
                "experiment.json was changed after the checkpoint was written.")
            .at(checkpoint.toString());
      }
    }

    /** Evaluates, and names the first loss that is not finite; null if all are. */
    private @Nullable String evaluate(long step, S state) {
      try (var scope = StateScope.open()) {
        metrics = problem.evaluate(state.x(), state.y());
      }
      long epoch = problem.stepsPerEpoch();
      listener.evaluated(
          new MetricsRow(
              step, epoch == 0 ? null : (double) step / epoch, seconds(), calls, metrics));
      return StateCheck.notFinite(metrics);
    }

    private void save(long step, S state) {
      if (saved != step) {
        listener.checkpoint(step, StateScope.tensors(state), calls);
        saved = step;
      }
    }

    private double seconds() {
      return secondsBefore + nanos / 1e9;
    }
  }
}
