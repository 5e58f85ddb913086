package org.stackel.run;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.stackel.experiment.Experiment;
import org.stackel.problem.BilevelProblem;
import org.stackel.reference.Derivatives;
import org.stackel.reference.DescentCheck;
import org.stackel.reference.Finding;
import org.stackel.reference.Reference;
import org.stackel.runfile.Descent;
import org.stackel.tensor.Device;
import org.stackel.tensor.Seed;
import org.stackel.tensor.StateScope;

/**
 * Derivatives at the start of a run, as far as its precision lets; then the growth of native memory
 * besides the state over the run; at the end, whether a further step would descend.
 */
final class FullCheck {
  private static final int SETTLED = 3; // caches are filled in the first steps
  private static final int REFERENCE = 16;
  private static final int SAMPLES = 16;

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

  /** Judges the step after a state, on a second instance of the problem in float64. */
  static Descent descent(Experiment experiment, long step, Record state) {
    Seed seed = new Seed(experiment.settings().seed()).child("check");
    Experiment fine = experiment.withSettings(Map.of("dtype", "float64"));
    try (var scope = StateScope.open();
        var problem = fine.open()) {
      Reference<?> reference = Reference.of(problem, seed.child("reference"), REFERENCE);
      return new DescentCheck(reference, fine.device(), seed.child("descent"), SAMPLES)
          .judge(experiment.algorithm(), step, state);
    }
  }

  /** Notes how much is alive, once the first steps are done. */
  void step(long sinceStart, Collection<Tensor> state) {
    if (sinceStart == SETTLED) {
      pointers = besides(state);
      bytes = StateScope.residentBytes();
    }
  }

  /** A table in a state may begin with one tensor for all its entries and grow for long. */
  private static long besides(Collection<Tensor> state) {
    return StateScope.livePointers() - new HashSet<>(state).size();
  }

  /** Everything found. */
  List<Finding> finish(Collection<Tensor> state) {
    if (pointers >= 0) {
      findings.add(
          new Finding(
              "native objects added after step " + SETTLED,
              besides(state) - (double) pointers,
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
