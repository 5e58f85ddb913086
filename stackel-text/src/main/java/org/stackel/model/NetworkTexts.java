package org.stackel.model;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.stackel.optim.Iterations;
import org.stackel.tensor.DataTensors;
import org.stackel.tensor.Device;
import org.stackel.tensor.Seed;
import org.stackel.tensor.StateScope;
import org.stackel.text.Example;
import org.stackel.text.LabelledTexts;

/**
 * The texts of a problem as its network reads them.
 *
 * @param network the network
 * @param vectors {@code glove}, {@code random}, or a GloVe text file
 * @param encoded the texts
 * @param device where they are
 * @param home keeps their tensors
 * @param sources SHA-256 of each file read
 * @param remarks what a reader should know
 */
public record NetworkTexts(
    TextNetwork network,
    String vectors,
    EncodedTexts encoded,
    Device device,
    DataTensors home,
    Map<String, String> sources,
    List<String> remarks) {
  private static final int CHUNK = 1024;

  public NetworkTexts {
    sources = Map.copyOf(sources);
    remarks = List.copyOf(remarks);
  }

  /**
   * Encodes examples.
   *
   * @param vectors {@code glove}, {@code random}, or a GloVe text file
   * @param texts where the examples are from
   * @param examples those that are read, in the order of their numbers
   */
  public static NetworkTexts of(
      TextNetwork network,
      String vectors,
      LabelledTexts texts,
      List<Example> examples,
      Seed seed,
      Device device,
      DataTensors home) {
    var reader =
        new TextInputs(
            vectors, network.maxTokens(), seed, device, home, texts.sources(), texts.remarks());
    return new NetworkTexts(
        network,
        vectors,
        reader.read(network.encoder(), examples).of(examples),
        device,
        home,
        texts.sources(),
        texts.remarks());
  }

  /** The network with a head of so many outputs. */
  public Classifier classifier(int outputs) {
    return network.classifier(encoded, outputs);
  }

  /**
   * A model of these texts.
   *
   * @param problem what it is the solution of
   * @param outputs of the network's head
   * @param meaning what the outputs mean
   */
  public TextModel model(
      String problem,
      Classifier classifier,
      int outputs,
      Tensor parameters,
      Map<String, Object> meaning) {
    var facts = new LinkedHashMap<String, Object>();
    facts.put("problem", problem);
    facts.put("task", "classification");
    facts.putAll(network.facts(vectors));
    facts.put("classifier", network.blueprint(outputs));
    facts.putAll(meaning);
    return new TextModel(classifier, parameters, encoded, facts);
  }

  /** What the network reads of some examples. */
  public Input batch(int[] numbers) {
    return encoded.inputs().batch(numbers);
  }

  /** Outputs of a model for some examples, one row each, without a graph and in small parts. */
  public Tensor outputs(int[] numbers, Function<Input, Tensor> model) {
    var chunks = new ArrayList<Tensor>();
    int size = EvaluationChunk.texts(CHUNK, network.maxTokens(), network.options().hidden());
    for (int from = 0; from < numbers.length; from += size) {
      Iterations.next("evaluating texts", from, numbers.length);
      int[] chunk = Arrays.copyOfRange(numbers, from, Math.min(numbers.length, from + size));
      chunks.add(StateScope.nested(() -> model.apply(batch(chunk)).detach()));
    }
    return torch.cat(new TensorVector(chunks.toArray(new Tensor[0])), 0);
  }
}
