package org.stackel.model;

import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;
import org.stackel.problem.HandWritten;
import org.stackel.tensor.StateScope;
import org.stackel.tensor.Tensors;

/**
 * An Elman network at one point on some texts, with first and second derivatives by hand instead of
 * a graph: for each layer, with inputs {@code x_t}, states {@code h_t} and {@code h_0 = 0},
 *
 * <pre>
 *   h_t = tanh(W x_t + U h_{t-1} + b)
 *   ḣ_t = (1 - h_t²)(Ẇ x_t + W ẋ_t + U̇ h_{t-1} + U ḣ_{t-1} + ḃ)           along a direction (Ẇ, U̇, ḃ)
 *   q_t = g_t + Uᵀδ_{t+1},   δ_t = (1 - h_t²) q_t                           of a gradient g in h
 *   q̇_t = ġ_t + Uᵀδ̇_{t+1} + U̇ᵀδ_{t+1},   δ̇_t = (1 - h_t²) q̇_t - 2 h_t ḣ_t q_t
 *   ∇W = Σ δ_t x_tᵀ,   ∇U = Σ δ_t h_{t-1}ᵀ,   ∇b = Σ δ_t,   and their tangents by the product rule
 * </pre>
 *
 * <p>Only the recurrences go step by step, each step a product and an operation on its result, of
 * as many rows as there are texts that long ({@link Packed}); every other product is one for all
 * time steps, into the answer. Autograd adds a matrix of the size of U at every time step of every
 * pass.
 *
 * <p>Pooling by maximum, mean or the last state, whose second derivatives are 0.
 */
public final class RecurrentPass {
  private static final int PARTS = 4;

  private final List<Tensor> parameters;
  private final int layers;
  private final Packed packed;

  /** What each layer reads, and what the last one gives; shape [tokens, width]. */
  private final Tensor[] values;

  private final Pool pool;

  /**
   * The forward pass.
   *
   * @param rnn a network that {@link #fits}
   * @param parameters the parts of its layout, without graphs
   */
  public RecurrentPass(Rnn rnn, List<Tensor> parameters, Input.Sequence input) {
    this.parameters = parameters;
    layers = rnn.layers();
    packed = Packed.of(input);
    values = new Tensor[layers + 1];
    values[0] = packed.pack(input.values());
    for (int l = 0; l < layers; l++) {
      values[l + 1] = states(l);
    }
    pool = Pool.of(rnn.pooling(), packed, values[layers]);
  }

  /** Whether derivatives of this encoder are known here. */
  public static boolean fits(Encoder encoder) {
    return encoder instanceof Rnn rnn
        && rnn.cell() == Cell.ELMAN
        && rnn.direction() == Direction.FORWARD
        && rnn.pooling() != Pooling.PADDED_MAX;
  }

  /** The network as a part of features of which gradients are taken. */
  static HandWritten.Part part(Rnn rnn, List<Tensor> parameters, Input.Sequence input) {
    List<Tensor> plain = parameters.stream().map(Tensor::detach).toList();
    var pass = new RecurrentPass(rnn, plain, input);
    Tensor features = pass.features();
    return new HandWritten.Part() {
      @Override
      public Tensor value() {
        return features;
      }

      @Override
      public List<Tensor> saved() {
        return Stream.of(
                plain.stream(),
                Arrays.stream(pass.values),
                pass.packed.tensors().stream(),
                Stream.ofNullable(pass.pool.rows))
            .flatMap(each -> each)
            .toList();
      }

      @Override
      public List<Tensor> gradient(Tensor inValue) {
        List<Tensor> into = plain.stream().map(Tensors::zerosLike).toList();
        pass.addGradient(inValue, into);
        return into;
      }
    };
  }

  private static Tensor part(List<Tensor> parts, int layer, int number) {
    return parts.get(PARTS * layer + number);
  }

  private static Tensor bias(List<Tensor> parts, int layer) {
    return part(parts, layer, 2).add(part(parts, layer, 3));
  }

  private Tensor states(int l) {
    Tensor all = torch.addmm(bias(parameters, l), values[l], part(parameters, l, 0).t());
    Tensor recurrent = part(parameters, l, 1).t();
    Tensor[] each = packed.steps(all);
    Tensor[] goingOn = packed.goingOn(all);
    for (int t = 0; t < each.length; t++) {
      if (t > 0) {
        each[t].addmm_(goingOn[t - 1], recurrent);
      }
      each[t].tanh_();
    }
    return all;
  }

