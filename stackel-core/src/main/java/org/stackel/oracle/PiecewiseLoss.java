package org.stackel.oracle;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.function.IntFunction;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;
import org.stackel.config.InvalidInputException;
import org.stackel.tensor.StateScope;
import org.stackel.tensor.Tensors;

/**
 * One loss on one minibatch, slice by slice: every answer is the mean of the slices' answers,
 * weighted with their sizes, and no more than one slice with its graph is alive at once.
 *
 * <p>Nothing of a slice is kept, so every product costs its forward pass anew; a value that carries
 * a graph carries those of all slices.
 *
 * @param <B> a minibatch
 */
final class PiecewiseLoss<B> implements SampledObjective {
  private final Level<B> level;
  private final IntFunction<B> source;
  private final int pieces;
  private final boolean isShared;
  private long samples;
  private @Nullable Linearized linearized;

  /**
   * @param source draws a slice by its number, from 0 on; sizes must not grow
   * @param pieces number of slices; the last ones may be empty
   * @param isShared whether other products of the step use this sample too
   */
  PiecewiseLoss(Level<B> level, IntFunction<B> source, int pieces, boolean isShared) {
    this.level = level;
    this.source = source;
    this.pieces = pieces;
    this.isShared = isShared;
  }

  /** Known from the first answer on, for which every slice is drawn. */
  @Override
  public long samples() {
    return Math.max(1, samples);
  }

  @Override
  public Tensor value(Tensor x, Tensor y) {
    return mean(piece -> List.of(piece.value(x, y))).get(0);
  }

  @Override
  public Gradient gradient(Tensor x, Tensor y) {
    List<Tensor> both =
        mean(
            piece -> {
              Gradient gradient = piece.gradient(x, y);
              return List.of(gradient.x(), gradient.y());
            });
    return new Gradient(both.get(0), both.get(1));
  }

  @Override
  public Tensor gradientY(Tensor x, Tensor y) {
    return linearized != null && linearized.isAt(x, y)
        ? linearized.gradY()
        : mean(piece -> List.of(piece.gradientY(x, y))).get(0);
  }

  @Override
  public Linearization linearize(Tensor x, Tensor y) {
    if (linearized == null || !linearized.isAt(x, y)) {
      linearized = new Linearized(x, y);
    }
    return linearized;
  }

  @Override
  public Gradient hessianVector(Tensor x, Tensor y, Gradient v) {
    List<Tensor> both =
        mean(
            piece -> {
              Gradient product = piece.hessianVector(x, y, v);
              return List.of(product.x(), product.y());
            });
    return new Gradient(both.get(0), both.get(1));
  }

  @Override
  public SampledObjective again() {
    return new PiecewiseLoss<>(level, source, pieces, false);
  }

  /** Fails for a problem whose first slice has no size. */
  static void check(long size, int pieces) {
    if (size == 0) {
      throw new InvalidInputException(
              "The minibatches of this problem cannot be cut into %d pieces: its losses are no means over samples."
                  .formatted(pieces),
              "1 was meant.")
          .atKey("pieces");
    }
  }

  private List<Tensor> mean(Function<ExactLoss, List<Tensor>> answers) {
    return StateScope.nested(() -> sum(answers).mean()).tensors();
  }

  private Sum sum(Function<ExactLoss, List<Tensor>> answers) {
    var sum = new Sum(0, List.of());
    for (int i = 0; i < pieces; i++) {
      int number = i;
      Sum before = sum;
      sum = StateScope.nested(() -> with(before, number, answers));
      if (sum.size == before.size) {
        break; // the slices after an empty one are empty too
      }
    }
    samples = sum.size;
    return sum;
  }

  private Sum with(Sum before, int number, Function<ExactLoss, List<Tensor>> answers) {
    B slice = source.apply(number);
    long size = level.problem().sizeOf(slice);
    if (number == 0) {
      check(size, pieces);
    }
    return size == 0 ? before : before.plus(size, answers.apply(level.on(() -> slice, false)));
  }

  /** Sum of the answers of slices, weighted with their sizes. */
  private record Sum(long size, List<Tensor> tensors) {
    Sum plus(long more, List<Tensor> answers) {
      var sums = new ArrayList<Tensor>();
      for (int i = 0; i < answers.size(); i++) {
        sums.add(
            tensors.isEmpty()
                ? Tensors.scale((double) more, answers.get(i))
                : tensors.get(i).add_(answers.get(i), new Scalar((double) more)));
      }
      return new Sum(size + more, List.copyOf(sums));
    }

    Sum mean() {
      return new Sum(1, tensors.stream().map(sum -> sum.div_(new Scalar((double) size))).toList());
    }
  }

  /** The gradient map at one point, which creates the graph of each slice on demand. */
  private final class Linearized implements Linearization {
    private final Tensor x;
    private final Tensor y;
    private @Nullable Tensor gradY;

    Linearized(Tensor x, Tensor y) {
      this.x = x;
      this.y = y;
    }

    boolean isAt(Tensor otherX, Tensor otherY) {
      return AutogradLoss.same(x, otherX) && AutogradLoss.same(y, otherY);
    }

    @Override
    public Tensor gradY() {
      if (gradY == null || gradY.isNull()) {
        gradY = PiecewiseLoss.this.mean(piece -> List.of(piece.gradientY(x, y))).get(0);
      }
      return gradY;
    }

    @Override
    public Tensor hessianVector(Tensor v) {
      return mean(at -> List.of(at.hessianVector(v))).get(0);
    }

    @Override
    public Tensor crossVector(Tensor v) {
      return mean(at -> List.of(at.crossVector(v))).get(0);
    }

    @Override
    public Products products(Tensor v) {
      List<Tensor> both =
          mean(
              at -> {
                Products products = at.products(v);
                return List.of(products.hessian(), products.cross());
              });
      return new Products(both.get(0), both.get(1));
    }

    @Override
    public SecondDerivatives dense() {
      List<Tensor> both =
          PiecewiseLoss.this.mean(
              piece -> {
                SecondDerivatives dense = piece.linearize(x, y).dense();
                return List.of(dense.hessian(), dense.cross());
              });
      return new SecondDerivatives(both.get(0), both.get(1));
    }

    /** On the way to a product every slice's gradient is computed: a shared sample keeps them. */
    private List<Tensor> mean(Function<Linearization, List<Tensor>> answers) {
      boolean isNew = isShared && (gradY == null || gradY.isNull());
      List<Tensor> means =
          PiecewiseLoss.this.mean(
              piece -> {
                Linearization at = piece.forOneProduct(x, y);
                var all = new ArrayList<>(answers.apply(at));
                if (isNew) {
                  all.add(at.gradY());
                }
                return all;
              });
      if (isNew) {
        gradY = means.get(means.size() - 1);
      }
      return means;
    }
  }
}
