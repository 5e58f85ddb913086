package org.stackel.model;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;
import org.stackel.config.Options;
import org.stackel.problem.Artifacts;
import org.stackel.tensor.Device;

/**
 * A trained classifier of texts, with what must be known to give it other texts.
 *
 * @param classifier from texts to logits
 * @param parameters its parameters, in its layout
 * @param texts how a text becomes what it reads
 * @param facts what else must be known, by name: the problem, the encoder and its sizes, what the
 *     outputs mean
 */
public record TextModel(
    Classifier classifier, Tensor parameters, EncodedTexts texts, Map<String, Object> facts) {
  /** What {@code config.json} calls its format. */
  static final String FORMAT = "text-classifier";

  private static final String FOLDER = "model/";

  /**
   * Writes the model to {@code model/}: {@code weights.safetensors} with {@code parameters}, one
   * vector in the layout of the configuration, and what words are looked up in; {@code
   * config.json}; {@code vocabulary.txt}, one word per line, the first one number 2, or {@code
   * tokenizer.json}, if one made the tokens.
   */
  public void write(Artifacts artifacts) {
    var tensors = new LinkedHashMap<String, Tensor>();
    tensors.put("parameters", parameters);
    tensors.putAll(new TreeMap<>(texts.tensors())); // sorted: the same run gives the same bytes
    artifacts.tensors(FOLDER + "weights.safetensors", tensors);
    String tokenizer = texts.tokenizer();
    if (tokenizer != null) {
      artifacts.text(FOLDER + "tokenizer.json", tokenizer);
    } else {
      artifacts.text(
          FOLDER + "vocabulary.txt",
          String.join("", texts.words().stream().map(word -> word + "\n").toList()));
    }
    var config = new LinkedHashMap<String, @Nullable Object>();
    config.put("format", FORMAT);
    config.put("dtype", Options.kebab(Device.of(parameters).precision()));
    config.putAll(facts);
    config.put("reading", Options.toMap(texts.reading()));
    config.put("tokens", texts.vocabulary());
    config.put("positions", texts.positions());
    config.put("layout", classifier.layout().parts().stream().map(Options::toMap).toList());
    artifacts.json(FOLDER + "config.json", config);
  }
}
