package org.stackel.tune;

import java.util.Arrays;
import java.util.concurrent.atomic.AtomicLong;
import org.stackel.optim.Iterations;

/**
 * The loss of a linear model on some examples, {@code mean of ℓ(aᵢ, bᵢ; w)}, and its minimiser with
 * a penalty. Parameters have shape [features + 1, outputs]; the last row is the intercept, which is
 * not penalised.
 */
final class LinearFit {
  private static final int NEWTON_STEPS = 60;
  private static final int CG_STEPS = 200;
  private static final int HALVINGS = 30;

  private final SparseMatrix a;
  private final double[] targets;
  private final LinearLoss loss;
  private final int outputs;
  private final AtomicLong products;

  /**
   * @param targets class or number of each example
   * @param products counts products with the matrix or its transpose
   */
  LinearFit(SparseMatrix a, double[] targets, LinearLoss loss, int classes, AtomicLong products) {
    this.a = a;
    this.targets = targets;
    this.loss = loss;
    this.outputs = loss.outputs(classes);
    this.products = products;
  }

  /** Numbers of the parameters. */
  int size() {
    return (a.width() + 1) * outputs;
  }

  int outputs() {
    return outputs;
  }

  SparseMatrix features() {
    return a;
  }

  // ---- the loss ------------------------------------------------------------------------------

  double[] logits(double[] w) {
    products.incrementAndGet();
    return a.times(w, outputs);
  }

  double loss(double[] logits) {
    return Arrays.stream(losses(logits)).sum() / targets.length;
  }

  /** Of each example. */
  double[] losses(double[] logits) {
    double[] losses = new double[targets.length];
    for (int i = 0; i < targets.length; i++) {
      losses[i] = loss.value(logits, i * outputs, outputs, targets[i]);
    }
    return losses;
  }

  double accuracy(double[] logits) {
    int right = 0;
    for (int i = 0; i < targets.length; i++) {
      right += loss.isRight(logits, i * outputs, outputs, targets[i]) ? 1 : 0;
    }
    return (double) right / targets.length;
  }

  double[] gradient(double[] logits) {
    double[] slopes = new double[logits.length];
    for (int i = 0; i < targets.length; i++) {
      loss.slope(logits, i * outputs, outputs, targets[i], slopes);
    }
    return scaled(slopes);
  }

  /** The product of the loss's Hessian with a direction. */
  private double[] curved(double[] logits, double[] direction) {
    double[] inner = logits(direction);
    double[] outer = new double[inner.length];
    for (int i = 0; i < targets.length; i++) {
      loss.curved(logits, i * outputs, outputs, inner, outer);
    }
    return scaled(outer);
  }

  private double[] scaled(double[] r) {
    products.incrementAndGet();
    double[] product = a.transposedTimes(r, outputs);
    for (int k = 0; k < product.length; k++) {
      product[k] /= targets.length;
    }
    return product;
  }

  /** About the diagonal of the Hessian. */
  private double[] diagonal(double[] logits, double[] strengths) {
    double[] curvature = new double[logits.length];
    for (int i = 0; i < targets.length; i++) {
      loss.diagonal(logits, i * outputs, outputs, curvature);
    }
    products.incrementAndGet();
    double[] diagonal = a.transposedSquaresTimes(curvature, outputs);
    for (int k = 0; k < diagonal.length; k++) {
      diagonal[k] = diagonal[k] / targets.length + strengths[k] + 1e-12;
    }
    return diagonal;
  }

  // ---- with a penalty ------------------------------------------------------------------------

