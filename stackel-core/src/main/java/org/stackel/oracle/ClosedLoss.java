package org.stackel.oracle;

import java.util.function.Supplier;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;
import org.stackel.problem.ClosedForms;
import org.stackel.tensor.StateScope;

/**
 * One loss on one minibatch by its closed forms, and by autograd where it has none.
 *
 * <p>What a closed form makes on its way is freed with its answer; what is made for all answers at
 * a point lives until the scope closes in which the point was first asked about.
 *
 * @param <B> a minibatch
 */
final class ClosedLoss<B> implements ExactLoss {
  private final Level<B> level;
  private final ClosedForms<B> forms;
  private final AutogradLoss<B> autograd;
  private final boolean isShared;
  private @Nullable AtPoint linearized;

  /**
   * @param autograd the same loss on the same minibatch
   * @param isShared whether other products of the step use this sample too
   */
  ClosedLoss(Level<B> level, ClosedForms<B> forms, AutogradLoss<B> autograd, boolean isShared) {
    this.level = level;
    this.forms = forms;
    this.autograd = autograd;
    this.isShared = isShared;
  }

  @Override
  public long size() {
    return autograd.size();
  }

  @Override
  public long samples() {
    return autograd.samples();
  }

  @Override
  public Tensor value(Tensor x, Tensor y) {
    return autograd.value(x, y);
  }

  @Override
  public Gradient gradient(Tensor x, Tensor y) {
    Gradient closed = level.isUpper() ? upperGradient(x, y) : lowerGradient(x, y);
    return closed == null ? autograd.gradient(x, y) : closed;
  }

  private @Nullable Gradient upperGradient(Tensor x, Tensor y) {
    return answer(
        "The closed form of the gradient of ",
        x,
        y,
        () -> {
          ClosedForms.Partials both = forms.upperGradient(x, y, autograd.batch());
          return both == null ? null : new Gradient(both.x(), both.y());
        });
  }

  private @Nullable Gradient lowerGradient(Tensor x, Tensor y) {
    return answer(
        "The closed form of the gradient of ",
        x,
        y,
        () -> {
          ClosedForms.Lower at = lowerAt(x, y);
          Tensor inX = at.gradientX();
          Tensor inY = inX == null ? null : at.gradientY();
          return inX == null || inY == null ? null : new Gradient(inX, inY);
        });
  }

  private ClosedForms.Lower lowerAt(Tensor x, Tensor y) {
    return linearized != null && linearized.isAt(x, y)
        ? linearized.at
        : forms.lowerAt(x, y, autograd.batch());
  }

  @Override
  public Tensor gradientY(Tensor x, Tensor y) {
    Tensor closed;
    if (level.isUpper()) {
      Gradient both = upperGradient(x, y);
      closed = both == null ? null : both.y();
    } else if (isShared || (linearized != null && linearized.isAt(x, y))) {
      closed = point(x, y).closedGradY();
    } else {
      closed =
          answer("The closed form of the gradient in y of ", x, y, () -> lowerAt(x, y).gradientY());
    }
    return closed == null ? autograd.gradientY(x, y) : closed;
  }

  @Override
  public Linearization linearize(Tensor x, Tensor y) {
    return level.isUpper() ? autograd.linearize(x, y) : point(x, y);
  }

  private AtPoint point(Tensor x, Tensor y) {
    if (linearized == null || !linearized.isAt(x, y)) {
      linearized = new AtPoint(x, y, () -> autograd.linearize(x, y));
    }
    return linearized;
  }

  @Override
  public Tensor hessianVector(Tensor x, Tensor y, Tensor v) {
    return freed(() -> forOneProduct(x, y).hessianVector(v));
  }

  @Override
  public Tensor crossVector(Tensor x, Tensor y, Tensor v) {
    return freed(() -> forOneProduct(x, y).crossVector(v));
  }

  @Override
  public Linearization forOneProduct(Tensor x, Tensor y) {
    boolean stays = isShared || (linearized != null && linearized.isAt(x, y));
    return level.isUpper() || stays
        ? linearize(x, y)
        : new AtPoint(x, y, () -> autograd.forOneProduct(x, y));
  }

