package org.stackel.model;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import org.bytedeco.pytorch.Tensor;
import org.stackel.config.InvalidInputException;
import org.stackel.data.Sha256;
import org.stackel.tensor.DataTensors;
import org.stackel.tensor.Device;
import org.stackel.tensor.Seed;
import org.stackel.tensor.Tensors;
import org.stackel.text.Example;
import org.stackel.text.MeanVectors;
import org.stackel.text.SubwordTokenizer;
import org.stackel.text.TextFeatures;
import org.stackel.text.TfIdf;
import org.stackel.text.Tokenizer;
import org.stackel.text.Vocabulary;
import org.stackel.text.WordVectors;

/**
 * From texts to what a model reads.
 *
 * @param vectors {@code glove}, {@code random}, or a GloVe text file
 * @param maxTokens words of a text that are read
 * @param seed of random vectors
 * @param device where tensors go
 * @param home keeps them
 * @param sources gets the hash of a file of vectors
 * @param remarks gets what a reader should know
 */
public record TextInputs(
    String vectors,
    int maxTokens,
    Seed seed,
    Device device,
    DataTensors home,
    Map<String, String> sources,
    List<String> remarks) {
  /** The name of the vectors that Stackel brings. */
  static final String BUILT_IN = "glove";

  private static final int RANDOM_WIDTH = 100;
  private static final int MIN_TEXTS_OF_A_WORD = 2;

  /** Share of the words that must have a vector: with fewer nothing can be learned. */
  private static final double LEAST_COVERAGE = 0.05;

  /** What an encoder of this kind reads of examples. */
  public EncodedTexts read(TextEncoder kind, List<Example> examples) {
    return switch (kind.reads()) {
      case WORD_VECTORS -> sequences(words(examples));
      case PAIRS -> pairs(examples);
      case WORDS -> tokens(words(examples));
      case MINILM_TOKENS -> subwords(examples);
    };
  }

  /** The words of texts; those of pairs one after the other. */
  public static List<List<String>> words(List<Example> examples) {
    return examples.stream().map(example -> Tokenizer.words(joined(example))).toList();
  }

  /** The text, or both texts of a pair one after the other. */
  static String joined(Example example) {
    return example.text2() == null ? example.text() : example.text() + " " + example.text2();
  }

  /** Words that occur often enough, weighted. */
  public EncodedTexts counted(List<List<String>> words, int train) {
    TfIdf tfIdf = TfIdf.fit(words.subList(0, train), MIN_TEXTS_OF_A_WORD);
    Tensor weights = home.keep(Tensors.of(device, tfIdf.weights(), tfIdf.words().size()));
    return EncodedTexts.vectors(
        new Inputs.Sparse(tfIdf.transform(words), device),
        tfIdf.words(),
        Map.of("wordWeights", weights),
        TextReading.of(TextReading.Kind.WEIGHTED_COUNTS, "", 0, false));
  }

  /** Mean word vectors, scaled as the first texts ask for. */
  public EncodedTexts averaged(List<List<String>> words, int train) {
    WordVectors found = find(words);
    MeanVectors means = MeanVectors.of(words, found);
    remark(means.coverage(), means.unknown(), words.size());
    var scaling = TextFeatures.Scaling.of(means, train);
    Vocabulary vocabulary =
        Vocabulary.of(words.stream().map(found::known).toList(), 1, Integer.MAX_VALUE);
    return EncodedTexts.vectors(
        home.keep(new Inputs.Dense(scaling.apply(means, device), device)),
        vocabulary.words(),
        Map.of(
            "wordVectors", home.keep(TextFeatures.table(vocabulary, found, device)),
            "mean", home.keep(Tensors.of(device, scaling.mean())),
            "deviation", home.keep(Tensors.of(device, scaling.deviation()))),
        TextReading.of(TextReading.Kind.MEAN_VECTORS, vectors, 0, false)
            .withScaling(numbers(scaling.mean()), numbers(scaling.deviation())));
  }

  private static List<Double> numbers(double[] numbers) {
    return Arrays.stream(numbers).boxed().toList();
  }

  /** Sequences of word vectors. */
  public EncodedTexts sequences(List<List<String>> words) {
    return sequences(words, words.size());
  }

  /**
   * Sequences of word vectors.
   *
   * @param texts the texts; those behind the first ones are second texts of pairs
   * @param examples how many first ones there are
   */
  public EncodedTexts sequences(List<List<String>> texts, int examples) {
    WordVectors found = find(texts);
    List<List<String>> known = known(texts, found);
    Vocabulary vocabulary = Vocabulary.of(known, 1, Integer.MAX_VALUE);
    Tensor table = home.keep(TextFeatures.table(vocabulary, found, device));
    return EncodedTexts.vectors(
        paired(known, examples, some -> sequences(some, vocabulary, table)),
        vocabulary.words(),
        Map.of("wordVectors", table),
        TextReading.of(TextReading.Kind.WORD_VECTORS, vectors, maxTokens, texts.size() > examples));
  }

  /** What is read of single texts, or of the first texts and the second ones. */
  public static <T> Inputs paired(List<T> texts, int examples, Function<List<T>, Inputs> reading) {
    Inputs first = reading.apply(texts.subList(0, examples));
    return texts.size() == examples
        ? first
        : new Inputs.Pair(first, reading.apply(texts.subList(examples, texts.size())));
  }

  private Inputs sequences(List<List<String>> known, Vocabulary vocabulary, Tensor table) {
    var tokens = TextFeatures.tokens(known, vocabulary, maxTokens, device);
    return new Inputs.Sequence(home.keep(tokens.ids()), tokens.lengths(), table, device);
  }

  private EncodedTexts pairs(List<Example> examples) {
    var both = new ArrayList<List<String>>();
    examples.forEach(example -> both.add(Tokenizer.words(example.text())));
    for (Example example : examples) {
      both.add(Tokenizer.words(second(example)));
    }
    return sequences(both, examples.size());
  }

  /** The second text of a pair. */
  public static String second(Example example) {
    String second = example.text2();
    if (second == null) {
      throw new InvalidInputException(
              "The encoder pair reads two texts an example; '%s' stands alone."
                  .formatted(shortened(example.text())),
              "problem.text2 with the name of a column says where the second one is.")
          .atKey("text2");
    }
    return second;
  }

  private static String shortened(String text) {
    return text.length() <= 40 ? text : text.substring(0, 39) + "…";
  }

  /** Numbers of words, for models with vectors of their own. */
  private EncodedTexts tokens(List<List<String>> words) {
    Vocabulary vocabulary = Vocabulary.of(words, MIN_TEXTS_OF_A_WORD, Integer.MAX_VALUE);
    List<int[]> ids = TextFeatures.ids(words, vocabulary, maxTokens);
    return EncodedTexts.tokens(
        new Inputs.Tokens(ids, device),
        vocabulary.words(),
        vocabulary.size(),
        maxTokens,
        TextReading.of(TextReading.Kind.WORDS, "", maxTokens, false));
  }

  private EncodedTexts subwords(List<Example> examples) {
    try (SubwordTokenizer tokenizer = MiniLm.tokenizer(maxTokens)) {
      List<String> texts = examples.stream().map(TextInputs::joined).toList();
      return EncodedTexts.tokens(
          new Inputs.Tokens(tokenizer.ids(texts), device),
          tokenizer,
          maxTokens,
          TextReading.of(TextReading.Kind.TOKENIZER, "", tokenizer.maxTokens(), false));
    }
  }

  /** Words without a vector are left out, so that they do not use up a text's first words. */
  private List<List<String>> known(List<List<String>> words, WordVectors found) {
    List<List<String>> known = words.stream().map(found::known).toList();
    long total = words.stream().mapToLong(List::size).sum();
    long kept = known.stream().mapToLong(List::size).sum();
    remark(
        total == 0 ? 1 : (double) kept / total,
        (int) known.stream().filter(List::isEmpty).count(),
        words.size());
    return known;
  }

  private void remark(double coverage, int unknown, int texts) {
    if (coverage < LEAST_COVERAGE) {
      throw new InvalidInputException(
              "Only %.1f %% of the words have a vector in '%s'; at least %.0f %% must."
                  .formatted(100 * coverage, vectors, 100 * LEAST_COVERAGE),
              "the texts are in another language than the vectors: 'random' has a vector for every word, a file has those of the language, and linear models can count words with 'tfidf'.")
          .atKey("vectors");
    }
    remarks.add(
        "%s of the words have a vector; %d of %d texts have no such word."
            .formatted("%.1f %%".formatted(100 * coverage), unknown, texts));
  }

  private WordVectors find(List<List<String>> words) {
    return switch (vectors.toLowerCase(Locale.ROOT)) {
      case BUILT_IN -> WordVectors.builtIn();
      case "random" -> WordVectors.random(seed.child("vectors"), RANDOM_WIDTH);
      default -> fromFile(words);
    };
  }

  private WordVectors fromFile(List<List<String>> words) {
    Path file = Path.of(vectors);
    try {
      var wanted = new HashSet<String>();
      words.forEach(wanted::addAll);
      WordVectors found = WordVectors.read(file, wanted);
      remarks.addAll(found.remarks());
      sources.put(vectors, Sha256.of(file));
      return found;
    } catch (InvalidInputException e) {
      throw e.atKey("vectors");
    }
  }
}
