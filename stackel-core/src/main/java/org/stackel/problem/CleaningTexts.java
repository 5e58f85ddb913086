package org.stackel.problem;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.stackel.config.InvalidInputException;
import org.stackel.data.Classes;
import org.stackel.data.Example;
import org.stackel.data.MeanVectors;
import org.stackel.data.Sha256;
import org.stackel.data.TextFeatures;
import org.stackel.data.TextSet;
import org.stackel.data.TfIdf;
import org.stackel.data.Tokenizer;
import org.stackel.data.Vocabulary;
import org.stackel.data.WordNetText;
import org.stackel.data.WordVectors;
import org.stackel.model.Inputs;
import org.stackel.tensor.DataTensors;
import org.stackel.tensor.Device;
import org.stackel.tensor.Seed;
import org.stackel.tensor.Tensors;

/** From texts with labels to what {@link DataCleaning} trains on. */
final class CleaningTexts {
  private static final int TOPICS = 38;
  private static final int TEXTS_A_TOPIC = 400;
  private static final int RANDOM_WIDTH = 100;
  private static final int MIN_TEXTS_OF_A_WORD = 2;

  private final DataCleaning options;
  private final Seed seed;
  private final Map<String, String> sources = new LinkedHashMap<>();
  private final List<String> remarks = new ArrayList<>();

  private CleaningTexts(DataCleaning options, Seed seed) {
    this.options = options;
    this.seed = seed;
  }

  static CleaningData load(DataCleaning options, Seed seed, Device device, DataTensors home) {
    return new CleaningTexts(options, seed).load(device, home);
  }

  private CleaningData load(Device device, DataTensors home) {
    List<TextSet.Entry> all = source();
    List<TextSet.Entry> trusted = new ArrayList<>(file(options.trusted(), "trusted"));
    List<TextSet.Entry> test = new ArrayList<>(file(options.test(), "test"));
    int fromData =
        (trusted.isEmpty() ? options.trustedSize() : 0) + (test.isEmpty() ? options.testSize() : 0);
    int left = all.size() - fromData;
    int train = options.trainSize() == 0 ? left : options.trainSize();
    if (train > left || left < 2) {
      throw new InvalidInputException(
              "The data has %d examples; %d for trusted and test sets and %d to train on must not be more."
                  .formatted(all.size(), fromData, Math.max(train, 2)),
              "smaller trustedSize, testSize and trainSize fit; trainSize 0 takes all that are left.")
          .atKey("trainSize");
    }
    int[] order = seed.child("split").permutation(all.size());
    int next = 0;
    if (trusted.isEmpty()) {
      trusted = take(all, order, next, options.trustedSize());
      next += options.trustedSize();
    }
    if (test.isEmpty()) {
      test = take(all, order, next, options.testSize());
      next += options.testSize();
    }
    List<TextSet.Entry> training = take(all, order, next, train);
    return encode(training, trusted, test, classes(all, trusted, test), device, home);
  }

  private static List<TextSet.Entry> take(
      List<TextSet.Entry> all, int[] order, int from, int count) {
    return Arrays.stream(order, from, from + count).mapToObj(all::get).toList();
  }

  private List<TextSet.Entry> source() {
    if (options.data().equals("wordnet")) {
      List<Example> topics = WordNetText.topics(TOPICS, TEXTS_A_TOPIC, seed.child("topics"));
      var placed = new ArrayList<TextSet.Entry>();
      for (Example topic : topics) {
        int row = placed.size() + 1;
        placed.add(new TextSet.Entry(topic, "wordnet", row));
      }
      return placed;
    }
    List<TextSet.Entry> placed = file(options.data(), "data");
    if (placed.isEmpty()) {
      throw new InvalidInputException(
              "The data of data-cleaning must be given.", "'wordnet' or a file was meant.")
          .atKey("data");
    }
    return placed;
  }

  private List<TextSet.Entry> file(String name, String role) {
    if (name.isEmpty()) {
      return List.of();
    }
    TextSet set;
    try {
      set = options.source(name).read();
    } catch (InvalidInputException e) {
      throw e.atKey(role);
    }
    if (role.equals("data")) {
      set.requireClasses();
    } else {
      set.requireTwoClasses();
    }
    sources.putAll(set.sources());
    remarks.addAll(set.remarks());
    return set.entries();
  }

  /** The classes of the data; files of trusted and test examples may have no others. */
  private static Classes classes(
      List<TextSet.Entry> all, List<TextSet.Entry> trusted, List<TextSet.Entry> test) {
    Classes classes = Classes.of(all.stream().map(TextSet.Entry::example).toList());
    for (List<TextSet.Entry> others : List.of(trusted, test)) {
      for (TextSet.Entry other : others) {
        try {
          classes.id(other.example().label());
        } catch (InvalidInputException e) {
          throw e.at(other.place());
        }
      }
    }
    return classes;
  }

