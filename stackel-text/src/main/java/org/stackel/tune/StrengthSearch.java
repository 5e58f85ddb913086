package org.stackel.tune;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.stackel.optim.Iterations;
import org.stackel.tensor.Seed;

/**
 * Strengths of a penalty that make a linear model do well on validation examples.
 *
 * <p>With x the logarithms of the strengths and w*(x) the minimiser of the training loss with its
 * penalty, the derivative of the validation loss Φ(x) = f(w*(x)) is exact but for tolerances:
 *
 * <pre>
 *   ∂Φ/∂x_g = - Σ_{j in g} s_j Σ_k w_jk v_jk,   (∇² loss + diag s) v = ∇f(w*)
 * </pre>
 *
 * <p>(Bengio 2000; Pedregosa, "Hyperparameter optimization with approximate gradient", ICML 2016.)
 * Each point starts from the minimiser of the one before.
 */
final class StrengthSearch {
  private static final double LEAST = Math.log(1e-9);
  private static final double MOST = Math.log(1e3);
  private static final double TOLERANCE = 1e-5;
  private static final double SOLVED = 1e-3;
  private static final double FIRST_MOVE = 2;
  private static final int LINE_STEPS = 12;
  private static final double CLOSE = 0.05;

  private final LinearFit training;
  private final LinearFit tuning;
  private final LinearFit stopping;
  private final int[] groups;
  private final int groupCount;
  private final AtomicLong products;
  private final BooleanSupplier stop;
  private boolean wasCut;
  private final Consumer<String> talk;

  /**
   * @param tuning examples whose loss has a gradient taken
   * @param stopping examples that say when strengths have gone far enough
   * @param groups group of each feature
   * @param products counts products with matrices
   */
  StrengthSearch(
      LinearFit training,
      LinearFit tuning,
      LinearFit stopping,
      int[] groups,
      AtomicLong products,
      BooleanSupplier stop,
      Consumer<String> talk) {
    this.training = training;
    this.tuning = tuning;
    this.stopping = stopping;
    this.groups = groups;
    this.products = products;
    this.stop = stop;
    this.talk = talk;
    groupCount = Arrays.stream(groups).max().orElse(0) + 1;
  }

  /**
   * A point of the search.
   *
   * @param x logarithms of the strengths, one for each group
   * @param w the minimiser there
   * @param tuningLoss Φ on the examples for the gradient
   * @param stoppingLoss the loss on those that say when to stop
   * @param validationLoss on both together
   */
  @SuppressWarnings("ArrayRecordComponent") // compared nowhere
  record Point(
      double[] x, double[] w, double tuningLoss, double stoppingLoss, double validationLoss) {}

  /** A step of the search as a report shows it. */
  record Step(long products, double validationLoss) {}

  private Point at(double[] x, double[] start) {
    double[] w = training.minimize(strengths(x), start, TOLERANCE);
    double[] tuningLogits = tuning.logits(w);
    double tuned = tuning.loss(tuningLogits);
    double stopped = stopping.loss(stopping.logits(w));
    int n = tuning.features().rows();
    int m = stopping.features().rows();
    return new Point(x, w, tuned, stopped, (n * tuned + m * stopped) / (n + m));
  }

  private double[] strengths(double[] x) {
    int outputs = training.outputs();
    double[] strengths = new double[training.size()];
    for (int j = 0; j < groups.length; j++) {
      Arrays.fill(
          strengths, j * outputs, (j + 1) * outputs, Math.exp(x.length == 1 ? x[0] : x[groups[j]]));
    }
    return strengths;
  }

  /** The hypergradient of {@code both} sets or of the tuning set, and the vector v. */
  private double[][] hypergradient(Point point, double[] start, boolean both) {
    double[] strengths = strengths(point.x());
    double[] z = training.logits(point.w());
    double[] slope = tuning.gradient(tuning.logits(point.w()));
    if (both) {
      double n = tuning.features().rows();
      double m = stopping.features().rows();
      double[] other = stopping.gradient(stopping.logits(point.w()));
      for (int k = 0; k < slope.length; k++) {
        slope[k] = (n * slope[k] + m * other[k]) / (n + m);
      }
    }
    double[] v = training.solve(z, strengths, slope, start, SOLVED);
    int outputs = training.outputs();
    double[] gradient = new double[point.x().length];
    for (int j = 0; j < groups.length; j++) {
      int g = point.x().length == 1 ? 0 : groups[j];
      for (int k = j * outputs; k < (j + 1) * outputs; k++) {
        gradient[g] -= strengths[k] * point.w()[k] * v[k];
      }
    }
    return new double[][] {gradient, v};
  }

