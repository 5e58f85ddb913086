package org.stackel.oracle;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;
import org.stackel.config.InvalidInputException;
import org.stackel.distributed.Ranks;
import org.stackel.tensor.StateScope;
import org.stackel.tensor.Tensors;

/**
 * One loss on one minibatch whose parts are with the ranks: every answer is the mean of the ranks'
 * answers, weighted with the sizes of their parts, and one message. An answer is the same on every
 * rank. Values carry no graph.
 *
 * <p>Where x is cut into parts too, a rank has all examples whose numbers in x it has: its answer
 * in x is complete, and is not sent; one in x alone is no message.
 */
final class DistributedLoss implements SampledObjective {
  private final SampledObjective part;
  private final long size;
  private final Ranks ranks;
  private final X x;
  private final long whole;
  private long samples;
  private @Nullable Linearized linearized;

  /** Where x is. */
  enum X {
    /** Whole on every rank. */
    WHOLE,
    /** In parts, of which each rank has one. */
    IN_PARTS
  }

  /**
   * @param part the loss on this rank's part
   * @param size samples in it; 0 if there are none
   * @param whole samples of all parts; 0 if they are not known before the first sum
   */
  DistributedLoss(SampledObjective part, long size, Ranks ranks, X x, long whole) {
    this.part = part;
    this.size = size;
    this.ranks = ranks;
    this.x = x;
    this.whole = whole;
    samples = whole;
  }

  /** Fails for a problem whose minibatches have no size. */
  static void check(long size, int count) {
    if (size == 0) {
      throw new InvalidInputException(
              "Minibatches of this problem cannot be shared by %d ranks: its losses are no means over samples."
                  .formatted(count),
              "one process was meant.")
          .at("--ranks");
    }
  }

  /** Of all ranks together; known from the first answer on. */
  @Override
  public long samples() {
    return Math.max(1, samples);
  }

  @Override
  public Tensor value(Tensor x, Tensor y) {
    return mean(() -> List.of(part.value(x, y)), y.select(0, 0)).get(0);
  }

  @Override
  public Gradient gradient(Tensor x, Tensor y) {
    return both(
        x,
        y,
        () -> {
          Gradient gradient = part.gradient(x, y);
          return List.of(gradient.x(), gradient.y());
        });
  }

  private Gradient both(Tensor x, Tensor y, Supplier<List<Tensor>> answers) {
    List<Tensor> both = meanWithX(answers, x, y);
    return new Gradient(both.get(0), both.get(1));
  }

  @Override
  public Tensor gradientY(Tensor x, Tensor y) {
    return linearized != null && linearized.isAt(x, y)
        ? linearized.gradY()
        : mean(() -> List.of(part.gradientY(x, y)), y).get(0);
  }

  @Override
  public Linearization linearize(Tensor x, Tensor y) {
    if (linearized == null || !linearized.isAt(x, y)) {
      linearized = new Linearized(x, y);
    }
    return linearized;
  }

  @Override
  public Tensor hessianVector(Tensor x, Tensor y, Tensor v) {
    return mean(() -> List.of(part.hessianVector(x, y, v)), y).get(0);
  }

  @Override
  public Tensor crossVector(Tensor x, Tensor y, Tensor v) {
    return meanWithX(() -> List.of(part.crossVector(x, y, v)), x).get(0);
  }

  @Override
  public Gradient hessianVector(Tensor x, Tensor y, Gradient v) {
    return both(
        x,
        y,
        () -> {
          Gradient product = part.hessianVector(x, y, v);
          return List.of(product.x(), product.y());
        });
  }

  @Override
  public SampledObjective again() {
    return new DistributedLoss(part.again(), size, ranks, x, whole);
  }

  /**
   * @param like tensors of the shapes of the answers, for a rank without samples
   */
  private List<Tensor> mean(Supplier<List<Tensor>> answers, Tensor... like) {
    return StateScope.nested(() -> new Answer(meanOf(own(answers, like)))).tensors();
  }

