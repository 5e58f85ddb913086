package org.stackel.model;

import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.stackel.problem.HandWritten;
import org.stackel.tensor.Device;
import org.stackel.tensor.Layout;
import org.stackel.tensor.Seed;

/**
 * From texts to features: a pure function of its parameters and an input. It must have second
 * derivatives, and the features of an example must not depend on the batch that it is in, except
 * with {@link Pooling#PADDED_MAX}. A {@link TextEncoder} makes encoders by the options of an
 * experiment.
 */
public interface Encoder {
  /** Names and shapes of the parameters. */
  Layout layout();

  /** Where training starts: a vector of {@code layout().size()} numbers. */
  Tensor initial(Seed seed, Device device);

  /** How many features an example gets. */
  int width();

  /**
   * Features, shape [examples, width].
   *
   * @param parameters the parts of {@link #layout}, in order
   * @param input of the kind that this encoder reads
   * @throws IllegalArgumentException if it reads inputs of another kind
   */
  Tensor features(List<Tensor> parameters, Input input);

  /**
   * The same features where nothing but gradients is taken of them, as of an encoder that few-shot
   * tasks share. May use kernels that have no second derivatives; unless overridden, uses none.
   *
   * @param parts where parts with gradients by hand are added
   */
  default Tensor featuresForGradients(List<Tensor> parameters, Input input, HandWritten parts) {
    return features(parameters, input);
  }
}
