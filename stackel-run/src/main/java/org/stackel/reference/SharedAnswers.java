package org.stackel.reference;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.stackel.distributed.Ranks;
import org.stackel.distributed.UpperParts;
import org.stackel.oracle.AutogradOracle;
import org.stackel.oracle.Sampling;
import org.stackel.problem.BilevelProblem;
import org.stackel.problem.Shard;
import org.stackel.tensor.Arithmetic;
import org.stackel.tensor.Device;
import org.stackel.tensor.Seed;
import org.stackel.tensor.StateScope;
import org.stackel.tensor.Tensors;

/**
 * What ranks answer together, against one process: gradients and products on one minibatch of each
 * level. They differ where a loss is no mean over the samples of its minibatch, or depends on more
 * than these. Where each rank can have a part of x, the same with parts: these differ, too, where
 * the losses see more of x than its numbers of their minibatch.
 *
 * @param problem in float64
 * @param ranks all of them ask
 * @param seed of the minibatches and directions
 */
public record SharedAnswers(BilevelProblem<?> problem, Ranks ranks, Seed seed) {
  private static final double RELATIVE = 1e-9;

  /** Relative errors at a point, the same on all ranks. */
  public List<Finding> compare(double[] x, double[] y, Device device) {
    return compare(problem, x, y, device);
  }

  private <B> List<Finding> compare(
      BilevelProblem<B> problem, double[] at, double[] below, Device device) {
    try (var scope = StateScope.open()) {
      Tensor x = Tensors.of(device, at);
      Tensor y = Tensors.of(device, below);
      Tensor v = Tensors.randn(seed.child("v"), device, below.length);
      Seed draw = seed.child("draw");
      Arithmetic arithmetic = Arithmetic.FP32;
      var alone =
          new AutogradOracle<>(problem, draw, Sampling.INDEPENDENT, Shard.ALL, 1, arithmetic);
      var together =
          new AutogradOracle<>(problem, draw, Sampling.INDEPENDENT, 1, arithmetic, ranks);
      Answers expected = Answers.of(alone, x, y, v);
      Answers found = Answers.of(together, x, y, v);
      var findings = new ArrayList<Finding>();
      findings.add(finding("gradients of %d ranks", found.errorOfGradients(expected)));
      findings.add(finding("products of %d ranks", found.errorOfProducts(expected)));
      UpperParts parts = UpperParts.of(ranks, problem);
      if (parts != null) {
        var inParts =
            new AutogradOracle<>(problem, draw, Sampling.INDEPENDENT, 1, arithmetic, ranks, parts);
        Answers own = Answers.of(inParts, parts.own(x), y, v);
        findings.add(finding("answers of %d ranks with parts of x", worst(own, expected, parts)));
      }
      return findings;
    }
  }

  /** The largest error of any rank. */
  private double worst(Answers own, Answers whole, UpperParts parts) {
    var expected =
        new Answers(
            parts.own(whole.x()),
            whole.y(),
            whole.lower(),
            whole.hessian(),
            parts.own(whole.cross()));
    double error = Math.max(own.errorOfGradients(expected), own.errorOfProducts(expected));
    return Arrays.stream(ranks.each(error)).max().orElse(Double.NaN);
  }

  private Finding finding(String what, double error) {
    return new Finding(what.formatted(ranks.count()) + " against one process", error, RELATIVE);
  }
}
