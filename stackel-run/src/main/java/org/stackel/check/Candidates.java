package org.stackel.check;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;
import org.stackel.algorithm.AlgorithmState;
import org.stackel.algorithm.BilevelAlgorithm;
import org.stackel.algorithm.Carried;
import org.stackel.experiment.Experiment;
import org.stackel.hypergradient.ConjugateGradient;
import org.stackel.hypergradient.Hypergradient;
import org.stackel.hypergradient.HypergradientEstimator;
import org.stackel.hypergradient.LinearSystem;
import org.stackel.hypergradient.Neumann;
import org.stackel.hypergradient.NormalEquation;
import org.stackel.hypergradient.Unrolled;
import org.stackel.oracle.Gradient;
import org.stackel.oracle.SampledObjective;
import org.stackel.reference.Krylov;
import org.stackel.tensor.Device;
import org.stackel.tensor.Tensors;

/** Which estimators are looked at: the algorithm's own, and others at equal settings. */
final class Candidates {
  private static final int TERMS = 10;

  /** What is compared with the algorithm's own estimator; one line each. */
  private static final List<Function<Settings, Candidate>> OTHERS =
      List.of(
          s -> of(new Neumann(Neumann.Form.A, s.terms, s.step)),
          s -> of(new Neumann(Neumann.Form.B, s.terms, s.step)),
          s -> of(new Neumann(Neumann.Form.C, s.terms, s.step)),
          s -> of(new LinearSystem(s.terms, s.step)),
          s -> {
            var estimator = new NormalEquation(s.terms, s.step * s.step);
            String name = "normal equation, " + HypergradientEstimator.settings(s.terms, s.step);
            return new Candidate(name, estimator::sample, estimator.formula());
          },
          s -> of(new Unrolled(s.terms, s.step, null, Unrolled.Memory.KEEP)),
          s -> {
            var estimator = new ConjugateGradient(s.terms, 0, 0);
            return new Candidate(estimator.title(), estimator::sample, new Krylov(s.terms));
          });

  private Candidates() {}

  /** The solution of the linear system in a state; null if it has none. */
  static <S extends Record & AlgorithmState> double @Nullable [] carried(
      BilevelAlgorithm<S> algorithm, Record state) {
    Carried<S> carried = algorithm.carried();
    @SuppressWarnings("unchecked") // the algorithm made it
    S own = (S) state;
    return carried == null ? null : Tensors.toArray(carried.solution().apply(own));
  }

  /**
   * What is equal among the estimators that are compared.
   *
   * @param terms of a series, or steps
   * @param step η or ν
   */
  private record Settings(int terms, double step) {}

  private static Candidate of(HypergradientEstimator estimator) {
    return new Candidate(estimator.title(), estimator::sample, estimator.formula());
  }

  /**
   * The candidates of an algorithm at a point of its run.
   *
   * @param own the algorithm's own estimator; null if it has none that is known here
   * @param others at equal settings
   * @param step η or ν of both
   */
  record Choice(@Nullable Candidate own, List<Candidate> others, double step) {
    Stream<Candidate> all() {
      return Stream.concat(own == null ? Stream.empty() : Stream.of(own), others.stream());
    }
  }

  /**
   * What to look at.
   *
   * @param carried the vector that the algorithm carries along as its solution; null if none
   * @param largest the greatest curvature of g: steps are its reciprocal where the algorithm has
   *     none of its own
   */
  static Choice of(Experiment experiment, long t, double @Nullable [] carried, double largest) {
    HypergradientEstimator estimator = experiment.algorithm().estimator(t);
    Settings settings = settings(experiment.algorithm(), estimator, t, largest);
    Candidate own = own(experiment.algorithmType(), estimator, carried);
    var others = new ArrayList<Candidate>();
    for (Function<Settings, Candidate> other : OTHERS) {
      Candidate candidate = other.apply(settings);
      if (own == null || !own.name().endsWith(candidate.name())) {
        others.add(candidate);
      }
    }
    return new Choice(own, others, settings.step);
  }

  private static Settings settings(
      BilevelAlgorithm<?> algorithm,
      @Nullable HypergradientEstimator estimator,
      long t,
      double largest) {
    double step = Double.NaN;
    int terms = 0;
    Carried<?> carried = algorithm.carried();
    if (estimator != null) {
      step = estimator.step();
      terms = estimator.terms();
    } else if (carried != null) {
      step = carried.step().applyAsDouble(t);
    }
    return new Settings(terms == 0 ? TERMS : terms, Double.isNaN(step) ? 1 / largest : step);
  }

  private static @Nullable Candidate own(
      String type, @Nullable HypergradientEstimator estimator, double @Nullable [] carried) {
    if (estimator != null) {
      return new Candidate(type + ": " + estimator.title(), estimator::sample, estimator.formula());
    }
    return carried == null ? null : new Candidate(type + ": z of the run", holding(carried), null);
  }

  private static Candidate.Sampler holding(double[] z) {
    return oracle -> {
      SampledObjective upper = oracle.upper();
      SampledObjective lower = oracle.lower();
      return (x, y) -> {
        Gradient f = upper.gradient(x, y);
        Tensor v = Tensors.of(Device.CPU64, z).to(y);
        return new Hypergradient(f.x().sub(lower.linearize(x, y).crossVector(v)), v);
      };
    };
  }
}