  private CleaningData encode(
      List<TextSet.Entry> training,
      List<TextSet.Entry> trusted,
      List<TextSet.Entry> test,
      Classes classes,
      Device device,
      DataTensors home) {
    var all = new ArrayList<>(training);
    all.addAll(trusted);
    all.addAll(test);
    int[] truth = classes.ids(all.stream().map(TextSet.Entry::example).toList());
    int n = training.size();
    int[] given =
        options
            .noise()
            .apply(
                Arrays.copyOf(truth, n), classes.size(), options.noiseRate(), seed.child("noise"));
    boolean[] flipped = new boolean[n];
    boolean anyFlipped = false;
    for (int i = 0; i < n; i++) {
      flipped[i] = given[i] != truth[i];
      anyFlipped |= flipped[i];
    }
    int[] labels = truth.clone();
    System.arraycopy(given, 0, labels, 0, n);
    List<List<String>> words = all.stream().map(p -> Tokenizer.words(whole(p.example()))).toList();
    Encoded encoded = inputs(words, n, device, home);
    return new CleaningData(
        encoded.inputs(),
        labels,
        home.keep(Tensors.indices(device, labels)),
        anyFlipped ? flipped : null,
        n,
        trusted.size(),
        test.size(),
        classes.names(),
        training.stream().map(p -> p.example().text()).toList(),
        training.stream().mapToInt(TextSet.Entry::line).toArray(),
        Map.copyOf(sources),
        encoded.encoding(),
        List.copyOf(remarks));
  }

  private static String whole(Example example) {
    return example.text2() == null ? example.text() : example.text() + " " + example.text2();
  }

  private record Encoded(Inputs inputs, CleaningData.Encoding encoding) {}

  private Encoded inputs(List<List<String>> words, int train, Device device, DataTensors home) {
    if (options.vectors().equals("tfidf")) {
      return counted(words, train, device, home);
    }
    WordVectors vectors = vectors(words);
    return options.model() == DataCleaning.Model.LINEAR
        ? averaged(words, vectors, train, device, home)
        : sequences(words, vectors, device, home);
  }

  private static Encoded counted(
      List<List<String>> words, int train, Device device, DataTensors home) {
    TfIdf tfIdf = TfIdf.fit(words.subList(0, train), MIN_TEXTS_OF_A_WORD);
    Tensor weights = home.keep(Tensors.of(device, tfIdf.weights(), tfIdf.words().size()));
    return new Encoded(
        new Inputs.Sparse(tfIdf.transform(words), device),
        new CleaningData.Encoding(tfIdf.words(), Map.of("wordWeights", weights)));
  }

  private Encoded averaged(
      List<List<String>> words, WordVectors vectors, int train, Device device, DataTensors home) {
    MeanVectors means = MeanVectors.of(words, vectors);
    remark(means.coverage(), means.unknown(), words.size());
    var scaling = TextFeatures.Scaling.of(MeanVectors.of(words.subList(0, train), vectors));
    return new Encoded(
        home.keep(new Inputs.Dense(scaling.apply(means, device), device)),
        new CleaningData.Encoding(
            List.of(),
            Map.of(
                "mean", home.keep(Tensors.of(device, scaling.mean())),
                "deviation", home.keep(Tensors.of(device, scaling.deviation())))));
  }

  private Encoded sequences(
      List<List<String>> words, WordVectors vectors, Device device, DataTensors home) {
    // Words without a vector are left out, so that they do not use up a text's first words.
    List<List<String>> known = words.stream().map(vectors::known).toList();
    long total = words.stream().mapToLong(List::size).sum();
    long kept = known.stream().mapToLong(List::size).sum();
    remark(
        total == 0 ? 1 : (double) kept / total,
        (int) known.stream().filter(List::isEmpty).count(),
        words.size());
    Vocabulary vocabulary = Vocabulary.of(known, 1, Integer.MAX_VALUE);
    var tokens = TextFeatures.tokens(known, vocabulary, options.maxTokens(), device);
    Tensor table = home.keep(TextFeatures.table(vocabulary, vectors, device));
    return new Encoded(
        new Inputs.Sequence(home.keep(tokens.ids()), home.keep(tokens.lengths()), table, device),
        new CleaningData.Encoding(vocabulary.words(), Map.of("wordVectors", table)));
  }

  private void remark(double coverage, int unknown, int texts) {
    remarks.add(
        "%s of the words have a vector; %d of %d texts have no such word."
            .formatted("%.1f %%".formatted(100 * coverage), unknown, texts));
  }

  private WordVectors vectors(List<List<String>> words) {
    return switch (options.vectors().toLowerCase(Locale.ROOT)) {
      case "glove" -> WordVectors.builtIn();
      case "random" -> WordVectors.random(seed.child("vectors"), RANDOM_WIDTH);
      default -> fromFile(words);
    };
  }

  private WordVectors fromFile(List<List<String>> words) {
    Path file = Path.of(options.vectors());
    try {
      var wanted = new HashSet<String>();
      words.forEach(wanted::addAll);
      WordVectors vectors = WordVectors.read(file, wanted);
      sources.put(options.vectors(), Sha256.of(file));
      return vectors;
    } catch (InvalidInputException e) {
      throw e.atKey("vectors");
    }
  }
}
