package org.stackel.model;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;
import org.stackel.tensor.Device;

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
 * <p>Only the recurrences go step by step, each step a product and an operation on its result;
 * every other product is one for all time steps, into the answer. Autograd adds a matrix of the
 * size of U at every time step of every pass.
 *
 * <p>Pooling by maximum, mean or the last state, whose second derivatives are 0.
 */
public final class RecurrentPass {
  private static final int PARTS = 4;

  private final ByLength.Groups groups;
  private final List<Group> passes;
  private final Tensor features;

  /**
   * The forward pass.
   *
   * @param rnn a network that {@link #fits}
   * @param parameters the parts of its layout, without graphs
   */
  public RecurrentPass(Rnn rnn, List<Tensor> parameters, Input.Sequence input) {
    this(rnn, parameters, input, ByLength.ofRecurrent(rnn.hidden(), Device.of(input.values())));
  }

  RecurrentPass(Rnn rnn, List<Tensor> parameters, Input.Sequence input, ByLength together) {
    int longest = (int) input.values().size(0);
    groups = together.groups(input.lengths(), longest, Device.of(input.values()));
    passes = groups.map((texts, time) -> new Group(rnn, parameters, input.take(texts, time)));
    features = groups.together(passes.stream().map(Group::features).toList());
  }

  /** Whether derivatives of this encoder are known here. */
  public static boolean fits(Encoder encoder) {
    return encoder instanceof Rnn rnn
        && rnn.cell() == Cell.ELMAN
        && rnn.direction() == Direction.FORWARD
        && rnn.pooling() != Pooling.PADDED_MAX;
  }

  /** Shape [examples, width]. */
  public Tensor features() {
    return features;
  }

  /**
   * The backward pass.
   *
   * @param inFeatures gradient in the features, shape [examples, width]
   */
  public Backward backward(Tensor inFeatures) {
    List<Tensor> parts = groups.apart(inFeatures);
    var backward = new ArrayList<Group.Back>();
    for (int k = 0; k < parts.size(); k++) {
      backward.add(passes.get(k).backward(parts.get(k)));
    }
    return new Backward(backward);
  }

  /**
   * The forward pass along a direction.
   *
   * @param direction parts like the parameters
   */
  public Tangent tangent(List<Tensor> direction) {
    return new Tangent(passes.stream().map(pass -> pass.tangent(direction)).toList());
  }

  /** What the features and states do along a direction. */
  public final class Tangent {
    private final List<Group.Along> along;

    private Tangent(List<Group.Along> along) {
      this.along = along;
    }

    /** Shape [examples, width]. */
    public Tensor features() {
      return groups.together(along.stream().map(Group.Along::features).toList());
    }
  }

  /** A gradient in every state. */
  public final class Backward {
    private final List<Group.Back> backward;

    private Backward(List<Group.Back> backward) {
      this.backward = backward;
    }

    /**
     * Adds the gradient in the parameters.
     *
     * @param into the parts of a vector of the size of the parameters
     */
    public void addGradient(List<Tensor> into) {
      backward.forEach(each -> each.addGradient(into));
    }

    /**
     * Adds what the gradient in the parameters does along a direction.
     *
     * @param inFeatures what the gradient in the features does along it
     */
    public void addTangent(Tangent tangent, Tensor inFeatures, List<Tensor> into) {
      List<Tensor> parts = groups.apart(inFeatures);
      for (int k = 0; k < parts.size(); k++) {
        backward.get(k).addTangent(tangent.along.get(k), parts.get(k), into);
      }
    }
  }

  /** Texts of about one length. */
  private static final class Group {
    private final List<Tensor> parameters;
    private final int layers;
    private final long time;
    private final long examples;

    /** What each layer reads, and what the last one gives; shape [time, examples, width]. */
    private final Tensor[] values;

    private final Pool pool;

    Group(Rnn rnn, List<Tensor> parameters, Input.Sequence input) {
      this.parameters = parameters;
      layers = rnn.layers();
      time = input.values().size(0);
      examples = input.values().size(1);
      values = new Tensor[layers + 1];
      values[0] = input.values();
      for (int l = 0; l < layers; l++) {
        values[l + 1] = states(l);
      }
      pool = Pool.of(rnn.pooling(), input.padding(), values[layers]);
    }

