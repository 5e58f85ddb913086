package org.stackel.clean;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Trains a model after each remedy and measures it on trusted rows that were left out. */
final class Trials {
  /** How much the log loss counts beside accuracy. */
  static final double LOSS_COUNTS = 1.0 / 3;

  /** Remedies that are tried with a weaker penalty too. */
  private static final int PROMISING = 2;

  /** Folds after which those that are clearly behind are given up. */
  private static final int FIRST_FOLDS = 2;

  /** Trusted rows that these folds must have. */
  private static final int LEAST_ROWS = 250;

  /** The most that go on then, besides the best that judges labels and the best that does not. */
  private static final int FINALISTS = 5;

  /** Standard errors by which those are behind that are given up. */
  private static final double CLEARLY = 2;

  private static final double Z = 1.96;

  private final Rows rows;
  private final Plan plan;
  private final Selection selection;
  private final List<FoldStudy.AsGiven> joined;
  private final List<FoldStudy> folds;
  private final boolean hasWeights;

  Trials(
      Rows rows,
      Plan plan,
      Selection selection,
      List<FoldStudy.AsGiven> joined,
      List<FoldStudy> folds,
      boolean hasWeights) {
    this.rows = rows;
    this.plan = plan;
    this.selection = selection;
    this.joined = joined;
    this.folds = folds;
    this.hasWeights = hasWeights;
  }

  /**
   * A remedy with a strength of the penalty.
   *
   * @param strength its number
   */
  record Entry(Remedy remedy, int strength) {}

  /**
   * What a fold's rows say of an entry.
   *
   * @param hits whether each of them was predicted right
   * @param scores accuracy and less of it the larger the log loss is, of each of them
   * @param temperature that suits the model's probabilities
   */
  @SuppressWarnings("ArrayRecordComponent") // compared nowhere
  record Trial(boolean[] hits, double[] scores, double temperature) {}

  /** An entry on the rows of the folds on which it was tried. */
  @SuppressWarnings("ArrayRecordComponent") // compared nowhere
  record Result(Remedy remedy, double l2, boolean[] hits, double[] scores, double temperature) {
    /** What is compared: the log loss tells apart what few rows leave equal in accuracy. */
    double score() {
      return Arrays.stream(scores).average().orElse(0);
    }

    /** Whether it is behind another by more than chance on the rows of both. */
    boolean isClearlyBehind(Result other) {
      int n = Math.min(scores.length, other.scores.length);
      double mean = 0;
      double squares = 0;
      for (int i = 0; i < n; i++) {
        double difference = other.scores[i] - scores[i];
        mean += difference / n;
        squares += difference * difference / n;
      }
      return mean > CLEARLY * Math.sqrt(Math.max(0, squares - mean * mean) / n);
    }

    double accuracy() {
      int right = 0;
      for (boolean hit : hits) {
        right += hit ? 1 : 0;
      }
      return (double) right / hits.length;
    }

    /** With Wilson's interval. */
    CleanResult.Candidate candidate(@Nullable Double testAccuracy) {
      double n = hits.length;
      double p = accuracy();
      double middle = (p + Z * Z / (2 * n)) / (1 + Z * Z / n);
      double half = Z / (1 + Z * Z / n) * Math.sqrt(p * (1 - p) / n + Z * Z / (4 * n * n));
      return new CleanResult.Candidate(
          remedy.title(),
          remedy.summary(),
          p,
          middle - half,
          middle + half,
          hits.length,
          l2,
          testAccuracy);
    }
  }

  /** What is used. */
  record Choice(
      Remedy remedy, double l2, double temperature, String verdict, List<Result> results) {}

  /** All that are tried. */
  List<Remedy> remedies() {
    var all = new ArrayList<>(List.of(Remedy.values()));
    if (!hasWeights) {
      all.remove(Remedy.WEIGHTS);
    }
    if (plan.level() != Plan.Level.FULL) {
      all.removeAll(List.of(Remedy.PLAIN, Remedy.CONFIDENT_LEARNING, Remedy.PRUNING));
    }
    if (plan.level() == Plan.Level.LEAST) {
      all.removeAll(List.of(Remedy.DROP, Remedy.WEIGHT, Remedy.CORRECT));
    }
    return all;
  }

