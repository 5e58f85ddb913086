package org.stackel.hypergradient;

import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;
import org.stackel.config.Rules;
import org.stackel.oracle.Gradient;
import org.stackel.oracle.Linearization;
import org.stackel.oracle.Products;
import org.stackel.oracle.SampledObjective;
import org.stackel.oracle.StochasticOracle;
import org.stackel.tensor.StateScope;
import org.stackel.tensor.Tensors;

/**
 * Differentiation through gradient steps of the lower level, in reverse:
 *
 * <pre>
 *   y₀ = y,  yᵢ₊₁ = yᵢ - lr ∇y G(x, yᵢ)              i = 0 … steps-1, each on a new sample
 *   a = ∇y F(x, y_steps);  for the last truncate steps, back from the last:
 *     direction gets -lr ∇²xy G(x, yᵢ) a,  then  a ← a - lr ∇²yy G(x, yᵢ) a
 * </pre>
 *
 * <p>All steps are differentiated if truncate is left out; then the direction is the exact
 * derivative of {@code F(x, y_steps(x))} with y held fixed. At a minimiser of g the solution is the
 * Neumann series of form A with as many terms.
 *
 * <p>One lower gradient for each step, one Hessian and one cross product for each differentiated
 * one, one upper gradient. With {@link Memory#KEEP} the graphs of all K differentiated steps are
 * kept. With {@link Memory#RECOMPUTE} no more than about {@code 2√K} iterates and one graph, for up
 * to one lower gradient more a differentiated step; samples are drawn again from their seeds.
 *
 * @param steps lower steps, at least 1
 * @param lr their size
 * @param truncate number of last steps that are differentiated, at least 0; all if left out
 * @param memory what is kept between the forward and the backward pass
 */
