package org.stackel.check;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.stackel.experiment.Experiment;
import org.stackel.problem.BilevelProblem;
import org.stackel.problem.ClosedForms;
import org.stackel.problem.DenseSecondOrder;
import org.stackel.problem.FeatureProblem;
import org.stackel.problem.Metrics;
import org.stackel.problem.ProblemOptions;
import org.stackel.problem.Shard;
import org.stackel.problem.Start;
import org.stackel.reference.Finding;
import org.stackel.run.RunListener;
import org.stackel.runfile.CheckFile.Verdict;
import org.stackel.tensor.Device;
import org.stackel.tensor.Layout;
import org.stackel.tensor.Seed;
import org.stackel.tensor.Tensors;

/** Mistakes in the closed forms of a problem, each in one of the ways to ask for a derivative. */
class ClosedFormBugsTest {
  private enum Bug {
    NONE,
    GRADIENT_SCALE,
    GRADIENT_POINT,
    GRADIENT_INDEX,
    CROSS_INDEX,
    HESSIAN_SCALE,
    CROSS_SIGN,
    CROSS_SIGN_AT_ONCE,
    HESSIAN_SIGN_AT_ONCE,
    GRADIENT_SIGN_AT_ONCE,
    DENSE_CROSS_SIGN,
    DENSE_HESSIAN_SCALE
  }

  /** {@code g = |y - x|²}, {@code f = Σ sin y + ½|x|²}; the feature is x. */
  private record Options(Bug bug, boolean hasFeatures) implements ProblemOptions {
    Experiment experiment() {
      Experiment like = new TwoLosses(1, 1, (x, y) -> x.sum(), (x, y) -> y.sum()).experiment(1);
      return new Experiment("closed", this, "slip", like.algorithm(), like.settings(), null, null);
    }

    @Override
    public BilevelProblem<Seed> open(Seed data, Device device) {
      return hasFeatures ? new WithFeatures(bug, device) : new Plain(bug, device);
    }
  }

  private static class Plain implements DenseSecondOrder<Seed> {
    private final Bug bug;
    private final Device device;

    Plain(Bug bug, Device device) {
      this.bug = bug;
      this.device = device;
    }

    private double factor(Bug wrong, double factor) {
      return bug == wrong ? factor : 1;
    }

    /** Every number at the next one's place. */
    private Tensor rolledIf(Bug wrong, Tensor v) {
      return bug == wrong ? v.roll(1) : v;
    }

    @Override
    public Layout upperLayout() {
      return Layout.vector("x", 3);
    }

    @Override
    public Layout lowerLayout() {
      return Layout.vector("y", 3);
    }

    @Override
    public Start start(Seed seed) {
      return new Start(Tensors.randn(seed, device, 3), Tensors.zeros(device, 3));
    }

    @Override
    public Seed upperBatch(Seed draw, Shard shard) {
      return draw;
    }

    @Override
    public Seed lowerBatch(Seed draw, Shard shard) {
      return draw;
    }

    @Override
    public Tensor upperLoss(Tensor x, Tensor y, Seed batch) {
      return y.sin().sum().add(Tensors.scale(0.5, x.dot(x)));
    }

    @Override
    public Tensor lowerLoss(Tensor x, Tensor y, Seed batch) {
      return y.sub(x).dot(y.sub(x));
    }

    @Override
    public Metrics evaluate(Tensor x, Tensor y) {
      return Metrics.NONE;
    }

    @Override
    public Tensor lowerHessian(Tensor x, Tensor y, Seed batch) {
      return Tensors.scale(2 * factor(Bug.DENSE_HESSIAN_SCALE, 1.1), unit());
    }

    @Override
    public Tensor lowerCross(Tensor x, Tensor y, Seed batch) {
      return Tensors.scale(-2 * factor(Bug.DENSE_CROSS_SIGN, -1), unit());
    }

    private Tensor unit() {
      return Tensors.of(device, new double[] {1, 0, 0, 0, 1, 0, 0, 0, 1}, 3, 3);
    }

