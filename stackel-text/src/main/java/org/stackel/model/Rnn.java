package org.stackel.model;

import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.PackedSequence;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.stackel.problem.HandWritten;
import org.stackel.tensor.Arithmetic;
import org.stackel.tensor.Device;
import org.stackel.tensor.Layout;
import org.stackel.tensor.Seed;
import org.stackel.tensor.Tensors;

/**
 * A recurrent network over word vectors, and what is pooled of its outputs.
 *
 * <p>{@code g (h·i + h·h + 2h)} parameters a layer and direction, g = 1, 3, 4 for the cells of
 * Elman, GRU, LSTM; named and ordered as PyTorch does, so its weights fit. Built from plain
 * operations: cuDNN's recurrent layers, which {@link #featuresForGradients} takes on a GPU, have no
 * second derivatives.
 *
 * @param cell what is computed at a time step
 * @param inputs width of the word vectors
 * @param hidden width of the state
 * @param layers how many on top of each other
 * @param direction one or both
 * @param pooling how the outputs become one vector
 */
public record Rnn(
    Cell cell, int inputs, int hidden, int layers, Direction direction, Pooling pooling)
    implements Encoder {
  private static final int PARTS = 4;

  /** From this width on a GPU is busy with the products; below it, with starting them. */
  private static final int BY_HAND = 1_024;

  public Rnn {
    if (pooling == Pooling.FIRST) {
      throw new IllegalArgumentException(
          "At its first word a recurrent network knows nothing of the others: FIRST is for"
              + " transformers.");
    }
  }

  /** An Elman network that reads forward, with the maximum over time. */
  public static Rnn elman(int inputs, int hidden, int layers) {
    return new Rnn(Cell.ELMAN, inputs, hidden, layers, Direction.FORWARD, Pooling.MAX);
  }

  private int directions() {
    return direction == Direction.BOTH ? 2 : 1;
  }

  /** Four parts a layer and direction. */
  @Override
  public Layout layout() {
    var parts = Layout.EMPTY;
    int rows = cell.gates() * hidden;
    for (int l = 0; l < layers; l++) {
      for (int d = 0; d < directions(); d++) {
        String name = "_l" + l + (d == 0 ? "" : "_reverse");
        parts =
            parts
                .with("weight_ih" + name, rows, l == 0 ? inputs : width())
                .with("weight_hh" + name, rows, hidden)
                .with("bias_ih" + name, rows)
                .with("bias_hh" + name, rows);
      }
    }
    return parts;
  }

  /** Uniform in ±1/√hidden, as PyTorch's recurrent layers start. */
  @Override
  public Tensor initial(Seed seed, Device device) {
    return Tensors.uniform(seed, 1 / Math.sqrt(hidden), device, layout().size());
  }

  @Override
  public int width() {
    return directions() * hidden;
  }

  /**
   * On a GPU where the lengths of the texts are known, unless in bfloat16: large Elman networks by
   * hand, others by cuDNN.
   */
  @Override
  public Tensor featuresForGradients(List<Tensor> parameters, Input input, HandWritten parts) {
    if (!parameters.get(0).is_cuda()
        || Arithmetic.isReduced()
        || !(input instanceof Input.Sequence sequence)
        || sequence.lengths().length == 0) {
      return features(parameters, input);
    }
    return hidden >= BY_HAND && RecurrentPass.fits(this)
        ? parts.add(parameters, RecurrentPass.part(this, parameters, sequence))
        : fusedFeatures(parameters, sequence);
  }

  /**
   * All layers by one operation of libtorch, which on a GPU has no second derivatives. Read
   * forward, padding behind a text changes nothing of it; read backward too, texts are packed
   * without it.
   */
  Tensor fusedFeatures(List<Tensor> parameters, Input.Sequence input) {
    TensorVector weights = packed(parameters);
    return direction == Direction.FORWARD
        ? byLength(input, some -> fused(weights, some))
        : packedFeatures(weights, input);
  }

  private Tensor fused(TensorVector weights, Input.Sequence input) {
    Tensor values = input.values();
    Tensor start = values.new_zeros(layers, input.size(), hidden);
    Tensor outputs =
        switch (cell) {
          case ELMAN ->
              torch.rnn_tanh(values, start, weights, true, layers, 0, true, false, false).get0();
          case GRU -> torch.gru(values, start, weights, true, layers, 0, true, false, false).get0();
          case LSTM -> {
            var states = new TensorVector(start, start);
            yield torch.lstm(values, states, weights, true, layers, 0, true, false, false).get0();
          }
        };
    return pooled(TimeFirst.of(input), outputs);
  }

  private Tensor packedFeatures(TensorVector weights, Input.Sequence input) {
    PackedSequence packed =
        torch.pack_padded_sequence(
            input.values(), Tensors.indices(Device.CPU, input.lengths()), false, false);
    Tensor start = input.values().new_zeros(2L * layers, input.size(), hidden);
    Tensor data = packed.data();
    Tensor sizes = packed.batch_sizes();
    Tensor outputs =
        switch (cell) {
          case ELMAN ->
              torch.rnn_tanh(data, sizes, start, weights, true, layers, 0, true, true).get0();
          case GRU -> torch.gru(data, sizes, start, weights, true, layers, 0, true, true).get0();
          case LSTM -> {
            var states = new TensorVector(start, start);
            yield torch.lstm(data, sizes, states, weights, true, layers, 0, true, true).get0();
          }
        };
    var read =
        new PackedSequence(outputs, sizes, packed.sorted_indices(), packed.unsorted_indices());
    Tensor padded = torch.pad_packed_sequence(read).get0();
    return pooled(TimeFirst.of(input.take(null, (int) padded.size(0))), padded);
  }

  /** The parameters behind one another in memory as cuDNN wants them: matrices, then biases. */
  private TensorVector packed(List<Tensor> parameters) {
    int[] order =
        IntStream.range(0, parameters.size())
            .boxed()
            .sorted(Comparator.comparing(i -> i % PARTS >= PARTS / 2))
            .mapToInt(i -> i)
            .toArray();
    Tensor[] flat =
        Arrays.stream(order).mapToObj(i -> parameters.get(i).reshape(-1)).toArray(Tensor[]::new);
    long[] sizes = Arrays.stream(flat).mapToLong(Tensor::numel).toArray();
    TensorVector parts = torch.cat(new TensorVector(flat), 0).split_with_sizes(sizes);
    var weights = new Tensor[order.length];
    for (int i = 0; i < order.length; i++) {
      weights[order[i]] = parts.get(i).view(parameters.get(order[i]).sizes());
    }
    return new TensorVector(weights);
  }

  @Override
  public Tensor features(List<Tensor> parameters, Input input) {
    if (!(input instanceof Input.Sequence sequence)) {
      throw new IllegalArgumentException("A recurrent network reads sequences of vectors.");
    }
    return byLength(sequence, some -> together(parameters, some));
  }

  private Tensor byLength(Input.Sequence input, Function<Input.Sequence, Tensor> encoder) {
    return pooling == Pooling.PADDED_MAX // what it finds depends on the longest text
        ? encoder.apply(input)
        : ByLength.ofRecurrent(hidden, Device.of(input.values())).features(input, encoder);
  }

  private Tensor together(List<Tensor> parameters, Input.Sequence sequence) {
    var positions = TimeFirst.of(sequence);
    Tensor values = sequence.values();
    for (int l = 0; l < layers; l++) {
      int from = PARTS * directions() * l;
      Tensor forward = outputs(parameters.subList(from, from + PARTS), values);
      if (direction == Direction.FORWARD) {
        values = forward;
      } else {
        List<Tensor> own = parameters.subList(from + PARTS, from + 2 * PARTS);
        Tensor backward = positions.reverse(outputs(own, positions.reverse(values)));
        values = torch.cat(new TensorVector(forward, backward), 2);
      }
    }
    return pooled(positions, values);
  }

  private Tensor pooled(TimeFirst positions, Tensor values) {
    if (pooling == Pooling.LAST && direction == Direction.BOTH) {
      Tensor forward = positions.pool(Pooling.LAST, values.narrow(2, 0, hidden));
      Tensor backward = positions.pool(Pooling.FIRST, values.narrow(2, hidden, hidden));
      return torch.cat(new TensorVector(forward, backward), 1);
    }
    return positions.pool(pooling, values);
  }

  /**
   * The states at all time steps, shape [time, examples, hidden]. One product for the inputs of all
   * time steps; what remains in the loop is the recurrence alone.
   */
  private Tensor outputs(List<Tensor> p, Tensor values) {
    long time = values.size(0);
    long examples = values.size(1);
    Tensor fromInput =
        torch
            .addmm(
                inputBias(p.get(2), p.get(3)),
                values.reshape(time * examples, values.size(2)),
                p.get(0).t())
            .view(time, examples, (long) cell.gates() * hidden);
    Tensor recurrent = p.get(1).t().type_as(fromInput); // bfloat16 once, not at every time step
    Tensor[] states =
        switch (cell) {
          case ELMAN -> elman(fromInput, recurrent);
          case LSTM -> lstm(fromInput, recurrent);
          case GRU -> gru(fromInput, recurrent, p.get(3));
        };
    return torch.stack(new TensorVector(states), 0);
  }

  /** What may be added before the loop. The second bias of a GRU's n is scaled by its gate r. */
  private Tensor inputBias(Tensor inner, Tensor outer) {
    return cell == Cell.GRU ? inner : inner.add(outer);
  }

  private static Tensor[] elman(Tensor fromInput, Tensor recurrent) {
    TensorVector steps = torch.unbind(fromInput, 0);
    var states = new Tensor[(int) steps.size()];
    for (int t = 0; t < states.length; t++) {
      Tensor sum = steps.get(t);
      states[t] = (t == 0 ? sum : torch.addmm(sum, states[t - 1], recurrent)).tanh();
    }
    return states;
  }

  private static Tensor[] lstm(Tensor fromInput, Tensor recurrent) {
    TensorVector steps = torch.unbind(fromInput, 0);
    var states = new Tensor[(int) steps.size()];
    Tensor memory = null;
    for (int t = 0; t < states.length; t++) {
      Tensor sum = steps.get(t);
      // One product for the four gates.
      TensorVector gates =
          (t == 0 ? sum : torch.addmm(sum, states[t - 1], recurrent)).chunk(Cell.LSTM.gates(), 1);
      Tensor input = gates.get(0).sigmoid();
      Tensor candidate = gates.get(2).tanh();
      memory =
          memory == null
              ? input.mul(candidate)
              : gates.get(1).sigmoid().mul(memory).addcmul(input, candidate);
      states[t] = gates.get(3).sigmoid().mul(memory.tanh());
    }
    return states;
  }

  private Tensor[] gru(Tensor fromInput, Tensor recurrent, Tensor bias) {
    long[] widths = {2L * hidden, hidden};
    // One split for all time steps: gates here, candidates there.
    TensorVector both = fromInput.split_with_sizes(widths, 2);
    TensorVector gateSteps = torch.unbind(both.get(0), 0);
    TensorVector candidateSteps = torch.unbind(both.get(1), 0);
    var states = new Tensor[(int) gateSteps.size()];
    Tensor noState = fromInput.new_zeros(fromInput.size(1), hidden);
    for (int t = 0; t < states.length; t++) {
      Tensor before = t == 0 ? noState : states[t - 1];
      // One product for the two gates and the candidate.
      TensorVector product = torch.addmm(bias, before, recurrent).split_with_sizes(widths, 1);
      TensorVector gates = gateSteps.get(t).add(product.get(0)).sigmoid().chunk(2, 1);
      Tensor candidate = candidateSteps.get(t).addcmul(gates.get(0), product.get(1)).tanh();
      states[t] = candidate.addcmul(gates.get(1), before.sub(candidate));
    }
    return states;
  }
}