  // ---- one strength --------------------------------------------------------------------------

  /**
   * The best single strength: steps against the hypergradient until it changes its sign, then false
   * position between the two.
   */
  Point one(double start, List<Step> steps) {
    double[] zero = new double[training.size()];
    Point best = at(new double[] {start}, zero);
    steps.add(new Step(products.get(), best.validationLoss()));
    double[] v = new double[training.size()];
    Point last = best;
    double low = Double.NaN;
    double high = Double.NaN;
    double slopeLow = 0;
    double slopeHigh = 0;
    double move = FIRST_MOVE;
    try {
      for (int step = 0; step < LINE_STEPS && !isCut(); step++) {
        double[][] found = hypergradient(last, v, true);
        double slope = found[0][0];
        v = found[1];
        double here = last.x()[0];
        if (slope > 0) {
          high = here;
          slopeHigh = slope;
        } else {
          low = here;
          slopeLow = slope;
        }
        boolean isBetween = !Double.isNaN(low) && !Double.isNaN(high);
        double next;
        if (isBetween) {
          double share = -slopeLow / (slopeHigh - slopeLow);
          next = low + Math.min(0.8, Math.max(0.2, share)) * (high - low);
          if (high - low < CLOSE) {
            break;
          }
        } else {
          next = clamped(here + (slope > 0 ? -move : move));
          move *= 1.5;
          if (next == here) {
            break;
          }
        }
        last = at(new double[] {next}, last.w());
        steps.add(new Step(products.get(), last.validationLoss()));
        best = last.validationLoss() < best.validationLoss() ? last : best;
        talk.accept(
            "strength %.3g: validation loss %.5f".formatted(Math.exp(next), last.validationLoss()));
      }
    } catch (Iterations.Stopped e) {
      wasCut = true;
    }
    return best;
  }

  private static double clamped(double x) {
    return Math.max(LEAST, Math.min(MOST, x));
  }

  // ---- many strengths ------------------------------------------------------------------------

  /**
   * Strengths of the groups, from a single one on: steps of L-BFGS on the tuning examples, as long
   * as the loss on the others falls.
   *
   * @param from the best single strength
   * @param most largest number of steps
   * @return the point with the least loss on the stopping examples
   */
  Point many(Point from, int most, List<Step> steps) {
    double[] x = new double[groupCount];
    Arrays.fill(x, from.x()[0]);
    Point current =
        new Point(x, from.w(), from.tuningLoss(), from.stoppingLoss(), from.validationLoss());
    Point best = current;
    steps.add(new Step(products.get(), current.validationLoss()));
    double[] v = new double[training.size()];
    var memory = new ArrayDirections(10);
    int worse = 0;
    double[] gradient = null;
    try {
      for (int step = 0; step < most && worse < PATIENCE && !isCut(); step++) {
        if (gradient == null) {
          double[][] found = hypergradient(current, v, false);
          gradient = found[0];
          v = found[1];
        }
        double[] direction = memory.direction(gradient);
        double largest = 0;
        for (double d : direction) {
          largest = Math.max(largest, Math.abs(d));
        }
        if (largest == 0) {
          break;
        }
        double t = memory.isEmpty() ? FIRST_MOVE / largest : Math.min(1, LONGEST / largest);
        double slope = LinearFit.dot(gradient, direction);
        Point next = null;
        for (int halving = 0; halving < 8; halving++) {
          Point tried = at(stepped(current.x(), t, direction), current.w());
          if (tried.tuningLoss() <= current.tuningLoss() + 1e-4 * t * slope) {
            next = tried;
            break;
          }
          t /= 3;
        }
        if (next == null) {
          if (memory.isEmpty()) {
            break;
          }
          memory.clear();
          continue;
        }
        double[][] found = hypergradient(next, v, false);
        memory.add(current.x(), gradient, next.x(), found[0]);
        gradient = found[0];
        v = found[1];
        current = next;
        steps.add(new Step(products.get(), current.validationLoss()));
        if (current.stoppingLoss() < best.stoppingLoss()) {
          best = current;
          worse = 0;
        } else {
          worse++;
        }
        talk.accept(
            "%d strengths, step %d: validation loss %.5f"
                .formatted(groupCount, step + 1, current.validationLoss()));
      }
    } catch (Iterations.Stopped e) {
      wasCut = true;
    }
    return best;
  }

