package org.stackel.fewshot;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.stackel.config.InvalidInputException;
import org.stackel.data.Classes;
import org.stackel.data.Sha256;
import org.stackel.model.EncodedTexts;
import org.stackel.model.Inputs;
import org.stackel.model.MiniLm;
import org.stackel.model.TextEncoder;
import org.stackel.model.TextInputs;
import org.stackel.model.TextReading;
import org.stackel.tensor.DataTensors;
import org.stackel.tensor.Device;
import org.stackel.tensor.Seed;
import org.stackel.text.Example;
import org.stackel.text.LabelledTexts;
import org.stackel.text.SubwordTokenizer;
import org.stackel.text.TextSet;
import org.stackel.text.Tokenizer;
import org.stackel.text.Vocabulary;

/** From labelled texts to the tasks of {@link HyperRepresentation}. */
final class FewShotTexts {
  /** All of WordNet's topics. */
  private static final int TOPICS = 40;

  /** What a transformer finds in front of a text; no text has such a word. */
  static final String FIRST = "[CLS]";

  private final HyperRepresentation options;
  private final TextEncoder.Reads reads;
  private final Seed seed;
  private final Device device;
  private final Map<String, String> sources = new LinkedHashMap<>();
  private final List<String> remarks = new ArrayList<>();
  private final TextInputs reader;

  private FewShotTexts(HyperRepresentation options, Seed seed, Device device, DataTensors home) {
    this.options = options;
    reads = options.network().encoder().reads();
    this.seed = seed;
    this.device = device;
    reader =
        new TextInputs(
            options.tokens().vectors(),
            options.tokens().maxTokens(),
            seed,
            device,
            home,
            sources,
            remarks);
  }

  static FewShotData load(HyperRepresentation options, Seed seed, Device device, DataTensors home) {
    return new FewShotTexts(options, seed, device, home).load();
  }

