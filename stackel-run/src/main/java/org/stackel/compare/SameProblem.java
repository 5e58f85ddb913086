package org.stackel.compare;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.stackel.experiment.Experiment;
import org.stackel.problem.BilevelProblem;
import org.stackel.problem.ProblemOptions;
import org.stackel.tensor.Device;
import org.stackel.tensor.StateScope;

/**
 * The problems that a job opened on the data of a seed, for its next runs on them: reading the data
 * may take longer than a run. Of one thread, like the scope that they were opened in.
 */
final class SameProblem implements AutoCloseable {
  /** All that data depend on besides options. */
  private record Origin(long seed, Device device) {}

  private record Opened(ProblemOptions options, BilevelProblem<?> problem) {}

  private final List<Opened> opened = new ArrayList<>(); // the first one has the data
  private @Nullable Origin origin;
  private @Nullable StateScope scope;

  /** The experiment's problem, which stays open until one on other data is asked for. */
  BilevelProblem<?> of(Experiment experiment) {
    var asked = new Origin(experiment.settings().seed(), experiment.device());
    BilevelProblem<?> problem = asked.equals(origin) ? onSameData(experiment) : null;
    if (problem == null) {
      close();
      scope = StateScope.open();
      problem = experiment.open();
      origin = asked;
      opened.add(new Opened(experiment.problem(), problem));
    }
    return problem;
  }

  private @Nullable BilevelProblem<?> onSameData(Experiment experiment) {
    for (Opened each : opened) {
      if (each.options.equals(experiment.problem())) {
        return each.problem;
      }
    }
    BilevelProblem<?> problem = experiment.openOn(opened.get(0).problem);
    if (problem != null) {
      opened.add(new Opened(experiment.problem(), problem));
    }
    return problem;
  }

  @Override
  public void close() {
    for (int last = opened.size() - 1; last >= 0; last--) {
      opened.remove(last).problem.close();
    }
    origin = null;
    if (scope != null) {
      scope.close();
      scope = null;
    }
  }
}
