package org.stackel.example;

import java.nio.file.Path;
import org.bytedeco.pytorch.Tensor;
import org.stackel.Result;
import org.stackel.Stackel;
import org.stackel.algorithm.Slip;
import org.stackel.bilevel.Bilevel;
import org.stackel.experiment.Settings;

/** A penalty strength exp(x) for which a regression on (a, b) predicts (c, d) well. */
final class TuneRidge {
  private TuneRidge() {}

  static double[] solve(Tensor a, Tensor b, Tensor c, Tensor d, Path directory) {
    // ---- begin: ridge
    // x: logarithm of the penalty; y: coefficients
    // a, c: tensors [80, 30], training and held-out examples; b, d: tensors [80], their targets
    // error(a, b, y): a.mv(y).sub(b).square().mean(); directory: the path of the run directory
    var ridge =
        Bilevel.problem(new double[1], new double[30])
            .lower((x, y, m) -> error(m.rows(a), m.rows(b), y).add(x.exp().mul(y.dot(y))))
            .upper((x, y, m) -> error(m.rows(c), m.rows(d), y))
            .batches(80, 32);
    var slip = Slip.builder().upperLr(0.02).lowerLr(0.05).build();
    Result result = Stackel.run(ridge, slip, Settings.ofSteps(1_000), directory);
    double[] logPenalty = result.x();
    // ---- end: ridge
    return logPenalty;
  }

  // ---- begin: error
  private static Tensor error(Tensor a, Tensor b, Tensor y) {
    return a.mv(y).sub(b).square().mean();
  }
  // ---- end: error
}
