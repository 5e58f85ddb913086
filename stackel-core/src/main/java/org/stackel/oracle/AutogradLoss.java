package org.stackel.oracle;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.bytedeco.pytorch.BoolOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;
import org.stackel.problem.HandWritten;
import org.stackel.tensor.LinearSum;
import org.stackel.tensor.StateScope;
import org.stackel.tensor.Tensors;

/**
 * One loss on one minibatch, by libtorch's autograd.
 *
 * <p>A sample that a step shares keeps what it computed: features per x, a linearisation per point.
 * Another one frees every graph with the answer that it was made for, but that of a linearisation,
 * which lives until the scope closes that it was asked in. Values of features stay in either case.
 *
 * @param <B> a minibatch
 */
final class AutogradLoss<B> implements ExactLoss {
  private final Level<B> level;
  private final Supplier<B> source;
  private final B batch;
  private final boolean isShared;
  private @Nullable Features features;
  private @Nullable Linearized linearized;

  /**
   * @param source draws the minibatch, the same at every call
   * @param isShared whether other products of the step use this sample too
   */
  AutogradLoss(Level<B> level, Supplier<B> source, boolean isShared) {
    this.level = level;
    this.source = source;
    this.isShared = isShared;
    batch = source.get();
  }

  B batch() {
    return batch;
  }

  @Override
  public long size() {
    return level.problem().sizeOf(batch);
  }

  @Override
  public long samples() {
    return level.samples(batch);
  }

  @Override
  public Tensor value(Tensor x, Tensor y) {
    return guarded("The value of ", x, y, () -> level.loss(x, y, batch));
  }

  @Override
  public Gradient gradient(Tensor x, Tensor y) {
    return guarded("The gradient of ", x, y, () -> freed(() -> bothGradients(x, y)));
  }

  private Gradient bothGradients(Tensor x, Tensor y) {
    Features at = graph(x, isShared);
    Tensor yLeaf = Tensors.leaf(y);
    Tensor[] g = grad(loss(at.leaf, yLeaf), null, Graph.DROP, at.leaf, yLeaf);
    return new Gradient(at.later(g[0]), g[1]);
  }

  @Override
  public Tensor gradientY(Tensor x, Tensor y) {
    if (linearized != null && linearized.isAt(x, y)) {
      return linearized.gradY();
    }
    return guarded(
        "The gradient in y of ",
        x,
        y,
        () -> {
          Features at = isShared ? graph(x, true) : values(x);
          return StateScope.nested(
              () -> {
                Tensor yLeaf = Tensors.leaf(y);
                return grad(loss(at.leaf.detach(), yLeaf), null, Graph.DROP, yLeaf)[0];
              });
        });
  }

