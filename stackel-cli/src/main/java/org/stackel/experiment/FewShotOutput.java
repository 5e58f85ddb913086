package org.stackel.experiment;

import org.bytedeco.pytorch.Tensor;
import org.stackel.problem.BilevelProblem;
import org.stackel.problem.HyperRepresentation;
import org.stackel.problem.Metrics;
import org.stackel.problem.Start;
import org.stackel.tensor.Seed;
import org.stackel.tensor.StateScope;

/**
 * What the accuracy of a run of hyper-representation is to be compared with: that of heads on the
 * encoder of the start, and on mean word vectors. Other problems have nothing of the kind.
 */
public final class FewShotOutput implements RunListener {
  private final Seed seed;

  /** For a run. */
  public FewShotOutput(RunDirectory run) {
    seed = new Seed(run.experiment().settings().seed());
  }

  @Override
  public Metrics completed(BilevelProblem<?> problem, Tensor x, Tensor y) {
    if (!(problem instanceof HyperRepresentation.Opened tasks)) {
      return Metrics.NONE;
    }
    try (var scope = StateScope.open()) {
      Start start = tasks.start(seed.child("start"));
      return Metrics.NONE
          .with("startAccuracy", tasks.evaluate(start.x(), start.y()).get("testAccuracy"))
          .with("meanVectorAccuracy", tasks.meanVectorAccuracy());
    }
  }
}
