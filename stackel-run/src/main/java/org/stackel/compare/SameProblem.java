package org.stackel.compare;

import org.jspecify.annotations.Nullable;
import org.stackel.experiment.Experiment;
import org.stackel.problem.BilevelProblem;
import org.stackel.problem.ProblemOptions;
import org.stackel.tensor.Device;
import org.stackel.tensor.StateScope;

/**
 * The problem that a job opened last, for its next run if that is on the same data: reading them
 * may take longer than a run. Of one thread, like the scope that the problem was opened in.
 */
final class SameProblem implements AutoCloseable {
  /** All that opening a problem depends on. */
  private record Key(ProblemOptions problem, long seed, Device device) {}

  private @Nullable Key key;
  private @Nullable BilevelProblem<?> problem;
  private @Nullable StateScope scope;

  /** The experiment's problem, which stays open until another one is asked for. */
  BilevelProblem<?> of(Experiment experiment) {
    var asked = new Key(experiment.problem(), experiment.settings().seed(), experiment.device());
    if (problem != null && asked.equals(key)) {
      return problem;
    }
    close();
    scope = StateScope.open();
    key = asked;
    problem = experiment.open();
    return problem;
  }

  @Override
  public void close() {
    if (problem != null) {
      problem.close();
      problem = null;
    }
    if (scope != null) {
      scope.close();
      scope = null;
    }
  }
}
