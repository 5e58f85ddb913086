package org.stackel.experiment;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.stackel.config.Options;
import org.stackel.problem.HyperRepresentation;
import org.stackel.problem.HyperRepresentation.Heads;
import org.stackel.problem.Metrics;

/** What to say about heads of hyper-representation that diverge, or whose steps are too large. */
public final class HeadWarnings {
  private static final List<String> STEPS =
      List.of("lowerLr", "adaptLr", "linearSystemLr", "neumannStep");

  private HeadWarnings() {}

  /**
   * About steps that are too large for the curvature at the start.
   *
   * @param curvature of a head's own lower loss
   */
  static List<String> atStart(Experiment experiment, double curvature) {
    return experiment.problem() instanceof HyperRepresentation problem
        ? steps(experiment, problem, curvature, "at the start")
        : List.of();
  }

  /** About the heads after the last step; nothing about other problems. */
  public static List<String> atEnd(Experiment experiment, Metrics metrics) {
    if (!(experiment.problem() instanceof HyperRepresentation problem)
        || !metrics.values().containsKey("divergedHeads")) {
      return List.of();
    }
    var warnings = new ArrayList<String>();
    int test = (int) metrics.get("divergedHeads");
    if (test == problem.testTasks()) {
      warnings.add(
          "The heads of all %d test tasks diverged: there is no test accuracy. Maybe a smaller testLr (%s) or featureScale helps."
              .formatted(test, number(problem.testLr())));
    } else if (test > 0) {
      warnings.add(
          "The heads of %d of the %d test tasks diverged; the test accuracy is that of the others. Maybe a smaller testLr (%s) or featureScale helps."
              .formatted(test, problem.testTasks(), number(problem.testLr())));
    }
    int train = (int) metrics.get("divergedTrainHeads");
    if (train > 0 && problem.heads() == Heads.SHARED) {
      warnings.add(
          "The head of all training tasks is far worse on them than guessing. Maybe smaller steps help.");
    } else if (train > 0) {
      warnings.add(
          "%d heads of training tasks are worse on their support sets than where they started. Maybe smaller lower steps help."
              .formatted(train));
    }
    warnings.addAll(steps(experiment, problem, metrics.get("headCurvature"), "at the end"));
    return warnings;
  }

  private static List<String> steps(
      Experiment experiment, HyperRepresentation problem, double curvature, String when) {
    var warnings = new ArrayList<String>();
    Map<String, @Nullable Object> options = Options.toMap((Record) experiment.algorithm());
    double share = curvature / FewShotDefaults.tasks(problem); // a step's loss is a mean over tasks
    for (String key : STEPS) {
      if (options.get(key) instanceof Number step) {
        tooLarge(key, step.doubleValue(), share, when, warnings);
      }
    }
    tooLarge("testLr", problem.testLr(), curvature, when, warnings);
    return warnings;
  }

  private static void tooLarge(
      String key, double step, double curvature, String when, List<String> warnings) {
    if (step * curvature >= 2) {
      warnings.add(
          "The %s (%s) is too large for the heads: times their largest curvature %s, %.3g, it is %.2g, and must be below 2. Maybe %s %s or a smaller featureScale helps."
              .formatted(
                  key,
                  number(step),
                  when,
                  curvature,
                  step * curvature,
                  key,
                  number(FewShotDefaults.rounded(1.5 / curvature))));
    }
  }

  private static String number(double number) {
    return String.format(Locale.ROOT, "%s", number);
  }
}
