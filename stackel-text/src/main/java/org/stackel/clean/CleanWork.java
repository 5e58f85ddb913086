package org.stackel.clean;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.stackel.config.InvalidInputException;
import org.stackel.data.Classes;
import org.stackel.optim.Iterations;
import org.stackel.tensor.Blas;
import org.stackel.tensor.Seed;

/** One call of cleaning, from files to files. */
final class CleanWork {
  /** The most rows that are judged at once by models that did not see them. */
  private static final int MAX_CHUNK = 20_000;

  private static final int MIN_CHUNK = 1_000;

  /** Probabilities that are held at once of rows that are judged at once. */
  private static final int CHUNK_NUMBERS = 1 << 23;

  /** Numbers of a model: a quarter of a gigabyte of them. */
  private static final int MAX_PARAMETERS = 1 << 25;

  private static final int MANY_CLASSES = 500;

  /** Share of the memory for models that are trained at once. */
  private static final double USED_AT_ONCE = 0.7;

  private static final int SHOWN_PAIRS = 8;
  private static final double LEAST_RATE = 0.01;

  private final Clean options;
  private final Path directory;
  private final Latest listener;

  CleanWork(Clean options, Path directory, CleanListener listener) {
    this.options = options;
    this.directory = directory;
    this.listener = new Latest(listener);
  }

  /** Tells the listener the last part once more where an iteration begins: it may have to stop. */
  private static final class Latest implements CleanListener, Iterations.Watch {
    private final CleanListener listener;
    private String part = "";
    private double share;

    Latest(CleanListener listener) {
      this.listener = listener;
    }

    @Override
    public synchronized void progressed(String part, double share) {
      this.part = part;
      this.share = share;
      listener.progressed(part, share);
    }

    @Override
    public synchronized void next(String within, long done, long most) {
      listener.progressed(part, share);
    }
  }

  CleanResult run() {
    listener.progressed("reading", 0);
    CleanData data = CleanData.read(options);
    int before = Blas.threads();
    Blas.setThreads(1); // folds are computed at once
    try {
      return Iterations.watched(listener, () -> run(data));
    } finally {
      Blas.setThreads(before);
    }
  }

  private CleanResult run(CleanData data) {
    var seed = new Seed(options.seed());
    var remarks = new ArrayList<>(data.remarks());
    boolean hasTrusted = data.trustedRows().length + data.knownRows().length > 0;
    int trusted = data.trustedRows().length + data.knownRows().length;
    int classes = data.classes().size();
    NpyFeatures arrays = NpyFeatures.of(options, data);
    double entries = arrays != null ? 0 : entries(data);
    int dense = arrays != null ? arrays.width() : data.roles().texts().isEmpty() ? 20 : 100;
    Plan plan =
        Plan.of(data.suspects().length, trusted, classes, dense, entries, options.timeBudget());
    int[] studied = Rows.shuffled(studied(data, plan.rows(), seed), seed.child("order"));
    sayPlan(plan, data, studied, remarks);
    Sample sample = sample(data, studied);
    int[] labels = sample.labels();
    int[] fold = folds(data, sample, plan, seed);

    listener.progressed("features", 0);
    Map<String, Featurizer> featurizers =
        arrays != null
            ? Map.of()
            : few(
                new FeatureSets(
                        data.roles(),
                        sample.fields(),
                        IntStream.range(0, sample.fields().size()).toArray(),
                        maxTerms(classes),
                        remarks)
                    .all(),
                plan);
    var sets = new LinkedHashMap<String, Rows>();
    featurizers.forEach(
        (name, featurizer) ->
            sets.put(
                name,
                new Rows(
                    featurizer.features(sample.fields()),
                    labels,
                    studied.length,
                    classes,
                    fold,
                    plan.folds())));
    if (arrays != null) {
      sets.put(
          "embeddings",
          new Rows(
              arrays.features(studied, data.knownRows(), data.trustedRows()),
              labels,
              studied.length,
              classes,
              fold,
              plan.folds()));
    }
    requireRoom(sets, classes);
    int chunk = Math.max(MIN_CHUNK, Math.min(MAX_CHUNK, CHUNK_NUMBERS / classes));
    int chunks = (data.suspects().length - studied.length + chunk - 1) / chunk;
    var ticker =
        new Ticker(
            listener, (hasTrusted ? 2.0 * sets.size() : 0) + Study.work(plan, hasTrusted) + chunks);
    var parallel = new Parallel(Math.min(options.threads(), atOnce(sets, classes)));
    Selection selection =
        hasTrusted
            ? Selection.of(sets, plan, parallel, ticker)
            : Selection.fallback(List.copyOf(sets.keySet()));
    Rows rows = Objects.requireNonNull(sets.get(selection.features()));
    Featurizer featurizer = featurizers.get(selection.features());
    sets.clear();
    FeatureMatrix test = test(data, featurizer, arrays);
    int[] testLabels = testLabels(data, remarks);
    var study =
        new Study(rows, plan, selection, parallel, ticker, options.seed(), test, testLabels);
    Outcome outcome = study.run();
    sayLeftOut(plan, outcome, remarks);
    var found = new Findings(data, data.train().size());
    found.put(studied, outcome.judgement(), outcome.scores());
    judgeOthers(data, studied, chunk, study, featurizer, arrays, found, ticker);
    var model =
        new CleanModel(
            featurizer == null ? Objects.requireNonNull(arrays).featurizer() : featurizer,
            data.classes().names(),
            outcome.model());
    listener.progressed("writing", 1);
    CleanResult result =
        result(data, outcome, selection, found, trusted, test, testLabels, remarks);
    new CleanFiles(options, directory, data, found, model, rows, studied, hasTrusted)
        .write(result, outcome);
    return result;
  }

