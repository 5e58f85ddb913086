package org.stackel.algorithm;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.LinkedHashMap;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.stackel.oracle.AutogradOracle;
import org.stackel.oracle.StochasticOracle;
import org.stackel.problem.BilevelProblem;
import org.stackel.problem.Shard;
import org.stackel.tensor.Device;
import org.stackel.tensor.Seed;
import org.stackel.tensor.StateScope;
import org.stackel.tensor.Tensors;

/** A run as a runner would make it: one scope a step, the previous state released. */
public final class Runs<S extends Record & AlgorithmState> implements AutoCloseable {
  private final BilevelAlgorithm<S> algorithm;
  private final BilevelProblem<?> problem;
  private final Seed seed;
  private S state;
  private long t;

  private Runs(BilevelAlgorithm<S> algorithm, BilevelProblem<?> problem, Seed seed) {
    this.algorithm = algorithm;
    this.problem = problem;
    this.seed = seed;
    try (var scope = StateScope.open()) {
      var oracle =
          new AutogradOracle<>(problem, seed.child("init"), algorithm.sampling(), Shard.ALL);
      state = scope.keep(algorithm.init(problem.start(seed.child("start")), oracle));
    }
  }

  public static Runs<?> start(BilevelAlgorithm<?> algorithm, BilevelProblem<?> problem, Seed seed) {
    return new Runs<>(algorithm, problem, seed);
  }

  public S state() {
    return state;
  }

  public long t() {
    return t;
  }

  /** The oracle of the next step. */
  public StochasticOracle oracle() {
    return new AutogradOracle<>(
        problem, seed.child("step").child(t), algorithm.sampling(), Shard.ALL);
  }

  public Runs<S> steps(long count) {
    for (long i = 0; i < count; i++) {
      step(oracle());
    }
    return this;
  }

  public void step(StochasticOracle oracle) {
    try (var scope = StateScope.open()) {
      S next = scope.keep(algorithm.step(t, state, oracle));
      StateScope.release(state);
      state = next;
      t++;
    }
  }

  /** A run that goes on here, from copies of the state's numbers. */
  public Runs<S> copy() {
    try (var scope = StateScope.open()) {
      var copies = new LinkedHashMap<String, Tensor>();
      StateScope.tensors(state)
          .forEach(
              (name, tensor) -> {
                long[] shape = Tensors.shape(tensor).stream().mapToLong(Long::longValue).toArray();
                copies.put(name, Tensors.of(Device.CPU64, Tensors.toArray(tensor), shape));
              });
      var copy = new Runs<>(algorithm, problem, seed);
      StateScope.release(copy.state);
      copy.state = scope.keep(StateScope.rebuild(state, copies));
      copy.t = t;
      return copy;
    }
  }

  /** The state's numbers after the next step, had it been another's, of the same kind. */
  public Map<String, double[]> next(BilevelAlgorithm<?> other) {
    assertThat(other).hasSameClassAs(algorithm);
    @SuppressWarnings("unchecked")
    var same = (BilevelAlgorithm<S>) other;
    try (var scope = StateScope.open()) {
      return numbers(same.step(t, state, oracle()));
    }
  }

  /** Every number of the state. */
  public Map<String, double[]> numbers() {
    return numbers(state);
  }

  public static Map<String, double[]> numbers(Record state) {
    var numbers = new LinkedHashMap<String, double[]>();
    StateScope.tensors(state).forEach((name, t) -> numbers.put(name, Tensors.toArray(t)));
    return numbers;
  }

  @Override
  public void close() {
    StateScope.release(state);
  }
}
