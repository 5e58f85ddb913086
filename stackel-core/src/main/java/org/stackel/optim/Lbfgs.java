package org.stackel.optim;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;
import org.stackel.tensor.StateScope;
import org.stackel.tensor.Tensors;

/**
 * Limited-memory BFGS (Nocedal and Wright, "Numerical Optimization", Algorithms 7.4 and 7.5) with
 * backtracking to sufficient decrease, for smooth convex functions of one vector.
 *
 * <p>One iteration is usually one evaluation. Stops at {@code |g| ≤ tolerance · max(1, |x|)}, or
 * where no decrease is left in the precision of the numbers.
 *
 * @param iterations maximum number of iterations, at least 1
 * @param memory pairs kept, at least 1
 * @param tolerance relative gradient norm
 */
public record Lbfgs(int iterations, int memory, double tolerance) {
  /**
   * A value with its gradient.
   *
   * @param value f(x)
   * @param gradient ∇f(x)
   */
  public record Evaluation(double value, Tensor gradient) {}

  private record Pair(Tensor s, Tensor y, double sy) {}

  private record Iterate(Tensor x, Tensor gradient) {}

  /** The minimiser of f from a start; made in the caller's scope. */
  public Tensor minimize(Function<Tensor, Evaluation> f, Tensor start) {
    return minimize(f, start, null);
  }

  /**
   * The minimiser of f from a start, with a preconditioner; made in the caller's scope.
   *
   * @param inverse v to {@code M⁻¹v} for a symmetric positive definite M, made in the caller's
   *     scope. It takes the place of the identity in the estimate of the inverse Hessian, and the
   *     first direction is {@code -M⁻¹∇f}: a step of Newton's where M is the Hessian at the start.
   *     Null for none
   */
  public Tensor minimize(
      Function<Tensor, Evaluation> f, Tensor start, @Nullable UnaryOperator<Tensor> inverse) {
    var pairs = new ArrayDeque<Pair>();
    try {
      return minimize(f, start, inverse, pairs);
    } finally {
      pairs.forEach(StateScope::release);
    }
  }

  private Tensor minimize(
      Function<Tensor, Evaluation> f,
      Tensor start,
      @Nullable UnaryOperator<Tensor> inverse,
      ArrayDeque<Pair> pairs) {
    Iterate current = null;
    Tensor x = start;
    try {
      Evaluation at = f.apply(x);
      for (int i = 0; i < iterations; i++) {
        Iterations.next("L-BFGS", i, iterations);
        double norm = Tensors.item(Tensors.norm(at.gradient()));
        if (norm <= tolerance * Math.max(1, Tensors.item(Tensors.norm(x)))) {
          break;
        }
        try (var scope = StateScope.open()) {
          Tensor direction = direction(at.gradient(), inverse, pairs, norm);
          double slope = Tensors.item(at.gradient().dot(direction));
          double step = 1;
          Tensor next = x;
          Evaluation atNext = at;
          boolean decreased = false;
          for (int halvings = 0; halvings < 30 && !decreased; halvings++) {
            next = Tensors.axpy(x, step, direction);
            atNext = f.apply(next);
            decreased =
                atNext.value() < at.value() // which the term below is too small to see at the end
                    && atNext.value() <= at.value() + 1e-4 * step * slope;
            step /= 2;
          }
          if (!decreased) {
            break;
          }
          Tensor s = next.sub(x);
          Tensor y = atNext.gradient().sub(at.gradient());
          double sy = Tensors.item(s.dot(y));
          if (sy > 0) {
            pairs.addLast(scope.keep(new Pair(s, y, sy)));
            if (pairs.size() > memory) {
              StateScope.release(pairs.removeFirst());
            }
          }
          Iterate kept = scope.keep(new Iterate(next, atNext.gradient()));
          if (current != null) {
            StateScope.release(current);
          }
          current = kept;
          x = kept.x();
          at = new Evaluation(atNext.value(), kept.gradient());
        }
      }
    } catch (RuntimeException e) {
      if (current != null) {
        StateScope.release(current);
      }
      throw e;
    }
    if (current == null) {
      return x;
    }
    var found = new Tensor(current.x()); // a handle that belongs to the caller's scope
    StateScope.release(current);
    return found;
  }

  private static Tensor direction(
      Tensor gradient,
      @Nullable UnaryOperator<Tensor> inverse,
      ArrayDeque<Pair> pairs,
      double norm) {
    List<Pair> newestFirst = new ArrayList<>();
    pairs.descendingIterator().forEachRemaining(newestFirst::add);
    if (newestFirst.isEmpty()) {
      return inverse == null
          ? Tensors.scale(-1 / Math.max(1, norm), gradient)
          : inverse.apply(gradient).neg();
    }
    double[] alpha = new double[newestFirst.size()];
    Tensor q = gradient.neg(); // and from here on in place
    for (int i = 0; i < alpha.length; i++) {
      Pair p = newestFirst.get(i);
      alpha[i] = Tensors.item(p.s().dot(q)) / p.sy();
      q.add_(p.y(), Tensors.scalar(-alpha[i], q));
    }
    Pair newest = newestFirst.get(0);
    Tensor y = newest.y();
    double yy = Tensors.item(y.dot(inverse == null ? y : inverse.apply(y)));
    q = inverse == null ? q : inverse.apply(q);
    q.mul_(Tensors.scalar(newest.sy() / yy, q));
    for (int i = alpha.length - 1; i >= 0; i--) {
      Pair p = newestFirst.get(i);
      double beta = Tensors.item(p.y().dot(q)) / p.sy();
      q.add_(p.s(), Tensors.scalar(alpha[i] - beta, q));
    }
    return q;
  }
}
