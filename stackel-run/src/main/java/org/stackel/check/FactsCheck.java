package org.stackel.check;

import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.stackel.problem.BilevelProblem;
import org.stackel.problem.StatedFacts;
import org.stackel.reference.Finding;
import org.stackel.tensor.StateScope;

/** Facts that a problem states, against its losses. */
final class FactsCheck {
  private static final double ROUNDING = 1e-7;

  private FactsCheck() {}

  /** A finding for each fact; none where the problem states none. */
  static List<Finding> of(BilevelProblem<?> problem, Tensor x, Tensor y) {
    if (!(problem instanceof StatedFacts stating)) {
      return List.of();
    }
    try (var scope = StateScope.open()) {
      return stating.facts(x, y).stream()
          .map(fact -> new Finding(fact.what(), fact.error(), ROUNDING))
          .toList();
    }
  }
}