    @Override
    public ClosedForms<Seed> closedForms() {
      return new ClosedForms<>() {
        @Override
        public Lower lowerAt(Tensor x, Tensor y, Seed batch) {
          return new Lower() {
            @Override
            public Tensor gradientY() {
              Tensor at = bug == Bug.GRADIENT_POINT ? y.add(new Scalar(1e-3)) : y;
              Tensor offset = rolledIf(Bug.GRADIENT_INDEX, at.sub(x));
              return Tensors.scale(2 * factor(Bug.GRADIENT_SCALE, 1.001), offset);
            }

            @Override
            public Tensor hessianVector(Tensor v) {
              return Tensors.scale(2 * factor(Bug.HESSIAN_SCALE, 1.001), v);
            }

            @Override
            public Tensor crossVector(Tensor v) {
              return Tensors.scale(-2 * factor(Bug.CROSS_SIGN, -1), rolledIf(Bug.CROSS_INDEX, v));
            }

            @Override
            public @Nullable Derivatives derivatives(Tensor v) {
              return new Derivatives(
                  Tensors.scale(2 * factor(Bug.GRADIENT_SIGN_AT_ONCE, -1), y.sub(x)),
                  Tensors.scale(2 * factor(Bug.HESSIAN_SIGN_AT_ONCE, -1), v),
                  Tensors.scale(-2 * factor(Bug.CROSS_SIGN_AT_ONCE, -1), v));
            }
          };
        }
      };
    }

    @Override
    public void close() {}
  }

  private static final class WithFeatures extends Plain implements FeatureProblem<Seed> {
    WithFeatures(Bug bug, Device device) {
      super(bug, device);
    }

    @Override
    public Tensor features(Tensor x, Seed batch) {
      return x;
    }

    @Override
    public Tensor upperLossOf(Tensor features, Tensor y, Seed batch) {
      return super.upperLoss(features, y, batch);
    }

    @Override
    public Tensor lowerLossOf(Tensor features, Tensor y, Seed batch) {
      return super.lowerLoss(features, y, batch);
    }

    @Override
    public Tensor upperLoss(Tensor x, Tensor y, Seed batch) {
      return super.upperLoss(x, y, batch);
    }

    @Override
    public Tensor lowerLoss(Tensor x, Tensor y, Seed batch) {
      return super.lowerLoss(x, y, batch);
    }
  }

  private static List<String> wrong(Bug bug, boolean hasFeatures) {
    var plan = new CheckPlan(1, List.of(0L), 8, 2, 0, List.of());
    return Check.run(
            new Options(bug, hasFeatures).experiment(), plan, new RunListener() {}, sentence -> {})
        .result()
        .points()
        .get(0)
        .derivatives()
        .stream()
        .filter(finding -> finding.verdict() == Verdict.WRONG)
        .map(Finding::what)
        .toList();
  }

  @Test
  void rightOnesPass() {
    assertThat(wrong(Bug.NONE, false)).isEmpty();
    assertThat(wrong(Bug.NONE, true)).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "GRADIENT_SCALE, lower gradient by all calls",
    "GRADIENT_POINT, lower gradient by all calls",
    "GRADIENT_INDEX, lower gradient by all calls",
    "CROSS_INDEX, cross-vector product",
    "HESSIAN_SCALE, Hessian-vector product",
    "CROSS_SIGN, cross-vector product",
    "CROSS_SIGN_AT_ONCE, products at once and one by one",
    "HESSIAN_SIGN_AT_ONCE, products at once and one by one",
    "GRADIENT_SIGN_AT_ONCE, lower gradient by all calls",
    "DENSE_CROSS_SIGN, second derivatives as matrices",
    "DENSE_HESSIAN_SCALE, second derivatives as matrices"
  })
  void wrongOnesAreFound(Bug bug, String what) {
    assertThat(wrong(bug, false)).contains(what);
    assertThat(wrong(bug, true)).contains(what);
  }
}