  @Override
  public Linearization linearize(Tensor x, Tensor y) {
    if (linearized == null || !linearized.isAt(x, y)) {
      linearized = linearized(x, y, Graph.KEEP);
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
  public Pullback crossPullback(Tensor x, Tensor y, Tensor v) {
    return isShared ? linearize(x, y).crossPullback(v) : ExactLoss.super.crossPullback(x, y, v);
  }

  @Override
  public Linearization forOneProduct(Tensor x, Tensor y) {
    boolean stays = isShared || (linearized != null && linearized.isAt(x, y));
    return stays ? linearize(x, y) : linearized(x, y, Graph.DROP);
  }

  private Linearized linearized(Tensor x, Tensor y, Graph after) {
    return guarded("The linearisation of ", x, y, () -> new Linearized(x, y, after));
  }

  @Override
  public Gradient hessianVector(Tensor x, Tensor y, Gradient v) {
    return guarded(
        "A product with the whole Hessian of ",
        x,
        y,
        () ->
            StateScope.nested(
                () -> {
                  Tensor xLeaf = Tensors.leaf(x);
                  Tensor yLeaf = Tensors.leaf(y);
                  Tensor loss = level.loss(xLeaf, yLeaf, batch);
                  Tensor[] g = grad(loss, null, Graph.EXTEND, xLeaf, yLeaf);
                  Tensor slope = g[0].dot(v.x()).add(g[1].dot(v.y()));
                  Tensor[] product = grad(slope, null, Graph.DROP, xLeaf, yLeaf);
                  return new Gradient(product[0], product[1]);
                }));
  }

  @Override
  public AutogradLoss<B> again() {
    return new AutogradLoss<>(level, source, false);
  }

  /**
   * Computes the features that the shared samples of both levels have at x in one pass, if the
   * problem can and they are not there already.
   */
  static <B> void together(AutogradLoss<B> upper, AutogradLoss<B> lower, Tensor x) {
    if (isThere(upper.features, x) || isThere(lower.features, x)) {
      return;
    }
    Tensor xLeaf = Tensors.leaf(x);
    var parts = new HandWritten();
    List<Tensor> both =
        upper.guarded(
            "The features of both levels, with ",
            x,
            x,
            () -> upper.level.featuresOfBoth(xLeaf, upper.batch, lower.batch, parts));
    if (!both.isEmpty()) {
      upper.features = upper.new Features(x, xLeaf, both.get(0), parts);
      lower.features = lower.new Features(x, xLeaf, both.get(1), parts);
    }
  }

  private static boolean isThere(AutogradLoss<?>.@Nullable Features features, Tensor x) {
    return features != null && features.isAt(x);
  }

  /** In a scope of its own, unless intermediate results serve later answers. */
  private <T> T freed(Supplier<T> answer) {
    return isShared ? answer.get() : StateScope.nested(answer);
  }

  private Tensor loss(Tensor features, Tensor y) {
    return level.lossOf(features, y, batch);
  }

  /** Features with their graph: cached ones if there are any, otherwise new ones. */
  private Features graph(Tensor x, boolean keep) {
    if (features != null && features.isAt(x) && features.hasGraph()) {
      return features;
    }
    var made = new Features(x, true, keep);
    if (keep) {
      features = made;
    }
    return made;
  }

  /** Features, maybe without a graph. */
  private Features values(Tensor x) {
    if (features == null || !features.isAt(x)) {
      features = new Features(x, false, false);
    }
    return features;
  }

  // ---- derivatives -------------------------------------------------------------------------

  @SuppressWarnings("ReferenceEquality") // comparing numbers would cost more than it saves
  static boolean same(Tensor a, Tensor b) {
    return a == b;
  }

  private static TensorVector vector(List<Tensor> tensors) {
    return new TensorVector(tensors.toArray(Tensor[]::new));
  }

  private static String shapes(Tensor x, Tensor y) {
    return "x of shape %s, y of shape %s".formatted(Tensors.shape(x), Tensors.shape(y));
  }

  <T extends @Nullable Object> T guarded(String operation, Tensor x, Tensor y, Supplier<T> body) {
    return guarded(operation, level.name(), () -> shapes(x, y), body);
  }

  private static <T extends @Nullable Object> T guarded(
      String operation, String loss, Supplier<String> shapes, Supplier<T> body) {
    try {
      return body.get();
    } catch (RuntimeException e) {
      // JavaCPP throws plain RuntimeException for every C++ exception.
      if (e.getClass() == RuntimeException.class) {
        throw new OracleException(operation + loss, shapes.get(), e);
      }
      throw e;
    }
  }

  /** Gradients of a scalar or of ⟨output, v⟩; zeros for inputs that are not used. */
  private static Tensor[] grad(Tensor output, @Nullable Tensor v, Graph graph, Tensor... inputs) {
    return grad(
        new TensorVector(output),
        v == null ? new TensorVector() : new TensorVector(v),
        output.requires_grad(),
        graph,
        inputs);
  }

  private static Tensor[] grad(
      TensorVector outputs,
      TensorVector v,
      boolean isDifferentiable,
      Graph graph,
      Tensor... inputs) {
    Tensor[] gradients = new Tensor[inputs.length];
    if (!isDifferentiable) {
      for (int i = 0; i < inputs.length; i++) {
        gradients[i] = Tensors.zerosLike(inputs[i]);
      }
      return gradients;
    }
    TensorVector answers =
        torch.grad(
            outputs,
            new TensorVector(inputs),
            v,
            new BoolOptional(graph != Graph.DROP),
            graph == Graph.EXTEND,
            true);
    for (int i = 0; i < inputs.length; i++) {
      Tensor borrowed = answers.get(i);
      gradients[i] = borrowed.defined() ? new Tensor(borrowed) : Tensors.zerosLike(inputs[i]);
    }
    return gradients;
  }

  /** What becomes of the graph after a backward pass. */
  private enum Graph {
    /** It is freed. */
    DROP,
    /** It stays for more passes. */
    KEEP,
    /** It stays, and the answer carries a graph itself. */
    EXTEND
  }

  /** The quantity through which the losses depend on x: features, or x itself. */
  private final class Features {
    final Tensor x;
    final Tensor leaf;
    private final Tensor xLeaf;
    private final Tensor output;
    private final HandWritten parts;
    private final Graph after;
    private final boolean isOfBoth;

    /** Part of the features of both levels. */
    Features(Tensor x, Tensor xLeaf, Tensor output, HandWritten parts) {
      this.x = x;
      this.xLeaf = xLeaf;
      this.output = output;
      this.parts = parts;
      after = Graph.KEEP;
      isOfBoth = true;
      leaf = Tensors.leaf(output);
    }

    Features(Tensor x, boolean withGraph, boolean keep) {
      this.x = x;
      after = keep ? Graph.KEEP : Graph.DROP;
      isOfBoth = false;
      xLeaf = withGraph ? Tensors.leaf(x) : x.detach();
      parts = new HandWritten();
      output = level.features(xLeaf, batch, parts);
      leaf = withGraph && level.hasFeatures() ? Tensors.leaf(output) : output;
    }

    /** False if the scope in which it was created is closed. */
    boolean isAt(Tensor other) {
      return same(x, other) && !leaf.isNull();
    }

    boolean hasGraph() {
      return xLeaf.requires_grad();
    }

    /** From a gradient in the features to one in x. */
    Tensor pullBack(Tensor gradient) {
      return level.hasFeatures()
          ? pullBack(new TensorVector(output), new TensorVector(gradient), output.requires_grad())
          : gradient;
    }

    /** Through what autograd knows, through the parts by hand, and on to x. */
    Tensor pullBack(TensorVector outputs, TensorVector gradients, boolean isDifferentiable) {
      List<HandWritten.Cut> cuts = parts.cuts();
      if (cuts.isEmpty()) {
        return grad(outputs, gradients, isDifferentiable, after, xLeaf)[0];
      }
      Tensor[] leaves =
          Stream.concat(Stream.of(xLeaf), cuts.stream().map(HandWritten.Cut::leaf))
              .toArray(Tensor[]::new);
      Tensor[] there = grad(outputs, gradients, isDifferentiable, Graph.KEEP, leaves);
      var parameters = new ArrayList<Tensor>();
      var inParameters = new ArrayList<Tensor>();
      for (int i = 0; i < cuts.size(); i++) {
        parameters.addAll(cuts.get(i).parameters());
        inParameters.addAll(cuts.get(i).part().gradient(there[i + 1]));
      }
      return there[0].add(grad(vector(parameters), vector(inParameters), true, after, xLeaf)[0]);
    }

    /** The same, at once unless another level's may come with it. */
    Pullback later(Tensor gradient) {
      if (isOfBoth) {
        return new Pending<>(this, gradient);
      }
      return Pullback.of(pullBack(gradient));
    }
  }

  /** A gradient in features that both levels share. */
  private static final class Pending<B> implements Pullback {
    private final AutogradLoss<B>.Features at;
    private final Tensor gradient;
    private @Nullable Tensor known;

    Pending(AutogradLoss<B>.Features at, Tensor gradient) {
      this.at = at;
      this.gradient = gradient;
    }

    @Override
    public Tensor get() {
      if (known == null) {
        known = at.pullBack(gradient);
      }
      return known;
    }

    @Override
    public LinearSum minus(Pullback other) {
      return other instanceof Pending<?> pending && same(at.xLeaf, pending.at.xLeaf)
          ? LinearSum.of(
              at.pullBack(
                  new TensorVector(at.output, pending.at.output),
                  new TensorVector(gradient, pending.gradient.neg()),
                  true))
          : Pullback.super.minus(other);
    }
  }

  /** The gradient map at one point. */
  private final class Linearized implements Linearization {
    private final Tensor x;
    private final Tensor y;
    private final Graph after;
    private final Features at;
    private final Tensor yLeaf;
    private final Tensor gradY;

    /**
     * @param after what becomes of the graph after a product
     */
    Linearized(Tensor x, Tensor y, Graph after) {
      this.x = x;
      this.y = y;
      this.after = after;
      at = graph(x, after == Graph.KEEP);
      yLeaf = Tensors.leaf(y);
      gradY = grad(loss(at.leaf, yLeaf), null, Graph.EXTEND, yLeaf)[0];
    }

    /** False if the scope in which it was created is closed. */
    boolean isAt(Tensor otherX, Tensor otherY) {
      return same(x, otherX) && same(y, otherY) && !gradY.isNull();
    }

    @Override
    public Tensor gradY() {
      return gradY.detach();
    }

    @Override
    public Tensor hessianVector(Tensor v) {
      return product("A Hessian-vector product", v, () -> grad(gradY, v, after, yLeaf)[0]);
    }

    @Override
    public Tensor crossVector(Tensor v) {
      return crossPullback(v).get();
    }

    @Override
    public Pullback crossPullback(Tensor v) {
      return product(
          "A cross-vector product", v, () -> at.later(grad(gradY, v, after, at.leaf)[0]));
    }

    @Override
    public Products products(Tensor v) {
      return product(
          "Hessian- and cross-vector products",
          v,
          () -> {
            Tensor[] both = grad(gradY, v, after, yLeaf, at.leaf);
            return new Products(both[0], at.later(both[1]));
          });
    }

    @Override
    public SecondDerivatives dense() {
      SecondDerivatives known =
          guarded("The dense second derivatives of ", x, y, () -> level.dense(x, y, batch));
      return known == null ? Linearization.super.dense() : known;
    }

    private <T> T product(String operation, Tensor v, Supplier<T> body) {
      return guarded(
          operation, "", () -> "%s, v of shape %s".formatted(shapes(x, y), Tensors.shape(v)), body);
    }
  }
}