  // ---- rows ------------------------------------------------------------------------------------

  /**
   * What is studied: suspects, then trusted rows.
   *
   * @param fields their cells
   * @param labels their classes
   */
  @SuppressWarnings("ArrayRecordComponent") // compared nowhere
  private record Sample(FieldList fields, int[] labels) {}

  private static Sample sample(CleanData data, int[] studied) {
    LabelledTable train = data.train();
    var fields = new FieldList().add(train, studied).add(train, data.knownRows());
    var labels = new ArrayList<String>();
    for (int row : studied) {
      labels.add(train.label(row));
    }
    for (int row : data.knownRows()) {
      labels.add(Objects.requireNonNull(data.known().get(row)));
    }
    if (data.trusted() != null) {
      fields.add(data.trusted(), data.trustedRows());
      for (int row : data.trustedRows()) {
        labels.add(data.trusted().label(row));
      }
    }
    return new Sample(fields, data.classes().ids(labels));
  }

  /** Rows that models are trained on: all, or a random part with the same shares of classes. */
  private static int[] studied(CleanData data, int most, Seed seed) {
    int[] suspects =
        Arrays.stream(data.suspects()).filter(row -> !data.repeated().contains(row)).toArray();
    if (suspects.length <= most) {
      return suspects;
    }
    var byClass = new TreeMap<String, List<Integer>>();
    for (int i : seed.child("sample").permutation(suspects.length)) {
      byClass
          .computeIfAbsent(data.train().label(suspects[i]), label -> new ArrayList<>())
          .add(suspects[i]);
    }
    double share = (double) most / suspects.length;
    return byClass.values().stream()
        .flatMap(rows -> rows.stream().limit(Math.max(10, Math.round(share * rows.size()))))
        .sorted()
        .mapToInt(Integer::intValue)
        .toArray();
  }

  /** Equal rows are in one fold; each class is in all of them. */
  private static int[] folds(CleanData data, Sample sample, Plan plan, Seed seed) {
    int n = sample.labels().length;
    int width = data.train().columns().length;
    int[] fold = new int[n];
    var ofKey = new HashMap<String, Integer>();
    var next = new HashMap<Integer, Integer>();
    int trustedFrom = n - data.trustedRows().length - data.knownRows().length;
    for (int i : seed.child("folds").permutation(n)) {
      int kind = 2 * sample.labels()[i] + (i < trustedFrom ? 0 : 1);
      int own = next.getOrDefault(kind, sample.labels()[i] % plan.folds());
      if (width == 0) {
        fold[i] = own;
      } else {
        fold[i] = ofKey.computeIfAbsent(sample.fields().key(i, width), k -> own);
      }
      next.put(kind, (own + 1) % plan.folds());
    }
    return fold;
  }

