package org.stackel.theory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.stream.DoubleStream;
import java.util.stream.Stream;
import org.bytedeco.javacpp.DoublePointer;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.stackel.algorithm.AlgorithmState;
import org.stackel.algorithm.Algorithms;
import org.stackel.algorithm.BilevelAlgorithm;
import org.stackel.algorithm.BoRep;
import org.stackel.config.Options;
import org.stackel.oracle.Gradient;
import org.stackel.oracle.Linearization;
import org.stackel.oracle.SampledObjective;
import org.stackel.oracle.StochasticOracle;
import org.stackel.tensor.Device;
import org.stackel.tensor.Seed;
import org.stackel.tensor.StateScope;
import org.stackel.tensor.Tensors;

/**
 * A theory schedule with a problem's true constants reaches its ε: on 20 random quadratics, with
 * and without noise, the mean of |∇Φ| over the schedule's own number of steps is at most ε.
 */
class TheoryPromiseTest {
  private static final int PROBLEMS = 20;

  /** Oracle calls of a run, roughly; those of BO-REP's lower steps are cheap. */
  private static double affordableWork(String method) {
    return switch (method) {
      case "bo-rep" -> 11_000;
      case "adambo", "mgbio" -> 4_000;
      default -> 8_000;
    };
  }

  /** Every method that has a schedule: one that gets a new one is tested without being named. */
  static Stream<String> methods() {
    return Algorithms.all().stream()
        .filter(entry -> entry.defaults().theory(new Analysis(1, Constants.NONE)) != null)
        .map(Algorithms.Entry::name);
  }

  /** Every other problem has noise; MGBiO's analysis knows none. */
  private static KnownQuadratic problem(String method, int number) {
    double noise = method.equals("mgbio") || number % 2 == 0 ? 0 : 0.002 * number;
    return KnownQuadratic.random(number, noise, noise, number % 4 == 1 ? noise : 0);
  }

  @ParameterizedTest
  @MethodSource("methods")
  void everyScheduleReachesItsEpsilon(String method) {
    int demanding = 0;
    for (int number = 0; number < PROBLEMS; number++) {
      KnownQuadratic problem = problem(method, number);
      Constants constants = problem.constants(number % 5 == 4 ? 0.05 : 0, number % 3 == 2);
      double epsilon = affordable(method, constants);
      Plan plan = plan(method, epsilon, constants);
      double first = problem.gradientNorm(problem.start().x());
      double mean = mean(plan, problem, new Seed(number));
      assertThat(mean).as("problem %d, ε %s", number, epsilon).isLessThanOrEqualTo(epsilon);
      demanding += first > epsilon ? 1 : 0;
    }
    assertThat(demanding).as("problems on which x must move").isGreaterThanOrEqualTo(8);
  }

  /** Φ = 50 x², whose steps must be of order 1/L₀, whatever Adam's epsilon is. */
  @Test
  void adamBoKnowsTheCurvature() {
    var problem =
        new KnownQuadratic(
            new double[] {1, 0, 0, 1},
            new double[] {1, 0, 0, 0},
            new double[] {1, 0, 0, 1},
            new double[] {99, 0, 0, 0},
            new double[4],
            new double[2],
            new double[] {1, 0},
            new double[2],
            0,
            0,
            0);
    Constants constants =
        Options.bind(
            Constants.NONE,
            Map.of(
                "mu",
                1,
                "lg1",
                1,
                "lf0",
                1,
                "L0",
                100,
                "L1",
                0,
                "sigmaF1",
                0,
                "sigmaG1",
                0,
                "sigmaG2",
                0,
                "delta",
                50,
                "lowerDistance",
                1),
            "the constants");
    assertThat(problem.gradientNorm(problem.start().x())).isEqualTo(100);
    assertThat(mean(plan("adambo", 20, constants), problem, new Seed(0))).isLessThan(20);
    // No more than 40 times the steps of gradient descent, 2 L₀ Δ/ε².
    assertThat(theory("adambo", 0.1, constants).steps()).isBetween(1e6, 4e7);
  }

