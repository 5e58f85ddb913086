package org.stackel.run;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;
import org.stackel.experiment.Experiment;
import org.stackel.oracle.OracleCalls;
import org.stackel.problem.Artifacts;
import org.stackel.problem.BilevelProblem;
import org.stackel.reference.Finding;
import org.stackel.runfile.Descent;
import org.stackel.runfile.RollbackLine;

/** Receives the events of a run, on the run's thread. Listeners never change what is computed. */
public interface RunListener {
  /**
   * Everything is validated and the data are there; nothing has been computed.
   *
   * @param experiment complete, with what the data decided
   */
  default void opened(Experiment experiment, BilevelProblem<?> problem) {}

  /**
   * Whether it looks at x or the state in {@link #stepped} or {@link #reached}. Ranks that could
   * each have a part of x ({@link org.stackel.problem.PerExample}) then have all of it; otherwise
   * what is shown there is a part. Asked once, before the first step, of the first rank's listener.
   */
  default boolean looksAtStates() {
    return false;
  }

  /**
   * A state exists: after initialisation (step 0) and after every step. Its tensors may be read
   * until the call returns.
   */
  default void stepped(long step, Tensor x, Tensor y) {}

  /** The whole of that state; its tensors may be read until the call returns. */
  default void reached(long step, Record state) {}

  /**
   * Work before, between or after the steps goes on, such as an evaluation or the training of the
   * final model.
   *
   * @param part what is being done, in a few words
   * @param done number of iterations that are done
   * @param most the most that there are
   */
  default void working(String part, long done, long most) {}

  /** The problem was evaluated. */
  default void evaluated(MetricsRow row) {}

  /** The run had diverged, and goes on from an earlier step with shorter steps. */
  default void rolledBack(RollbackLine rollback) {}

  /** It is time to save a state, its tensors by name. Ranks but the first may have parts of it. */
  default void checkpoint(long step, Map<String, Tensor> state, OracleCalls calls) {}

  /** The full check is done. */
  default void checked(List<Finding> findings) {}

  /** The full check has judged the step that would come after the last one. */
  default void judged(Descent descent) {}

  /**
   * All steps are done; the tensors may be read until the call returns. Not told where the rank has
   * a part of x.
   */
  default void completed(BilevelProblem<?> problem, Tensor x, Tensor y) {}

  /**
   * Where a completed run leaves files; null if nobody asks what becomes of its solution, which may
   * take as long as the run.
   */
  default @Nullable Artifacts artifacts() {
    return null;
  }

  /** A listener that asks what becomes of the solution. */
  static RunListener finishing(Artifacts artifacts) {
    return new RunListener() {
      @Override
      public Artifacts artifacts() {
        return artifacts;
      }
    };
  }

  /** Whether to stop. Asked after every step, and within steps before every oracle call. */
  default boolean stopRequested() {
    return false;
  }

  /** One listener that tells all of these, in order. */
  static RunListener all(RunListener... listeners) {
    return new RunListener() {
      @Override
      public void opened(Experiment experiment, BilevelProblem<?> problem) {
        for (RunListener listener : listeners) {
          listener.opened(experiment, problem);
        }
      }

      @Override
      public boolean looksAtStates() {
        return Arrays.stream(listeners).anyMatch(RunListener::looksAtStates);
      }

      @Override
      public void stepped(long step, Tensor x, Tensor y) {
        for (RunListener listener : listeners) {
          listener.stepped(step, x, y);
        }
      }

      @Override
      public void reached(long step, Record state) {
        for (RunListener listener : listeners) {
          listener.reached(step, state);
        }
      }

      @Override
      public void working(String part, long done, long most) {
        for (RunListener listener : listeners) {
          listener.working(part, done, most);
        }
      }

      @Override
      public void evaluated(MetricsRow row) {
        for (RunListener listener : listeners) {
          listener.evaluated(row);
        }
      }

      @Override
      public void rolledBack(RollbackLine rollback) {
        for (RunListener listener : listeners) {
          listener.rolledBack(rollback);
        }
      }

      @Override
      public void checkpoint(long step, Map<String, Tensor> state, OracleCalls calls) {
        for (RunListener listener : listeners) {
          listener.checkpoint(step, state, calls);
        }
      }

      @Override
      public void checked(List<Finding> findings) {
        for (RunListener listener : listeners) {
          listener.checked(findings);
        }
      }

      @Override
      public void judged(Descent descent) {
        for (RunListener listener : listeners) {
          listener.judged(descent);
        }
      }

      @Override
      public void completed(BilevelProblem<?> problem, Tensor x, Tensor y) {
        for (RunListener listener : listeners) {
          listener.completed(problem, x, y);
        }
      }

      @Override
      public @Nullable Artifacts artifacts() {
        return Arrays.stream(listeners)
            .map(RunListener::artifacts)
            .filter(Objects::nonNull)
            .findFirst()
            .orElse(null);
      }

      @Override
      public boolean stopRequested() {
        boolean stop = false;
        for (RunListener listener : listeners) {
          stop |= listener.stopRequested();
        }
        return stop;
      }
    };
  }
}
