package org.stackel.clean;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Trains a model after each remedy and measures it on trusted rows that were left out. */
final class Trials {
  /** How much the log loss counts beside accuracy. */
  static final double LOSS_COUNTS = 1.0 / 3;

  private static final int PROMISING = 4;
  private static final double Z = 1.96;

  private final Rows rows;
  private final Plan plan;
  private final Selection selection;
  private final List<FoldStudy.AsGiven> joined;
  private final List<FoldStudy> folds;

  Trials(
      Rows rows,
      Plan plan,
      Selection selection,
      List<FoldStudy.AsGiven> joined,
      List<FoldStudy> folds) {
    this.rows = rows;
    this.plan = plan;
    this.selection = selection;
    this.joined = joined;
    this.folds = folds;
  }

  /**
   * What a fold's rows say of a remedy with a strength.
   *
   * @param hits whether each of them was predicted right
   * @param loss sum of the log losses at the best temperature
   * @param temperature that suits the model's probabilities
   */
  @SuppressWarnings("ArrayRecordComponent") // compared nowhere
  record Trial(boolean[] hits, double loss, double temperature) {}

  /** The trials of a fold by remedy, all at one strength. */
  record Fold(Map<Remedy, Trial> trials) {
    Trial of(Remedy remedy) {
      return Objects.requireNonNull(trials.get(remedy));
    }
  }

  /** A remedy at its best strength. */
  @SuppressWarnings("ArrayRecordComponent") // compared nowhere
  record Result(Remedy remedy, double l2, boolean[] hits, double loss, double temperature) {
    /** What is compared: the log loss tells apart what few rows leave equal in accuracy. */
    double score() {
      return accuracy() - LOSS_COUNTS * loss / hits.length;
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
          remedy.title(), remedy.summary(), p, middle - half, middle + half, l2, testAccuracy);
    }
  }

  /** What is used. */
  record Choice(
      Remedy remedy, double l2, double temperature, String verdict, List<Result> results) {}

  /** All that are tried. */
  List<Remedy> remedies() {
    var all = new ArrayList<>(List.of(Remedy.values()));
    if (plan.weightSteps() == 0) {
      all.remove(Remedy.WEIGHTS);
    }
    if (plan.level() != Plan.Level.FULL) {
      all.removeAll(List.of(Remedy.PLAIN, Remedy.CONFIDENT_LEARNING, Remedy.PRUNING));
    }
    if (plan.level() == Plan.Level.LEAST) {
      all.removeAll(List.of(Remedy.DROP, Remedy.CORRECT));
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

  /**
   * Trials of a fold.
   *
   * @param remedies which remedies
   * @param strength number of the strength of their penalties
   */
  Fold of(int fold, Judgement judgement, List<Remedy> remedies, int strength) {
    int[] held = rows.trusted(fold, true);
    int[] known = rows.trusted(fold, false);
    FeatureMatrix judges = rows.features().take(held);
    int[] right = rows.labels(held);
    FeatureMatrix all = rows.features().take(Rows.concat(rows.suspectRows(), known));
    double share = share(judgement);
    var trials = new EnumMap<Remedy, Trial>(Remedy.class);
    @Nullable Softmax last = null;
    for (Remedy remedy : remedies) {
      Targets targets = targets(remedy, judgement, share, known);
      boolean isNext = remedy.isCleaning() && last != null;
      Softmax model =
          fit(
              remedy,
              all,
              targets,
              strengths(remedy)[strength],
              isNext ? last : start(remedy, fold));
      last = remedy.isCleaning() ? model : last;
      float[] logits = model.logits(judges);
      double temperature = Temperature.of(logits, right, rows.classes());
      trials.put(
          remedy,
          new Trial(
              Selection.hits(logits, rows.classes(), right),
              Temperature.loss(logits, right, rows.classes(), temperature),
              temperature));
    }
    return new Fold(trials);
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

  private Softmax fit(
      Remedy remedy, FeatureMatrix all, Targets targets, double l2, @Nullable Softmax start) {
    if (remedy == Remedy.TRUSTED_ONLY) { // rows without weight need not be read
      int[] some =
          java.util.stream.IntStream.range(0, targets.rows())
              .filter(i -> targets.weight(i) > 0)
              .toArray();
      return Softmax.fit(
          all.take(some),
          targets.take(some),
          rows.classes(),
          new Softmax.Fit(l2, plan.iterations(), 1e-4),
          start);
    }
    return Softmax.fit(
        all, targets, rows.classes(), new Softmax.Fit(l2, iterations(), 4e-4), start);
  }

  /** They start near their ends, so that few will do where each takes long. */
  private int iterations() {
    return plan.level() == Plan.Level.LEAST ? plan.iterations() / 2 : plan.iterations();
  }

  /** A model that is trained after a remedy with all trusted rows. */
  Softmax fitted(Remedy remedy, double l2, Judgement judgement, double share) {
    int[] known = rows.trustedRows();
    return fit(
        remedy,
        rows.features().take(Rows.concat(rows.suspectRows(), known)),
        targets(remedy, judgement, share, known),
        l2,
        start(remedy, 0));
  }

  /** Those that come near the best at their first strength: only they are tried at others. */
  List<Remedy> promising(List<Fold> first) {
    return remedies().stream()
        .filter(remedy -> strengths(remedy).length > 1)
        .sorted(Comparator.comparingDouble(remedy -> -result(remedy, 0, first).score()))
        .limit(PROMISING)
        .toList();
  }

  /**
   * The remedy that is best on trusted rows.
   *
   * @param first trials of all remedies at their first strength
   * @param more trials of some at their second one
   */
  Choice choice(List<Fold> first, List<Fold> more) {
    var results = new ArrayList<Result>();
    for (Remedy remedy : remedies()) {
      Result result = result(remedy, 0, first);
      if (!more.isEmpty() && more.get(0).trials().containsKey(remedy)) {
        Result other = result(remedy, 1, more);
        result = other.score() > result.score() ? other : result;
      }
      results.add(result);
    }
    Result without = best(results, false);
    Result with = best(results, true);
    Result chosen = with.score() > without.score() ? with : without;
    return new Choice(
        chosen.remedy(),
        chosen.l2(),
        chosen.temperature(),
        verdict(with, without, chosen),
        results);
  }

  private Result result(Remedy remedy, int strength, List<Fold> all) {
    int total = all.stream().mapToInt(fold -> fold.of(remedy).hits().length).sum();
    boolean[] hits = new boolean[total];
    double logs = 0;
    double loss = 0;
    int next = 0;
    for (Fold fold : all) {
      Trial trial = fold.of(remedy);
      System.arraycopy(trial.hits(), 0, hits, next, trial.hits().length);
      next += trial.hits().length;
      logs += Math.log(trial.temperature()) / all.size();
      loss += trial.loss();
    }
    return new Result(remedy, strengths(remedy)[strength], hits, loss, Math.exp(logs));
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
