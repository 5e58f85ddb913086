package org.stackel.hypergradient;

import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;
import org.stackel.config.Rules;
import org.stackel.oracle.Breakdown;
import org.stackel.oracle.Gradient;
import org.stackel.oracle.SampledObjective;
import org.stackel.oracle.StochasticOracle;
import org.stackel.tensor.StateScope;
import org.stackel.tensor.Tensors;

/**
 * Truncated Neumann series of the inverse Hessian, {@code η Σ (I - ηH)^q b} with {@code b = ∇y f}.
 *
 * <ul>
 *   <li>Form A (AdamBO, AccBO): Q terms, a new sample for every factor: {@code Q(Q-1)/2} products;
 *       {@code Q-1} if the step shares its sample, where all chains are one.
 *   <li>Form B (StocBiO, MRBO, VRBO): Q+1 terms, nested: Q products.
 *   <li>Form C (BSA, TTSA, SUSTAIN): one term of random length p, uniform in 0 … Q-1, times Q: p
 *       products; its mean over p is form A.
 * </ul>
 *
 * <p>Bias: {@code -(I - ηH)^{Q'} H⁻¹ b} with Q' terms. Needs {@code 0 < η < 2/λmax}; on an
 * indefinite Hessian, or with a longer step, the sum grows. In a step that is {@linkplain
 * StochasticOracle#isWatched watched} the oracle is told how much; other steps read nothing.
 *
 * @param form which samples, how many terms
 * @param terms Q, at least 1
 * @param step η = 1/ℓ
 */
public record Neumann(Form form, int terms, double step) implements HypergradientEstimator {
  /** Which samples the factors use, and the number of terms. */
  public enum Form {
    /** Independent chains. */
    A,
    /** One nested chain, one term more. */
    B,
    /** One chain of random length. */
    C
  }

  public Neumann {
    var rules = new Rules("the Neumann series");
    rules.atLeast("terms", terms, 1);
    rules.positive("step", step);
  }

  @Override
  public String title() {
    return "Neumann %s, %s".formatted(form, HypergradientEstimator.settings(terms, step));
  }

  @Override
  public Formula formula() {
    return new Formula.Series(step, form == Form.B ? terms + 1 : terms);
  }

  @Override
  public SampledHypergradient sample(StochasticOracle oracle) {
    SampledObjective upper = oracle.upper();
    SampledObjective cross = oracle.lower();
    boolean oneChain = oracle.sharesSamples();
    int draws =
        switch (form) {
          case A -> oneChain ? terms - 1 : terms * (terms - 1) / 2;
          case B -> terms;
          case C -> oracle.uniform(terms);
        };
    var factors = new ArrayList<SampledObjective>();
    for (int i = 0; i < draws; i++) {
      factors.add(oracle.lower());
    }
    return SampledHypergradient.of(
        oracle,
        (x, y) -> {
          oracle.together(x);
          Gradient f = upper.gradient(x, y);
          Tensor v =
              switch (form) {
                case A ->
                    oneChain
                        ? nested(oracle, factors, x, y, f.y())
                        : chains(oracle, factors, x, y, f.y());
                case B -> nested(oracle, factors, x, y, f.y());
                case C -> Tensors.scale(terms * step, last(oracle, factors, x, y, f.y(), null));
              };
          return new Hypergradient(f.inX().minus(cross.crossPullback(x, y, v)).get(), v);
        });
  }

  /** {@code (I - ηH) r}. */
  private Tensor factor(SampledObjective sample, Tensor x, Tensor y, Tensor r) {
    return Tensors.axpy(r, -step, sample.hessianVector(x, y, r));
  }

  private Tensor nested(
      StochasticOracle oracle, List<SampledObjective> factors, Tensor x, Tensor y, Tensor b) {
    Tensor sum = b.clone();
    last(oracle, factors, x, y, b, sum);
    return Tensors.scale(step, sum);
  }

  /**
   * A term of the series.
   *
   * @param before the term before it
   */
  private record Term(Tensor before, Tensor last) {}

  /**
   * The last term.
   *
   * @param sum gets all terms but the first added; null if nobody asks
   */
  private Tensor last(
      StochasticOracle oracle,
      List<SampledObjective> factors,
      Tensor x,
      Tensor y,
      Tensor b,
      @Nullable Tensor sum) {
    StateScope.Round<Term> round =
        (i, term) -> {
          Tensor next = factor(factors.get((int) i), x, y, term.last);
          if (sum != null) {
            sum.add_(next);
          }
          return new Term(term.last, next);
        };
    Term end = new Term(b, b);
    if (oracle.sharesSamples()) { // all terms share a linearisation, which lives in this scope
      for (int i = 0; i < factors.size(); i++) {
        end = round.next(i, end);
      }
    } else {
      end = StateScope.repeat(factors.size(), end, round);
    }
    look(oracle, b, end.before, end.last);
    return end.last;
  }

  /** Tells a watching oracle how much longer the last term is than the first. */
  private void look(StochasticOracle oracle, Tensor first, Tensor before, Tensor last) {
    if (!oracle.isWatched()) {
      return;
    }
    double growth = Tensors.item(Tensors.norm(last)) / Tensors.item(Tensors.norm(first));
    if (growth > 1) {
      double ratio = Tensors.item(before.dot(last)) / Tensors.item(before.dot(before));
      oracle.broke(new Breakdown(Breakdown.Kind.SERIES, growth, (1 - ratio) / step));
    }
  }

  private Tensor chains(
      StochasticOracle oracle, List<SampledObjective> factors, Tensor x, Tensor y, Tensor b) {
    Tensor sum = b.clone();
    int next = 0;
    for (int q = 1; q < terms; q++) {
      List<SampledObjective> chain = factors.subList(next, next + q);
      sum.add_(StateScope.nested(() -> last(oracle, chain, x, y, b, null)));
      next += q;
    }
    return Tensors.scale(step, sum);
  }
}