  private FewShotData load() {
    var all = new ArrayList<>(source());
    int fromData = all.size();
    all.addAll(file(options.texts().test(), "test"));
    FewShotTasks.Pools pools = pools(all, fromData);
    Classes classes = Classes.of(Example.labels(all));
    int validationTasks = options.sizes().validationTasks();
    FewShotTasks.Pools learned =
        validationTasks == 0
            ? new FewShotTasks.Pools(pools.train(), new int[0], List.of())
            : forValidation(all, pools.train());
    FewShotTasks train = draw(all, learned.train(), classes, options.sizes().tasks(), "tasks");
    FewShotTasks validation =
        validationTasks == 0
            ? null
            : draw(all, learned.test(), classes, validationTasks, "validation-tasks");
    FewShotTasks test = draw(all, pools.test(), classes, options.sizes().testTasks(), "test-tasks");
    if (!pools.heldOut().isEmpty()) {
      remarks.add("Test tasks are drawn from %s.".formatted(String.join(", ", pools.heldOut())));
    }
    if (!learned.heldOut().isEmpty()) {
      remarks.add(
          "Validation tasks are drawn from %s.".formatted(String.join(", ", learned.heldOut())));
    }
    boolean areNamed = options.division().split() != FewShotTasks.Split.CLASSES;
    return encode(all, train, validation, test, areNamed ? classes.names() : List.of());
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
        options.division().split(),
        options.division().heldOut(),
        options.division().testShare(),
        seed.child("split"));
  }

  /** What training and test tasks have not in common, training and validation tasks have not. */
  private FewShotTasks.Pools forValidation(List<Example> all, int[] pool) {
    FewShotTasks.Pools parts =
        FewShotTasks.split(
            Arrays.stream(pool).mapToObj(all::get).toList(),
            options.shape(),
            options.division().split(),
            List.of(),
            options.division().validationShare(),
            seed.child("validation-split"));
    return new FewShotTasks.Pools(
        Arrays.stream(parts.train()).map(i -> pool[i]).toArray(),
        Arrays.stream(parts.test()).map(i -> pool[i]).toArray(),
        parts.heldOut());
  }

  private FewShotTasks draw(
      List<Example> all, int[] pool, Classes classes, int count, String role) {
    return FewShotTasks.draw(
        all, pool, options.shape(), options.division().split(), classes, count, seed.child(role));
  }

  private List<Example> source() {
    List<Example> builtIn =
        LabelledTexts.builtIn(options.texts().data(), TOPICS, options.division().perClass(), seed);
    if (builtIn != null) {
      return builtIn;
    }
    List<Example> examples = file(options.texts().data(), "data");
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
      TextSet set = options.texts().source(name).read();
      set.requireTwoClasses();
      sources.putAll(set.sources());
      remarks.addAll(set.remarks());
      return set.examples();
    } catch (InvalidInputException e) {
      throw e.atKey(role);
    }
  }

  /** Encodes what the tasks use. */
  private FewShotData encode(
      List<Example> all,
      FewShotTasks train,
      @Nullable FewShotTasks validation,
      FewShotTasks test,
      List<String> classes) {
    int[] used =
        Stream.of(train, validation, test)
            .filter(Objects::nonNull)
            .flatMapToInt(tasks -> Arrays.stream(tasks.examples()))
            .distinct()
            .sorted()
            .toArray();
    var first = new ArrayList<List<String>>();
    var second = new ArrayList<List<String>>();
    for (int number : used) {
      Example example = all.get(number);
      first.add(Tokenizer.words(example.text()));
      if (example.text2() != null || reads == TextEncoder.Reads.PAIRS) {
        second.add(Tokenizer.words(TextInputs.second(example)));
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
    EncodedTexts sequences = reader.sequences(words, used.length);
    EncodedTexts read = reads.isTokens() ? tokens(all, used, words, hasPairs) : sequences;
    return new FewShotData(
        read,
        sequences.inputs(),
        hasPairs,
        classes,
        train.renumbered(number -> Arrays.binarySearch(used, number)),
        validation == null
            ? null
            : validation.renumbered(number -> Arrays.binarySearch(used, number)),
        test.renumbered(number -> Arrays.binarySearch(used, number)),
        Map.copyOf(sources),
        List.copyOf(remarks));
  }

  private EncodedTexts tokens(
      List<Example> all, int[] used, List<List<String>> words, boolean hasPairs) {
    boolean isOwn = options.tokens().tokenizer().isEmpty() && reads == TextEncoder.Reads.WORDS;
    return isOwn ? ownTokens(words, used.length) : subwords(all, used, hasPairs);
  }

  private EncodedTexts ownTokens(List<List<String>> words, int examples) {
    var own =
        Vocabulary.of(
            Stream.concat(
                    Stream.of(FIRST), Vocabulary.of(words, 1, Integer.MAX_VALUE).words().stream())
                .toList());
    return EncodedTexts.tokens(
        TextInputs.paired(words, examples, texts -> ids(texts, own)),
        own.words(),
        own.size(),
        options.tokens().maxTokens() + 1,
        TextReading.of(
                TextReading.Kind.WORDS,
                "",
                options.tokens().maxTokens() + 1,
                words.size() > examples)
            .withFirst(FIRST));
  }

  private Inputs ids(List<List<String>> texts, Vocabulary vocabulary) {
    return new Inputs.Tokens(
        texts.stream()
            .map(
                text ->
                    IntStream.concat(
                            IntStream.of(vocabulary.id(FIRST)),
                            text.stream()
                                .limit(options.tokens().maxTokens())
                                .mapToInt(vocabulary::id))
                        .toArray())
            .toList(),
        device);
  }

  private EncodedTexts subwords(List<Example> all, int[] used, boolean hasPairs) {
    var texts = new ArrayList<String>();
    Arrays.stream(used).forEach(i -> texts.add(all.get(i).text()));
    if (hasPairs) {
      Arrays.stream(used).forEach(i -> texts.add(Objects.requireNonNull(all.get(i).text2())));
    }
    try (SubwordTokenizer tokenizer = tokenizer()) {
      remarks.addAll(tokenizer.remarks());
      return EncodedTexts.tokens(
          TextInputs.paired(
              texts, used.length, some -> new Inputs.Tokens(tokenizer.ids(some), device)),
          tokenizer,
          options.tokens().maxTokens() + 1,
          TextReading.of(TextReading.Kind.TOKENIZER, "", tokenizer.maxTokens(), hasPairs));
    }
  }

  private SubwordTokenizer tokenizer() {
    String name = options.tokens().tokenizer();
    if (reads == TextEncoder.Reads.MINILM_TOKENS || name.equals("minilm")) {
      return MiniLm.tokenizer(options.tokens().maxTokens() + 1);
    }
    try {
      Path file = Path.of(name);
      sources.put(name, Sha256.of(file));
      return SubwordTokenizer.read(file, options.tokens().maxTokens() + 1);
    } catch (InvalidInputException e) {
      throw e.atKey("tokenizer");
    }
  }
}
