package org.stackel.example;

import org.stackel.algorithm.AlgorithmState;
import org.stackel.algorithm.BilevelAlgorithm;
import org.stackel.oracle.AutogradOracle;
import org.stackel.problem.BilevelProblem;
import org.stackel.problem.Metrics;
import org.stackel.problem.Shard;
import org.stackel.tensor.Seed;
import org.stackel.tensor.StateScope;

/** The runner's loop without its checks, clock, listeners and checkpoints. */
final class Loop {
  private Loop() {}

  // ---- begin: loop
  static <S extends Record & AlgorithmState> Metrics run(
      BilevelAlgorithm<S> algorithm, BilevelProblem<?> problem, Seed seed, long steps) {
    var first = new AutogradOracle<>(problem, seed.child("init"), algorithm.sampling(), Shard.ALL);
    S state;
    try (var scope = StateScope.open()) {
      state = scope.keep(algorithm.init(problem.start(seed.child("start")), first));
    }
    for (long t = 0; t < steps; t++) {
      Seed draws = seed.child("step").child(t);
      var oracle = new AutogradOracle<>(problem, draws, algorithm.sampling(), Shard.ALL);
      S old = state;
      try (var scope = StateScope.open()) {
        state = scope.keep(algorithm.step(t, old, oracle));
      } // everything else that the step made is freed here
      StateScope.release(old);
    }
    try (var scope = StateScope.open()) {
      return problem.evaluate(state.x(), state.y());
    } finally {
      StateScope.release(state);
    }
  }
  // ---- end: loop
}