  /**
   * The minimiser of {@code loss + ½ Σ s w²}, by Newton's method with conjugate gradients.
   *
   * @param strengths s of every parameter, 0 for intercepts
   * @param start where it begins; not changed
   * @param tolerance length of the gradient at which it ends
   */
  double[] minimize(double[] strengths, double[] start, double tolerance) {
    double[] w = start.clone();
    double[] z = logits(w);
    for (int step = 0; step < NEWTON_STEPS; step++) {
      Iterations.next("Newton's method", step, NEWTON_STEPS);
      double[] gradient = gradient(z);
      for (int k = 0; k < w.length; k++) {
        gradient[k] += strengths[k] * w[k];
      }
      double length = Math.sqrt(dot(gradient, gradient));
      if (length <= tolerance) {
        break;
      }
      double[] negative = new double[w.length];
      for (int k = 0; k < w.length; k++) {
        negative[k] = -gradient[k];
      }
      double[] direction =
          solve(z, strengths, negative, new double[w.length], Math.min(0.1, Math.sqrt(length)));
      double[] along = logits(direction);
      double slope = dot(gradient, direction);
      double before = loss(z) + penalty(strengths, w);
      double t = 1;
      boolean isLower = false;
      for (int halving = 0; halving < HALVINGS && !isLower; halving++) {
        double[] nextZ = moved(z, t, along);
        double[] next = moved(w, t, direction);
        double after = loss(nextZ) + penalty(strengths, next);
        if (after <= before + 1e-4 * t * slope) {
          z = nextZ;
          w = next;
          isLower = true;
        } else {
          t /= 2;
        }
      }
      if (!isLower) {
        break; // as far as rounding lets it
      }
    }
    return w;
  }

  /**
   * {@code (∇² loss + diag s)⁻¹ b} by conjugate gradients.
   *
   * @param z logits where the Hessian is taken
   * @param start where it begins; not changed
   * @param relative length of the residual over that of b at which it ends
   */
  double[] solve(double[] z, double[] strengths, double[] b, double[] start, double relative) {
    double[] diagonal = diagonal(z, strengths);
    double[] v = start.clone();
    double[] residual = b.clone();
    if (dot(v, v) > 0) {
      double[] product = hessian(z, strengths, v);
      for (int k = 0; k < v.length; k++) {
        residual[k] -= product[k];
      }
    }
    double[] direction = new double[v.length];
    double rho = 0;
    double target = relative * Math.sqrt(dot(b, b));
    for (int step = 0; step < CG_STEPS && Math.sqrt(dot(residual, residual)) > target; step++) {
      Iterations.next("conjugate gradients", step, CG_STEPS);
      double[] preconditioned = new double[v.length];
      for (int k = 0; k < v.length; k++) {
        preconditioned[k] = residual[k] / diagonal[k];
      }
      double next = dot(residual, preconditioned);
      double beta = step == 0 ? 0 : next / rho;
      rho = next;
      for (int k = 0; k < v.length; k++) {
        direction[k] = preconditioned[k] + beta * direction[k];
      }
      double[] product = hessian(z, strengths, direction);
      double curvature = dot(direction, product);
      if (!(curvature > 0)) {
        break;
      }
      double alpha = rho / curvature;
      for (int k = 0; k < v.length; k++) {
        v[k] += alpha * direction[k];
        residual[k] -= alpha * product[k];
      }
    }
    return v;
  }

  private double[] hessian(double[] z, double[] strengths, double[] direction) {
    double[] product = curved(z, direction);
    for (int k = 0; k < product.length; k++) {
      product[k] += strengths[k] * direction[k];
    }
    return product;
  }

  private static double penalty(double[] strengths, double[] w) {
    double sum = 0;
    for (int k = 0; k < w.length; k++) {
      sum += strengths[k] * w[k] * w[k];
    }
    return sum / 2;
  }

  private static double[] moved(double[] from, double t, double[] direction) {
    double[] to = from.clone();
    for (int k = 0; k < to.length; k++) {
      to[k] += t * direction[k];
    }
    return to;
  }

  static double dot(double[] a, double[] b) {
    double sum = 0;
    for (int k = 0; k < a.length; k++) {
      sum += a[k] * b[k];
    }
    return sum;
  }
}
