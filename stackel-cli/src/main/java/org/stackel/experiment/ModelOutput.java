package org.stackel.experiment;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;
import org.stackel.config.Options;
import org.stackel.problem.BilevelProblem;
import org.stackel.problem.Metrics;
import org.stackel.problem.TextModel;
import org.stackel.problem.TextProblem;
import org.stackel.runfile.RunFiles;
import org.stackel.tensor.AtomicFile;
import org.stackel.tensor.StateScope;
import org.stackel.tensor.TensorFile;

/**
 * The trained model of a problem with texts, in {@code model/}: {@code weights.safetensors} with
 * {@code parameters}, one vector in the layout of the configuration, and what words are looked up
 * in; {@code config.json}; {@code vocabulary.txt}, a word a line, the first one number 2, or {@code
 * tokenizer.json}, if one made the tokens. Other problems leave nothing.
 */
public final class ModelOutput implements RunListener {
  private final Path directory;

  /** Writes into the directory of a run. */
  public ModelOutput(RunDirectory run) {
    directory = run.path();
  }

  @Override
  public Metrics completed(BilevelProblem<?> problem, Tensor x, Tensor y) {
    if (problem instanceof TextProblem texts) {
      try (var scope = StateScope.open()) {
        write(directory, texts.model(x, y));
      }
    }
    return Metrics.NONE;
  }

  /** Writes a model into the directory of a run. */
  static void write(Path directory, TextModel model) {
    try {
      Path folder = Files.createDirectories(directory.resolve("model"));
      var tensors = new LinkedHashMap<String, Tensor>();
      tensors.put("parameters", model.parameters());
      // Sorted: the same run gives the same bytes.
      tensors.putAll(new TreeMap<>(model.texts().tensors()));
      TensorFile.write(folder.resolve("weights.safetensors"), tensors, Map.of());
      if (model.texts().tokenizer() != null) {
        AtomicFile.write(folder.resolve("tokenizer.json"), model.texts().tokenizer());
      } else {
        AtomicFile.write(
            folder.resolve("vocabulary.txt"),
            String.join("", model.texts().words().stream().map(word -> word + "\n").toList()));
      }
      AtomicFile.write(folder.resolve("config.json"), RunFiles.pretty(config(model)));
    } catch (IOException e) {
      throw DiskProblem.writing(directory, e);
    }
  }

  private static Map<String, @Nullable Object> config(TextModel model) {
    var config = new LinkedHashMap<String, @Nullable Object>(model.facts());
    config.put("layout", model.classifier().layout().parts().stream().map(Options::toMap).toList());
    return config;
  }
}
