package org.stackel.linear;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;
import org.stackel.config.InvalidInputException;
import org.stackel.data.Classes;
import org.stackel.data.Duplicates;
import org.stackel.data.LabelReader;
import org.stackel.data.NumericTable;
import org.stackel.data.NumericTables;
import org.stackel.data.Stratified;
import org.stackel.tensor.Device;
import org.stackel.tensor.Seed;
import org.stackel.tensor.Tensors;

/**
 * The examples of {@link LogisticHpo}.
 *
 * @param training lower level
 * @param validation upper level
 * @param test held out; null without any
 * @param classes names of the classes; numbers of the labels count them
 * @param features names of the features
 * @param scale what was done to the features
 * @param sources SHA-256 of each file read
 * @param remarks remarks for readers, in sentences
 * @param scaling what was done to the features
 */
record LogisticData(
    LogisticHpo.Examples training,
    LogisticHpo.Examples validation,
    LogisticHpo.@Nullable Examples test,
    Classes classes,
    List<String> features,
    Scale scale,
    Map<String, String> sources,
    List<String> remarks,
    LogisticHpo.Scaling scaling) {

  /**
   * A scaling of features: {@code (a - mean) / deviation}.
   *
   * @param mean of each feature; empty if nothing was done
   * @param deviation of each feature, 1 for a constant; likewise
   */
  record Scale(List<Double> mean, List<Double> deviation) {
    static final Scale NONE = new Scale(List.of(), List.of());
  }

  private static final List<String> TRAINING = List.of("train", "training");
  private static final List<String> VALIDATION = List.of("validation", "valid", "val", "dev");
  private static final List<String> TEST = List.of("test", "testing");

  static LogisticData load(LogisticHpo options, Seed seed, Device device) {
    return options.files().data().equals("generated")
        ? generated(options, seed, device)
        : new Files(options, seed, device).load();
  }

  // ---- generated -----------------------------------------------------------------------------

  /** Normal features; labels from a normal weight vector and noise on the logits. */
  private static LogisticData generated(LogisticHpo options, Seed seed, Device device) {
    int n = options.generated().examples();
    boolean isSoftmax = options.loss() == LogisticHpo.Loss.SOFTMAX;
    int outputs = isSoftmax ? options.generated().classes() : 1;
    Tensor w =
        Tensors.randn(seed.child("w"), Device.CPU64, options.generated().features(), outputs);
    Tensor a = Tensors.randn(seed.child("a"), Device.CPU64, n, options.generated().features());
    Tensor logits =
        Tensors.axpy(
            a.mm(w),
            options.generated().noise(),
            Tensors.randn(seed.child("noise"), Device.CPU64, n, outputs));
    Tensor b =
        switch (options.loss()) {
          case LOGISTIC -> logits.squeeze(1).gt(new Scalar(0)).to(a);
          case SOFTMAX -> logits.argmax(new LongOptional(1), false);
          case SQUARED -> logits.squeeze(1);
        };
    Tensor placed = Tensors.place(a, device);
    var all = new LogisticHpo.Examples(placed, isSoftmax ? b : Tensors.place(b, device));
    int[][] parts = Parts.random(options, n, seed);
    List<String> names =
        IntStream.range(0, isSoftmax ? options.generated().classes() : 2)
            .mapToObj(String::valueOf)
            .toList();
    return new LogisticData(
            all.take(Tensors.indices(device, parts[0])),
            all.take(Tensors.indices(device, parts[1])),
            parts[2].length == 0 ? null : all.take(Tensors.indices(device, parts[2])),
            new Classes(names),
            IntStream.rangeClosed(1, options.generated().features())
                .mapToObj(String::valueOf)
                .toList(),
            Scale.NONE,
            Map.of(),
            List.of(),
            LogisticHpo.Scaling.NONE)
        .scaled(options.scaling() == null ? LogisticHpo.Scaling.NONE : options.scaling());
  }

  /** Numbers of the examples of each set. */
  private static final class Parts {
    private Parts() {}

    /** Training, validation, test: shares of a random order. */
    static int[][] random(LogisticHpo options, int n, Seed seed) {
      int[] sizes = sizes(options, n);
      int[] order = seed.child("split").permutation(n);
      int test = sizes[0];
      int validation = sizes[1];
      return new int[][] {
        Arrays.copyOfRange(order, test + validation, n),
        Arrays.copyOfRange(order, test, test + validation),
        Arrays.copyOfRange(order, 0, test)
      };
    }

    /** The same, with the classes in the same shares. */
    static int[][] stratified(LogisticHpo options, NumericTable data, Seed seed) {
      boolean hasClasses = options.loss() != LogisticHpo.Loss.SQUARED;
      int[] order = seed.child("split").permutation(data.size());
      int[][] sets =
          Stratified.split(
              hasClasses ? data.labels() : Collections.nCopies(data.size(), ""),
              order,
              sizes(options, data.size()));
      return new int[][] {sets[2], sets[1], sets[0]};
    }

    /** Numbers of test and validation examples. */
    private static int[] sizes(LogisticHpo options, int n) {
      boolean hasValidation = !options.files().validation().isEmpty();
      boolean hasTest = !options.files().test().isEmpty();
      int test = hasTest ? 0 : (int) Math.round(options.shares().testShare() * n);
      int validation =
          hasValidation ? 0 : (int) Math.round(options.shares().validationShare() * (n - test));
      int training = n - test - validation;
      if (training < 1 || (!hasValidation && validation < 1)) {
        throw LogisticHpo.RULES.broken(
            "validationShare",
            options.shares().validationShare(),
            "must leave training and validation examples; of %d there would be %d and %d"
                .formatted(n, training, validation),
            "0.5 was meant.");
      }
      return new int[] {test, validation};
    }
  }

  // ---- files ---------------------------------------------------------------------------------

  /** Files while they are read. */
  private static final class Files {
    private final LogisticHpo options;
    private final Seed seed;
    private final Device device;
    private final Map<String, String> sources = new LinkedHashMap<>();
    private final List<String> remarks = new ArrayList<>();
    private boolean isLibsvm;

    Files(LogisticHpo options, Seed seed, Device device) {
      this.options = options;
      this.seed = seed;
      this.device = device;
    }

    LogisticData load() {
      NumericTable whole = read(options.files().data());
      NumericTable validation =
          options.files().validation().isEmpty() ? null : read(options.files().validation());
      NumericTable test = options.files().test().isEmpty() ? null : read(options.files().test());
      NumericTable data = apart(apart(whole, validation), test);
      var tables = new ArrayList<NumericTable>(List.of(data));
      if (validation != null) {
        tables.add(validation);
      }
      if (test != null) {
        tables.add(test);
      }
      int width = width(tables);
      Classes classes = classes(tables);
      int[][] parts =
          data.splits() != null && validation == null
              ? named(data, data.splits())
              : Parts.stratified(options, data, seed);
      var read =
          new LogisticData(
              examples(data, parts[0], width, classes),
              validation == null
                  ? examples(data, parts[1], width, classes)
                  : whole(validation, width, classes),
              test != null
                  ? whole(test, width, classes)
                  : parts[2].length == 0 ? null : examples(data, parts[2], width, classes),
              classes,
              names(tables, width),
              Scale.NONE,
              sources,
              remarks,
              LogisticHpo.Scaling.NONE);
      return read.scaled(scaling(read, data));
    }

    private LogisticHpo.Scaling scaling(LogisticData read, NumericTable table) {
      LogisticHpo.Scaling given = options.scaling();
      if (given != null) {
        return given;
      }
      if (isLibsvm) { // sparse, and scaled by custom
        return LogisticHpo.Scaling.NONE;
      }
      var sizes = FeatureSizes.of(read.training().a(), table.features());
      remarks.add(sizes.remark());
      return sizes.differ() ? LogisticHpo.Scaling.STANDARD : LogisticHpo.Scaling.NONE;
    }

    private NumericTable read(String name) {
      NumericTable table =
          NumericTables.read(Path.of(name), options.files().columns(), options.files().rules());
      sources.put(name, table.sha256());
      remarks.addAll(table.remarks());
      if (options.loss() != LogisticHpo.Loss.SQUARED) {
        remarks.addAll(LabelReader.classRemarks(name, table.labels()));
      }
      Duplicates found = Duplicates.within(table.keyed(), handling());
      remarks.addAll(found.remarks());
      return table.rows(found.rows());
    }

    private Duplicates.Handling handling() {
      return Duplicates.Handling.of(options.files().rules());
    }

    /** The data without what is in another set, if that is asked for. */
    private NumericTable apart(NumericTable data, @Nullable NumericTable other) {
      if (other == null) {
        return data;
      }
      Duplicates found = Duplicates.across(data.keyed(), other.keyed(), handling());
      remarks.addAll(found.remarks());
      return data.rows(found.rows());
    }

    /** The widest file's: a LIBSVM file ends its rows at the last number other than zero. */
    private int width(List<NumericTable> tables) {
      NumericTable first = tables.get(0);
      isLibsvm = tables.stream().allMatch(t -> t.features().get(0).equals("1"));
      for (NumericTable table : tables) {
        if (!isLibsvm && !table.features().equals(first.features())) {
          throw new InvalidInputException(
                  "The columns of %s (%s) must be those of %s (%s)."
                      .formatted(
                          table.path(),
                          String.join(", ", table.features()),
                          first.path(),
                          String.join(", ", first.features())),
                  "one of them has a column too many, or in another place.")
              .at(table.path().toString());
        }
      }
      return tables.stream().mapToInt(table -> table.features().size()).max().orElseThrow();
    }

    /** Those of the widest file. */
    private static List<String> names(List<NumericTable> tables, int width) {
      return tables.stream()
          .map(NumericTable::features)
          .filter(features -> features.size() == width)
          .findFirst()
          .orElseThrow();
    }

    private Classes classes(List<NumericTable> tables) {
      if (options.loss() == LogisticHpo.Loss.SQUARED) {
        return new Classes(List.of());
      }
      var labels = new ArrayList<String>();
      tables.forEach(table -> labels.addAll(table.labels()));
      Classes classes = Classes.of(labels);
      boolean isLogistic = options.loss() == LogisticHpo.Loss.LOGISTIC;
      if (classes.size() < 2 || (isLogistic && classes.size() > 2)) {
        throw new InvalidInputException(
                "The labels show %d %s (%s%s); the loss %s takes %s."
                    .formatted(
                        classes.size(),
                        classes.size() == 1 ? "class" : "classes",
                        String.join(", ", classes.names().stream().limit(5).toList()),
                        classes.size() > 5 ? ", …" : "",
                        isLogistic ? "logistic" : "softmax",
                        isLogistic ? "two" : "at least two"),
                classes.size() < 2
                    ? "another column holds the label."
                    : "'softmax' was meant, or 'squared' if labels are numbers.")
            .atKey("loss")
            .at(tables.get(0).path().toString());
      }
      return classes;
    }

    private static int[][] named(NumericTable table, List<String> splits) {
      var parts =
          List.of(new ArrayList<Integer>(), new ArrayList<Integer>(), new ArrayList<Integer>());
      for (int i = 0; i < splits.size(); i++) {
        String word = splits.get(i).toLowerCase(Locale.ROOT);
        int part =
            TRAINING.contains(word)
                ? 0
                : VALIDATION.contains(word) ? 1 : TEST.contains(word) ? 2 : -1;
        if (part < 0) {
          throw new InvalidInputException(
                  "The split '%s' is unknown; it must be train, validation or test."
                      .formatted(splits.get(i)),
                  "another column says it.")
              .at(table.place(i));
        }
        parts.get(part).add(i);
      }
      if (parts.get(0).isEmpty() || parts.get(1).isEmpty()) {
        throw new InvalidInputException(
                "The split has %d training and %d validation examples; it must have both."
                    .formatted(parts.get(0).size(), parts.get(1).size()),
                "the option 'validation' with another file was meant.")
            .at(table.path().toString());
      }
      return parts.stream()
          .map(part -> part.stream().mapToInt(Integer::intValue).toArray())
          .toArray(int[][]::new);
    }

    private LogisticHpo.Examples whole(NumericTable table, int width, Classes classes) {
      return examples(table, IntStream.range(0, table.size()).toArray(), width, classes);
    }

    private LogisticHpo.Examples examples(
        NumericTable table, int[] rows, int width, Classes classes) {
      double[] flat = new double[Math.multiplyExact(rows.length, width)];
      double[] targets = new double[rows.length];
      int[] numbers = new int[rows.length];
      for (int i = 0; i < rows.length; i++) {
        System.arraycopy(table.row(rows[i], width), 0, flat, i * width, width);
        if (options.loss() == LogisticHpo.Loss.SQUARED) {
          targets[i] = table.target(rows[i]);
        } else {
          numbers[i] = classes.id(table.labels().get(rows[i]));
          targets[i] = numbers[i];
        }
      }
      return new LogisticHpo.Examples(
          Tensors.of(device, flat, rows.length, width),
          options.loss() == LogisticHpo.Loss.SOFTMAX
              ? Tensors.indices(device, numbers)
              : Tensors.of(device, targets));
    }
  }

  // ---- scaling -------------------------------------------------------------------------------

  private LogisticData scaled(LogisticHpo.Scaling wanted) {
    return switch (wanted) {
      case NONE -> this;
      case ROWS -> mapped(wanted, Scale.NONE, LogisticData::unitRows);
      case STANDARD -> {
        Tensor a = training.a();
        Tensor mean = a.mean(0);
        Tensor centred = a.sub(mean);
        Tensor deviation = centred.mul(centred).mean(0).sqrt();
        // what rounding leaves of a constant is not to be blown up
        Tensor varies = deviation.gt(mean.abs().mul(new Scalar(constantBelow(a)))).to(a);
        Tensor constant = varies.neg().add(new Scalar(1));
        Tensor zero = constant.mul(mean.eq(new Scalar(0)).to(a));
        Tensor shift = mean.mul(varies);
        Tensor divisor = deviation.mul(varies).add(mean.mul(constant)).add(zero);
        yield mapped(
            wanted,
            new Scale(numbers(shift), numbers(divisor)),
            rows -> rows.sub(shift).div(divisor));
      }
    };
  }

  private static List<Double> numbers(Tensor tensor) {
    return Arrays.stream(Tensors.toArray(tensor)).boxed().toList();
  }

  private static double constantBelow(Tensor a) {
    return a.element_size() == Double.BYTES ? 1e-12 : 1e-6;
  }

  private static Tensor unitRows(Tensor a) {
    Tensor length = a.mul(a).sum(1).sqrt().unsqueeze(1);
    return a.div(length.add(length.eq(new Scalar(0)).to(length)));
  }

  private LogisticData mapped(LogisticHpo.Scaling done, Scale scale, UnaryOperator<Tensor> map) {
    return new LogisticData(
        mapped(training, map),
        mapped(validation, map),
        test == null ? null : mapped(test, map),
        classes,
        features,
        scale,
        sources,
        remarks,
        done);
  }

  private static LogisticHpo.Examples mapped(
      LogisticHpo.Examples examples, UnaryOperator<Tensor> features) {
    return new LogisticHpo.Examples(features.apply(examples.a()), examples.b());
  }
}