  /** This closed form is not used. */
  @Override
  public Gradient hessianVector(Tensor x, Tensor y, Gradient v) {
    return autograd.hessianVector(x, y, v);
  }

  @Override
  public SampledObjective again() {
    return new ClosedLoss<>(level, forms, autograd.again(), false);
  }

  private Tensor freed(Supplier<Tensor> answer) {
    return isShared ? answer.get() : StateScope.nested(answer);
  }

  private <T> @Nullable T answer(String operation, Tensor x, Tensor y, Supplier<@Nullable T> body) {
    return autograd.guarded(operation, x, y, () -> StateScope.nested(body));
  }

  /** The lower loss at one point. */
  private final class AtPoint implements Linearization {
    private final Tensor x;
    private final Tensor y;
    private final ClosedForms.Lower at;
    private final @Nullable StateScope home = StateScope.innermost();
    private final Supplier<Linearization> fallback;
    private @Nullable Linearization byAutograd;
    private @Nullable StateScope autogradHome;
    private @Nullable Tensor gradY;

    /**
     * @param fallback the same by autograd
     */
    AtPoint(Tensor x, Tensor y, Supplier<Linearization> fallback) {
      this.x = x;
      this.y = y;
      this.fallback = fallback;
      at =
          autograd.guarded(
              "The closed form at a point of ", x, y, () -> forms.lowerAt(x, y, autograd.batch()));
    }

    /** False if the scope in which it was created is closed. */
    boolean isAt(Tensor otherX, Tensor otherY) {
      return AutogradLoss.same(x, otherX) && AutogradLoss.same(y, otherY) && isOpen(home);
    }

    private static boolean isOpen(@Nullable StateScope scope) {
      return scope == null || scope.isOpen();
    }

    private Linearization byAutograd() {
      if (byAutograd == null || !isOpen(autogradHome)) {
        byAutograd = fallback.get();
        autogradHome = StateScope.innermost();
      }
      return byAutograd;
    }

    private static boolean isKnown(@Nullable Tensor answer) {
      return answer != null && !answer.isNull();
    }

    @Nullable Tensor closedGradY() {
      if (!isKnown(gradY)) {
        gradY = answer("The closed form of the gradient in y of ", at::gradientY);
      }
      return gradY;
    }

    @Override
    public Tensor gradY() {
      Tensor closed = closedGradY();
      return closed == null ? byAutograd().gradY() : closed;
    }

    @Override
    public Tensor hessianVector(Tensor v) {
      Tensor closed = closedHessianVector(v);
      return closed == null ? byAutograd().hessianVector(v) : closed;
    }

    private @Nullable Tensor closedHessianVector(Tensor v) {
      return answer("The closed form of a Hessian-vector product of ", () -> at.hessianVector(v));
    }

    @Override
    public Tensor crossVector(Tensor v) {
      Tensor closed = closedCrossVector(v);
      return closed == null ? byAutograd().crossVector(v) : closed;
    }

    private @Nullable Tensor closedCrossVector(Tensor v) {
      return answer("The closed form of a cross-vector product of ", () -> at.crossVector(v));
    }

    @Override
    public Products products(Tensor v) {
      ClosedForms.Derivatives all =
          isKnown(gradY)
              ? null
              : answer("The closed form of all derivatives of ", () -> at.derivatives(v));
      if (all != null) {
        gradY = all.gradientY();
        return new Products(all.hessianVector(), all.crossVector());
      }
      Tensor hessian = closedHessianVector(v);
      Tensor cross = closedCrossVector(v);
      if (hessian == null && cross == null) {
        return byAutograd().products(v);
      }
      return new Products(
          hessian == null ? byAutograd().hessianVector(v) : hessian,
          cross == null ? byAutograd().crossVector(v) : cross);
    }

    @Override
    public SecondDerivatives dense() {
      SecondDerivatives known = level.dense(x, y, autograd.batch());
      return known == null ? Linearization.super.dense() : known;
    }

    private <T> @Nullable T answer(String operation, Supplier<@Nullable T> body) {
      return ClosedLoss.this.answer(operation, x, y, body);
    }
  }
}
