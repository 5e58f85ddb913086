package org.stackel.run;

import java.nio.file.Path;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.stackel.config.InvalidInputException;
import org.stackel.config.Options;
import org.stackel.oracle.OracleCalls;
import org.stackel.tensor.TensorFile;

/**
 * What a checkpoint says about itself.
 *
 * @param algorithm its type
 * @param step steps done
 * @param calls oracle calls so far
 * @param stepSizes what the step sizes are multiplied by; less than 1 after a rollback
 */
record CheckpointLabel(String algorithm, long step, OracleCalls calls, double stepSizes) {
  private static final String STEP_SIZES = "stepSizes";

  /**
   * What the metadata of a file say.
   *
   * @throws InvalidInputException if they lack something, or have what no version writes
   */
  static CheckpointLabel of(Path file, TensorFile.Content content) {
    Map<String, String> metadata = content.metadata();
    try {
      var calls =
          new OracleCalls(
              count(metadata, "gradientF"),
              count(metadata, "gradientG"),
              count(metadata, "hessianVector"),
              count(metadata, "crossVector"),
              Long.parseLong(metadata.getOrDefault("samples", "0"))); // not in older files
      var label =
          new CheckpointLabel(
              metadata.getOrDefault("algorithm", ""),
              count(metadata, "step"),
              calls,
              stepSizes(metadata));
      var others = new HashSet<>(metadata.keySet());
      others.removeAll(label.metadata().keySet());
      if (!others.isEmpty()) {
        throw damaged(file, "its metadata have %s".formatted(others.iterator().next()));
      }
      return label;
    } catch (NumberFormatException e) {
      throw damaged(file, "its metadata lack a step, oracle counts or right step sizes");
    }
  }

  private static long count(Map<String, String> metadata, String key) {
    long count = Long.parseLong(metadata.getOrDefault(key, ""));
    if (count < 0) {
      throw new NumberFormatException();
    }
    return count;
  }

  private static double stepSizes(Map<String, String> metadata) {
    double factor = Double.parseDouble(metadata.getOrDefault(STEP_SIZES, "1"));
    if (!(factor > 0 && factor <= 1)) {
      throw new NumberFormatException();
    }
    return factor;
  }

  private static InvalidInputException damaged(Path file, String what) {
    return new InvalidInputException(
            "This is no checkpoint of the run: %s.".formatted(what),
            "it was damaged, or another program or run wrote it.")
        .at(file.toString());
  }

  /** Compares its step with that in the name of its file. */
  void checkStep(Path file, long named) {
    if (step != named) {
      throw damaged(file, "its metadata say step %s".formatted(Long.toString(step)));
    }
  }

  /** Compares its algorithm with that of the run. */
  void checkAlgorithm(Path file, String type) {
    if (!algorithm.equals(type)) {
      throw damaged(file, "its algorithm is '%s', not %s".formatted(algorithm, type));
    }
  }

  /** For all locales the same. */
  String fileName() {
    return String.format(Locale.ROOT, "step-%06d.safetensors", step);
  }

  Map<String, String> metadata() {
    var metadata = new LinkedHashMap<String, String>();
    metadata.put("algorithm", algorithm);
    metadata.put("step", Long.toString(step));
    if (stepSizes != 1) { // as in files of versions without rollbacks
      metadata.put(STEP_SIZES, Double.toString(stepSizes));
    }
    Options.toMap(calls).forEach((name, count) -> metadata.put(name, String.valueOf(count)));
    return metadata;
  }
}
