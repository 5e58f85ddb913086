package org.stackel.bilevel;

import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;
import org.stackel.problem.ClosedForms;
import org.stackel.problem.Noise;
import org.stackel.tensor.Device;
import org.stackel.tensor.Seed;
import org.stackel.tensor.Tensors;

/**
 * A ridge regression with one strength a feature, {@code g = mean ½ (aᵀy - b)² + ½ Σ exp(x_i)
 * y_i²}, and what is known of it in closed form.
 */
final class ClosedRidge {
  static final int FEATURES = 4;
  private static final int TRAINING = 30;
  private static final int HELD_OUT = 20;

  /** How much is said in closed form, and how. */
  enum Known {
    /** One method an answer. */
    EACH,
    /** At a point, with everything in one pass. */
    AT_A_POINT,
    /** The gradients alone. */
    GRADIENTS,
    /** The Hessian product alone. */
    HESSIAN,
    /** The cross product and the upper gradient. */
    CROSS,
    /** None after all. */
    NOTHING
  }

  private ClosedRidge() {}

  static Bilevel<Tensor> stated(Known known, int batch, Noise noise) {
    Tensor a = Tensors.randn(new Seed(1), Device.CPU64, TRAINING, FEATURES);
    Tensor b = Tensors.randn(new Seed(2), Device.CPU64, TRAINING);
    Tensor heldOutA = Tensors.randn(new Seed(3), Device.CPU64, HELD_OUT, FEATURES);
    Tensor heldOutB = Tensors.randn(new Seed(4), Device.CPU64, HELD_OUT);
    return Bilevel.problem(new double[FEATURES], new double[FEATURES])
        .data("a", a)
        .data("b", b)
        .data("heldOutA", heldOutA)
        .data("heldOutB", heldOutB)
        .lower((x, y, m) -> half(error(m, "a", "b", y).add(x.exp().mul(y.square()).sum())))
        .upper((x, y, m) -> half(error(m, "heldOutA", "heldOutB", y)).add(x.square().sum()))
        .batches(TRAINING, batch, HELD_OUT, batch)
        .noise(noise)
        .closedForms(forms(known));
  }

  private static Tensor error(Minibatch m, String a, String b, Tensor y) {
    return m.rows(a).mv(y).sub(m.rows(b)).square().mean();
  }

  private static Tensor half(Tensor tensor) {
    return tensor.mul(new Scalar(.5));
  }

  private static ClosedForms<Minibatch> forms(Known known) {
    return known == Known.AT_A_POINT ? new AtAPoint() : new Each(known);
  }

  private static Tensor mean(Tensor a, Tensor each) {
    return a.t().mv(each).div(new Scalar((double) a.size(0)));
  }

  private record Each(Known known) implements ClosedForms<Minibatch> {
    private boolean has(Known part) {
      return known == part || known == Known.EACH;
    }

    @Override
    public @Nullable Partials upperGradient(Tensor x, Tensor y, Minibatch m) {
      if (!has(Known.GRADIENTS) && !has(Known.CROSS)) {
        return null;
      }
      Tensor a = m.rows("heldOutA");
      return new Partials(x.mul(new Scalar(2.0)), mean(a, a.mv(y).sub(m.rows("heldOutB"))));
    }

    @Override
    public @Nullable Tensor lowerGradientY(Tensor x, Tensor y, Minibatch m) {
      Tensor a = m.rows("a");
      return has(Known.GRADIENTS) ? mean(a, a.mv(y).sub(m.rows("b"))).add(x.exp().mul(y)) : null;
    }

    @Override
    public @Nullable Tensor lowerGradientX(Tensor x, Tensor y, Minibatch m) {
      return has(Known.GRADIENTS) ? half(x.exp().mul(y.square())) : null;
    }

    @Override
    public @Nullable Tensor hessianVector(Tensor x, Tensor y, Tensor v, Minibatch m) {
      Tensor a = m.rows("a");
      return has(Known.HESSIAN) ? mean(a, a.mv(v)).add(x.exp().mul(v)) : null;
    }

    @Override
    public @Nullable Tensor crossVector(Tensor x, Tensor y, Tensor v, Minibatch m) {
      return has(Known.CROSS) ? x.exp().mul(y).mul(v) : null;
    }
  }

  /** Shares rows, strengths and the residual between the answers at a point. */
  private record AtAPoint() implements ClosedForms<Minibatch> {
    @Override
    public Lower lowerAt(Tensor x, Tensor y, Minibatch m) {
      Tensor a = m.rows("a");
      Tensor strength = x.exp();
      Tensor residual = a.mv(y).sub(m.rows("b"));
      return new Lower() {
        @Override
        public Tensor gradientY() {
          return mean(a, residual).add(strength.mul(y));
        }

        @Override
        public Tensor hessianVector(Tensor v) {
          return mean(a, a.mv(v)).add(strength.mul(v));
        }

        @Override
        public Tensor crossVector(Tensor v) {
          return strength.mul(y).mul(v);
        }

        @Override
        public Derivatives derivatives(Tensor v) {
          return new Derivatives(gradientY(), hessianVector(v), crossVector(v));
        }
      };
    }
  }
}
