package org.stackel.oracle;

import java.util.function.Supplier;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Counts the answers of another oracle. A value counts as a gradient of its loss, a product with
 * the whole Hessian as a Hessian and a cross product. Every call counts the samples that it was
 * computed on. It keeps what estimators say about themselves.
 */
public final class CountingOracle extends ForwardingOracle {
  private final Runnable before;
  private final boolean isWatched;
  private @Nullable Breakdown breakdown;
  private long gradientF;
  private long gradientG;
  private long hessianVector;
  private long crossVector;
  private long samples;

  /** Counts from zero. */
  public CountingOracle(StochasticOracle oracle) {
    this(oracle, () -> {}, Watch.NONE);
  }

  /**
   * Counts from zero.
   *
   * @param before run before every answer; what it throws ends the step
   */
  public CountingOracle(StochasticOracle oracle, Runnable before, Watch watch) {
    super(oracle);
    this.before = before;
    isWatched = watch == Watch.ESTIMATES;
  }

  /** What estimators are to look at. */
  public enum Watch {
    /** Nothing that costs anything. */
    NONE,
    /** Each estimate: see {@link StochasticOracle#isWatched}. */
    ESTIMATES
  }

  /** The worst that an estimator said of its estimate; null if none did. */
  public @Nullable Breakdown breakdown() {
    return breakdown;
  }

  @Override
  public boolean isWatched() {
    return isWatched;
  }

  @Override
  public void broke(Breakdown found) {
    if (breakdown == null || found.isWorseThan(breakdown)) {
      breakdown = found;
    }
  }

  /** The calls so far. */
  public OracleCalls calls() {
    return new OracleCalls(gradientF, gradientG, hessianVector, crossVector, samples);
  }

  @Override
  protected SampledObjective wrap(SampledObjective loss, boolean isUpper) {
    return new Counted(loss, isUpper);
  }

  private final class Counted implements SampledObjective {
    private final SampledObjective objective;
    private final boolean isUpper;

    Counted(SampledObjective objective, boolean isUpper) {
      this.objective = objective;
      this.isUpper = isUpper;
    }

    private <T> T asGradient(Supplier<T> answer) {
      before.run();
      T given = answer.get();
      if (isUpper) {
        gradientF++;
      } else {
        gradientG++;
      }
      samples += objective.samples();
      return given;
    }

    private <T> T asProducts(long hessian, long cross, Supplier<T> answer) {
      before.run();
      T given = answer.get();
      count(hessian, cross);
      return given;
    }

    private void count(long hessian, long cross) {
      hessianVector += hessian;
      crossVector += cross;
      samples += (hessian + cross) * objective.samples();
    }

    @Override
    public long samples() {
      return objective.samples();
    }

    @Override
    public Tensor value(Tensor x, Tensor y) {
      return asGradient(() -> objective.value(x, y));
    }

    @Override
    public Gradient gradient(Tensor x, Tensor y) {
      return asGradient(() -> objective.gradient(x, y));
    }

    @Override
    public Tensor gradientY(Tensor x, Tensor y) {
      return asGradient(() -> objective.gradientY(x, y));
    }

    @Override
    public Tensor hessianVector(Tensor x, Tensor y, Tensor v) {
      return asProducts(1, 0, () -> objective.hessianVector(x, y, v));
    }

    @Override
    public Tensor crossVector(Tensor x, Tensor y, Tensor v) {
      return asProducts(0, 1, () -> objective.crossVector(x, y, v));
    }

    @Override
    public Pullback crossPullback(Tensor x, Tensor y, Tensor v) {
      return asProducts(0, 1, () -> objective.crossPullback(x, y, v));
    }

    @Override
    public Gradient hessianVector(Tensor x, Tensor y, Gradient v) {
      return asProducts(1, 1, () -> objective.hessianVector(x, y, v));
    }

    @Override
    public SampledObjective again() {
      return new Counted(objective.again(), isUpper);
    }

    @Override
    public Linearization linearize(Tensor x, Tensor y) {
      Linearization linearization = objective.linearize(x, y);
      return new Linearization() {
        @Override
        public Tensor gradY() {
          return asGradient(() -> linearization.gradY());
        }

        @Override
        public Tensor hessianVector(Tensor v) {
          return asProducts(1, 0, () -> linearization.hessianVector(v));
        }

        @Override
        public Tensor crossVector(Tensor v) {
          return asProducts(0, 1, () -> linearization.crossVector(v));
        }

        @Override
        public Pullback crossPullback(Tensor v) {
          return asProducts(0, 1, () -> linearization.crossPullback(v));
        }

        @Override
        public Products products(Tensor v) {
          return asProducts(1, 1, () -> linearization.products(v));
        }

        @Override
        public SecondDerivatives dense() {
          before.run();
          SecondDerivatives dense = linearization.dense();
          count(dense.hessian().size(1), dense.cross().size(1));
          return dense;
        }
      };
    }
  }
}
