package org.stackel.tune;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.stackel.config.Inline;
import org.stackel.config.InvalidInputException;
import org.stackel.config.OptionRecord;
import org.stackel.config.Options;
import org.stackel.config.Rules;
import org.stackel.data.FileRules;
import org.stackel.data.Table;
import org.stackel.optim.Iterations;
import org.stackel.tensor.Seed;

/**
 * Strengths of the penalty of a linear model, learned from validation examples by hypergradients:
 *
 * <pre>{@code
 * Tuned tuned = Tune.builder().data("train.svm").build().run();
 * double[] strengths = tuned.strengths();
 * }</pre>
 *
 * <p>First the best single strength, then one for each group or feature, from there on. The search
 * among many strengths uses two thirds of the validation examples for its gradient and stops by the
 * others, which also choose between one strength and many. Random search of a single strength is
 * the yardstick. Test examples choose nothing.
 *
 * @param data CSV, TSV, JSONL or LIBSVM file, also with .gz
 * @param validation file with validation examples; a quarter of the data if left out
 * @param test file with test examples; a fifth of the data if left out
 * @param text column of texts, which are read by the frequency of their words (TF-IDF); found out
 *     if left out
 * @param label column of the label; guessed if left out
 * @param rules how files are read, whatever is in them
 * @param strengths granularity of the strengths
 * @param groups CSV file with the columns feature and group; none if left out
 * @param loss loss of an example; found out from the labels if left out
 * @param steps largest number of steps among many strengths, at least 1
 * @param search least number of points of the random search, at least 1; it spends at least as much
 *     as the rest
 * @param refit whether the model is fitted once more in the end, to training and validation rows
 * @param firstIndex index of the first feature in LIBSVM files, 0 or 1; if left out, 0 where the
 *     index 0 is met in the data, else 1
 * @param seed random seed of the sets and of the random search, at least 0
 * @param threads number of threads, from 1 to 1024
 */