public record Unrolled(int steps, double lr, @Nullable Integer truncate, Memory memory)
    implements HypergradientEstimator {
  /** What is kept between the forward and the backward pass. */
  public enum Memory {
    /** Every graph. */
    KEEP,
    /** Some iterates; the others and the graphs are recomputed. */
    RECOMPUTE
  }

  /**
   * Result of a forward and a backward pass.
   *
   * @param y the last iterate
   * @param direction {@code ∇x F} at it, and what the differentiated steps add
   * @param solution {@code lr Σ a}, which stands for {@code [∇²yy g]⁻¹ ∇y f}
   * @param adjoint a at the end: the derivative in the first differentiated iterate
   */
  public record Pass(Tensor y, Tensor direction, Tensor solution, Tensor adjoint) {}

  public Unrolled {
    var rules = new Rules("unrolled differentiation");
    rules.atLeast("steps", steps, 1);
    rules.positive("lr", lr);
    if (truncate != null) {
      rules.atLeast("truncate", truncate, 0);
    }
  }

  /** It moves y first, so that its formula is that of a series at y* only: it has none. */
  @Override
  public String title() {
    String last = truncate == null ? "" : ", the last " + truncate;
    return "unrolled%s, %s".formatted(last, HypergradientEstimator.settings(steps, lr));
  }

  @Override
  public int terms() {
    return steps;
  }

  @Override
  public double step() {
    return lr;
  }

  @Override
  public SampledHypergradient sample(StochasticOracle oracle) {
    SampledObjective upper = oracle.upper();
    var samples = IntStream.range(0, steps).mapToObj(i -> oracle.freshLower()).toList();
    return SampledHypergradient.of(
        oracle,
        (x, y) -> {
          Pass pass = pass(x, y, upper, samples::get, samples::get);
          return new Hypergradient(pass.direction(), pass.solution());
        });
  }

  /** Draws samples during the pass and starts at y. */
  public Pass run(Tensor x, Tensor y, StochasticOracle oracle) {
    var drawn = new ArrayList<SampledObjective>();
    IntFunction<SampledObjective> draw =
        i -> {
          drawn.add(oracle.freshLower());
          return drawn.get(i);
        };
    return pass(x, y, oracle.upper(), draw, i -> drawn.get(i).again());
  }

  private int differentiated() {
    return truncate == null ? steps : Math.min(truncate, steps);
  }

  private Pass pass(
      Tensor x,
      Tensor y,
      SampledObjective upper,
      IntFunction<SampledObjective> there,
      IntFunction<SampledObjective> back) {
    int first = steps - differentiated();
    Tensor begin = descend(x, y, 0, first, there);
    return memory == Memory.KEEP
        ? keeping(x, begin, first, upper, there)
        : recomputing(x, begin, first, upper, there, back);
  }

  private Pass keeping(
      Tensor x,
      Tensor begin,
      int first,
      SampledObjective upper,
      IntFunction<SampledObjective> there) {
    List<Linearization> at = new ArrayList<>();
    Tensor y = begin;
    for (int i = first; i < steps; i++) {
      Linearization here = there.apply(i).linearize(x, y);
      at.add(here);
      y = Tensors.axpy(y, -lr, here.gradY());
    }
    Gradient f = upper.gradient(x, y);
    var reverse = Reverse.from(f);
    for (int i = at.size() - 1; i >= 0; i--) {
      reverse = reverse.through(at.get(i), lr);
    }
    return reverse.pass(y, lr);
  }

  private Pass recomputing(
      Tensor x,
      Tensor begin,
      int first,
      SampledObjective upper,
      IntFunction<SampledObjective> there,
      IntFunction<SampledObjective> back) {
    int length = Math.max(1, (int) Math.ceil(Math.sqrt(differentiated())));
    List<Tensor> starts = new ArrayList<>();
    Tensor y = begin;
    for (int from = first; from < steps; from += length) {
      starts.add(y);
      y = descend(x, y, from, Math.min(from + length, steps), there);
    }
    Gradient f = upper.gradient(x, y);
    var reverse = Reverse.from(f);
    for (int s = starts.size() - 1; s >= 0; s--) {
      int from = first + s * length;
      int to = Math.min(from + length, steps);
      Tensor start = starts.get(s);
      Reverse before = reverse;
      reverse = StateScope.nested(() -> segment(x, start, from, to, before, back));
    }
    return reverse.pass(y, lr);
  }

  /** Back through the steps from…to-1, whose iterates are computed again from the first. */
  private Reverse segment(
      Tensor x,
      Tensor start,
      int from,
      int to,
      Reverse after,
      IntFunction<SampledObjective> samples) {
    List<Tensor> iterates = new ArrayList<>(List.of(start));
    for (int i = from; i < to - 1; i++) {
      iterates.add(step(x, iterates.get(i - from), i, samples));
    }
    Reverse reverse = after;
    for (int i = to - 1; i >= from; i--) {
      Tensor at = iterates.get(i - from);
      int number = i;
      Reverse now = reverse;
      reverse = StateScope.nested(() -> now.through(samples.apply(number).linearize(x, at), lr));
    }
    return reverse;
  }

  /** The steps from…to-1, in the memory of one. */
  private Tensor descend(
      Tensor x, Tensor y, int from, int to, IntFunction<SampledObjective> samples) {
    return StateScope.nested(
        () -> {
          Tensor moved = y;
          for (int i = from; i < to; i++) {
            moved = step(x, moved, i, samples);
          }
          return moved;
        });
  }

  private Tensor step(Tensor x, Tensor y, int number, IntFunction<SampledObjective> samples) {
    return StateScope.nested(() -> Tensors.axpy(y, -lr, samples.apply(number).gradientY(x, y)));
  }

  /** Position of the backward pass. */
  private record Reverse(Tensor direction, Tensor sum, Tensor adjoint) {
    static Reverse from(Gradient f) {
      return new Reverse(f.x(), Tensors.zerosLike(f.y()), f.y());
    }

    Reverse through(Linearization step, double lr) {
      Products products = step.products(adjoint);
      return new Reverse(
          Tensors.axpy(direction, -lr, products.cross()),
          sum.add(adjoint),
          Tensors.axpy(adjoint, -lr, products.hessian()));
    }

    Pass pass(Tensor y, double lr) {
      return new Pass(y, direction, Tensors.scale(lr, sum), adjoint);
    }
  }
}