  /** Shape [examples, width]. */
  public Tensor features() {
    return pool.features(values[layers]);
  }

  /**
   * The forward pass along a direction.
   *
   * @param direction parts like the parameters
   */
  public Tangent tangent(List<Tensor> direction) {
    var moved = new Tensor[layers + 1];
    for (int l = 0; l < layers; l++) {
      int layer = l;
      Tensor inputs = moved[l];
      moved[l + 1] = StateScope.nested(() -> moved(layer, inputs, direction));
    }
    return new Tangent(direction, moved);
  }

  private Tensor moved(int l, @Nullable Tensor inputs, List<Tensor> direction) {
    Tensor all = torch.addmm(bias(direction, l), values[l], part(direction, l, 0).t());
    if (inputs != null) {
      all.addmm_(inputs, part(parameters, l, 0).t());
    }
    packed.later(all).addmm_(packed.before(values[l + 1]), part(direction, l, 1).t());
    Tensor recurrent = part(parameters, l, 1).t();
    Tensor[] states = packed.steps(values[l + 1]);
    Tensor[] each = packed.steps(all);
    Tensor[] goingOn = packed.goingOn(all);
    for (int t = 0; t < each.length; t++) {
      if (t > 0) {
        each[t].addmm_(goingOn[t - 1], recurrent);
      }
      torch.tanh_backward_out(each[t], each[t], states[t]);
    }
    return all;
  }

  /** From g to q, and to δ, which may take the place of q. */
  private void backward(int l, Tensor gradient, Tensor inside) {
    Tensor recurrent = part(parameters, l, 1);
    Tensor[] states = packed.steps(values[l + 1]);
    Tensor[] q = packed.steps(gradient);
    Tensor[] goingOn = packed.goingOn(gradient);
    Tensor[] delta = packed.steps(inside);
    for (int t = states.length - 1; t >= 0; t--) {
      if (t + 1 < states.length) {
        goingOn[t].addmm_(delta[t + 1], recurrent);
      }
      torch.tanh_backward_out(delta[t], q[t], states[t]);
    }
  }

  /**
   * Adds the gradient in the parameters, by a backward pass.
   *
   * @param inFeatures gradient in the features, shape [examples, width]
   * @param into the parts of a vector of the size of the parameters
   */
  public void addGradient(Tensor inFeatures, List<Tensor> into) {
    try (var scope = StateScope.open()) {
      Tensor gradient = pool.transposed(inFeatures);
      for (int l = layers - 1; l >= 0; l--) {
        backward(l, gradient, gradient);
        add(into, l, gradient);
        if (l > 0) {
          gradient = gradient.mm(part(parameters, l, 0));
        }
      }
    }
  }

  /** {@code Σ δ_t x_tᵀ} and the like. */
  private void add(List<Tensor> into, int l, Tensor delta) {
    try (var scope = StateScope.open()) {
      part(into, l, 0).addmm_(delta.t(), values[l]);
      part(into, l, 1).addmm_(packed.later(delta).t(), packed.before(values[l + 1]));
      Tensor sum = delta.sum(0);
      part(into, l, 2).add_(sum);
      part(into, l, 3).add_(sum);
    }
  }

  /**
   * Adds the gradient in the parameters, and what it does along a direction, by one backward pass.
   *
   * @param inFeatures gradient in the features, shape [examples, width]
   * @param tangent of the direction, which is used up: its memory is taken
   * @param moved what the gradient in the features does along it
   * @param gradient the parts of a vector of the size of the parameters; null if only the product
   *     is asked for
   * @param product parts like these
   */
  public void addDerivatives(
      Tensor inFeatures,
      Tangent tangent,
      Tensor moved,
      @Nullable List<Tensor> gradient,
      List<Tensor> product) {
    @Nullable Cotangent at = new Cotangent(pool.transposed(inFeatures), pool.transposed(moved));
    for (int l = layers - 1; l >= 0; l--) {
      int layer = l;
      Cotangent above = Objects.requireNonNull(at);
      at = StateScope.nested(() -> addDerivatives(layer, above, tangent, gradient, product));
      StateScope.release(above); // each is as large as all states of a layer
      tangent.release(l + 1);
    }
  }

