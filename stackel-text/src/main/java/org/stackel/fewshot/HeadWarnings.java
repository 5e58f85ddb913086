package org.stackel.fewshot;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.stackel.fewshot.HyperRepresentation.Heads;
import org.stackel.problem.Metrics;
import org.stackel.problem.Scales;

/** What to say about heads of hyper-representation that diverge, or whose steps are too large. */
final class HeadWarnings {
  private HeadWarnings() {}

  /** About the heads after the last step. */
  static List<String> atEnd(
      HyperRepresentation problem, Map<String, Double> lowerLr, Metrics metrics) {
    if (!metrics.values().containsKey("divergedHeads")) {
      return List.of();
    }
    var warnings = new ArrayList<String>();
    int test = (int) metrics.get("divergedHeads");
    if (test == problem.sizes().testTasks()) {
      warnings.add(
          "The heads of all %d test tasks diverged: there is no test accuracy. Maybe a smaller testLr (%s) or featureScale helps."
              .formatted(test, number(problem.adaptation().testLr())));
    } else if (test > 0) {
      warnings.add(
          "The heads of %d of the %d test tasks diverged; the test accuracy is that of the others. Maybe a smaller testLr (%s) or featureScale helps."
              .formatted(test, problem.sizes().testTasks(), number(problem.adaptation().testLr())));
    }
    int train = (int) metrics.get("divergedTrainHeads");
    if (train > 0 && problem.heads() == Heads.SHARED) {
      warnings.add(
          "The head of all training tasks is far worse on them than guessing. Maybe smaller steps help.");
    } else if (train > 0) {
      warnings.add(
          "%d heads of training tasks are worse on their support sets than where they started. Maybe smaller %s help."
              .formatted(train, lowerLr.isEmpty() ? "steps of x" : "lower steps"));
    }
    warnings.addAll(of(problem, lowerLr, metrics.get("headCurvature"), "at the end"));
    return warnings;
  }

  /**
   * About steps that are too large for the curvature of the heads.
   *
   * @param curvature of a head's own lower loss
   * @param when it has that curvature
   */
  static List<String> of(
      HyperRepresentation problem, Map<String, Double> lowerLr, double curvature, String when) {
    var warnings = new ArrayList<String>();
    double share = curvature / FewShotScales.tasks(problem); // a step's loss is a mean over tasks
    lowerLr.forEach((key, step) -> tooLarge(key, step, share, when, warnings));
    tooLarge("testLr", problem.adaptation().testLr(), curvature, when, warnings);
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
                  number(Scales.rounded(1.5 / curvature))));
    }
  }

  private static String number(double number) {
    return String.format(Locale.ROOT, "%s", number);
  }
}
