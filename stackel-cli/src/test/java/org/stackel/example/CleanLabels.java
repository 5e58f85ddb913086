package org.stackel.example;

import java.util.Map;
import org.stackel.experiment.Experiment;
import org.stackel.run.MetricsRow;
import org.stackel.run.RunListener;
import org.stackel.run.RunOutcome;
import org.stackel.run.Runner;

/** A weight for each of 10,000 definitions, 40 % of which got a wrong label on purpose. */
final class CleanLabels implements RunListener {
  static RunOutcome run() {
    var problem = Map.of("type", "data-cleaning", "noise", "pair", "noiseRate", 0.4);
    var slip = Map.of("type", "slip");
    var all = Map.of("problem", problem, "algorithm", slip, "steps", 500, "evaluateEvery", 100);
    return Runner.run(Experiment.of(all), new CleanLabels());
  }

  @Override
  public void evaluated(MetricsRow row) {
    System.out.println(row.step() + " " + row.metrics().values());
  }
}
