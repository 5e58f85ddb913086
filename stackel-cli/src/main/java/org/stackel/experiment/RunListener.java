package org.stackel.experiment;

import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.stackel.oracle.OracleCalls;
import org.stackel.problem.BilevelProblem;
import org.stackel.problem.Metrics;

/**
 * What a runner tells while it runs, on its own thread. Listeners never change what it computes.
 */
public interface RunListener {
  /** Everything is validated and the data are there; nothing has been computed. */
  default void opened(BilevelProblem<?> problem) {}

  /**
   * A state exists: after initialisation (step 0) and after every step. Its tensors may be read
   * until the call returns.
   */
  default void stepped(long step, Tensor x, Tensor y) {}

  /** The whole of that state; its tensors may be read until the call returns. */
  default void reached(long step, Record state) {}

  /** The problem was evaluated. */
  default void evaluated(MetricsRow row) {}

  /** It is time to save a state, its tensors by name. */
  default void checkpoint(long step, Map<String, Tensor> state, OracleCalls calls) {}

  /** The full check is done. */
  default void checked(List<Finding> findings) {}

  /**
   * All steps are done; the tensors may be read until the call returns.
   *
   * @return metrics of what was made of the result, for the outcome
   */
  default Metrics completed(BilevelProblem<?> problem, Tensor x, Tensor y) {
    return Metrics.NONE;
  }

  /** Whether to stop. Asked after every step, and within steps before every oracle call. */
  default boolean stopRequested() {
    return false;
  }

  /** One listener that tells all of these, in order. */
  static RunListener all(RunListener... listeners) {
    return new RunListener() {
      @Override
      public void opened(BilevelProblem<?> problem) {
        for (RunListener listener : listeners) {
          listener.opened(problem);
        }
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
      public void evaluated(MetricsRow row) {
        for (RunListener listener : listeners) {
          listener.evaluated(row);
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
      public Metrics completed(BilevelProblem<?> problem, Tensor x, Tensor y) {
        Metrics all = Metrics.NONE;
        for (RunListener listener : listeners) {
          all = all.with(listener.completed(problem, x, y));
        }
        return all;
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
