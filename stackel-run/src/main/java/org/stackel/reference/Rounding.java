package org.stackel.reference;

import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.stackel.config.Options;
import org.stackel.oracle.AutogradOracle;
import org.stackel.oracle.Sampling;
import org.stackel.problem.BilevelProblem;
import org.stackel.problem.Noise;
import org.stackel.problem.Shard;
import org.stackel.tensor.Arithmetic;
import org.stackel.tensor.Device;
import org.stackel.tensor.Seed;
import org.stackel.tensor.StateScope;
import org.stackel.tensor.Tensors;

/**
 * What a run's arithmetic costs: gradients and products on one minibatch of each level, as the run
 * computes them, against float64. Told without a verdict: how much an algorithm bears is not known.
 *
 * @param fine the problem in float64
 * @param own the same problem, in the run's type of numbers and on its device
 * @param arithmetic how the run multiplies matrices
 * @param seed of the minibatches and directions
 */
public record Rounding(
    BilevelProblem<?> fine, BilevelProblem<?> own, Arithmetic arithmetic, Seed seed) {

  /**
   * Relative errors at a point.
   *
   * @param device of the run
   */
  public List<Finding> compare(double[] x, double[] y, Device device) {
    arithmetic.begin();
    try (var scope = StateScope.open()) {
      Tensor v = Tensors.randn(seed.child("v"), Device.CPU64, y.length);
      var exactly = new Device(device.kind(), Device.Precision.FLOAT64);
      Answers expected = answers(fine, Arithmetic.FP32, exactly, x, y, v);
      Answers found = answers(own, arithmetic, device, x, y, v);
      double gradients = found.errorOfGradients(expected);
      double products = found.errorOfProducts(expected);
      String name = Options.kebab(arithmetic);
      return List.of(
          new Finding("gradients in %s against float64".formatted(name), gradients, null),
          new Finding("products in %s against float64".formatted(name), products, null));
    } finally {
      Arithmetic.FP32.begin();
    }
  }

  private <B> Answers answers(
      BilevelProblem<B> problem,
      Arithmetic arithmetic,
      Device device,
      double[] at,
      double[] below,
      Tensor direction) {
    var quiet =
        RedrawnProblem.of(
            problem,
            problem::upperBatch,
            problem::lowerBatch,
            new RedrawnProblem.Draws(problem.drawsOnce(), Noise.NONE));
    var oracle =
        new AutogradOracle<>(
            quiet, seed.child("draw"), Sampling.INDEPENDENT, Shard.ALL, 1, arithmetic);
    return Answers.of(
        oracle,
        Tensors.of(device, at),
        Tensors.of(device, below),
        Tensors.of(device, Tensors.toArray(direction)));
  }
}