    private Tensor part(List<Tensor> parts, int layer, int number) {
      return parts.get(PARTS * layer + number);
    }

    private Tensor bias(List<Tensor> parts, int layer) {
      return part(parts, layer, 2).add(part(parts, layer, 3));
    }

    /** All time steps as the rows of a matrix. */
    private static Tensor rows(Tensor values) {
      return values.reshape(-1, values.size(2));
    }

    /** A matrix as time steps. */
    private Tensor steps(Tensor rows) {
      return rows.view(time, examples, rows.size(1));
    }

    private Tensor before(Tensor values) {
      return rows(values.narrow(0, 0, time - 1));
    }

    private Tensor after(Tensor values) {
      return rows(values.narrow(0, 1, time - 1));
    }

    private Tensor states(int l) {
      Tensor weight = part(parameters, l, 0);
      Tensor all = steps(torch.addmm(bias(parameters, l), rows(values[l]), weight.t()));
      Tensor recurrent = part(parameters, l, 1).t();
      Tensor before = null;
      for (Tensor each : eachStep(all)) {
        if (before != null) {
          each.addmm_(before, recurrent);
        }
        each.tanh_();
        before = each;
      }
      return all;
    }

    private static Tensor[] eachStep(Tensor values) {
      TensorVector steps = torch.unbind(values, 0);
      var each = new Tensor[(int) steps.size()];
      for (int t = 0; t < each.length; t++) {
        each[t] = steps.get(t);
      }
      return each;
    }

    Tensor features() {
      return pool.features(values[layers]);
    }

    Along tangent(List<Tensor> direction) {
      var moved = new Tensor[layers + 1];
      for (int l = 0; l < layers; l++) {
        Tensor all = torch.addmm(bias(direction, l), rows(values[l]), part(direction, l, 0).t());
        Tensor inputs = moved[l];
        if (inputs != null) {
          all.addmm_(rows(inputs), part(parameters, l, 0).t());
        }
        all.narrow(0, examples, examples * (time - 1))
            .addmm_(before(values[l + 1]), part(direction, l, 1).t());
        moved[l + 1] = steps(all);
        Tensor recurrent = part(parameters, l, 1).t();
        Tensor[] states = eachStep(values[l + 1]);
        Tensor[] each = eachStep(moved[l + 1]);
        for (int t = 0; t < each.length; t++) {
          if (t > 0) {
            each[t].addmm_(each[t - 1], recurrent);
          }
          torch.tanh_backward_out(each[t], each[t], states[t]);
        }
      }
      return new Along(direction, moved);
    }

    Back backward(Tensor inFeatures) {
      var before = new Tensor[layers];
      var inside = new Tensor[layers];
      Tensor gradient = pool.transposed(inFeatures, time);
      for (int l = layers - 1; l >= 0; l--) {
        before[l] = gradient;
        inside[l] = torch.empty_like(gradient);
        Tensor recurrent = part(parameters, l, 1);
        Tensor[] states = eachStep(values[l + 1]);
        Tensor[] q = eachStep(before[l]);
        Tensor[] delta = eachStep(inside[l]);
        for (int t = states.length - 1; t >= 0; t--) {
          if (t + 1 < states.length) {
            q[t].addmm_(delta[t + 1], recurrent);
          }
          torch.tanh_backward_out(delta[t], q[t], states[t]);
        }
        if (l > 0) {
          gradient = steps(rows(inside[l]).mm(part(parameters, l, 0)));
        }
      }
      return new Back(before, inside);
    }

    /** What states do along a direction, beside {@link #values}; nothing of the inputs. */
    private final class Along {
      private final List<Tensor> direction;
      private final @Nullable Tensor[] moved;

      Along(List<Tensor> direction, @Nullable Tensor[] moved) {
        this.direction = direction;
        this.moved = moved;
      }

      Tensor features() {
        return pool.features(moved(layers));
      }

      private Tensor moved(int l) {
        return Objects.requireNonNull(moved[l]);
      }
    }

