package org.stackel.problem;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;
import org.stackel.config.InvalidInputException;
import org.stackel.data.Classes;
import org.stackel.data.Example;
import org.stackel.data.FewShotTasks;
import org.stackel.data.Sha256;
import org.stackel.data.SubwordTokenizer;
import org.stackel.data.TextFeatures;
import org.stackel.data.TextSet;
import org.stackel.data.Tokenizer;
import org.stackel.data.Vocabulary;
import org.stackel.data.WordNetText;
import org.stackel.data.WordVectors;
import org.stackel.model.Inputs;
import org.stackel.model.MiniLm;
import org.stackel.tensor.DataTensors;
import org.stackel.tensor.Device;
import org.stackel.tensor.Seed;

/** From labelled texts to the tasks of {@link HyperRepresentation}. */
final class FewShotTexts {
  /** All of WordNet's topics. */
  private static final int TOPICS = 40;

  private static final int RANDOM_WIDTH = 100;

  /** What a transformer finds in front of a text; no text has such a word. */
  private static final String FIRST = "[CLS]";

  private final HyperRepresentation options;
  private final Seed seed;
  private final Device device;
  private final DataTensors home;
  private final Map<String, String> sources = new LinkedHashMap<>();
  private final List<String> remarks = new ArrayList<>();

  private FewShotTexts(HyperRepresentation options, Seed seed, Device device, DataTensors home) {
    this.options = options;
    this.seed = seed;
    this.device = device;
    this.home = home;
  }

  static FewShotData load(HyperRepresentation options, Seed seed, Device device, DataTensors home) {
    return new FewShotTexts(options, seed, device, home).load();
  }

  private FewShotData load() {
    var all = new ArrayList<>(source());
    int fromData = all.size();
    all.addAll(file(options.test(), "test"));
    FewShotTasks.Pools pools = pools(all, fromData);
    Classes classes = Classes.of(all);
    FewShotTasks train = draw(all, pools.train(), classes, options.tasks(), "tasks");
    FewShotTasks test = draw(all, pools.test(), classes, options.testTasks(), "test-tasks");
    if (!pools.heldOut().isEmpty()) {
      remarks.add("Test tasks are drawn from %s.".formatted(String.join(", ", pools.heldOut())));
    }
    return encode(all, train, test);
  }

  private FewShotTasks.Pools pools(List<Example> all, int fromData) {
    if (fromData < all.size()) {
      return new FewShotTasks.Pools(
          IntStream.range(0, fromData).toArray(),
          IntStream.range(fromData, all.size()).toArray(),
          List.of());
    }
    return FewShotTasks.split(
        all,
        options.shape(),
        options.split(),
        options.heldOut(),
        options.testShare(),
        seed.child("split"));
  }

  private FewShotTasks draw(
      List<Example> all, int[] pool, Classes classes, int count, String role) {
    return FewShotTasks.draw(
        all, pool, options.shape(), options.split(), classes, count, seed.child(role));
  }

  private List<Example> source() {
    if (options.data().equals("wordnet")) {
      return WordNetText.topics(TOPICS, options.perClass(), seed.child("topics"));
    }
    List<Example> examples = file(options.data(), "data");
    if (examples.isEmpty()) {
      throw new InvalidInputException(
              "The data of hyper-representation must be given.", "'wordnet' or a file was meant.")
          .atKey("data");
    }
    return examples;
  }

  private List<Example> file(String name, String role) {
    if (name.isEmpty()) {
      return List.of();
    }
    try {
      TextSet set = options.source(name).read();
      set.requireTwoClasses();
      sources.putAll(set.sources());
      remarks.addAll(set.remarks());
      return set.examples();
    } catch (InvalidInputException e) {
      throw e.atKey(role);
    }
  }

  /** Encodes what the tasks use. */
  private FewShotData encode(List<Example> all, FewShotTasks train, FewShotTasks test) {
    int[] used =
        IntStream.concat(Arrays.stream(train.examples()), Arrays.stream(test.examples()))
            .distinct()
            .sorted()
            .toArray();
    var first = new ArrayList<List<String>>();
    var second = new ArrayList<List<String>>();
    for (int number : used) {
      Example example = all.get(number);
      first.add(Tokenizer.words(example.text()));
      if (example.text2() != null) {
        second.add(Tokenizer.words(example.text2()));
      }
    }
    boolean hasPairs = !second.isEmpty();
    if (hasPairs && second.size() < first.size()) {
      throw new InvalidInputException(
              "%d of %d examples have a second text; all or none must have one."
                  .formatted(second.size(), first.size()),
              "data and test have other columns.")
          .atKey("text2");
    }
    List<List<String>> words = Stream.of(first, second).flatMap(List::stream).toList();
    WordVectors vectors = vectors(words);
    // Words without a vector are left out, so that they do not use up a text's first words.
    List<List<String>> known = words.stream().map(vectors::known).toList();
    remark(words, known);
    Vocabulary vocabulary = Vocabulary.of(known, 1, Integer.MAX_VALUE);
    Tensor table = home.keep(TextFeatures.table(vocabulary, vectors, device));
    Function<List<List<String>>, Inputs> asVectors = texts -> sequences(texts, vocabulary, table);
    Inputs sequences = inputs(known, used.length, asVectors);
    Tokens tokens =
        isTransformer()
            ? tokens(all, used, words, hasPairs)
            : new Tokens(sequences, vocabulary.size(), vocabulary.words());
    return new FewShotData(
        tokens.inputs(),
        sequences,
        tokens.vocabulary(),
        hasPairs,
        train.renumbered(number -> Arrays.binarySearch(used, number)),
        test.renumbered(number -> Arrays.binarySearch(used, number)),
        Map.copyOf(sources),
        tokens.words(),
        List.copyOf(remarks));
  }

