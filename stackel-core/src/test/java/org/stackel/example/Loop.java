package org.stackel.example;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.stackel.algorithm.BilevelAlgorithm;
import org.stackel.oracle.OracleCalls;
import org.stackel.problem.BilevelProblem;
import org.stackel.problem.Metrics;
import org.stackel.solver.Solver;
import org.stackel.tensor.Device;
import org.stackel.tensor.Seed;
import org.stackel.tensor.StateScope;
import org.stackel.tensor.TensorFile;

/** Loops around an algorithm, without the runner. */
final class Loop {
  private Loop() {}

  // ---- begin: loop
  static Metrics run(
      BilevelAlgorithm<?> algorithm, BilevelProblem<?> problem, Seed seed, long steps) {
    try (var solver = Solver.start(algorithm, problem, seed)) {
      while (solver.step() < steps) {
        solver.next();
      }
      return solver.evaluate();
    }
  }

  // ---- end: loop

  // ---- begin: resume
  /** Goes on from the file, if there is one, as if the run had never stopped. */
  static void run(BilevelAlgorithm<?> algorithm, BilevelProblem<?> problem, Path file, long steps)
      throws IOException {
    try (var solver = Solver.start(algorithm, problem, new Seed(0))) {
      if (Files.exists(file)) {
        try (var scope = StateScope.open()) {
          TensorFile.Content saved = TensorFile.read(file, Device.CPU64);
          long step = Long.parseLong(saved.metadata().get("step"));
          solver.restore(step, OracleCalls.NONE, saved.tensors());
        }
      }
      while (solver.step() < steps) {
        if (Solver.notFinite(solver.propose()) != null) {
          solver.reject();
          break; // the state before it is still there
        }
        solver.accept();
      }
      TensorFile.write(file, solver.tensors(), Map.of("step", Long.toString(solver.step())));
    }
  }
  // ---- end: resume
}
