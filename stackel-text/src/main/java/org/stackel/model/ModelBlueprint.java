package org.stackel.model;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;
import org.stackel.config.Options;
import org.stackel.tensor.Device;
import org.stackel.tensor.Layout;
import org.stackel.tensor.Seed;
import org.stackel.tensor.Tensors;

/**
 * The parts of a stored classifier.
 *
 * @param encoder from texts to features, scaled; null for softmax regression
 * @param headHidden widths between features and outputs
 * @param inputs width of what softmax regression reads
 * @param outputs numbers that it gives
 */
record ModelBlueprint(
    @Nullable Encoder encoder, List<Integer> headHidden, int inputs, int outputs) {

  /**
   * What {@code config.json} says.
   *
   * @param width numbers of what is read at one place of a text
   * @param pairs whether an example is two texts
   */
  static ModelBlueprint of(ModelFolder folder, int width, boolean pairs) {
    Map<String, @Nullable Object> given = folder.object("classifier");
    int outputs = whole(given, "outputs");
    if (!(given.get("encoder") instanceof Map<?, ?> options)) {
      return new ModelBlueprint(null, List.of(), whole(given, "inputs"), outputs);
    }
    EncoderOptions network = encoderOptions(options);
    Encoder one =
        network
            .encoder()
            .over(
                network,
                new InputSizes(width, folder.number("tokens"), folder.number("positions")));
    Encoder read = pairs ? new PairEncoder(one) : one;
    int projection = folder.config().containsKey("projection") ? folder.number("projection") : 0;
    Encoder projected = projection == 0 ? read : new Projected(read, projection);
    double scale =
        folder.config().get("featureScale") instanceof Number number ? number.doubleValue() : 1;
    return new ModelBlueprint(
        scale == 1 ? projected : new Scaled(projected, scale),
        hidden(given.get("headHidden")),
        0,
        outputs);
  }

  private static EncoderOptions encoderOptions(Map<?, ?> options) {
    var named = new LinkedHashMap<String, @Nullable Object>();
    options.forEach((key, value) -> named.put(String.valueOf(key), value));
    return Options.bind(
        EncoderOptions.of(Encoders.RNN, 1, 1, Pooling.MAX), named, "the encoder of a model");
  }

  private static List<Integer> hidden(@Nullable Object list) {
    var widths = new ArrayList<Integer>();
    if (list instanceof List<?> numbers) {
      numbers.forEach(number -> widths.add(((Number) number).intValue()));
    }
    return widths;
  }

  private static int whole(Map<String, @Nullable Object> given, String key) {
    return given.get(key) instanceof Number number ? number.intValue() : 0;
  }

  /** The encoder with its head, or softmax regression. */
  Classifier classifier() {
    return encoder == null
        ? new Classifier.Linear(inputs, outputs)
        : new Classifier.Encoded(encoder, new Head(encoder.width(), headHidden, outputs));
  }

  /** An encoder whose features are multiplied by a number. */
  private record Scaled(Encoder encoder, double scale) implements Encoder {
    @Override
    public Layout layout() {
      return encoder.layout();
    }

    @Override
    public Tensor initial(Seed seed, Device device) {
      return encoder.initial(seed, device);
    }

    @Override
    public int width() {
      return encoder.width();
    }

    @Override
    public Tensor features(List<Tensor> parameters, Input input) {
      return Tensors.scale(scale, encoder.features(parameters, input));
    }
  }
}
