package org.stackel.linear;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;
import org.stackel.config.Options;
import org.stackel.problem.Artifacts;
import org.stackel.tensor.Device;

/**
 * The files of a linear model: {@code model/config.json} and {@code model/weights.safetensors}.
 *
 * @param features names of the features
 * @param classes names of the classes; none where numbers are predicted
 * @param mean of each feature, which is taken away; empty without such a scaling
 * @param deviation of each feature, by which it is divided; likewise
 * @param scaling of the features: {@code none}, {@code standard} or {@code rows}
 * @param loss of an example: {@code logistic}, {@code softmax} or {@code squared}
 * @param precision of the numbers
 */
public record LinearModelFiles(
    List<String> features,
    List<String> classes,
    List<Double> mean,
    List<Double> deviation,
    String scaling,
    String loss,
    Device.Precision precision) {
  private static final String FOLDER = "model/";

  static LinearModelFiles of(LogisticData data, LogisticHpo.Loss loss, Device device) {
    return new LinearModelFiles(
        data.features(),
        data.classes().names(),
        data.scale().mean(),
        data.scale().deviation(),
        Options.kebab(data.scaling()),
        Options.kebab(loss),
        device.precision());
  }

  /**
   * Writes them.
   *
   * @param tensors {@code weight}, shape [features, outputs], and where there are intercepts,
   *     {@code bias}, shape [outputs]
   */
  public void write(Map<String, Tensor> tensors, Artifacts artifacts) {
    artifacts.tensors(FOLDER + "weights.safetensors", tensors);
    var config = new LinkedHashMap<String, @Nullable Object>();
    config.put("format", "linear");
    config.put("dtype", Options.kebab(precision));
    config.put("loss", loss);
    config.put("scaling", scaling);
    config.put("mean", mean);
    config.put("deviation", deviation);
    config.put("classes", classes);
    config.put("features", features);
    artifacts.json(FOLDER + "config.json", config);
  }
}
