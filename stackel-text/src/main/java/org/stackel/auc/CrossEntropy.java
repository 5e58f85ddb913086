package org.stackel.auc;

import java.util.List;
import java.util.function.LongSupplier;
import org.bytedeco.pytorch.Tensor;
import org.stackel.model.Classifier;
import org.stackel.problem.BaselineResult;
import org.stackel.problem.Metrics;
import org.stackel.tensor.Seed;
import org.stackel.tensor.StateScope;

/**
 * What training for AUC is compared with: the same network with two logits, trained by cross
 * entropy with Adam, as many steps of as many examples, at the step size of the pretraining.
 */
public final class CrossEntropy {
  private final DeepAuc.Opened problem;
  private final Seed seed;
  private final Pretraining training;
  private final LongSupplier nanos;

  /**
   * @param steps as many as the bilevel methods make, with those of their pretraining
   * @param seed of start and batches
   * @param nanos a clock, which results report
   */
  public CrossEntropy(DeepAuc.Opened problem, long steps, Seed seed, LongSupplier nanos) {
    this.problem = problem;
    this.seed = seed;
    this.nanos = nanos;
    training = new Pretraining(steps, problem.options().pretraining().lr());
  }

  /** On all training examples and, where each level has half of them, on the lower half alone. */
  public List<BaselineResult> baselines() {
    BaselineResult all = result("cross entropy", problem.trainingExamples());
    return problem.options().split() == DeepAuc.Split.NONE
        ? List.of(all)
        : List.of(
            all,
            result("cross entropy (half of the examples)", problem.examples(DeepAuc.Part.LOWER)));
  }

  private BaselineResult result(String method, int[] chosen) {
    long begin = nanos.getAsLong();
    try (var scope = StateScope.open()) {
      Classifier model = problem.classifier(2);
      Tensor found = training.train(problem, model, chosen, seed, step -> true);
      double seconds = (nanos.getAsLong() - begin) / 1e9;
      return new BaselineResult(
          method,
          Metrics.NONE.with("testAuc", problem.auc(model, found, DeepAuc.Part.TEST)),
          seconds);
    }
  }
}