  /**
   * A gradient in the states of a layer, and what it does along the direction.
   *
   * @param gradient g
   * @param moved ġ
   */
  private record Cotangent(Tensor gradient, Tensor moved) {}

  /** Those in the inputs of the layer; null for texts. */
  private @Nullable Cotangent addDerivatives(
      int l,
      Cotangent above,
      Tangent tangent,
      @Nullable List<Tensor> gradient,
      List<Tensor> product) {
    Tensor q = above.gradient;
    Tensor delta = torch.empty_like(q);
    backward(l, q, delta);
    if (gradient != null) {
      add(gradient, l, delta);
    }
    Tensor along = tangent.moved(l + 1);
    Tensor later = packed.later(delta);
    try (var scope = StateScope.open()) {
      part(product, l, 1).addmm_(later.t(), packed.before(along));
      Tensor fromLater = q.new_zeros(later.size(0) + 1, q.size(1));
      fromLater.narrow(0, 0, later.size(0)).addmm_(later, part(tangent.direction, l, 1));
      packed.addToBefore(above.moved, fromLater);
    }
    // -2 h ḣ q in the place of ḣ, 1 - h² in that of q
    Tensor bend = along.mul_(values[l + 1]).mul_(q).mul_(new Scalar(-2.0));
    Tensor slope = torch.mul_out(q, values[l + 1], values[l + 1]).neg_().add_(new Scalar(1.0));
    Tensor recurrent = part(parameters, l, 1);
    Tensor[] each = packed.steps(above.moved);
    Tensor[] goingOn = packed.goingOn(above.moved);
    Tensor[] bends = packed.steps(bend);
    Tensor[] slopes = packed.steps(slope);
    for (int t = each.length - 1; t >= 0; t--) {
      if (t + 1 < each.length) {
        goingOn[t].addmm_(each[t + 1], recurrent);
      }
      torch.addcmul_out(each[t], bends[t], slopes[t], each[t]);
    }
    add(product, l, above.moved);
    if (l == 0) {
      return null;
    }
    part(product, l, 0).addmm_(delta.t(), tangent.moved(l));
    Tensor below = above.moved.mm(part(parameters, l, 0));
    below.addmm_(delta, part(tangent.direction, l, 0));
    return new Cotangent(delta.mm(part(parameters, l, 0)), below);
  }

  /** What the features and states do along a direction; nothing of the inputs. */
  public final class Tangent {
    private final List<Tensor> direction;
    private final @Nullable Tensor[] moved;

    private Tangent(List<Tensor> direction, @Nullable Tensor[] moved) {
      this.direction = direction;
      this.moved = moved;
    }

    /** Shape [examples, width]. */
    public Tensor features() {
      return pool.features(moved(layers));
    }

    private Tensor moved(int l) {
      return Objects.requireNonNull(moved[l], "The tangent is used up.");
    }

    private void release(int l) {
      StateScope.release(moved(l));
      moved[l] = null;
    }
  }

  /**
   * Pooling, linear at the states where it was made.
   *
   * @param rows which row each feature is of, shape [examples, width]; null for the mean
   */
  private record Pool(@Nullable Tensor rows, Packed packed) {
    static Pool of(Pooling pooling, Packed packed, Tensor states) {
      return switch (pooling) {
        case MAX -> new Pool(StateScope.nested(() -> packed.largest(states)), packed);
        case LAST -> new Pool(packed.last(states.size(1)), packed);
        case MEAN -> new Pool(null, packed);
        default -> throw new IllegalArgumentException(pooling.name());
      };
    }

    Tensor features(Tensor states) {
      return StateScope.nested(() -> rows == null ? packed.mean(states) : states.gather(0, rows));
    }

    /** From a gradient in the features to a new one in the states. */
    Tensor transposed(Tensor inFeatures) {
      return StateScope.nested(
          () ->
              rows == null
                  ? packed.spread(inFeatures)
                  : inFeatures
                      .new_zeros(packed.tokens(), inFeatures.size(1))
                      .scatter_(0, rows, inFeatures));
    }
  }
}
