package org.stackel.experiment;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;
import org.stackel.config.Options;
import org.stackel.problem.BilevelProblem;
import org.stackel.problem.HyperRepresentation;
import org.stackel.problem.Metrics;
import org.stackel.problem.Start;
import org.stackel.tensor.AtomicFile;
import org.stackel.tensor.Layout;
import org.stackel.tensor.Seed;
import org.stackel.tensor.StateScope;
import org.stackel.tensor.TensorFile;

/**
 * What a run of hyper-representation leaves behind: the encoder in {@code model/}, and what its
 * accuracy is to be compared with: heads on the encoder of the start, and on mean word vectors.
 * Other problems leave nothing.
 */
public final class FewShotOutput implements RunListener {
  private final Path directory;
  private final Seed seed;

  /** Writes into the directory of a run. */
  public FewShotOutput(RunDirectory run) {
    directory = run.path();
    seed = new Seed(run.experiment().settings().seed());
  }

  @Override
  public Metrics completed(BilevelProblem<?> problem, Tensor x, Tensor y) {
    if (!(problem instanceof HyperRepresentation.Opened tasks)) {
      return Metrics.NONE;
    }
    try (var scope = StateScope.open()) {
      write(tasks, x, y);
      Start start = tasks.start(seed.child("start"));
      return Metrics.NONE
          .with("startAccuracy", tasks.evaluate(start.x(), start.y()).get("testAccuracy"))
          .with("meanVectorAccuracy", tasks.meanVectorAccuracy());
    }
  }

  private void write(HyperRepresentation.Opened problem, Tensor x, Tensor y) {
    try {
      Path model = Files.createDirectories(directory.resolve("model"));
      var tensors = new LinkedHashMap<String, Tensor>();
      put("encoder", problem.upperLayout(), x, tensors);
      if (problem.options().heads() == HyperRepresentation.Heads.SHARED) {
        put("head", problem.lowerLayout(), y, tensors);
      }
      TensorFile.write(model.resolve("weights.safetensors"), tensors, Map.of());
      AtomicFile.write(
          model.resolve("vocabulary.txt"),
          String.join("", problem.data().texts().words().stream().map(w -> w + "\n").toList()));
      AtomicFile.write(model.resolve("config.json"), Json.pretty(config(problem)));
    } catch (IOException e) {
      throw DiskProblem.writing(directory, e);
    }
  }

  private static void put(String prefix, Layout layout, Tensor flat, Map<String, Tensor> tensors) {
    List<Tensor> parts = layout.split(flat);
    for (int i = 0; i < parts.size(); i++) {
      tensors.put(prefix + "." + layout.parts().get(i).name(), parts.get(i).contiguous());
    }
  }

  private static Map<String, @Nullable Object> config(HyperRepresentation.Opened problem) {
    var config = new LinkedHashMap<String, @Nullable Object>();
    config.put("task", "few-shot");
    Map<String, @Nullable Object> options = Options.toMap(problem.options());
    for (String key :
        List.of(
            "encoder",
            "hidden",
            "layers",
            "attentionHeads",
            "inner",
            "pooling",
            "vectors",
            "tokenizer",
            "maxTokens",
            "featureScale",
            "headHidden")) {
      config.put(key, options.get(key));
    }
    return config;
  }
}