  /**
   * What the refinement leaves of |y - y*| = 1 in each of 50 independent copies of {@code g =
   * y²/2}. The step must shrink with the noise: with 1/(2 ℓ_g1) the result is above τ from the
   * fourth row on.
   */
  @ParameterizedTest
  @CsvSource({"0, 16", "1, 8", "2, 8", "5, 4", "10, 3"})
  void refinementReachesItsRadius(double sigma, double inverseRadius) {
    var values = new HashMap<String, Object>();
    Options.toMap(Constants.NONE).keySet().forEach(name -> values.put(name, null));
    values.putAll(Map.of("mu", 1, "lg1", 1, "lf0", 1, "L0", Math.sqrt(2), "L1", 0));
    values.putAll(Map.of("sigmaF1", 0, "sigmaG1", sigma, "sigmaG2", 0));
    values.putAll(Map.of("delta", 1, "lowerDistance", 1));
    values.values().removeIf(Objects::isNull);
    Constants constants = Options.bind(Constants.NONE, values, "the constants");
    double radius = 1 / inverseRadius;
    double epsilon = 16 * radius; // B = 1
    assertThat(new Analysis(epsilon, constants).target()).isCloseTo(radius, within(1e-12));
    var boRep = (BoRep) plan("bo-rep", epsilon, constants).algorithm();
    // The ball is one of all copies together; without noise they are one.
    int copies = sigma == 0 ? 1 : 50;
    try (var scope = StateScope.open()) {
      Tensor start =
          Tensors.of(Device.CPU64, DoubleStream.generate(() -> 1).limit(copies).toArray());
      var oracle = new Copies(sigma, new Seed(0));
      double left = Tensors.item(Tensors.norm(boRep.refinement().refine(start, start, 1, oracle)));
      assertThat(left / Math.sqrt(copies)).isLessThanOrEqualTo(radius).isPositive();
    }
  }

  /** {@code ∇y G = y + noise}. */
  private static final class Copies implements StochasticOracle {
    private final double sigma;
    private final SplittableRandom random;

    Copies(double sigma, Seed seed) {
      this.sigma = sigma;
      random = seed.generator();
    }

    @Override
    public SampledObjective upper() {
      throw new UnsupportedOperationException();
    }

    @Override
    public SampledObjective lower() {
      throw new UnsupportedOperationException();
    }

    @Override
    public SampledObjective freshLower() {
      return new SampledObjective() {
        @Override
        public Tensor gradientY(Tensor x, Tensor y) {
          Tensor gradient = Tensors.zerosLike(y);
          DoublePointer from = y.data_ptr_double();
          DoublePointer to = gradient.data_ptr_double();
          for (long i = 0; i < y.numel(); i++) {
            to.put(i, from.get(i) + (sigma > 0 ? sigma * random.nextGaussian() : 0));
          }
          return gradient;
        }

        @Override
        public Tensor value(Tensor x, Tensor y) {
          throw new UnsupportedOperationException();
        }

        @Override
        public Gradient gradient(Tensor x, Tensor y) {
          throw new UnsupportedOperationException();
        }

        @Override
        public Linearization linearize(Tensor x, Tensor y) {
          throw new UnsupportedOperationException();
        }

        @Override
        public Gradient hessianVector(Tensor x, Tensor y, Gradient v) {
          throw new UnsupportedOperationException();
        }
      };
    }

    @Override
    public boolean sharesSamples() {
      return false;
    }

    @Override
    public int uniform(int bound) {
      return random.nextInt(bound);
    }
  }

  private record Plan(BilevelAlgorithm<?> algorithm, Map<String, Object> options, long steps) {}

  private static TheoryPlan theory(String method, double epsilon, Constants constants) {
    Map<String, Object> given = method.equals("adambo") ? Map.of("epsilon", 1.0) : Map.of();
    return Algorithms.create(method, given).theory(new Analysis(epsilon, constants));
  }

  private static Plan plan(String method, double epsilon, Constants constants) {
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
  private static double affordable(String method, Constants constants) {
    double epsilon = 1e3;
    while (work(theory(method, epsilon / 1.1, constants)) <= affordableWork(method)) {
      epsilon /= 1.1;
    }
    return epsilon;
  }

  private static double mean(Plan plan, KnownQuadratic problem, Seed seed) {
    return mean(plan.algorithm, plan.steps, problem, seed);
  }

  private static <S extends Record & AlgorithmState> double mean(
      BilevelAlgorithm<S> algorithm, long steps, KnownQuadratic problem, Seed seed) {
    S state;
    try (var scope = StateScope.open()) {
      state = scope.keep(algorithm.init(problem.start(), problem.oracle(seed.child("init"))));
    }
    double sum = 0;
    for (long t = 0; t < steps; t++) {
      sum += problem.gradientNorm(state.x());
      S old = state;
      try (var scope = StateScope.open()) {
        state = scope.keep(algorithm.step(t, old, problem.oracle(seed.child("step").child(t))));
      }
      StateScope.release(old);
    }
    StateScope.release(state);
    return sum / steps;
  }
}
