package org.stackel.algorithm;

import java.util.function.Function;
import java.util.function.LongToDoubleFunction;
import org.bytedeco.pytorch.Tensor;

/**
 * The solution of the linear system {@code ∇²yy g · v = ∇y f} that an algorithm carries along in
 * its state, improved in every step.
 *
 * @param solution v of a state, of the size of y: with this sign, whatever sign the state has
 * @param step the step size of its improvement in step t, in units of v; NaN where the improvement
 *     is no plain descent on the system
 * @param <S> the algorithm's state
 */
public record Carried<S>(Function<S, Tensor> solution, LongToDoubleFunction step) {
  /** A solution that is not improved by plain descent on the system. */
  public static <S> Carried<S> of(Function<S, Tensor> solution) {
    return new Carried<>(solution, t -> Double.NaN);
  }
}
