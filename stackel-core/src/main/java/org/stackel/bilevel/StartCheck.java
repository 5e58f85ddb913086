package org.stackel.bilevel;

import java.util.List;
import java.util.Locale;
import org.bytedeco.pytorch.BoolOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;
import org.stackel.config.InvalidInputException;
import org.stackel.problem.ClosedForms;
import org.stackel.problem.PerExample;
import org.stackel.problem.Shard;
import org.stackel.tensor.Device;
import org.stackel.tensor.Seed;
import org.stackel.tensor.StateScope;
import org.stackel.tensor.Tensors;

/** What can be seen at the start of a problem that was stated by functions; looked at once. */
final class StartCheck<V> {
  private static final Seed DRAW = new Seed(0);

  private final OpenedBilevel<V> problem;
  private final Tensor x0;
  private final Tensor y0;

  StartCheck(OpenedBilevel<V> problem, Tensor x0, Tensor y0) {
    this.problem = problem;
    this.x0 = x0;
    this.y0 = y0;
  }

  /**
   * Looks at losses, projections and closed forms.
   *
   * @return what can be used but should be known
   * @throws InvalidInputException for the first of them that cannot be used
   */
  List<String> run() {
    try (var scope = StateScope.open()) {
      Minibatch lowers = problem.lowerBatch(DRAW, Shard.ALL);
      Minibatch uppers = problem.upperBatch(DRAW, Shard.ALL);
      Dependence lower = dependence(problem.lower(), lowers);
      Dependence upper = dependence(problem.upper(), uppers);
      if (!lower.onY()) {
        throw new InvalidInputException(
            problem.lower().what() + " does not depend on y.",
            "y was detached, or another tensor was used in its place.");
      }
      if (!lower.onX()) {
        throw new InvalidInputException(
            problem.lower().what() + " does not depend on x.",
            "x was detached, or another tensor was used in its place; without x all upper points"
                + " have the same lower solution.");
      }
      if (upper.onX() && problem instanceof PerExample) {
        throw new InvalidInputException(
            problem.upper().what() + " depends on x.",
            "perExample() can be left out: x is whole in every process then.");
      }
      problem.projectX(x0);
      problem.projectY(y0);
      ClosedForms<Minibatch> forms = problem.closedForms();
      if (forms != null) {
        Misuse.returned(
            "A closed form of " + problem.stated().owner(),
            () -> " at vectors of %d and %d numbers".formatted(x0.numel(), y0.numel()),
            Device.of(x0),
            () -> {
              shapes(forms, lowers, uppers);
              return forms;
            });
      }
      return upper.onY()
          ? List.of()
          : List.of("The upper loss does not depend on y, so the lower level has no effect on x.");
    }
  }

  private record Dependence(boolean onX, boolean onY) {}

  private Dependence dependence(OpenedLevel<V> level, Minibatch batch) {
    Tensor x = Tensors.leaf(x0);
    Tensor y = Tensors.leaf(y0);
    Tensor loss = level.at(x, y, batch);
    if (!loss.requires_grad()) {
      throw new InvalidInputException(
          level.what() + " has no gradient: neither x nor y is in it, or they were detached.",
          "it goes through Java numbers, as Tensors.item and Tensors.toArray return them.");
    }
    if (!Tensors.isFinite(loss)) {
      throw new InvalidInputException(
          "%s is %s at the start.".formatted(level.what(), Tensors.item(loss)),
          "it divides by 0 or takes a logarithm of 0 there; start elsewhere.");
    }
    TensorVector gradients =
        torch.grad(
            new TensorVector(loss),
            new TensorVector(x, y),
            new TensorVector(),
            new BoolOptional(false),
            false,
            true);
    return new Dependence(
        isThere(level, "x", gradients.get(0)), isThere(level, "y", gradients.get(1)));
  }

  private static boolean isThere(OpenedLevel<?> level, String symbol, Tensor gradient) {
    if (!gradient.defined()) {
      return false;
    }
    if (!Tensors.isFinite(gradient)) {
      throw new InvalidInputException(
          "The gradient in %s of %s is not finite at the start."
              .formatted(symbol, lowerFirst(level.what())),
          "it takes a square root or a norm of 0 there; start elsewhere.");
    }
    return true;
  }

  private static String lowerFirst(String text) {
    return text.substring(0, 1).toLowerCase(Locale.ROOT) + text.substring(1);
  }

  private void shapes(ClosedForms<Minibatch> forms, Minibatch lowers, Minibatch uppers) {
    ClosedForms.Partials upper = forms.upperGradient(x0, y0, uppers);
    if (upper != null) {
      shape("upperGradient", upper.x(), "x", x0);
      shape("upperGradient", upper.y(), "y", y0);
    }
    ClosedForms.Lower at = forms.lowerAt(x0, y0, lowers);
    shape("lowerGradientY", at.gradientY(), "y", y0);
    shape("lowerGradientX", at.gradientX(), "x", x0);
    shape("hessianVector", at.hessianVector(y0), "y", y0);
    shape("crossVector", at.crossVector(y0), "x", x0);
    ClosedForms.Derivatives all = at.derivatives(y0);
    if (all != null) {
      shape("derivatives", all.gradientY(), "y", y0);
      shape("derivatives", all.hessianVector(), "y", y0);
      shape("derivatives", all.crossVector(), "x", x0);
    }
  }

  private void shape(String name, @Nullable Tensor answer, String symbol, Tensor like) {
    if (answer != null && !Tensors.shape(answer).equals(Tensors.shape(like))) {
      throw new InvalidInputException(
          "The closed form %s of %s must have the shape of %s as a vector, %s; it has %s."
              .formatted(
                  name,
                  problem.stated().owner(),
                  symbol,
                  Tensors.shape(like),
                  Tensors.shape(answer)),
          "reshape(-1) is missing at its end.");
    }
  }
}
