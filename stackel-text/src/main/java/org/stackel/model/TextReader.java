package org.stackel.model;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;
import org.stackel.config.InvalidInputException;
import org.stackel.tensor.Device;
import org.stackel.tensor.Tensors;
import org.stackel.text.Example;
import org.stackel.text.MeanVectors;
import org.stackel.text.SubwordTokenizer;
import org.stackel.text.TextFeatures;
import org.stackel.text.TfIdf;
import org.stackel.text.Tokenizer;
import org.stackel.text.Vocabulary;
import org.stackel.text.WordVectors;

/** Reads texts as those were read that a stored model was trained on. */
final class TextReader implements AutoCloseable {
  private final TextReading reading;
  private final Device device;
  private final Function<List<Example>, Inputs> inputs;
  private final @Nullable SubwordTokenizer tokenizer;
  private final int width;

  /**
   * @param words one line each of {@code vocabulary.txt}
   * @param tensors of {@code weights.safetensors}
   * @param json the tokenizer; null without one
   */
  TextReader(
      TextReading reading,
      List<String> words,
      Map<String, Tensor> tensors,
      @Nullable String json,
      Device device) {
    this.reading = reading;
    this.device = device;
    tokenizer =
        json == null ? null : SubwordTokenizer.of(json, "tokenizer.json", reading.maxTokens());
    switch (reading.kind()) {
      case MEAN_VECTORS -> {
        WordVectors vectors = vectors(words, tensors);
        var scaling =
            new TextFeatures.Scaling(numbers(reading.mean()), numbers(reading.deviation()));
        width = vectors.dimension() + 1;
        if (scaling.mean().length != vectors.dimension()
            || scaling.deviation().length != vectors.dimension()) {
          throw broken("'mean' and 'deviation' do not fit its word vectors");
        }
        inputs = texts -> averaged(texts, vectors, scaling);
      }
      case WORD_VECTORS -> {
        WordVectors vectors = vectors(words, tensors);
        width = vectors.dimension();
        inputs = texts -> paired(texts, some -> sequences(some, vectors));
      }
      case WEIGHTED_COUNTS -> {
        double[] weights = Tensors.toArray(tensor(tensors, "wordWeights"));
        if (weights.length != words.size()) {
          throw broken("its vocabulary does not fit the weights");
        }
        TfIdf tfIdf = TfIdf.of(words, weights);
        width = words.size() + 1;
        inputs = texts -> new Inputs.Sparse(tfIdf.transform(TextInputs.words(texts)), device);
      }
      case WORDS -> {
        Vocabulary vocabulary = Vocabulary.of(words);
        width = 1;
        inputs = texts -> paired(texts, some -> numbered(some, vocabulary));
      }
      case TOKENIZER -> {
        SubwordTokenizer own = tokenizer;
        if (own == null) {
          throw broken("its tokenizer.json is missing");
        }
        width = 1;
        inputs = texts -> subwords(texts, own);
      }
      default -> throw new AssertionError(reading.kind());
    }
  }

  private static double[] numbers(List<Double> numbers) {
    return numbers.stream().mapToDouble(Double::doubleValue).toArray();
  }

  private static Tensor tensor(Map<String, Tensor> tensors, String name) {
    Tensor tensor = tensors.get(name);
    if (tensor == null) {
      throw broken("its weights lack '%s'".formatted(name));
    }
    return tensor;
  }

  private static InvalidInputException broken(String why) {
    return ModelFolder.broken(Path.of(ModelFolder.CONFIG), why);
  }

  private WordVectors vectors(List<String> words, Map<String, Tensor> tensors) {
    boolean areBuiltIn = reading.vectors().equalsIgnoreCase(TextInputs.BUILT_IN);
    return new StoredVectors(
        words, tensor(tensors, "wordVectors"), areBuiltIn ? WordVectors.builtIn() : null);
  }

  /** Numbers of what is read at one place of a text. */
  int width() {
    return width;
  }

  /** Whether an example is two texts. */
  boolean readsPairs() {
    return reading.pairs() || reading.joined();
  }

  /** What a model reads of these texts, in the open scope. */
  Input read(List<Example> texts) {
    return inputs.apply(texts).all();
  }

  private Inputs averaged(List<Example> texts, WordVectors vectors, TextFeatures.Scaling scaling) {
    MeanVectors means = MeanVectors.of(TextInputs.words(texts), vectors);
    return new Inputs.Dense(scaling.apply(means, device), device);
  }

  /** Of the texts, or of the first and the second ones. */
  private Inputs paired(List<Example> texts, Function<List<List<String>>, Inputs> single) {
    if (!reading.pairs()) {
      return single.apply(TextInputs.words(texts));
    }
    return new Inputs.Pair(
        single.apply(texts.stream().map(text -> Tokenizer.words(text.text())).toList()),
        single.apply(
            texts.stream().map(text -> Tokenizer.words(TextInputs.second(text))).toList()));
  }

  private Inputs sequences(List<List<String>> words, WordVectors vectors) {
    List<List<String>> known = words.stream().map(vectors::known).toList();
    Vocabulary vocabulary = Vocabulary.of(known, 1, Integer.MAX_VALUE);
    var tokens = TextFeatures.tokens(known, vocabulary, reading.maxTokens(), device);
    return new Inputs.Sequence(
        tokens.ids(), tokens.lengths(), TextFeatures.table(vocabulary, vectors, device), device);
  }

  private Inputs numbered(List<List<String>> words, Vocabulary vocabulary) {
    String first = reading.first();
    if (first.isEmpty()) {
      return new Inputs.Tokens(TextFeatures.ids(words, vocabulary, reading.maxTokens()), device);
    }
    return new Inputs.Tokens(
        words.stream()
            .map(
                text ->
                    IntStream.concat(
                            IntStream.of(vocabulary.id(first)),
                            text.stream().limit(reading.maxTokens() - 1L).mapToInt(vocabulary::id))
                        .toArray())
            .toList(),
        device);
  }

  private Inputs subwords(List<Example> texts, SubwordTokenizer own) {
    if (!reading.pairs()) {
      return new Inputs.Tokens(own.ids(texts.stream().map(TextInputs::joined).toList()), device);
    }
    var first = new ArrayList<String>();
    var second = new ArrayList<String>();
    for (Example text : texts) {
      first.add(text.text());
      second.add(TextInputs.second(text));
    }
    return new Inputs.Pair(
        new Inputs.Tokens(own.ids(first), device), new Inputs.Tokens(own.ids(second), device));
  }

  @Override
  public void close() {
    if (tokenizer != null) {
      tokenizer.close();
    }
  }
}
