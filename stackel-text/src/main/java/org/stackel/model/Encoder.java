package org.stackel.model;

import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.stackel.tensor.Device;
import org.stackel.tensor.Layout;
import org.stackel.tensor.Seed;

/**
 * From texts to features: a pure function of its parameters and an input. All have second
 * derivatives, and what an example's features are does not depend on the batch it is in, except
 * with {@link Pooling#PADDED_MAX}.
 */
public sealed interface Encoder
    permits MeanOfVectors, MiniLm.Trained, PairEncoder, Projected, Rnn, Transformer {
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
}