  /** What an encoder reads of single texts, or of the first texts and the second ones. */
  private static Inputs inputs(
      List<List<String>> texts, int examples, Function<List<List<String>>, Inputs> encoding) {
    Inputs first = encoding.apply(texts.subList(0, examples));
    return texts.size() == examples
        ? first
        : new Inputs.Pair(first, encoding.apply(texts.subList(examples, texts.size())));
  }

  private boolean isTransformer() {
    return options.encoder() == HyperRepresentation.EncoderKind.TRANSFORMER
        || options.encoder() == HyperRepresentation.EncoderKind.MINILM;
  }

  /**
   * What an encoder reads.
   *
   * @param inputs of all examples
   * @param vocabulary how many different tokens there may be
   * @param words those that are words of the texts
   */
  private record Tokens(Inputs inputs, int vocabulary, List<String> words) {}

  private Tokens tokens(List<Example> all, int[] used, List<List<String>> words, boolean hasPairs) {
    boolean isOwn =
        options.tokenizer().isEmpty()
            && options.encoder() == HyperRepresentation.EncoderKind.TRANSFORMER;
    if (!isOwn) {
      return subwords(all, used, hasPairs);
    }
    var own =
        Vocabulary.of(
            Stream.concat(
                    Stream.of(FIRST), Vocabulary.of(words, 1, Integer.MAX_VALUE).words().stream())
                .toList());
    return new Tokens(
        inputs(words, used.length, texts -> ids(texts, own)), own.size(), own.words());
  }

  private Inputs ids(List<List<String>> texts, Vocabulary vocabulary) {
    return new Inputs.Tokens(
        texts.stream()
            .map(
                text ->
                    IntStream.concat(
                            IntStream.of(vocabulary.id(FIRST)),
                            text.stream().limit(options.maxTokens()).mapToInt(vocabulary::id))
                        .toArray())
            .toList(),
        device);
  }

  private Tokens subwords(List<Example> all, int[] used, boolean hasPairs) {
    try (SubwordTokenizer tokenizer = tokenizer()) {
      Inputs first =
          new Inputs.Tokens(
              tokenizer.ids(Arrays.stream(used).mapToObj(i -> all.get(i).text()).toList()), device);
      if (!hasPairs) {
        return new Tokens(first, tokenizer.size(), List.of());
      }
      var second =
          Arrays.stream(used).mapToObj(i -> Objects.requireNonNull(all.get(i).text2())).toList();
      return new Tokens(
          new Inputs.Pair(first, new Inputs.Tokens(tokenizer.ids(second), device)),
          tokenizer.size(),
          List.of());
    }
  }

  private SubwordTokenizer tokenizer() {
    String name = options.tokenizer();
    if (options.encoder() == HyperRepresentation.EncoderKind.MINILM || name.equals("minilm")) {
      return MiniLm.tokenizer(options.maxTokens() + 1);
    }
    try {
      Path file = Path.of(name);
      sources.put(name, Sha256.of(file));
      return SubwordTokenizer.read(file, options.maxTokens() + 1);
    } catch (InvalidInputException e) {
      throw e.atKey("tokenizer");
    }
  }

  private Inputs sequences(List<List<String>> texts, Vocabulary vocabulary, Tensor table) {
    var tokens = TextFeatures.tokens(texts, vocabulary, options.maxTokens(), device);
    return new Inputs.Sequence(home.keep(tokens.ids()), home.keep(tokens.lengths()), table, device);
  }

  private void remark(List<List<String>> words, List<List<String>> known) {
    long total = words.stream().mapToLong(List::size).sum();
    long kept = known.stream().mapToLong(List::size).sum();
    remarks.add(
        "%.1f %% of the words have a vector; %d of %d texts have no such word."
            .formatted(
                total == 0 ? 100 : 100.0 * kept / total,
                known.stream().filter(List::isEmpty).count(),
                known.size()));
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