  // ---- features --------------------------------------------------------------------------------

  /** Numbers of a row beside dense ones, on average over some. */
  private static double entries(CleanData data) {
    int some = Math.min(500, data.suspects().length);
    long words = 0;
    for (int i = 0; i < some; i++) {
      int row = data.suspects()[(int) ((long) i * data.suspects().length / some)];
      if (!data.roles().pairs().isEmpty()) {
        String cell = data.train().cell(row, 0);
        words += cell == null ? 0 : cell.chars().filter(c -> c == ':').count();
        continue;
      }
      var view = new RowView(data.train(), row);
      for (int column = 0; column < data.roles().texts().size(); column++) {
        words += view.words(column).size();
      }
    }
    return (double) words / some + data.roles().categories().size();
  }

  /** With many classes or little time only the fullest features. */
  private static Map<String, Featurizer> few(Map<String, Featurizer> all, Plan plan) {
    if (plan.level() == Plan.Level.FULL || all.size() == 1) {
      return all;
    }
    Map.Entry<String, Featurizer> last = null;
    for (Map.Entry<String, Featurizer> each : all.entrySet()) {
      last = each;
    }
    return Map.of(Objects.requireNonNull(last).getKey(), last.getValue());
  }

  /** How many models may be trained at once, for the memory that there is. */
  private static int atOnce(Map<String, Rows> sets, int classes) {
    long most =
        sets.values().stream()
            .mapToLong(
                rows ->
                    FloatLbfgs.numbers((rows.features().width() + 1L) * classes)
                        + (long) rows.labels().length * classes)
            .max()
            .orElse(1);
    return (int) Math.max(1, USED_AT_ONCE * Runtime.getRuntime().maxMemory() / (4 * most));
  }

  private static void requireRoom(Map<String, Rows> sets, int classes) {
    sets.forEach(
        (name, rows) -> {
          long probabilities = (long) classes * rows.labels().length;
          if (probabilities > Integer.MAX_VALUE - 8) {
            throw new InvalidInputException(
                "%,d rows and %,d classes have %,d probabilities; the limit is %,d."
                    .formatted(rows.labels().length, classes, probabilities, Integer.MAX_VALUE - 8),
                "rare classes can be merged, or --label names another column.");
          }
          requireParameters(rows.features().width(), classes);
        });
  }

  /** Complains of a model with too many numbers. */
  static void requireParameters(int features, int classes) {
    long numbers = (features + 1L) * classes;
    if (numbers > 4L * MAX_PARAMETERS) {
      throw new InvalidInputException(
          "A model of %,d features and %,d classes has %,d numbers; the limit is %,d."
              .formatted(features, classes, numbers, 4L * MAX_PARAMETERS),
          "rare classes can be merged.");
    }
  }

  /** The most words that are features. */
  static int maxTerms(int classes) {
    return Math.max(1_000, MAX_PARAMETERS / classes / (classes > MANY_CLASSES ? 4 : 1));
  }

  private static void sayPlan(Plan plan, CleanData data, int[] studied, List<String> remarks) {
    if (studied.length < data.suspects().length) {
      remarks.add(
          "Models are trained on a random part of %,d rows; all %,d are judged. --time-budget changes it."
              .formatted(studied.length, data.suspects().length));
    }
    if (plan.level() != Plan.Level.FULL) {
      remarks.add(
          "For this time budget fewer features, folds and remedies are tried; --time-budget changes it.");
    }
    if (plan.weightSteps() == 0) {
      remarks.add(
          "Bilevel weights (SLIP) are left out: too many rows or classes for the time budget.");
    }
  }

  private static void sayLeftOut(Plan plan, Outcome outcome, List<String> remarks) {
    if (plan.weightSteps() > 0
        && outcome.transition() != null
        && !outcome.weights().containsKey(Detector.WEIGHT.column())) {
      remarks.add("Bilevel weights (SLIP) diverged; they are left out.");
    }
    int most = outcome.candidates().stream().mapToInt(CleanResult.Candidate::rows).max().orElse(0);
    List<CleanResult.Candidate> behind =
        outcome.candidates().stream().filter(each -> each.rows() < most).toList();
    if (!behind.isEmpty()) {
      remarks.add(
          "Behind on the first %,d of %,d trusted rows, and not tried on the others: %s."
              .formatted(
                  behind.get(0).rows(),
                  most,
                  behind.stream()
                      .map(each -> "'" + each.title() + "'")
                      .collect(Collectors.joining(", "))));
    }
  }

