package org.stackel.auc;

import java.util.function.LongPredicate;
import org.bytedeco.pytorch.Tensor;
import org.stackel.config.OptionRecord;
import org.stackel.config.Rules;
import org.stackel.model.Classifier;
import org.stackel.model.Training;
import org.stackel.tensor.Seed;
import org.stackel.tensor.Tensors;

/**
 * Training of the network by cross entropy before the first step, on all training examples: Adam in
 * minibatches of the lower level's size, its step size falling to zero over the last 30 %.
 *
 * @param steps number of steps of the pretraining, at least 0; 0 for none
 * @param lr step size of the pretraining, greater than 0
 */
@OptionRecord
public record Pretraining(long steps, double lr) implements PretrainingBuilder.With {
  public Pretraining {
    var rules = new Rules("the pretraining of deep-auc");
    rules.atLeast("steps", steps, 0);
    rules.positive("lr", lr);
  }

  /**
   * Trained parameters of the problem's network, in the caller's scope.
   *
   * @param seed of the start and of the minibatches
   */
  Tensor train(DeepAuc.Opened problem, Seed seed) {
    var model =
        new Classifier.OneOutput(
            problem.classifier(problem.options().logits()), problem.options().logits() - 1);
    return train(problem, model, problem.trainingExamples(), seed, step -> true);
  }

  /**
   * Parameters of a model with two outputs, trained on some of the examples.
   *
   * @param goesOn asked before each step, with its number from 0
   */
  Tensor train(
      DeepAuc.Opened problem, Classifier model, int[] chosen, Seed seed, LongPredicate goesOn) {
    boolean[] positives = problem.positives();
    int[] classes = new int[positives.length];
    for (int i = 0; i < classes.length; i++) {
      classes[i] = positives[i] ? 1 : 0;
    }
    var examples =
        Training.Examples.equal(
            problem.texts(), Tensors.indices(problem.device(), classes), chosen);
    return new Training.Minibatch(0, steps, problem.options().batches().batch(), lr)
        .fit(model, examples, seed, problem.device(), goesOn);
  }
}
