package org.stackel.sweep;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.stackel.experiment.Draft;
import org.stackel.experiment.Experiment;
import org.stackel.runfile.Document;
import org.stackel.runfile.RunFiles;

/**
 * One run, as it crosses to whoever makes it: a line of JSON.
 *
 * @param run its name
 * @param directory where its files go, absolute
 * @param experiment an experiment file
 * @param epochs passes through the training set in place of steps; 0 for none
 * @param steps number of steps after which it ends; 0 for those of the experiment
 * @param end whether it ends for good: what becomes of the solution is of interest
 * @param attempts how often it is tried
 * @param plugins jars and directories of a user's own
 * @param ranks number of processes that share it
 * @param token what these must know; null if there is one process
 */
record SweepTask(
    String run,
    String directory,
    String experiment,
    long epochs,
    long steps,
    boolean end,
    int attempts,
    List<String> plugins,
    int ranks,
    @Nullable String token) {
  static SweepTask parse(String line) {
    return RunFiles.parse(line, "the task", SweepTask.class);
  }

  String line() {
    return RunFiles.line(this);
  }

  /**
   * The experiment with the steps of this task. Hyperparameters that nobody gave follow from all
   * steps, so that a run with fewer can go on.
   */
  Experiment open() {
    Draft draft = Draft.of(run, values());
    if (epochs > 0) {
      draft.setEpochs(epochs);
      return draft.experiment().completed(); // the number of steps is known then
    }
    Experiment all = draft.experiment();
    return steps == 0 ? all : all.withSteps(steps);
  }

  @SuppressWarnings("unchecked")
  private Map<String, ?> values() {
    return (Map<String, ?>) Objects.requireNonNull(Document.parse(experiment, run).value());
  }
}
