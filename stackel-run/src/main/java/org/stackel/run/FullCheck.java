package org.stackel.run;

import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.stackel.problem.BilevelProblem;
import org.stackel.reference.Derivatives;
import org.stackel.reference.Finding;
import org.stackel.reference.Reference;
import org.stackel.tensor.Device;
import org.stackel.tensor.Seed;
import org.stackel.tensor.StateScope;

/**
 * Derivatives at the start of a run, as far as its precision lets; then the growth of native memory
 * over the run.
 */
final class FullCheck {
  private static final int SETTLED = 3; // caches are filled in the first steps

  private final List<Finding> findings = new ArrayList<>();
  private long pointers = -1;
  private long bytes;

  /** Compares the derivatives at a point. */
  void derivatives(BilevelProblem<?> problem, Device device, Seed seed, Tensor x, Tensor y) {
    try (var scope = StateScope.open()) {
      var derivatives = new Derivatives(Reference.of(problem, seed, 1), device, seed);
      if (device.precision() == Device.Precision.FLOAT64) {
        findings.addAll(derivatives.compare(x, y, problem.upperLayout(), problem.lowerLayout()));
      } else {
        findings.add(derivatives.symmetry(x, y));
      }
    }
  }

  /** Notes how much is alive, once the first steps are done. */
  void step(long sinceStart) {
    if (sinceStart == SETTLED) {
      pointers = StateScope.livePointers();
      bytes = StateScope.residentBytes();
    }
  }

  /** Everything found. */
  List<Finding> finish() {
    if (pointers >= 0) {
      findings.add(
          new Finding(
              "native objects added after step " + SETTLED,
              StateScope.livePointers() - (double) pointers,
              0.0));
      findings.add(
          new Finding(
              "resident MiB added after step " + SETTLED,
              (StateScope.residentBytes() - bytes) / (double) (1 << 20),
              null));
    }
    return List.copyOf(findings);
  }
}
