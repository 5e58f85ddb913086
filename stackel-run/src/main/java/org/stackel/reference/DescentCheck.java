package org.stackel.reference;

import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;
import org.stackel.algorithm.AlgorithmState;
import org.stackel.algorithm.BilevelAlgorithm;
import org.stackel.algorithm.Carried;
import org.stackel.hypergradient.Hypergradient;
import org.stackel.hypergradient.HypergradientEstimator;
import org.stackel.hypergradient.SampledHypergradient;
import org.stackel.oracle.SampledObjective;
import org.stackel.oracle.Sampling;
import org.stackel.oracle.StochasticOracle;
import org.stackel.runfile.Descent;
import org.stackel.runfile.Descent.Reason;
import org.stackel.runfile.Descent.Verdict;
import org.stackel.tensor.Device;
import org.stackel.tensor.Seed;
import org.stackel.tensor.StateScope;
import org.stackel.tensor.Tensors;

/**
 * Is the algorithm's next step good enough to descend? Its step of x is made on several samples and
 * compared with {@code -∇Φ(x)} at y*(x). Where it is poor, the causes are told apart by what would
 * not be poor: the exact hypergradient at y, the estimate at y*, the mean of the estimates.
 *
 * @param reference exact means, and samples
 * @param device where the state goes, in float64
 * @param samples repetitions of the step and of the estimate
 */
public record DescentCheck(Reference<?> reference, Device device, Seed seed, int samples) {
  /** Smallest cosine of a good step. */
  public static final double GOOD = 0.5;

  /**
   * Judges the step after a state.
   *
   * @param t steps done
   * @param recorded a state of the algorithm, in any precision
   */
  public <S extends Record & AlgorithmState> Descent judge(
      BilevelAlgorithm<S> algorithm, long t, Record recorded) {
    try (var scope = StateScope.open()) {
      @SuppressWarnings("unchecked") // the algorithm made it
      S state = (S) Reference.fine(recorded, device);
      double[] x = Tensors.toArray(state.x());
      double[] y = Tensors.toArray(state.y());
      LowerSolution minimiser = LowerSolution.search(reference, device, x, y);
      double[] star = minimiser.y();
      if (star == null) {
        return Descent.notJudged(t, minimiser.why());
      }
      double[] gradient = exact(x, star);
      if (gradient == null || !(Vectors.norm(gradient) > 0)) {
        return Descent.notJudged(
            t, gradient == null ? "there is no hypergradient at y*" : "∇Φ is zero");
      }
      return judged(algorithm, t, state, y, star, gradient);
    }
  }

  private double @Nullable [] exact(double[] x, double[] y) {
    try (var scope = StateScope.open()) {
      var at = new ExactPoint(reference, device, x, y);
      LowerSystem.Solution solution = LowerSystem.solve(at, seed.child("system"), null);
      return solution.isHypergradient() ? at.direction(solution.v()) : null;
    }
  }

  private <S extends Record & AlgorithmState> Descent judged(
      BilevelAlgorithm<S> algorithm,
      long t,
      S state,
      double[] y,
      double[] star,
      double[] gradient) {
    double[] x = Tensors.toArray(state.x());
    Cosines steps =
        cosines(
            Vectors.scaled(-1, gradient),
            "step",
            algorithm.sampling(),
            oracle -> Vectors.minus(Tensors.toArray(algorithm.step(t, state, oracle).x()), x));
    Estimate own = estimate(algorithm, t, state);
    Cosines here =
        own == null ? null : estimates(algorithm.sampling(), own, state.x(), state.y(), gradient);
    double[] atY = exact(x, y);
    double exact = atY == null ? 0 : cosine(atY, gradient);
    Cosines there = null;
    if (own != null && steps.single < GOOD) {
      there = estimates(algorithm.sampling(), own, state.x(), Tensors.of(device, star), gradient);
    }
    boolean isGood = steps.single >= GOOD;
    double distance = Vectors.distance(y, star);
    double size = sizeWhereMoved(y, star);
    return new Descent(
        t,
        isGood ? Verdict.GOOD : Verdict.POOR,
        isGood ? List.of() : reasons(steps, here, there, exact),
        steps.single,
        steps.mean,
        here == null ? null : (Double) here.single,
        here == null ? null : (Double) here.mean,
        there == null ? null : (Double) there.mean,
        exact,
        distance,
        distance == 0 ? (Double) 0.0 : size == 0 ? null : (Double) (distance / size),
        null);
  }

  private static List<Reason> reasons(
      Cosines steps, @Nullable Cosines here, @Nullable Cosines there, double exact) {
    var reasons = new ArrayList<Reason>();
    boolean lags = exact < GOOD;
    if (lags) {
      reasons.add(Reason.Y_LAGS);
    }
    Cosines without = lags ? there : here; // the estimate without the first cause
    if (without != null && without.mean < GOOD) {
      reasons.add(Reason.Z_LAGS);
    }
    boolean isNoisy = steps.mean >= GOOD || (here != null && here.single < GOOD);
    if (reasons.isEmpty()) {
      reasons.add(isNoisy ? Reason.NOISE : Reason.STEP);
    }
    return reasons;
  }

  /** |y*| in the coordinates that the search moved: others belong to no minibatch. */
  private static double sizeWhereMoved(double[] y, double[] star) {
    double[] moved = star.clone();
    for (int i = 0; i < moved.length; i++) {
      if (moved[i] == y[i]) {
        moved[i] = 0;
      }
    }
    return Vectors.norm(moved);
  }

  /** What an algorithm estimates: its direction for x, drawn from an oracle. */
  @FunctionalInterface
  private interface Estimate {
    SampledHypergradient sample(StochasticOracle oracle);
  }

  private static <S extends Record & AlgorithmState> @Nullable Estimate estimate(
      BilevelAlgorithm<S> algorithm, long t, S state) {
    HypergradientEstimator estimator = algorithm.estimator(t);
    if (estimator != null) {
      return estimator::sample;
    }
    Carried<S> carried = algorithm.carried();
    if (carried == null) {
      return null;
    }
    Tensor z = carried.solution().apply(state);
    return oracle -> {
      SampledObjective upper = oracle.upper();
      SampledObjective lower = oracle.lower();
      return (x, y) ->
          new Hypergradient(upper.gradient(x, y).x().sub(lower.crossVector(x, y, z)), z);
    };
  }

  private Cosines estimates(
      Sampling sampling, Estimate own, Tensor x, Tensor y, double[] gradient) {
    return cosines(
        gradient,
        "estimate",
        sampling,
        oracle -> Tensors.toArray(own.sample(oracle).at(x, y).direction()));
  }

  /**
   * Cosines of repeated vectors with a direction.
   *
   * @param single mean of their cosines
   * @param mean cosine of their mean
   */
  private record Cosines(double single, double mean) {}

  @FunctionalInterface
  private interface Vector {
    double[] of(StochasticOracle oracle);
  }

  private Cosines cosines(double[] direction, String role, Sampling sampling, Vector vector) {
    double[] sum = new double[direction.length];
    double cosines = 0;
    for (int i = 0; i < samples; i++) {
      try (var scope = StateScope.open()) {
        double[] found = vector.of(reference.steps(seed.child(role).child(i), sampling));
        sum = Vectors.plus(sum, 1, found);
        cosines += cosine(found, direction);
      }
    }
    return new Cosines(cosines / samples, cosine(sum, direction));
  }

  private static double cosine(double[] a, double[] b) {
    double size = Vectors.norm(a) * Vectors.norm(b);
    return size == 0 ? 0 : Vectors.dot(a, b) / size;
  }
}