  /** The same where the first answer is like x. */
  private List<Tensor> meanWithX(Supplier<List<Tensor>> answers, Tensor... like) {
    return x == X.WHOLE
        ? mean(answers, like)
        : StateScope.nested(() -> new Answer(withOwnX(own(answers, like)))).tensors();
  }

  private List<Tensor> own(Supplier<List<Tensor>> answers, Tensor... like) {
    return size == 0 ? zeros(like) : answers.get();
  }

  /** The first is this rank's part of the answer, but for its weight; the others are summed. */
  private List<Tensor> withOwnX(List<Tensor> own) {
    List<Tensor> others = own.subList(1, own.size());
    List<Tensor> means = others.isEmpty() ? others : meanOf(others);
    var answer = new ArrayList<Tensor>();
    answer.add(Tensors.scale((double) size / samples(), own.get(0).detach()));
    answer.addAll(means);
    return answer;
  }

  private List<Tensor> meanOf(List<Tensor> own) {
    Ranks.Whole mean = ranks.mean(size, own);
    if (whole > 0 && mean.size() != whole) {
      throw new IllegalStateException(
          "The ranks have %d examples of a minibatch of %d: each example must be with the rank that has its number in x."
              .formatted(mean.size(), whole));
    }
    samples = mean.size();
    return mean.means();
  }

  private record Answer(List<Tensor> tensors) {}

  private static List<Tensor> zeros(Tensor... like) {
    var zeros = new ArrayList<Tensor>();
    for (Tensor each : like) {
      zeros.add(Tensors.zerosLike(each));
    }
    return zeros;
  }

  /** The gradient map at one point. */
  private final class Linearized implements Linearization {
    private final Tensor x;
    private final Tensor y;
    private final @Nullable StateScope home = StateScope.innermost();
    private @Nullable Tensor gradY;

    Linearized(Tensor x, Tensor y) {
      this.x = x;
      this.y = y;
    }

    boolean isAt(Tensor otherX, Tensor otherY) {
      return AutogradLoss.same(x, otherX)
          && AutogradLoss.same(y, otherY)
          && (home == null || home.isOpen());
    }

    @Override
    public Tensor gradY() {
      if (gradY == null || gradY.isNull()) {
        gradY = mean(() -> List.of(part.linearize(x, y).gradY()), y).get(0);
      }
      return gradY;
    }

    @Override
    public Tensor hessianVector(Tensor v) {
      return mean(() -> List.of(part.linearize(x, y).hessianVector(v)), y).get(0);
    }

    @Override
    public Tensor crossVector(Tensor v) {
      return meanWithX(() -> List.of(part.linearize(x, y).crossVector(v)), x).get(0);
    }

    /** The gradient comes with the products: a step on a shared sample needs all three. */
    @Override
    public Products products(Tensor v) {
      boolean isNew = gradY == null || gradY.isNull();
      List<Tensor> all =
          meanWithX(
              () -> {
                Linearization at = part.linearize(x, y);
                Products products = at.products(v);
                var own = new ArrayList<>(List.of(products.cross(), products.hessian()));
                if (isNew) {
                  own.add(at.gradY());
                }
                return own;
              },
              isNew ? new Tensor[] {x, y, y} : new Tensor[] {x, y});
      if (isNew) {
        gradY = all.get(2);
      }
      return new Products(all.get(1), all.get(0));
    }

    @Override
    public SecondDerivatives dense() {
      if (size == 0) { // columns of zeros, of the same shapes as elsewhere
        return whole(
            List.of(
                y.new_zeros(x.numel() * y.numel()).view(x.numel(), y.numel()),
                y.new_zeros(y.numel() * y.numel()).view(y.numel(), y.numel())));
      }
      SecondDerivatives own = part.linearize(x, y).dense();
      return whole(List.of(own.cross(), own.hessian()));
    }

    private SecondDerivatives whole(List<Tensor> own) {
      List<Tensor> both = meanWithX(() -> own, own.toArray(Tensor[]::new));
      return new SecondDerivatives(both.get(1), both.get(0));
    }
  }
}
