package org.stackel.cleaning;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.stackel.config.InvalidInputException;
import org.stackel.config.Options;
import org.stackel.data.Classes;
import org.stackel.data.Coverage;
import org.stackel.data.Duplicates;
import org.stackel.data.Stratified;
import org.stackel.model.EncodedTexts;
import org.stackel.model.TextEncoder;
import org.stackel.model.TextInputs;
import org.stackel.tensor.DataTensors;
import org.stackel.tensor.Device;
import org.stackel.tensor.Seed;
import org.stackel.tensor.Tensors;
import org.stackel.text.Example;
import org.stackel.text.LabelledTexts;
import org.stackel.text.TextSet;

/** From texts with labels to what {@link DataCleaning} trains on. */
final class CleaningTexts {
  private final DataCleaning options;
  private final Seed seed;
  private final Map<String, String> sources = new LinkedHashMap<>();
  private final List<String> remarks = new ArrayList<>();
  private final TextSet data;
  private final TextSet trustedFile;
  private final TextSet testFile;

  /** Reads the data, from which sets will be taken. */
  CleaningTexts(DataCleaning options, Seed seed) {
    this.options = options;
    this.seed = seed;
    TextSet all = source();
    trustedFile = file(options.texts().trusted(), "trusted");
    testFile = file(options.texts().test(), "test");
    data = apart(apart(all, trustedFile), testFile);
  }

  /** How many examples the data have. */
  int count() {
    return data.entries().size();
  }

  /** The data without what is in another set, if that is asked for. */
  private TextSet apart(TextSet all, TextSet other) {
    if (other.entries().isEmpty()) {
      return all;
    }
    Duplicates found =
        Duplicates.across(
            all.keyed(), other.keyed(), Duplicates.Handling.of(options.texts().reading().rules()));
    remarks.addAll(found.remarks());
    remarks.addAll(
        Coverage.remarks(
            other.name(), Example.labels(other.examples()), Example.labels(all.examples())));
    return all.rows(found.rows());
  }

  /**
   * The sets, as a model reads them.
   *
   * @param sized the options with sizes of all sets
   */
  CleaningData encode(DataCleaning sized, Device device, DataTensors home) {
    List<TextSet.Entry> all = data.entries();
    int trustedSize =
        trustedFile.entries().isEmpty() ? Objects.requireNonNull(sized.sizes().trustedSize()) : 0;
    int testSize =
        testFile.entries().isEmpty() ? Objects.requireNonNull(sized.sizes().testSize()) : 0;
    int fromData = trustedSize + testSize;
    int left = all.size() - fromData;
    int train = options.sizes().trainSize() == 0 ? left : options.sizes().trainSize();
    if (train > left || left < 2) {
      throw new InvalidInputException(
              "The data has %d examples; %d for trusted and test sets and %d to train on must not be more."
                  .formatted(all.size(), fromData, Math.max(train, 2)),
              "smaller trustedSize, testSize and trainSize fit; trainSize 0 takes all that are left.")
          .atKey("trainSize");
    }
    List<List<TextSet.Entry>> sets =
        data.isOwn() ? byClass(trustedSize, testSize) : inOrder(trustedSize, testSize);
    List<TextSet.Entry> trusted = trustedSize == 0 ? trustedFile.entries() : sets.get(0);
    List<TextSet.Entry> test = testSize == 0 ? testFile.entries() : sets.get(1);
    List<TextSet.Entry> training = sets.get(2);
    if (!options.texts().isEmbedded()) {
      remarkOnUse(training, all.size());
    }
    return encode(training, trusted, test, classes(all, trusted, test), device, home);
  }

  /** Sets of a user's own data, with the classes in the same shares. */
  private List<List<TextSet.Entry>> byClass(int trustedSize, int testSize) {
    List<TextSet.Entry> all = data.entries();
    List<String> labels = Example.labels(data.examples());
    int[] order = seed.child("split").permutation(all.size());
    int[][] sets =
        options.sizes().grouping() == DataCleaning.Grouping.TEXT
            ? Stratified.split(
                labels,
                data.examples().stream().map(Example::text).toList(),
                order,
                trustedSize,
                testSize)
            : Stratified.split(labels, order, trustedSize, testSize);
    int trainSize = options.sizes().trainSize();
    List<List<TextSet.Entry>> taken =
        Arrays.stream(sets).map(set -> Arrays.stream(set).mapToObj(all::get).toList()).toList();
    List<TextSet.Entry> rest = taken.get(2);
    List<TextSet.Entry> training =
        trainSize == 0 ? rest : rest.subList(0, Math.min(trainSize, rest.size()));
    List<String> trainingLabels = training.stream().map(e -> e.example().label()).toList();
    if (trustedSize > 0) {
      remarks.addAll(Coverage.remarks("trusted examples", labels(taken.get(0)), trainingLabels));
    }
    if (testSize > 0) {
      remarks.addAll(Coverage.remarks("test examples", labels(taken.get(1)), trainingLabels));
    }
    return List.of(taken.get(0), taken.get(1), training);
  }

  private static List<String> labels(List<TextSet.Entry> entries) {
    return entries.stream().map(entry -> entry.example().label()).toList();
  }

  /** Sets in random order: those of embedded and published data. */
  private List<List<TextSet.Entry>> inOrder(int trustedSize, int testSize) {
    var order = new Order(data.entries());
    List<TextSet.Entry> trusted = order.take(trustedSize);
    List<TextSet.Entry> test = order.take(testSize);
    int trainSize = options.sizes().trainSize();
    return List.of(trusted, test, order.take(trainSize == 0 ? order.left() : trainSize));
  }

