package org.stackel.example;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.stackel.tensor.Device;
import org.stackel.tensor.Seed;
import org.stackel.tensor.StateScope;
import org.stackel.tensor.Tensors;

/** The code of README.md and docs/new-problem.md does what it says. */
class TuneRidgeTest {
  /** Held-out data without noise want less of a penalty than the start has. */
  @Test
  void thePenaltyFallsAndTheRunLeavesADirectory(@TempDir Path directory) {
    try (var scope = StateScope.open()) {
      Tensor w = Tensors.randn(new Seed(1), Device.CPU64, 30);
      Tensor a = Tensors.randn(new Seed(2), Device.CPU64, 80, 30);
      Tensor b = a.mv(w).add(Tensors.randn(new Seed(3), Device.CPU64, 80));
      Tensor c = Tensors.randn(new Seed(4), Device.CPU64, 80, 30);
      Path run = directory.resolve("ridge");
      double[] logPenalty = TuneRidge.solve(a, b, c, c.mv(w), run);
      assertThat(logPenalty).hasSize(1);
      assertThat(logPenalty[0]).isLessThan(-1);
      assertThat(run.resolve("outcome.json")).exists();
    }
  }
}