  private static final int PATIENCE = 5;
  private static final double LONGEST = 3;

  private static double[] stepped(double[] x, double t, double[] direction) {
    double[] to = new double[x.length];
    for (int g = 0; g < x.length; g++) {
      to[g] = clamped(x[g] + t * direction[g]);
    }
    return to;
  }

  /** Asked where there is more to search: whether it is to end here. */
  boolean isCut() {
    wasCut = wasCut || stop.getAsBoolean();
    return wasCut;
  }

  /** Whether a search was to end before its end. */
  boolean wasCut() {
    return wasCut;
  }

  // ---- the yardstick -------------------------------------------------------------------------

  /**
   * Single strengths at random, uniform in their logarithm, each from scratch.
   *
   * @param count least number of them
   * @param budget products that they may spend at least
   * @return null if the search was to end before the first
   */
  @Nullable Point random(int count, long budget, Seed seed, List<Step> steps) {
    double[] zero = new double[training.size()];
    var generator = seed.generator();
    long begin = products.get();
    Point best = null;
    try {
      for (int i = 0; i < count || products.get() - begin < budget; i++) {
        if (best != null && isCut()) {
          break;
        }
        double x = LEAST + generator.nextDouble() * (MOST - LEAST);
        Point point = at(new double[] {x}, zero);
        best = best == null || point.validationLoss() < best.validationLoss() ? point : best;
        steps.add(new Step(products.get() - begin, best.validationLoss()));
      }
    } catch (Iterations.Stopped e) {
      wasCut = true;
    }
    return best;
  }

  /** Differences of the last steps, from which L-BFGS makes a direction. */
  private static final class ArrayDirections {
    private final int most;
    private final List<double[]> moves = new ArrayList<>();
    private final List<double[]> changes = new ArrayList<>();

    ArrayDirections(int most) {
      this.most = most;
    }

    boolean isEmpty() {
      return moves.isEmpty();
    }

    void clear() {
      moves.clear();
      changes.clear();
    }

    void add(double[] x, double[] gradient, double[] nextX, double[] nextGradient) {
      double[] move = new double[x.length];
      double[] change = new double[x.length];
      for (int i = 0; i < x.length; i++) {
        move[i] = nextX[i] - x[i];
        change[i] = nextGradient[i] - gradient[i];
      }
      if (LinearFit.dot(move, change) <= 1e-12 * LinearFit.dot(change, change)) {
        return; // no curvature to learn from
      }
      moves.add(move);
      changes.add(change);
      if (moves.size() > most) {
        moves.remove(0);
        changes.remove(0);
      }
    }

    double[] direction(double[] gradient) {
      double[] q = gradient.clone();
      double[] alphas = new double[moves.size()];
      for (int i = moves.size() - 1; i >= 0; i--) {
        alphas[i] = LinearFit.dot(moves.get(i), q) / LinearFit.dot(moves.get(i), changes.get(i));
        for (int k = 0; k < q.length; k++) {
          q[k] -= alphas[i] * changes.get(i)[k];
        }
      }
      if (!moves.isEmpty()) {
        int last = moves.size() - 1;
        double scale =
            LinearFit.dot(moves.get(last), changes.get(last))
                / LinearFit.dot(changes.get(last), changes.get(last));
        for (int k = 0; k < q.length; k++) {
          q[k] *= scale;
        }
      }
      for (int i = 0; i < moves.size(); i++) {
        double beta =
            LinearFit.dot(changes.get(i), q) / LinearFit.dot(moves.get(i), changes.get(i));
        for (int k = 0; k < q.length; k++) {
          q[k] += (alphas[i] - beta) * moves.get(i)[k];
        }
      }
      for (int k = 0; k < q.length; k++) {
        q[k] = -q[k];
      }
      return q;
    }
  }
}