  private static @Nullable FeatureMatrix test(
      CleanData data, @Nullable Featurizer featurizer, @Nullable NpyFeatures arrays) {
    if (data.test() == null) {
      return null;
    }
    return featurizer == null
        ? Objects.requireNonNull(arrays).test(data.test().labelled())
        : featurizer.features(data.test(), data.test().labelled());
  }

  private int[] testLabels(CleanData data, List<String> remarks) {
    if (data.test() == null) {
      return new int[0];
    }
    Classes classes = data.classes();
    int unknown = 0;
    int[] rows = data.test().labelled();
    int[] labels = new int[rows.length];
    for (int i = 0; i < rows.length; i++) {
      String label = data.test().label(rows[i]);
      boolean isKnown = classes.names().contains(label);
      labels[i] = isKnown ? classes.id(label) : -1;
      unknown += isKnown ? 0 : 1;
    }
    if (unknown > 0) {
      remarks.add(
          "%s: %,d rows have classes that are not in %s; they count as predicted wrong."
              .formatted(options.test(), unknown, options.train()));
    }
    return labels;
  }

  // ---- results ---------------------------------------------------------------------------------

  private static void judgeOthers(
      CleanData data,
      int[] studied,
      int chunk,
      Study study,
      @Nullable Featurizer featurizer,
      @Nullable NpyFeatures arrays,
      Findings found,
      Ticker ticker) {
    int[] sorted = studied.clone();
    Arrays.sort(sorted);
    int[] others =
        Arrays.stream(data.suspects())
            .filter(row -> Arrays.binarySearch(sorted, row) < 0)
            .toArray();
    if (others.length == 0) {
      return;
    }
    Others judge = study.others();
    for (int from = 0; from < others.length; from += chunk) {
      int[] rows = Arrays.copyOfRange(others, from, Math.min(others.length, from + chunk));
      FeatureMatrix features =
          featurizer == null
              ? Objects.requireNonNull(arrays).features(rows, new int[0], new int[0])
              : featurizer.features(data.train(), rows);
      int[] labels =
          Arrays.stream(rows).map(row -> data.classes().id(data.train().label(row))).toArray();
      Others.Judged judged = judge.judge(features, labels);
      found.put(
          rows,
          new Judgement(judged.suspicion(), judged.beliefs(), null, new double[0], new boolean[0]),
          judged.scores());
      ticker.done("other rows", 1);
    }
  }

  private CleanResult result(
      CleanData data,
      Outcome outcome,
      Selection selection,
      Findings found,
      int trusted,
      @Nullable FeatureMatrix test,
      int[] testLabels,
      List<String> remarks) {
    return new CleanResult(
        directory,
        options.train(),
        data.train().size(),
        data.train().size() - data.train().labelled().length,
        data.classes().names(),
        trusted,
        found.suspected(),
        outcome.transition() == null ? null : outcome.wrongShare(),
        pattern(data.classes(), outcome.transition()),
        selection.features(),
        selection.tried(),
        outcome.candidates(),
        outcome.chosen().title(),
        outcome.verdict(),
        outcome.weights(),
        outcome.calibration(),
        test == null ? null : Selection.accuracy(outcome.model(), test, testLabels),
        remarks,
        data.inputs());
  }

  /** Where most wrong labels go. */
  private static List<CleanResult.MixUp> pattern(Classes classes, @Nullable Transition transition) {
    if (transition == null) {
      return List.of();
    }
    var all = new ArrayList<CleanResult.MixUp>();
    for (int right = 0; right < classes.size(); right++) {
      for (int given = 0; given < classes.size(); given++) {
        double rate = transition.of(right, given);
        if (right != given && rate >= LEAST_RATE) {
          all.add(new CleanResult.MixUp(classes.name(right), classes.name(given), rate));
        }
      }
    }
    all.sort(Comparator.comparingDouble(mixUp -> -mixUp.rate()));
    return all.stream().limit(SHOWN_PAIRS).toList();
  }
}