    /** The gradient in every state: q, and δ behind the slope of tanh. */
    private final class Back {
      private final Tensor[] before;
      private final Tensor[] inside;

      Back(Tensor[] before, Tensor[] inside) {
        this.before = before;
        this.inside = inside;
      }

      void addGradient(List<Tensor> into) {
        for (int l = 0; l < layers; l++) {
          add(into, l, inside[l]);
        }
      }

      /** {@code Σ δ_t x_tᵀ} and the like. */
      private void add(List<Tensor> into, int l, Tensor delta) {
        Tensor rows = rows(delta);
        part(into, l, 0).addmm_(rows.t(), rows(values[l]));
        part(into, l, 1).addmm_(after(delta).t(), before(values[l + 1]));
        Tensor sum = rows.sum(0);
        part(into, l, 2).add_(sum);
        part(into, l, 3).add_(sum);
      }

      void addTangent(Along along, Tensor inFeatures, List<Tensor> into) {
        Tensor gradient = pool.transposed(inFeatures, time);
        for (int l = layers - 1; l >= 0; l--) {
          Tensor moved = along.moved(l + 1);
          rows(gradient)
              .narrow(0, 0, examples * (time - 1))
              .addmm_(after(inside[l]), part(along.direction, l, 1));
          Tensor bend = values[l + 1].mul(moved).mul_(before[l]).mul_(new Scalar(-2.0));
          Tensor recurrent = part(parameters, l, 1);
          Tensor[] states = eachStep(values[l + 1]);
          Tensor[] each = eachStep(gradient);
          Tensor[] bends = eachStep(bend);
          for (int t = each.length - 1; t >= 0; t--) {
            if (t + 1 < each.length) {
              each[t].addmm_(each[t + 1], recurrent);
            }
            torch.tanh_backward_out(each[t], each[t], states[t]);
            each[t].add_(bends[t]);
          }
          add(into, l, gradient);
          part(into, l, 1).addmm_(after(inside[l]).t(), before(moved));
          if (l > 0) {
            Tensor rows = rows(inside[l]);
            part(into, l, 0).addmm_(rows.t(), rows(along.moved(l)));
            Tensor below = rows(gradient).mm(part(parameters, l, 0));
            gradient = steps(below.addmm_(rows, part(along.direction, l, 0)));
          }
        }
      }
    }
  }

  /**
   * Pooling, linear at the states where it was made.
   *
   * @param index which time step each feature is of, shape [1, examples, width]; null for the mean
   * @param padding shape [time, examples, 1], true where there is no token
   */
  private record Pool(@Nullable Tensor index, Tensor padding) {
    static Pool of(Pooling pooling, Tensor padding, Tensor states) {
      return switch (pooling) {
        case MAX ->
            new Pool(
                states
                    .masked_fill(padding, new Scalar(Double.NEGATIVE_INFINITY))
                    .max(0)
                    .get1()
                    .unsqueeze(0),
                padding);
        case LAST -> new Pool(lastOf(padding, states), padding);
        case MEAN -> new Pool(null, padding);
        default -> throw new IllegalArgumentException(pooling.name());
      };
    }

    private static Tensor lastOf(Tensor padding, Tensor states) {
      return lengths(padding)
          .sub(new Scalar(1L))
          .unsqueeze(0)
          .expand(1, states.size(1), states.size(2));
    }

    /** Shape [examples, 1]. */
    private static Tensor lengths(Tensor padding) {
      return padding.logical_not().sum(0);
    }

    Tensor features(Tensor states) {
      return index == null
          ? new TimeFirst(padding).mean(states)
          : states.gather(0, index).squeeze(0);
    }

    /** From a gradient in the features to a new one in the states. */
    Tensor transposed(Tensor inFeatures, long time) {
      if (index == null) {
        return inFeatures
            .div(lengths(padding))
            .unsqueeze(0)
            .expand(time, inFeatures.size(0), inFeatures.size(1))
            .masked_fill(padding, new Scalar(0.0));
      }
      Tensor states = inFeatures.new_zeros(time, inFeatures.size(0), inFeatures.size(1));
      return states.scatter_(0, index, inFeatures.unsqueeze(0));
    }
  }
}
