package org.stackel.algorithm;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.stackel.oracle.AutogradOracle;
import org.stackel.problem.BilevelProblem;
import org.stackel.problem.ProblemOptions;
import org.stackel.problem.Shard;
import org.stackel.tensor.Device;
import org.stackel.tensor.Seed;
import org.stackel.tensor.StateScope;
import org.stackel.tensor.Tensors;

/** Runs an algorithm without a runner and notes every number of its state. */
public final class Trajectory {
  private Trajectory() {}

  /** The states after init and after every step, by component name. */
  public static List<Map<String, double[]>> of(
      BilevelAlgorithm<?> algorithm, ProblemOptions options, long steps) {
    try (var scope = StateScope.open();
        BilevelProblem<?> problem = options.open(new Seed(0), Device.CPU64)) {
      return run(algorithm, problem, steps);
    }
  }

  private static <S extends Record & AlgorithmState> List<Map<String, double[]>> run(
      BilevelAlgorithm<S> algorithm, BilevelProblem<?> problem, long steps) {
    var seed = new Seed(7);
    var states = new ArrayList<Map<String, double[]>>();
    S state =
        algorithm.init(
            problem.start(seed.child("start")),
            new AutogradOracle<>(problem, seed.child("init"), algorithm.sampling(), Shard.ALL));
    states.add(numbers(state));
    for (long t = 0; t < steps; t++) {
      state =
          algorithm.step(
              t,
              state,
              new AutogradOracle<>(
                  problem, seed.child("step").child(t), algorithm.sampling(), Shard.ALL));
      states.add(numbers(state));
    }
    return states;
  }

  private static Map<String, double[]> numbers(Record state) {
    var numbers = new LinkedHashMap<String, double[]>();
    StateScope.tensors(state).forEach((name, t) -> numbers.put(name, Tensors.toArray(t)));
    return numbers;
  }
}
