package org.stackel.auc;

import java.util.List;
import java.util.function.LongSupplier;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;
import org.stackel.model.Classifier;
import org.stackel.model.Training;
import org.stackel.problem.BaselineResult;
import org.stackel.problem.Metrics;
import org.stackel.tensor.Seed;
import org.stackel.tensor.StateScope;
import org.stackel.tensor.Tensors;

/**
 * What training for AUC is compared with: the same network with two logits, trained by cross
 * entropy with Adam, as many steps of as many examples.
 */
public final class CrossEntropy {
  private static final double LR = 3e-3;

  private final DeepAuc.Opened problem;
  private final Seed seed;
  private final Training training;
  private final LongSupplier nanos;

  /**
   * @param steps as many as the bilevel methods make
   * @param seed of start and batches
   * @param nanos a clock, which results report
   */
  public CrossEntropy(DeepAuc.Opened problem, long steps, Seed seed, LongSupplier nanos) {
    this.problem = problem;
    this.seed = seed;
    this.nanos = nanos;
    training = new Training.Minibatch(0, steps, problem.options().batches().batch(), LR);
  }

  /** On both halves of the training examples, and on the lower one alone. */
  public List<BaselineResult> baselines() {
    int[] lower = problem.examples(DeepAuc.Part.LOWER);
    int[] upper = problem.examples(DeepAuc.Part.UPPER);
    int[] both = IntStream.concat(IntStream.of(lower), IntStream.of(upper)).toArray();
    return List.of(
        result("cross entropy", both), result("cross entropy (half of the examples)", lower));
  }

  private BaselineResult result(String method, int[] chosen) {
    long begin = nanos.getAsLong();
    try (var scope = StateScope.open()) {
      boolean[] positives = problem.positives();
      int[] classes = IntStream.range(0, positives.length).map(i -> positives[i] ? 1 : 0).toArray();
      Tensor labels = Tensors.indices(problem.device(), classes);
      Classifier model = problem.classifier(2);
      Tensor found =
          training.fit(
              model,
              Training.Examples.equal(problem.texts(), labels, chosen),
              seed,
              problem.device());
      double seconds = (nanos.getAsLong() - begin) / 1e9;
      return new BaselineResult(
          method,
          Metrics.NONE.with("testAuc", problem.auc(model, found, DeepAuc.Part.TEST)),
          seconds);
    }
  }
}
