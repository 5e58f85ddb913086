package org.stackel.model;

import java.util.List;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.stackel.tensor.Device;
import org.stackel.tensor.Layout;
import org.stackel.tensor.Seed;
import org.stackel.tensor.Tensors;

/** A classifier: a pure function of a flat parameter vector and an input. */
public sealed interface Classifier {
  /** Names and shapes in the parameter vector. */
  Layout layout();

  /** Where training starts. */
  Tensor initial(Seed seed, Device device);

  /** One number a class, shape [examples, classes]. */
  Tensor logits(Tensor parameters, Input input);

  /** Cross entropy of each example, shape [examples]. */
  default Tensor losses(Tensor parameters, Input input, Tensor labels) {
    return crossEntropy(logits(parameters, input), labels);
  }

  /**
   * Cross entropy of each example, shape [examples].
   *
   * @param logits shape [examples, classes]
   */
  static Tensor crossEntropy(Tensor logits, Tensor labels) {
    return torch.log_softmax(logits, 1).gather(1, labels.unsqueeze(1)).squeeze(1).neg();
  }

  /**
   * Softmax regression on dense or sparse vectors: {@code logits = X W}. A bias is a feature that
   * is always one. Starts at zero, where the cross entropy is that of guessing.
   *
   * @param inputs width of the vectors
   * @param classes number of classes
   */
  record Linear(int inputs, int classes) implements Classifier {
    @Override
    public Layout layout() {
      return Layout.EMPTY.with("weight", inputs, classes);
    }

    @Override
    public Tensor initial(Seed seed, Device device) {
      return Tensors.zeros(device, (long) inputs * classes);
    }

    @Override
    public Tensor logits(Tensor parameters, Input input) {
      Tensor weight = parameters.view(inputs, classes);
      if (input instanceof Input.Dense dense) {
        return dense.features().mm(weight);
      }
      if (input instanceof Input.Sparse sparse) {
        // Only rows of words that occur: a few thousand entries instead of a dense matrix.
        Tensor entries = weight.index_select(0, sparse.columns()).mul(sparse.values().unsqueeze(1));
        return torch
            .zeros(new long[] {sparse.size(), classes}, entries.options())
            .index_add(0, sparse.rows(), entries);
      }
      throw new IllegalArgumentException("A linear classifier reads vectors, not sequences.");
    }

    /**
     * The logits with a row for each class, shape [classes, examples]: of dense vectors they take
     * three quarters of the time, and so do sums over classes.
     */
    public Tensor byClass(Tensor parameters, Input input) {
      return input instanceof Input.Dense dense
          ? parameters.view(inputs, classes).t().mm(dense.features().t())
          : logits(parameters, input).t().contiguous();
    }

    /**
     * {@code a XᵀUᵀ + c p}: the gradient in the parameters p, given one in the logits, and a
     * multiple of them.
     *
     * @param inLogits U, shape [classes, examples]
     * @param a a factor
     * @param c a factor; 0 if only the type and size of the parameters matter
     */
    public Tensor transposed(Tensor inLogits, Input input, double a, double c, Tensor parameters) {
      Tensor matrix = parameters.view(inputs, classes);
      if (input instanceof Input.Dense dense) {
        return torch
            .addmm(matrix.t(), inLogits, dense.features(), new Scalar(c), new Scalar(a))
            .t()
            .reshape(-1);
      }
      if (input instanceof Input.Sparse sparse) {
        Tensor rows = inLogits.t().contiguous().index_select(0, sparse.rows());
        Tensor entries = rows.mul(sparse.values().unsqueeze(1));
        Tensor start = c == 0 ? torch.zeros_like(matrix) : Tensors.scale(c, matrix);
        return start.index_add(0, sparse.columns(), entries, new Scalar(a)).view(-1);
      }
      throw new IllegalArgumentException("A linear classifier reads vectors, not sequences.");
    }
  }

  /**
   * An encoder with a head.
   *
   * @param encoder from texts to features
   * @param head from features to logits
   */
  record Encoded(Encoder encoder, Head head) implements Classifier {
    public Encoded {
      if (encoder.width() != head.inputs()) {
        throw new IllegalArgumentException(
            "The head reads %d features, the encoder makes %d."
                .formatted(head.inputs(), encoder.width()));
      }
    }

    @Override
    public Layout layout() {
      return Layout.EMPTY.with("encoder", encoder.layout()).with("head", head.layout());
    }

    @Override
    public Tensor initial(Seed seed, Device device) {
      return Tensors.concat(
          encoder.initial(seed.child("encoder"), device), head.initial(seed.child("head"), device));
    }

    @Override
    public Tensor logits(Tensor parameters, Input input) {
      List<Tensor> parts = layout().split(parameters);
      int inEncoder = encoder.layout().parts().size();
      return head.logits(
          parts.subList(inEncoder, parts.size()),
          encoder.features(parts.subList(0, inEncoder), input));
    }
  }

  /**
   * One output of a network as a classifier of two classes: its logits are 0 and that output, so
   * that the probability of the second class is the output's sigmoid. The parameters are those of
   * the network.
   *
   * @param network network with one or more outputs
   * @param output number of the output that is the second class's logit, from 0 on
   */
  record OneOutput(Classifier network, int output) implements Classifier {
    @Override
    public Layout layout() {
      return network.layout();
    }

    @Override
    public Tensor initial(Seed seed, Device device) {
      return network.initial(seed, device);
    }

    @Override
    public Tensor logits(Tensor parameters, Input input) {
      Tensor logit = network.logits(parameters, input).narrow(1, output, 1);
      return torch.cat(new TensorVector(torch.zeros_like(logit), logit), 1);
    }
  }
}