@OptionRecord
public record Tune(
    String data,
    @Nullable String validation,
    @Nullable String test,
    @Nullable String text,
    @Nullable String label,
    @Inline FileRules rules,
    Strengths strengths,
    @Nullable String groups,
    @Nullable LinearLoss loss,
    int steps,
    int search,
    boolean refit,
    @Nullable Integer firstIndex,
    long seed,
    int threads)
    implements TuneBuilder.With {

  /** How many strengths there are. */
  @OptionRecord
  public enum Strengths {
    /** One. */
    ONE,
    /** One for each group of features. */
    GROUP,
    /** One for each feature. */
    FEATURE
  }

  private static final int MAX_THREADS = 1024;

  public Tune {
    var limits = new Rules("tune");
    limits.atLeast("steps", steps, 1);
    limits.atLeast("search", search, 1);
    limits.atLeast("seed", seed, 0);
    limits.atLeast("threads", threads, 1);
    if (threads > MAX_THREADS) {
      throw limits.broken(
          "threads",
          threads,
          "must be at most " + MAX_THREADS,
          "the number of processors was meant.");
    }
    if (firstIndex != null && firstIndex != 0 && firstIndex != 1) {
      throw limits.broken(
          "firstIndex", firstIndex, "must be 0 or 1", "1 was meant, the usual one.");
    }
    if (strengths == Strengths.GROUP && groups == null) {
      throw limits.broken(
          "strengths", "group", "needs the option groups", "--groups with a file was meant.");
    }
  }

  /** One strength for each feature, of no data yet. */
  public Tune() {
    this(
        "",
        null,
        null,
        null,
        null,
        new FileRules(),
        Strengths.FEATURE,
        null,
        null,
        60,
        50,
        true,
        null,
        0,
        Math.min(MAX_THREADS, Runtime.getRuntime().availableProcessors()));
  }

  /** Starts from the defaults. */
  public static TuneBuilder builder() {
    return TuneBuilder.of(new Tune());
  }

  /**
   * Searches.
   *
   * @throws InvalidInputException if the data are wrong
   */
  public Tuned run() {
    Tuned tuned = run(() -> false, said -> {});
    if (tuned == null) {
      throw new IllegalStateException("Nobody asked it to stop.");
    }
    return tuned;
  }

  /**
   * Searches.
   *
   * @param stop asked between points and iterations; the search ends there with what it has
   * @param talk told of points and remarks
   * @return null if it was asked to stop before the first point
   * @throws InvalidInputException if the data are wrong
   */
  public @Nullable Tuned run(BooleanSupplier stop, Consumer<String> talk) {
    var pool = new ForkJoinPool(threads);
    try {
      return pool.submit(() -> Iterations.unless(stop, () -> searched(stop, talk))).join();
    } finally {
      pool.shutdown();
    }
  }

  private Tuned searched(BooleanSupplier stop, Consumer<String> talk) {
    long begin = System.nanoTime();
    var products = new AtomicLong();
    RawRows train =
        RawRows.read(
            Table.read(Path.of(data), rules.encoding()), rules, text, label, firstIndex, null);
    RawRows validated = other(validation, train);
    RawRows tested = other(test, train);
    var remarks = new ArrayList<String>();
    LinearLoss own = loss == null ? TuneData.suited(train.labels(), remarks) : loss;
    if (own == LinearLoss.SQUARED && train.isText()) {
      throw new Rules("tune")
          .broken("loss", "squared", "needs numbers, not texts", "--loss softmax was meant.");
    }
    var all = TuneData.of(train, validated, tested, own, new Seed(seed), products);
    remarks.addAll(0, all.remarks());
    remarks.forEach(talk);
    String[] names = groupNames(all.features());
    Map<String, Integer> numbers = numbers(Arrays.stream(names).distinct().toList());
    int[] groupOf = Arrays.stream(names).mapToInt(numbers::get).toArray();
    var search =
        new StrengthSearch(
            all.training(), all.tuning(), all.stopping(), groupOf, products, stop, talk);
    var steps = new ArrayList<StrengthSearch.Step>();
    StrengthSearch.Point one = search.one(-Math.log(all.training().features().rows()), steps);
    double secondsOfOne = (System.nanoTime() - begin) / 1e9;
    StrengthSearch.Point many = null;
    var manySteps = new ArrayList<StrengthSearch.Step>();
    if (strengths != Strengths.ONE && !search.isCut()) {
      many = search.many(one, this.steps, manySteps);
    }
    long spent = products.get();
    double seconds = (System.nanoTime() - begin) / 1e9;
    boolean isStopped = search.isCut(); // the yardstick is still to come
    var randomSteps = new ArrayList<StrengthSearch.Step>();
    StrengthSearch.Point random = null;
    if (!isStopped) {
      talk.accept(
          "random search of one strength: at least %d points and %,d products"
              .formatted(this.search, spent));
      random = search.random(this.search, spent, new Seed(seed).child("search"), randomSteps);
    }
    if (search.wasCut()) {
      remarks.add(
          0,
          isStopped
              ? "The command was stopped: these are the best strengths until then, without the yardstick of random search."
              : "The command was stopped during the random search, which is a smaller yardstick than it should be.");
    }
    double searchSeconds = (System.nanoTime() - begin) / 1e9 - seconds;
    return new TunedMaker(this, own, all, names, groupOf)
        .make(
            new TunedMaker.Found(one, many, random),
            new TunedMaker.Costs(
                secondsOfOne, seconds, searchSeconds, spent, products.get() - spent),
            List.of(steps, manySteps, randomSteps),
            remarks,
            stop,
            search.wasCut());
  }

  private static Map<String, Integer> numbers(List<String> names) {
    var numbers = new HashMap<String, Integer>();
    names.forEach(name -> numbers.put(name, numbers.size()));
    return numbers;
  }

  private @Nullable RawRows other(@Nullable String file, RawRows train) {
    return file == null
        ? null
        : RawRows.read(
            Table.read(Path.of(file), rules.encoding()),
            rules,
            train.isText() ? train.textColumn() : null,
            label,
            firstIndex,
            train);
  }

  // ---- groups --------------------------------------------------------------------------------

  /** The name of each feature's group. */
  private String[] groupNames(List<String> features) {
    String file = groups;
    if (file == null) {
      String[] names = new String[features.size()];
      for (int j = 0; j < names.length; j++) {
        names[j] = strengths == Strengths.ONE ? "" : features.get(j);
      }
      return names;
    }
    Table table = Table.read(Path.of(file), rules.encoding());
    int featureAt = table.column("feature", "the features");
    int groupAt = table.column("group", "their groups");
    var groupOf = new HashMap<String, String>();
    for (int row = 0; row < table.size(); row++) {
      String feature = table.cell(row, featureAt);
      String group = table.cell(row, groupAt);
      if (feature == null || group == null) {
        continue;
      }
      if (groupOf.putIfAbsent(feature, group) != null) {
        throw new InvalidInputException(
                "The feature '%s' stands there twice.".formatted(feature),
                "one of the rows can be left out.")
            .at(table.place(row));
      }
    }
    var known = new HashSet<String>(features);
    for (int row = 0; row < table.size(); row++) {
      String feature = table.cell(row, featureAt);
      if (feature != null && !known.contains(feature)) {
        throw new InvalidInputException(
                "There is no feature '%s' in %s.".formatted(feature, data),
                Options.meant(feature, known))
            .at(table.place(row));
      }
    }
    return features.stream()
        .map(feature -> groupOf.getOrDefault(feature, "others"))
        .toArray(String[]::new);
  }
}
