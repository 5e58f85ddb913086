package org.stackel.cleaning;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.stackel.config.InvalidInputException;
import org.stackel.data.Classes;
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
  private final List<TextSet.Entry> all;

  /** Reads the data, from which sets will be taken. */
  CleaningTexts(DataCleaning options, Seed seed) {
    this.options = options;
    this.seed = seed;
    all = source();
  }

  /** How many examples the data have. */
  int count() {
    return all.size();
  }

  /**
   * The sets, as a model reads them.
   *
   * @param sized the options with sizes of all sets
   */
  CleaningData encode(DataCleaning sized, Device device, DataTensors home) {
    List<TextSet.Entry> trusted = new ArrayList<>(file(options.texts().trusted(), "trusted"));
    List<TextSet.Entry> test = new ArrayList<>(file(options.texts().test(), "test"));
    int trustedSize = Objects.requireNonNull(sized.sizes().trustedSize());
    int testSize = Objects.requireNonNull(sized.sizes().testSize());
    int fromData = (trusted.isEmpty() ? trustedSize : 0) + (test.isEmpty() ? testSize : 0);
    int left = all.size() - fromData;
    int train = options.sizes().trainSize() == 0 ? left : options.sizes().trainSize();
    if (train > left || left < 2) {
      throw new InvalidInputException(
              "The data has %d examples; %d for trusted and test sets and %d to train on must not be more."
                  .formatted(all.size(), fromData, Math.max(train, 2)),
              "smaller trustedSize, testSize and trainSize fit; trainSize 0 takes all that are left.")
          .atKey("trainSize");
    }
    var order = new Order(all);
    if (trusted.isEmpty()) {
      trusted = order.take(trustedSize);
    }
    if (test.isEmpty()) {
      test = order.take(testSize);
    }
    List<TextSet.Entry> training =
        order.take(options.sizes().trainSize() == 0 ? order.left() : options.sizes().trainSize());
    return encode(training, trusted, test, classes(all, trusted, test), device, home);
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

  private List<TextSet.Entry> source() {
    List<Example> builtIn = LabelledTexts.builtIn(options.texts().data(), seed);
    if (builtIn != null) {
      var placed = new ArrayList<TextSet.Entry>();
      for (Example example : builtIn) {
        int row = placed.size() + 1;
        placed.add(new TextSet.Entry(example, options.texts().data(), row));
      }
      return placed;
    }
    List<TextSet.Entry> placed = file(options.texts().data(), "data");
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
    return set.entries();
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
