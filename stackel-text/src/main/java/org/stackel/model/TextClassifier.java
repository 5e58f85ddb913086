package org.stackel.model;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;
import org.stackel.config.InvalidInputException;
import org.stackel.config.Options;
import org.stackel.tensor.DataTensors;
import org.stackel.tensor.StateScope;
import org.stackel.tensor.Tensors;
import org.stackel.text.Example;
import org.stackel.text.Vocabulary;

/**
 * A trained classifier of texts, loaded from the folder that a run left:
 *
 * <pre>{@code
 * try (var classifier = TextClassifier.load(Path.of("runs/my-run/model"))) {
 *   String topic = classifier.predict("a small tree with edible fruit");
 *   double[] probabilities = classifier.probabilities("a small tree with edible fruit");
 * }
 * }</pre>
 *
 * <p>The folder is all that it needs. It computes on the CPU in the precision of its training, and
 * gives the numbers that training ended with, but for rounding. Not to be used by several threads
 * at once.
 */
public final class TextClassifier implements AutoCloseable {
  private static final int CHUNK = 1024;
  private static final int WIDE = 1024;

  private final List<String> classes;
  private final List<String> columns;
  private final Classifier classifier;
  private final TextReader reader;
  private final Tensor parameters;
  private final DataTensors home;
  private final int atOnce;

  private TextClassifier(
      ModelFolder folder,
      Classifier classifier,
      TextReader reader,
      Tensor parameters,
      DataTensors home,
      int atOnce) {
    this.classifier = classifier;
    this.reader = reader;
    this.parameters = parameters;
    this.home = home;
    this.atOnce = atOnce;
    classes = folder.texts("classes");
    columns = folder.texts("columns");
  }

  /**
   * Loads a classifier.
   *
   * @param directory its folder, or that of the run that left it
   * @throws InvalidInputException if there is no model, or none that classifies texts
   */
  public static TextClassifier load(Path directory) {
    return load(ModelFolder.read(directory));
  }

  /**
   * Loads a classifier.
   *
   * @throws InvalidInputException if the model does not classify texts
   */
  public static TextClassifier load(ModelFolder folder) {
    requireClassifier(folder);
    return DataTensors.owning(home -> load(folder, home));
  }

  private static void requireClassifier(ModelFolder folder) {
    if (!folder.format().equals(TextModel.FORMAT)) {
      throw new InvalidInputException(
              folder.format().isEmpty()
                  ? "The model lacks what prediction needs: an earlier version of Stackel wrote it."
                  : "The model is a '%s'; a '%s' is needed."
                      .formatted(folder.format(), TextModel.FORMAT),
              folder.format().isEmpty()
                  ? "running its experiment again helps."
                  : "`stackel predict` was meant, which reads every format.")
          .at(folder.path().toString());
    }
    boolean isSolved = !folder.text("heads").equals("per-task");
    if (folder.texts("classes").isEmpty() || !isSolved) {
      throw new InvalidInputException(
              "The model is an encoder for new tasks; it has no classes of its own.",
              "`stackel adapt` was meant, which gives it a head from a few examples.")
          .at(folder.path().toString());
    }
  }

  private static TextClassifier load(ModelFolder folder, DataTensors home) {
    Map<String, Tensor> tensors = folder.tensors(home);
    TextReading reading = reading(folder);
    TextReader reader = reader(folder, reading, tensors);
    Classifier network = ModelBlueprint.of(folder, reader.width(), reading.pairs()).classifier();
    Tensor parameters = tensors.get("parameters");
    if (parameters == null || parameters.numel() != network.layout().size()) {
      throw ModelFolder.broken(
          folder.path(), "its parameters do not fit the network in config.json");
    }
    int atOnce = EvaluationChunk.texts(CHUNK, Math.max(1, reading.maxTokens()), WIDE);
    return new TextClassifier(folder, output(folder, network), reader, parameters, home, atOnce);
  }

  /** How a model reads texts. */
  static TextReading reading(ModelFolder folder) {
    return Options.bind(
        TextReading.of(TextReading.Kind.WORDS, "", 0, false),
        folder.object("reading"),
        "the reading of a model");
  }

  /** What reads texts for a model. */
  static TextReader reader(ModelFolder folder, TextReading reading, Map<String, Tensor> tensors) {
    return new TextReader(
        reading, words(folder), tensors, folder.file("tokenizer.json"), folder.device());
  }

  private static List<String> words(ModelFolder folder) {
    Path file = folder.path().resolve("vocabulary.txt");
    return folder.file("vocabulary.txt") == null ? List.of() : Vocabulary.load(file).words();
  }

  /** Networks for two classes whose score is one output. */
  private static Classifier output(ModelFolder folder, Classifier network) {
    boolean isOne = folder.text("score").equals("logit");
    return isOne ? new Classifier.OneOutput(network, folder.number("logits") - 1) : network;
  }

  /** The names of the classes, in the order of probabilities. */
  public List<String> classes() {
    return classes;
  }

  /**
   * The columns of text and second text in the file that it was trained on; empty where they were
   * guessed, or where there was no file.
   */
  public List<String> columns() {
    return columns;
  }

  /** Whether an example is two texts. */
  public boolean readsPairs() {
    return reader.readsPairs();
  }

  /** The likeliest class of a text. */
  public String predict(String text) {
    return predict(text, null);
  }

  /** The likeliest class of a pair of texts. */
  public String predict(String text, @Nullable String text2) {
    return classes.get(likeliest(probabilities(text, text2)));
  }

  /** The probability of each class. */
  public double[] probabilities(String text) {
    return probabilities(text, null);
  }

  /** The probability of each class. */
  public double[] probabilities(String text, @Nullable String text2) {
    return probabilities(List.of(new Example(text, text2, "", ""))).get(0);
  }

  /** The probability of each class for each of some texts, whose labels are not looked at. */
  public List<double[]> probabilities(List<Example> texts) {
    var rows = new ArrayList<double[]>(texts.size());
    for (int from = 0; from < texts.size(); from += atOnce) {
      List<Example> some = texts.subList(from, Math.min(texts.size(), from + atOnce));
      try (var scope = StateScope.open()) {
        double[] flat =
            Tensors.toArray(classifier.logits(parameters, reader.read(some)).softmax(1));
        for (int i = 0; i < flat.length; i += classes.size()) {
          rows.add(Arrays.copyOfRange(flat, i, i + classes.size()));
        }
      }
    }
    return rows;
  }

  /** The place of the largest number; the first of equal ones. */
  public static int likeliest(double[] probabilities) {
    int best = 0;
    for (int i = 1; i < probabilities.length; i++) {
      best = probabilities[i] > probabilities[best] ? i : best;
    }
    return best;
  }

  @Override
  public void close() {
    reader.close();
    home.close();
  }
}