  private double[] strengths(Remedy remedy) {
    double[] all =
        switch (remedy) {
          case PLAIN, PLAIN_AND_TRUSTED ->
              new double[] {selection.plainL2(), selection.plainL2() / 3};
          case TRUSTED_ONLY -> new double[] {selection.trustedL2()};
          case WEIGHTS -> new double[] {selection.plainL2(), selection.cleanL2()};
          default -> new double[] {selection.cleanL2(), selection.cleanL2() / 3};
        };
    return plan.level() == Plan.Level.FULL ? all : Arrays.copyOf(all, 1);
  }

  /** How many folds come first: all where there are few rows to tell remedies apart. */
  int firstFolds() {
    int first = Math.min(FIRST_FOLDS, rows.folds());
    boolean isEnough = rows.trusted() * first >= LEAST_ROWS * rows.folds();
    return plan.level() == Plan.Level.FULL && isEnough ? first : rows.folds();
  }

  /** All remedies, each at its first strength. */
  List<Entry> entries() {
    return remedies().stream().map(remedy -> new Entry(remedy, 0)).toList();
  }

  /** Tries an entry on a fold. */
  Trial of(int fold, Judgement judgement, Entry entry) {
    int[] held = rows.trusted(fold, true);
    int[] known = rows.trusted(fold, false);
    int[] right = rows.labels(held);
    Softmax model =
        fit(
            rows.features().take(Rows.concat(rows.suspectRows(), known)),
            targets(entry.remedy(), judgement, share(judgement), known),
            strengths(entry.remedy())[entry.strength()],
            start(entry.remedy(), fold));
    float[] logits = model.logits(rows.features().take(held));
    int c = rows.classes();
    double temperature = Temperature.of(logits, right, c);
    boolean[] hits = Selection.hits(logits, c, right);
    float[] p = Softmax.softmax(logits, c, temperature);
    double[] scores = new double[right.length];
    Arrays.setAll(
        scores, i -> (hits[i] ? 1 : 0) - LOSS_COUNTS * Evidence.surprise(p[i * c + right[i]]));
    return new Trial(hits, scores, temperature);
  }

  private static double share(Judgement judgement) {
    return Arrays.stream(judgement.suspicion()).average().orElse(0);
  }

  private Targets targets(Remedy remedy, Judgement judgement, double share, int[] known) {
    int[] labels = Arrays.copyOf(rows.labels(), rows.suspects());
    float[] weights = new float[known.length];
    Arrays.fill(weights, remedy == Remedy.PLAIN ? 0 : 1);
    return judgement.targets(remedy, labels, share).then(Targets.of(rows.labels(known), weights));
  }

  private Softmax start(Remedy remedy, int fold) {
    return switch (remedy) {
      case PLAIN, PLAIN_AND_TRUSTED -> joined.get(fold).model();
      case TRUSTED_ONLY -> folds.get(fold).alone();
      default -> folds.get(fold).noise().models()[0];
    };
  }

  private Softmax fit(FeatureMatrix all, Targets targets, double l2, @Nullable Softmax start) {
    return Softmax.fit(
        all, targets, rows.classes(), new Softmax.Fit(l2, plan.warmIterations(), 4e-4), start);
  }

  /** A model that is trained after a remedy with all trusted rows. */
  Softmax fitted(Remedy remedy, double l2, Judgement judgement, double share) {
    int[] known = rows.trustedRows();
    return fit(
        rows.features().take(Rows.concat(rows.suspectRows(), known)),
        targets(remedy, judgement, share, known),
        l2,
        start(remedy, 0));
  }

  /** The best ones at another strength. */
  List<Entry> promising(Map<Entry, List<Trial>> trials) {
    return sorted(trials).stream()
        .filter(entry -> strengths(entry.remedy()).length > 1)
        .limit(PROMISING)
        .map(entry -> new Entry(entry.remedy(), 1))
        .toList();
  }

