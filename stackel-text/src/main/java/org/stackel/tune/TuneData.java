package org.stackel.tune;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.stackel.config.InvalidInputException;
import org.stackel.data.Classes;
import org.stackel.data.LabelReader;
import org.stackel.tensor.Seed;
import org.stackel.text.SparseRows;
import org.stackel.text.TfIdf;
import org.stackel.text.Tokenizer;

/**
 * The examples of a search for strengths, as numbers.
 *
 * @param training examples of the lower level
 * @param tuning those whose loss has its gradient taken
 * @param stopping those that say when to stop
 * @param known all of these together
 * @param test held out
 * @param features names of the features
 * @param classes names of the classes; none with the squared loss
 * @param scale of the features of tables
 * @param tfIdf of texts; null of numbers
 * @param textColumn column of the texts; empty of numbers
 * @param remarks what a reader should know
 * @param sources SHA-256 of each file
 */
record TuneData(
    LinearFit training,
    LinearFit tuning,
    LinearFit stopping,
    LinearFit known,
    LinearFit test,
    List<String> features,
    List<String> classes,
    Scale scale,
    @Nullable TfIdf tfIdf,
    String textColumn,
    List<String> remarks,
    Map<String, String> sources) {

  private static final double TEST_SHARE = 0.2;
  private static final double VALIDATION_SHARE = 0.25;
  private static final double STOPPING_SHARE = 1.0 / 3;
  private static final int LEAST = 4;

  /**
   * {@code (a - mean) / deviation}; nothing where both are empty.
   *
   * @param mean of each feature
   * @param deviation of each feature, 1 for a constant
   */
  record Scale(List<Double> mean, List<Double> deviation) {
    static final Scale NONE = new Scale(List.of(), List.of());
  }

  /**
   * Puts them together.
   *
   * @param train rows to learn from
   * @param validation others; null to take them from the first
   * @param test others; null to take them from the first
   * @param products counts products with matrices
   */
  static TuneData of(
      RawRows train,
      @Nullable RawRows validation,
      @Nullable RawRows test,
      LinearLoss loss,
      Seed seed,
      AtomicLong products) {
    return new Maker(train, validation, test, loss, seed, products).make();
  }

  /** The loss that suits labels: numbers that hardly repeat are no classes. */
  static LinearLoss suited(List<String> labels, List<String> remarks) {
    Classes classes = Classes.of(labels);
    if (classes.size() > 20 && classes.size() > labels.size() / 10 && areNumbers(classes.names())) {
      remarks.add(
          "The labels are %,d different numbers and are predicted as numbers; --loss softmax takes them for classes."
              .formatted(classes.size()));
      return LinearLoss.SQUARED;
    }
    return classes.size() == 2 ? LinearLoss.LOGISTIC : LinearLoss.SOFTMAX;
  }

  private static boolean areNumbers(List<String> names) {
    try {
      names.forEach(Double::parseDouble);
      return true;
    } catch (NumberFormatException e) {
      return false;
    }
  }

  /** The files while they are put together. */
  private static final class Maker {
    private final List<RawRows> files = new ArrayList<>();
    private final RawRows train;
    private final @Nullable RawRows validation;
    private final @Nullable RawRows test;
    private final LinearLoss loss;
    private final Seed seed;
    private final AtomicLong products;
    private final List<String> remarks = new ArrayList<>();
    private final Map<String, String> sources = new LinkedHashMap<>();
    private Classes classes = new Classes(List.of());

    Maker(
        RawRows train,
        @Nullable RawRows validation,
        @Nullable RawRows test,
        LinearLoss loss,
        Seed seed,
        AtomicLong products) {
      this.train = train;
      this.validation = validation;
      this.test = test;
      this.loss = loss;
      this.seed = seed;
      this.products = products;
      files.add(train);
      if (validation != null) {
        files.add(validation);
      }
      if (test != null) {
        files.add(test);
      }
      for (RawRows file : files) {
        remarks.addAll(file.remarks());
        if (loss != LinearLoss.SQUARED) {
          remarks.addAll(LabelReader.classRemarks(file.place(), file.labels()));
        }
        sources.put(file.place(), file.sha256());
      }
    }

    TuneData make() {
      double[][] targets = files.stream().map(this::targets).toArray(double[][]::new);
      // Rows of all files get numbers one after the other.
      int[] own = IntStream.range(0, train.size()).toArray();
      int[] rest = own;
      int[] tested;
      int next = train.size();
      int[] validated = new int[0];
      if (validation != null) {
        validated = IntStream.range(next, next + validation.size()).toArray();
        next += validation.size();
      }
      double[] all = concat(targets);
      if (test != null) {
        tested = IntStream.range(next, next + test.size()).toArray();
      } else {
        int[][] cut = cut(own, all, TEST_SHARE, seed.child("test"));
        tested = cut[0];
        rest = cut[1];
      }
      if (validation == null) {
        int[][] cut = cut(rest, all, VALIDATION_SHARE, seed.child("validation"));
        validated = cut[0];
        rest = cut[1];
      }
      int[][] halves = cut(validated, all, STOPPING_SHARE, seed.child("stopping"));
      requireEnough(rest, halves[0], halves[1], tested);
      remarks.add(
          "%,d rows to train on, %,d for validation (of which %,d say when to stop) and %,d for the test."
              .formatted(rest.length, validated.length, halves[0].length, tested.length));
      return matrices(all, rest, halves[1], halves[0], tested);
    }

    private void requireEnough(int[]... parts) {
      for (int[] part : parts) {
        if (part.length < LEAST) {
          throw new InvalidInputException(
                  "There are too few rows to train, to validate and to test: %,d; each of these sets must have %d."
                      .formatted(train.size(), LEAST),
                  "files for --validation and --test help.")
              .at(train.place());
        }
      }
    }

    private double[] targets(RawRows file) {
      double[] targets = new double[file.size()];
      if (loss == LinearLoss.SQUARED) {
        for (int i = 0; i < targets.length; i++) {
          targets[i] = number(file, i);
        }
        return targets;
      }
      if (classes.size() == 0) { // of the training file, which comes first
        classes = Classes.of(file.labels());
        if (classes.size() < 2) {
          throw new InvalidInputException(
                  "All %,d rows are labelled '%s'; there must be at least two classes."
                      .formatted(file.size(), file.labels().get(0)),
                  "another column holds the label: --label names it.")
              .at(file.place());
        }
        if (loss == LinearLoss.LOGISTIC && classes.size() > 2) {
          throw new InvalidInputException(
                  "The labels show %d classes; the logistic loss takes two."
                      .formatted(classes.size()),
                  "--loss softmax was meant.")
              .at(file.place());
        }
      }
      try {
        for (int i = 0; i < targets.length; i++) {
          targets[i] = classes.id(file.labels().get(i));
        }
      } catch (InvalidInputException e) {
        throw e.at(file.place());
      }
      return targets;
    }

    private static double number(RawRows file, int row) {
      try {
        return Double.parseDouble(file.labels().get(row));
      } catch (NumberFormatException e) {
        throw new InvalidInputException(
                "The label '%s' must be a number.".formatted(file.labels().get(row)),
                "it is a class: then --loss logistic or softmax was meant.")
            .at(file.place())
            .causedBy(e);
      }
    }

    private static double[] concat(double[][] parts) {
      return Arrays.stream(parts).flatMapToDouble(Arrays::stream).toArray();
    }

    /** A share of the rows, of every class alike, and the others. */
    private int[][] cut(int[] rows, double[] targets, double share, Seed draw) {
      int[] order = draw.permutation(rows.length);
      var seen = new LinkedHashMap<Double, int[]>(); // taken, met
      var taken = new ArrayList<Integer>();
      var left = new ArrayList<Integer>();
      for (int i : order) {
        double kind = loss == LinearLoss.SQUARED ? 0 : targets[rows[i]];
        int[] counts = seen.computeIfAbsent(kind, k -> new int[2]);
        counts[1]++;
        if (counts[0] < Math.floor(share * counts[1] + 0.5)) {
          counts[0]++;
          taken.add(rows[i]);
        } else {
          left.add(rows[i]);
        }
      }
      return new int[][] {
        taken.stream().mapToInt(Integer::intValue).sorted().toArray(),
        left.stream().mapToInt(Integer::intValue).sorted().toArray()
      };
    }

    // ---- numbers -----------------------------------------------------------------------------

    private TuneData matrices(
        double[] targets, int[] training, int[] tuning, int[] stopping, int[] tested) {
      SparseMatrix whole;
      TfIdf tfIdf = null;
      Scale scale = Scale.NONE;
      List<String> features = train.features();
      if (train.isText()) {
        List<List<String>> words =
            files.stream().flatMap(f -> f.texts().stream()).map(Tokenizer::words).toList();
        tfIdf = TfIdf.fit(Arrays.stream(training).mapToObj(words::get).toList(), 2);
        SparseRows rows = tfIdf.transform(words);
        whole = new SparseMatrix(rows.width(), rows.offsets(), rows.columns(), rows.values());
        features = tfIdf.words();
      } else {
        int width = files.stream().mapToInt(f -> f.features().size()).max().orElse(0);
        features =
            files.stream()
                .map(RawRows::features)
                .filter(f -> f.size() == width)
                .findFirst()
                .orElse(features);
        whole = stacked(width);
        if (!train.isSparse()) {
          scale = scale(whole, training);
          whole = whole.standardised(scale);
          remarks.add(
              "%s standardised, by mean and deviation of the training rows."
                  .formatted(
                      width == 1 ? "The feature is" : "The %,d features are".formatted(width)));
        }
      }
      return new TuneData(
          fit(whole, targets, training),
          fit(whole, targets, tuning),
          fit(whole, targets, stopping),
          fit(
              whole,
              targets,
              Stream.of(training, tuning, stopping)
                  .flatMapToInt(Arrays::stream)
                  .sorted()
                  .toArray()),
          fit(whole, targets, tested),
          features,
          classes.names(),
          scale,
          tfIdf,
          train.textColumn(),
          remarks,
          sources);
    }

    private LinearFit fit(SparseMatrix whole, double[] targets, int[] rows) {
      double[] own = Arrays.stream(rows).mapToDouble(row -> targets[row]).toArray();
      return new LinearFit(whole.take(rows), own, loss, classes.size(), products);
    }

    private SparseMatrix stacked(int width) {
      int rows = files.stream().mapToInt(RawRows::size).sum();
      int entries = files.stream().mapToInt(f -> f.values().length).sum();
      int[] offsets = new int[rows + 1];
      int[] columns = new int[entries];
      float[] values = new float[entries];
      int row = 0;
      int at = 0;
      for (RawRows file : files) {
        System.arraycopy(file.columns(), 0, columns, at, file.columns().length);
        System.arraycopy(file.values(), 0, values, at, file.values().length);
        for (int i = 0; i < file.size(); i++) {
          offsets[++row] = at + file.offsets()[i + 1];
        }
        at += file.values().length;
      }
      return new SparseMatrix(width, offsets, columns, values);
    }

    private static Scale scale(SparseMatrix whole, int[] training) {
      SparseMatrix part = whole.take(training);
      double[] ones = new double[training.length];
      Arrays.fill(ones, 1.0 / training.length);
      double[] means = part.transposedTimes(ones, 1);
      double[] squares = part.transposedSquaresTimes(ones, 1);
      var mean = new ArrayList<Double>();
      var deviation = new ArrayList<Double>();
      for (int j = 0; j < whole.width(); j++) {
        double variance = squares[j] - means[j] * means[j];
        mean.add(means[j]);
        deviation.add(variance > 1e-12 * Math.max(1e-300, squares[j]) ? Math.sqrt(variance) : 1);
      }
      return new Scale(mean, deviation);
    }
  }
}
