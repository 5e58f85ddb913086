package org.stackel.compare;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.stackel.distributed.RankLostException;
import org.stackel.distributed.Ranks;
import org.stackel.experiment.Experiment;
import org.stackel.run.ResumePoint;
import org.stackel.run.RunListener;
import org.stackel.run.RunOutcome;
import org.stackel.run.Runner;
import org.stackel.runfile.Document;

/** Makes the runs of a comparison: alone, or with other ranks, which are told of each. */
final class Runs {
  /** What the others are told when there is nothing more to do. */
  private static final String END = "";

  private final Ranks ranks;
  private @Nullable RunOutcome last;

  /**
   * @param ranks the processes that share every run, of which this is the first
   */
  Runs(Ranks ranks) {
    this.ranks = ranks;
  }

  /** The number of processes that share a run. */
  int ranks() {
    return ranks.count();
  }

  /** Makes a new run. */
  RunOutcome run(Experiment experiment, SameProblem problem, RunListener listener) {
    return run(experiment, problem, null, listener);
  }

  /**
   * Makes a run.
   *
   * @param from where to resume; null for a new run
   */
  RunOutcome run(
      Experiment experiment,
      SameProblem problem,
      @Nullable ResumePoint from,
      RunListener listener) {
    if (ranks.count() > 1) {
      Experiment complete = experiment.completed(problem.of(experiment));
      ranks.textFromFirst(Document.line(complete.toMap()));
    }
    RunOutcome outcome = Runner.run(experiment, problem.of(experiment), from, ranks, listener);
    last = outcome;
    return outcome;
  }

  /**
   * Lets the other ranks go.
   *
   * @throws RankLostException if one was lost in a run
   */
  void end() {
    if (last != null) {
      last.checkRanks();
    }
    try {
      ranks.textFromFirst(END);
    } catch (RankLostException e) {
      // there is nothing left for it to do
    }
  }

  /**
   * Takes part in the runs of the first rank, until there are no more.
   *
   * @throws RankLostException if another one was lost
   */
  static void follow(Ranks ranks, RunListener listener) {
    try (var problem = new SameProblem()) {
      for (String told = ranks.textFromFirst(END);
          !told.equals(END);
          told = ranks.textFromFirst(END)) {
        Experiment experiment = experiment(told);
        Runner.run(experiment, problem.of(experiment), null, ranks, listener).checkRanks();
      }
    }
  }

  private static Experiment experiment(String told) {
    var values = new LinkedHashMap<String, Object>();
    if (Document.parse(told, "rank 0").value() instanceof Map<?, ?> map) {
      map.forEach((key, value) -> values.put(String.valueOf(key), value));
    }
    return Experiment.of(values);
  }
}
