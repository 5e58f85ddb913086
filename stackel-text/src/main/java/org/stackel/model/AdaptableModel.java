package org.stackel.model;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;
import org.stackel.config.InvalidInputException;
import org.stackel.config.Options;
import org.stackel.problem.Artifacts;
import org.stackel.tensor.DataTensors;
import org.stackel.tensor.Device;
import org.stackel.tensor.StateScope;
import org.stackel.text.Example;

/** An encoder of texts that a run left, which heads for new tasks are put on. */
public final class AdaptableModel implements AutoCloseable {
  private static final int CHUNK = 256;
  private static final String FOLDER = "model/";

  private final ModelFolder folder;
  private final ModelBlueprint blueprint;
  private final Encoder encoder;
  private final TextReader reader;
  private final Tensor parameters;
  private final Map<String, Tensor> tensors;
  private final DataTensors home;

  private AdaptableModel(
      ModelFolder folder,
      ModelBlueprint blueprint,
      Encoder encoder,
      TextReader reader,
      Map<String, Tensor> tensors,
      DataTensors home) {
    this.folder = folder;
    this.blueprint = blueprint;
    this.encoder = encoder;
    this.reader = reader;
    this.tensors = tensors;
    this.home = home;
    parameters = home.keep(encoderPart(folder, tensors, encoder.layout().size()));
  }

  private static Tensor encoderPart(ModelFolder folder, Map<String, Tensor> tensors, long size) {
    Tensor all = tensors.get("parameters");
    if (all == null || all.numel() < size) {
      throw ModelFolder.broken(folder.path(), "its parameters do not fit the network");
    }
    return all.narrow(0, 0, size);
  }

  /**
   * Loads an encoder.
   *
   * @param directory folder of a model, or of the run that left it
   * @throws InvalidInputException if there is none, or it has no encoder
   */
  public static AdaptableModel load(Path directory) {
    ModelFolder folder = ModelFolder.read(directory);
    if (!folder.format().equals(TextModel.FORMAT)) {
      throw new InvalidInputException(
              "The model is a '%s'; only an encoder of texts gets a new head."
                  .formatted(folder.format()),
              "the model of `stackel meta` was meant.")
          .at(folder.path().toString());
    }
    return DataTensors.owning(
        home -> {
          Map<String, Tensor> tensors = folder.tensors(home);
          TextReading reading = TextClassifier.reading(folder);
          TextReader reader = TextClassifier.reader(folder, reading, tensors);
          ModelBlueprint blueprint = ModelBlueprint.of(folder, reader.width(), reading.pairs());
          Encoder encoder = blueprint.encoder();
          if (encoder == null) {
            throw new InvalidInputException(
                    "The model is linear in the words; there is no encoder to put a head on.",
                    "the model of `stackel meta` was meant.")
                .at(folder.path().toString());
          }
          return new AdaptableModel(folder, blueprint, encoder, reader, tensors, home);
        });
  }

  /** A head for so many classes. */
  public Head head(int classes) {
    return new Head(encoder.width(), blueprint.headHidden(), classes);
  }

  /** Whether an example is two texts. */
  public boolean readsPairs() {
    return reader.readsPairs();
  }

  /** Columns of the texts in the training file; empty where they were guessed. */
  public List<String> columns() {
    return folder.texts("columns");
  }

  /** Where it computes. */
  public Device device() {
    return folder.device();
  }

  /** Factor of the penalty on heads with which it was trained. */
  public double regularization() {
    return folder.config().get("regularization") instanceof Number number
        ? number.doubleValue()
        : 1e-2;
  }

  /** Features of texts, shape [texts, width], in the open scope. */
  public Tensor features(List<Example> texts) {
    var parts = new ArrayList<Tensor>();
    for (int from = 0; from < texts.size(); from += CHUNK) {
      List<Example> some = texts.subList(from, Math.min(texts.size(), from + CHUNK));
      parts.add(
          StateScope.nested(
              () ->
                  encoder
                      .features(encoder.layout().split(parameters), reader.read(some))
                      .detach()));
    }
    return torch.cat(new TensorVector(parts.toArray(new Tensor[0])), 0);
  }

  /**
   * Means of the word vectors, shape [texts, width]; null if the encoder does not read word
   * vectors.
   */
  public @Nullable Tensor meanVectors(List<Example> texts) {
    Input input = reader.read(texts);
    Input one = input instanceof Input.Pair pair ? pair.first() : input;
    if (!(one instanceof Input.Sequence sequence)) {
      return null;
    }
    Encoder mean = new MeanOfVectors(Math.toIntExact(sequence.values().size(2)));
    Encoder both = input instanceof Input.Pair ? new PairEncoder(mean) : mean;
    return both.features(List.of(), input);
  }

  /**
   * Writes the encoder with a head as a classifier, which {@link TextClassifier} loads.
   *
   * @param head its parameters
   * @param classes names of the classes, in the order of its outputs
   */
  public void write(Tensor head, List<String> classes, Artifacts artifacts) {
    var written = new LinkedHashMap<String, Tensor>();
    written.put("parameters", torch.cat(new TensorVector(parameters, head), 0));
    new TreeMap<>(tensors)
        .forEach(
            (name, tensor) -> {
              if (!name.equals("parameters")) {
                written.put(name, tensor);
              }
            });
    artifacts.tensors(FOLDER + "weights.safetensors", written);
    for (String name : List.of("vocabulary.txt", "tokenizer.json")) {
      String text = folder.file(name);
      if (text != null) {
        artifacts.text(FOLDER + name, text);
      }
    }
    var config = new LinkedHashMap<String, @Nullable Object>(folder.config());
    var classifier = new LinkedHashMap<String, @Nullable Object>(folder.object("classifier"));
    classifier.put("outputs", classes.size());
    config.put("classifier", classifier);
    config.put("task", "classification");
    config.put("heads", "adapted");
    config.put("outputs", classes.size());
    config.put("classes", classes);
    config.put(
        "layout",
        new Classifier.Encoded(encoder, head(classes.size()))
            .layout().parts().stream().map(Options::toMap).toList());
    config.remove("score");
    artifacts.json(FOLDER + ModelFolder.CONFIG, config);
  }

  @Override
  public void close() {
    reader.close();
    home.close();
  }
}
