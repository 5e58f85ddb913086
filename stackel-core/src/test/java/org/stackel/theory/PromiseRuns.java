package org.stackel.theory;

import java.util.LinkedHashMap;
import java.util.Map;
import org.stackel.algorithm.AlgorithmState;
import org.stackel.algorithm.Algorithms;
import org.stackel.algorithm.BilevelAlgorithm;
import org.stackel.tensor.Seed;
import org.stackel.tensor.StateScope;

/** Runs of theory schedules on quadratics. */
final class PromiseRuns {
  private PromiseRuns() {}

  record Plan(BilevelAlgorithm<?> algorithm, Map<String, Object> options, long steps) {}

  static TheoryPlan theory(String method, double epsilon, Constants constants) {
    Map<String, Object> given = method.equals("adambo") ? Map.of("epsilon", 1.0) : Map.of();
    return Algorithms.create(method, given).theory(new Analysis(epsilon, constants));
  }

  static Plan plan(String method, double epsilon, Constants constants) {
    TheoryPlan theory = theory(method, epsilon, constants);
    var options = new LinkedHashMap<String, Object>();
    theory
        .options()
        .forEach(
            (name, value) ->
                options.put(
                    name,
                    value instanceof TheoryPlan.Length n ? (Object) (long) n.value() : value));
    return new Plan(Algorithms.create(method, options), options, (long) theory.steps());
  }

  private static double work(TheoryPlan plan) {
    double work = plan.options().containsKey("curvatureMin") ? 15 : 4; // decompositions
    if (plan.options().get("neumannTerms") instanceof TheoryPlan.Length terms) {
      work += terms.value() * terms.value() / 2;
    }
    double total = work * plan.steps();
    if (plan.options().containsKey("averaging")) {
      total *= 1.7; // the estimate at the old point
    }
    if (plan.options().get("warmStartSteps") instanceof TheoryPlan.Length warm) {
      total += warm.value();
    }
    if (plan.options().get("lowerSteps") instanceof TheoryPlan.Length n
        && plan.options().get("period") instanceof TheoryPlan.Length period) {
      total += n.value() * plan.steps() / period.value();
    }
    if (plan.options().get("refinement") instanceof Map<?, ?> r) {
      double epochs = ((Number) r.get("epochs")).doubleValue();
      total += ((Number) r.get("steps")).doubleValue() * (Math.pow(2, epochs) - 1);
    }
    return total;
  }

  /** The smallest ε whose run is short enough. */
  static double affordable(String method, Constants constants, double work) {
    double epsilon = 1e4;
    while (work(theory(method, epsilon / 1.1, constants)) <= work) {
      epsilon /= 1.1;
    }
    return epsilon;
  }

  /**
   * Means of |∇Φ| along a run.
   *
   * @param first |∇Φ| at the start
   * @param early over the first steps
   * @param all over all steps
   */
  record Means(double first, double early, double all) {}

  /**
   * Runs a plan.
   *
   * @param share the steps over those that are early
   */
  static Means means(Plan plan, KnownQuadratic problem, Seed seed, long share) {
    return means(plan.algorithm, plan.steps, problem, seed, plan.steps / share);
  }

  private static <S extends Record & AlgorithmState> Means means(
      BilevelAlgorithm<S> algorithm,
      long steps,
      KnownQuadratic problem,
      Seed seed,
      long earlySteps) {
    S state;
    try (var scope = StateScope.open()) {
      state = scope.keep(algorithm.init(problem.start(), problem.oracle(seed.child("init"))));
    }
    double sum = 0;
    double early = Double.NaN;
    double first = problem.gradientNorm(state.x());
    for (long t = 0; t < steps; t++) {
      if (t == earlySteps) {
        early = sum / t;
      }
      sum += problem.gradientNorm(state.x());
      S old = state;
      try (var scope = StateScope.open()) {
        state = scope.keep(algorithm.step(t, old, problem.oracle(seed.child("step").child(t))));
      }
      StateScope.release(old);
    }
    StateScope.release(state);
    return new Means(first, early, sum / steps);
  }
}
