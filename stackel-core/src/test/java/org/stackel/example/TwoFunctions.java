package org.stackel.example;

import org.bytedeco.pytorch.Scalar;
import org.stackel.algorithm.Amigo;
import org.stackel.bilevel.Bilevel;
import org.stackel.solver.Solver;
import org.stackel.tensor.Seed;
import org.stackel.tensor.Tensors;

/** A problem and a loop. */
final class TwoFunctions {
  // ---- begin: two functions
  /** min (y - 1)² + x² over x, where y minimises (y - x)²: the solution is x = y = ½. */
  static double solve() {
    var problem =
        Bilevel.problem(new double[] {0}, new double[] {0})
            .lower((x, y) -> y.sub(x).square())
            .upper((x, y) -> y.sub(new Scalar(1.0)).square().add(x.square()));
    try (var opened = problem.open();
        var solver = Solver.start(new Amigo(), opened, new Seed(0))) {
      while (solver.step() < 200) {
        solver.next();
      }
      return Tensors.item(solver.x());
    }
  }
  // ---- end: two functions
}