  /** Those that are tried on the other folds too: none that is clearly behind. */
  List<Entry> finalists(Map<Entry, List<Trial>> trials) {
    List<Entry> sorted = sorted(trials);
    Result best = result(sorted.get(0), trials);
    var left = new ArrayList<Entry>();
    for (Entry entry : sorted) {
      boolean isFirst =
          left.stream()
              .noneMatch(other -> other.remedy().isCleaning() == entry.remedy().isCleaning());
      if (isFirst || (left.size() < FINALISTS && !result(entry, trials).isClearlyBehind(best))) {
        left.add(entry);
      }
    }
    return left;
  }

  private List<Entry> sorted(Map<Entry, List<Trial>> trials) {
    return trials.keySet().stream()
        .sorted(Comparator.comparingDouble(entry -> -result(entry, trials).score()))
        .toList();
  }

  /**
   * The remedy that is best on trusted rows.
   *
   * @param trials of each entry, in order of the folds; fewer of those that were given up
   */
  Choice choice(Map<Entry, List<Trial>> trials) {
    var results = new ArrayList<Result>();
    for (Remedy remedy : remedies()) {
      Result best = null;
      for (Entry entry : trials.keySet()) {
        Result result = result(entry, trials);
        if (entry.remedy() == remedy
            && (best == null
                || result.hits().length > best.hits().length
                || (result.hits().length == best.hits().length && result.score() > best.score()))) {
          best = result;
        }
      }
      results.add(Objects.requireNonNull(best));
    }
    int most = results.stream().mapToInt(result -> result.hits().length).max().orElse(0);
    List<Result> whole = results.stream().filter(result -> result.hits().length == most).toList();
    Result without = best(whole, false);
    Result with = best(whole, true);
    Result chosen = with.score() > without.score() ? with : without;
    return new Choice(
        chosen.remedy(),
        chosen.l2(),
        chosen.temperature(),
        verdict(with, without, chosen),
        results);
  }

  private Result result(Entry entry, Map<Entry, List<Trial>> all) {
    List<Trial> trials = all.getOrDefault(entry, List.of());
    int total = trials.stream().mapToInt(trial -> trial.hits().length).sum();
    boolean[] hits = new boolean[total];
    double[] scores = new double[total];
    double logs = 0;
    int next = 0;
    for (Trial trial : trials) {
      int count = trial.hits().length;
      System.arraycopy(trial.hits(), 0, hits, next, count);
      System.arraycopy(trial.scores(), 0, scores, next, count);
      next += count;
      logs += Math.log(trial.temperature()) / trials.size();
    }
    double l2 = strengths(entry.remedy())[entry.strength()];
    return new Result(entry.remedy(), l2, hits, scores, Math.exp(logs));
  }

  /** The best of those that judge labels, or of those that do not; of equal ones the last. */
  private static Result best(List<Result> results, boolean cleaning) {
    Result best = null;
    for (Result result : results) {
      if (result.remedy().isCleaning() == cleaning
          && (best == null || result.score() >= best.score())) {
        best = result;
      }
    }
    return Objects.requireNonNull(best);
  }

  private static String verdict(Result with, Result without, Result chosen) {
    int n = with.hits().length;
    double mean = 0;
    double squares = 0;
    for (int i = 0; i < n; i++) {
      int difference = (with.hits()[i] ? 1 : 0) - (without.hits()[i] ? 1 : 0);
      mean += (double) difference / n;
      squares += (double) difference * difference / n;
    }
    double half = Z * Math.sqrt(Math.max(0, squares - mean * mean) / n);
    String figures =
        String.format(
            Locale.ROOT,
            "'%s' minus '%s': %+.3f (95 %% interval %+.3f to %+.3f) in accuracy on %,d trusted rows left out",
            with.remedy().title(),
            without.remedy().title(),
            mean,
            mean - half,
            mean + half,
            n);
    if (!chosen.remedy().isCleaning()) {
      return "Cleaning does not help the model here: " + figures + ".";
    }
    return mean - half > 0
        ? "Cleaning helps the model: " + figures + "."
        : "Cleaning makes no clear difference to the model here: " + figures + ".";
  }
}