  /** What is done to somebody's data is said. */
  private void remarkOnUse(List<TextSet.Entry> training, int count) {
    DataCleaning.Mislabeling mislabeling = options.mislabeling();
    if (mislabeling.noise() != LabelNoise.NONE && mislabeling.noiseRate() > 0) {
      remarks.add(
          "%.0f %% of the training labels are made wrong on purpose (noise %s); problem.noise=none leaves them as they are."
              .formatted(100 * mislabeling.noiseRate(), Options.kebab(mislabeling.noise())));
    }
    if (options.sizes().trainSize() > 0 && training.size() < count) {
      remarks.add(
          "%,d of %,d examples are trained on; problem.trainSize=0 takes all that are left."
              .formatted(training.size(), count));
    }
  }

  /** The data in random order, groups together, from which sets are taken one after the other. */
  private final class Order {
    private final boolean isGrouped = options.sizes().grouping() == DataCleaning.Grouping.TEXT;
    private final List<TextSet.Entry> all;
    private int next;

    Order(List<TextSet.Entry> data) {
      var groups = new LinkedHashMap<Object, List<TextSet.Entry>>();
      for (int i : seed.child("split").permutation(data.size())) {
        Object group = isGrouped ? data.get(i).example().text() : (Object) i;
        groups.computeIfAbsent(group, g -> new ArrayList<>(1)).add(data.get(i));
      }
      all = groups.values().stream().flatMap(List::stream).toList();
    }

    /** What a group has beyond the count is left out. */
    List<TextSet.Entry> take(int count) {
      if (count > left()) {
        throw new InvalidInputException(
                "Groups stay together, and %d examples are left where %d are wanted."
                    .formatted(left(), count),
                "a smaller trainSize fits; 0 takes all that are left.")
            .atKey("trainSize");
      }
      List<TextSet.Entry> taken = all.subList(next, next + count);
      next += count;
      while (isGrouped && count > 0 && next < all.size() && isSameGroup(next - 1, next)) {
        next++;
      }
      return taken;
    }

    int left() {
      return all.size() - next;
    }

    private boolean isSameGroup(int one, int other) {
      return all.get(one).example().text().equals(all.get(other).example().text());
    }
  }

  private TextSet source() {
    List<Example> builtIn = LabelledTexts.builtIn(options.texts().data(), seed);
    if (builtIn != null) {
      var placed = new ArrayList<TextSet.Entry>();
      for (Example example : builtIn) {
        int row = placed.size() + 1;
        placed.add(new TextSet.Entry(example, options.texts().data(), row));
      }
      return new TextSet(placed, Map.of(), List.of(), null);
    }
    TextSet read = file(options.texts().data(), "data");
    if (read.entries().isEmpty()) {
      throw new InvalidInputException(
              "The data of data-cleaning must be given.", "'wordnet' or a file was meant.")
          .atKey("data");
    }
    return read;
  }

  private TextSet file(String name, String role) {
    if (name.isEmpty()) {
      return new TextSet(List.of(), Map.of(), List.of(), null);
    }
    TextSet set;
    try {
      set = options.texts().reading().source(name).read();
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
    return set;
  }

  /** The classes of the data; files of trusted and test examples may have no others. */
  private static Classes classes(
      List<TextSet.Entry> all, List<TextSet.Entry> trusted, List<TextSet.Entry> test) {
    Classes classes = Classes.of(all.stream().map(entry -> entry.example().label()).toList());
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
    List<Example> examples = all.stream().map(TextSet.Entry::example).toList();
    int[] truth = classes.ids(Example.labels(examples));
    int n = training.size();
    DataCleaning.Mislabeling mislabeling = options.mislabeling();
    int[] given =
        mislabeling
            .noise()
            .apply(
                Arrays.copyOf(truth, n),
                classes.size(),
                mislabeling.noiseRate(),
                seed.child("noise"));
    boolean[] flipped = new boolean[n];
    boolean anyFlipped = false;
    for (int i = 0; i < n; i++) {
      flipped[i] = given[i] != truth[i];
      anyFlipped |= flipped[i];
    }
    boolean isFixed = mislabeling.noiseDraw() == DataCleaning.NoiseDraw.ONCE;
    int[] labels = truth.clone();
    System.arraycopy(given, 0, labels, 0, n);
    return new CleaningData(
        inputs(examples, n, device, home).of(examples),
        labels,
        truth,
        home.keep(Tensors.indices(device, labels)),
        anyFlipped && isFixed ? flipped : null,
        n,
        CleaningData.Held.all(n),
        trusted.size(),
        test.size(),
        classes.names(),
        training.stream().map(p -> p.example().text()).toList(),
        training.stream().mapToInt(TextSet.Entry::line).toArray(),
        Map.copyOf(sources),
        List.copyOf(remarks));
  }

  private EncodedTexts inputs(List<Example> examples, int train, Device device, DataTensors home) {
    var reader =
        new TextInputs(
            options.network().vectors(), options.maxTokens(), seed, device, home, sources, remarks);
    if (options.network().vectors().equals(DataCleaning.TFIDF)) {
      return reader.counted(TextInputs.words(examples), train);
    }
    TextEncoder encoder = options.network().encoder().encoder();
    return encoder == null
        ? reader.averaged(TextInputs.words(examples), train)
        : reader.read(encoder, examples);
  }
}
