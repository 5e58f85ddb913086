package org.stackel.model;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;
import org.stackel.config.InvalidInputException;
import org.stackel.runfile.Document;
import org.stackel.tensor.DataTensors;
import org.stackel.tensor.Device;
import org.stackel.tensor.TensorFile;

/**
 * The folder of a trained model: {@code config.json}, {@code weights.safetensors}, and what else
 * its format has.
 *
 * @param path the folder
 * @param config what {@code config.json} says
 */
public record ModelFolder(Path path, Map<String, @Nullable Object> config) {
  /** The name of the configuration. */
  public static final String CONFIG = "config.json";

  private static final String MODEL = "model";
  private static final String WEIGHTS = "weights.safetensors";

  /**
   * Reads the configuration of a model.
   *
   * @param directory the model's folder, or that of a run that left one
   * @throws InvalidInputException if there is no model
   */
  public static ModelFolder read(Path directory) {
    Path folder = Files.exists(directory.resolve(CONFIG)) ? directory : directory.resolve(MODEL);
    Path config = folder.resolve(CONFIG);
    if (!Files.exists(config)) {
      throw new InvalidInputException(
              "There is no model here: neither %s nor %s/%s.".formatted(CONFIG, MODEL, CONFIG),
              Files.isDirectory(directory)
                  ? "the run has not ended, or its problem leaves no model."
                  : "the path is misspelled.")
          .at(directory.toString());
    }
    try {
      if (!(Document.read(config).value() instanceof Map<?, ?> map)) {
        throw broken(config, "it is no JSON object");
      }
      var facts = new LinkedHashMap<String, @Nullable Object>();
      map.forEach((key, value) -> facts.put(String.valueOf(key), value));
      return new ModelFolder(folder, facts);
    } catch (IOException e) {
      throw unreadable(config, e);
    }
  }

  /**
   * The format of the model; empty if an earlier version wrote it, which left out what prediction
   * needs.
   */
  public String format() {
    return config.get("format") instanceof String name ? name : "";
  }

  /** The text under a key; empty without one. */
  public String text(String key) {
    return config.get(key) instanceof String text ? text : "";
  }

  /** The whole number under a key. */
  public int number(String key) {
    if (config.get(key) instanceof Number number) {
      return number.intValue();
    }
    throw lacks(key);
  }

  /** The texts in the list under a key; none without one. */
  public List<String> texts(String key) {
    return list(key, String.class, "texts");
  }

  /** The numbers in the list under a key; none without one. */
  public double[] numbers(String key) {
    return list(key, Number.class, "numbers").stream().mapToDouble(Number::doubleValue).toArray();
  }

  private <T> List<T> list(String key, Class<T> type, String what) {
    Object value = config.get(key);
    if (value == null) {
      return List.of();
    }
    if (!(value instanceof List<?> list) || !list.stream().allMatch(type::isInstance)) {
      throw broken(path.resolve(CONFIG), "'%s' must be a list of %s".formatted(key, what));
    }
    return list.stream().map(type::cast).toList();
  }

  /** The object under a key. */
  public Map<String, @Nullable Object> object(String key) {
    if (config.get(key) instanceof Map<?, ?> map) {
      var copy = new LinkedHashMap<String, @Nullable Object>();
      map.forEach((name, value) -> copy.put(String.valueOf(name), value));
      return copy;
    }
    throw lacks(key);
  }

  private InvalidInputException lacks(String key) {
    return broken(path.resolve(CONFIG), "it lacks '%s'".formatted(key));
  }

  /** Where the model computes: on the CPU, in the precision that it was trained in. */
  public Device device() {
    return text("dtype").equals("float64") ? Device.CPU64 : Device.CPU;
  }

  /** The tensors, kept by their new home. */
  public Map<String, Tensor> tensors(DataTensors home) {
    Path file = path.resolve(WEIGHTS);
    try {
      Map<String, Tensor> tensors = TensorFile.read(file, device()).tensors();
      tensors.values().forEach(home::keep);
      return tensors;
    } catch (IOException e) {
      throw unreadable(file, e);
    }
  }

  /** The text of a file of the folder; null if it is not there. */
  public @Nullable String file(String name) {
    Path file = path.resolve(name);
    try {
      return Files.exists(file) ? Files.readString(file) : null;
    } catch (IOException e) {
      throw unreadable(file, e);
    }
  }

  /** The complaint about a file that is not as it was written. */
  public static InvalidInputException broken(Path file, String why) {
    return new InvalidInputException(
            "This is no file of a model: %s.".formatted(why),
            "it was changed by hand, or copied only in part.")
        .at(file.toString());
  }

  private static InvalidInputException unreadable(Path file, IOException e) {
    return new InvalidInputException(
            "The file cannot be read: %s.".formatted(e.getMessage()),
            "it was copied only in part, or belongs to another user.")
        .at(file.toString())
        .causedBy(e);
  }
}
