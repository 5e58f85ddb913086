package org.stackel.clean;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Judges labels and trains a model.
 *
 * <p>All models share the features and the folds. What is measured on a trusted row is measured by
 * models that saw neither the row nor anything that was found with it.
 */
final class Study {
  private static final int NEIGHBOURS = 15;
  private static final int MAX_REFERENCES = 20_000;

  private final Rows rows;
  private final Plan plan;
  private final Selection selection;
  private final Parallel parallel;
  private final Ticker ticker;
  private final long seed;
  private final @Nullable FeatureMatrix test;
  private final int[] testLabels;

  private List<FoldStudy.AsGiven> plain = List.of();
  private List<FoldStudy.AsGiven> joined = List.of();
  private List<FoldStudy> folds = List.of();
  private boolean hasWeights;

  /**
   * @param test features of test rows; null without them
   * @param testLabels their classes
   */
  Study(
      Rows rows,
      Plan plan,
      Selection selection,
      Parallel parallel,
      Ticker ticker,
      long seed,
      @Nullable FeatureMatrix test,
      int[] testLabels) {
    this.rows = rows;
    this.plan = plan;
    this.selection = selection;
    this.parallel = parallel;
    this.ticker = ticker;
    this.seed = seed;
    this.test = test;
    this.testLabels = testLabels;
  }

  /** Work of a study, as its ticker counts it. */
  static double work(Plan plan, boolean hasTrusted) {
    return hasTrusted ? plan.folds() * (1 + 1 + 4 + (plan.weightSteps() > 0 ? 2 : 0) + 4) + 2 : 8;
  }

  Outcome run() {
    return rows.trusted() > 0 ? withTrusted() : alone();
  }

  // ---- with trusted rows -----------------------------------------------------------------------

  private Outcome withTrusted() {
    ticker.begin("models of labels as given");
    plain = parallel.map(rows.folds(), k -> asGiven(k, false, null));
    joined = parallel.map(rows.folds(), k -> asGiven(k, true, plain.get(k).model()));
    ticker.begin("neighbours");
    Votes votes = votes();
    ticker.done("how labels go wrong", 1);
    var shared = new FoldStudy.Shared(rows, plan, selection, plain, joined, votes, seed);
    folds = parallel.map(rows.folds(), k -> FoldStudy.of(shared, k, ticker));
    hasWeights = plan.weightSteps() > 0 && folds.stream().allMatch(f -> f.lambda() != null);
    if (!hasWeights) {
      clear(Detector.WEIGHT);
    }
    boolean[] confident = confident();
    Combination all = combination(-1);
    var trials = new Trials(rows, plan, selection, joined, folds, hasWeights);
    List<Judgement> judgements =
        IntStream.range(0, rows.folds())
            .mapToObj(k -> judgement(k, combination(k), confident))
            .toList();
    Trials.Choice choice = trials.choice(tried(trials, judgements));
    ticker.begin("final model");
    Judgement judgement = mean(all, confident);
    Softmax model = trials.fitted(choice.remedy(), choice.l2(), judgement, wrongShare());
    Outcome outcome =
        new Outcome(
            judgement,
            meanScores(),
            folds.get(0).noise().transition(),
            wrongShare(),
            weights(all),
            candidates(trials, choice, judgement, model),
            choice.remedy(),
            choice.verdict(),
            calibration(),
            model.cooled(choice.temperature()));
    ticker.done("final model", 1);
    return outcome;
  }

  /** All remedies on the first folds, and on the others those that are not clearly behind. */
  private Map<Trials.Entry, List<Trials.Trial>> tried(Trials trials, List<Judgement> judgements) {
    int first = trials.firstFolds();
    var all = new LinkedHashMap<Trials.Entry, List<Trials.Trial>>();
    tried(trials, judgements, trials.entries(), 0, first, all);
    tried(trials, judgements, trials.promising(all), 0, first, all);
    tried(trials, judgements, trials.finalists(all), first, rows.folds(), all);
    return all;
  }

  private void tried(
      Trials trials,
      List<Judgement> judgements,
      List<Trials.Entry> entries,
      int from,
      int to,
      Map<Trials.Entry, List<Trials.Trial>> all) {
    int count = entries.size();
    double work = 4.0 * rows.folds() / 40;
    List<Trials.Trial> found =
        parallel.map(
            count * (to - from),
            task -> {
              int fold = from + task / count;
              Trials.Trial trial = trials.of(fold, judgements.get(fold), entries.get(task % count));
              ticker.done("comparing remedies", work);
              return trial;
            });
    for (int task = 0; task < found.size(); task++) {
      all.computeIfAbsent(entries.get(task % count), entry -> new ArrayList<>())
          .add(found.get(task));
    }
  }

  private FoldStudy.AsGiven asGiven(int fold, boolean withTrusted, @Nullable Softmax start) {
    int[] in = rows.suspects(fold, false);
    int[] all = withTrusted ? Rows.concat(in, rows.trusted(fold, false)) : in;
    Softmax model =
        Softmax.fit(
            rows.features().take(all),
            Targets.of(rows.labels(all)),
            rows.classes(),
            new Softmax.Fit(
                selection.plainL2(),
                start == null ? plan.iterations() : plan.warmIterations(),
                1e-4),
            start);
    ticker.done("models of labels as given", 1);
    return FoldStudy.AsGiven.of(model, rows, rows.suspects(fold, true));
  }

  private Votes votes() {
    int[] all = IntStream.range(0, rows.labels().length).toArray();
    int step = Math.max(1, (rows.suspects() + MAX_REFERENCES - 1) / MAX_REFERENCES);
    int[] references = IntStream.range(0, rows.suspects()).filter(i -> i % step == 0).toArray();
    int[][] nearest = Neighbours.of(rows.features()).nearest(all, references, NEIGHBOURS);
    return new Votes(nearest, rows.labels(), rows.classes());
  }

  /** Confident learning, on the models of labels as given. */
  private boolean[] confident() {
    return ConfidentJoint.wrong(
        reader -> {
          for (int f = 0; f < rows.folds(); f++) {
            int[] in = rows.suspects(f, true);
            plain
                .get(f)
                .model()
                .eachRow(rows.features().take(in), 1, (i, p, at) -> reader.read(in[i], p, at));
          }
        },
        Arrays.copyOf(rows.labels(), rows.suspects()),
        rows.classes());
  }

  /** Learned from the samples of all folds but one; -1 for none left out. */
  private Combination combination(int without) {
    List<FoldStudy> used =
        IntStream.range(0, folds.size()).filter(f -> f != without).mapToObj(folds::get).toList();
    int total = used.stream().mapToInt(fold -> fold.samples().rows()).sum();
    Evidence all = Evidence.of(total);
    boolean[] wrong = new boolean[total];
    double[] mass = new double[total];
    int next = 0;
    for (FoldStudy fold : used) {
      int count = fold.samples().rows();
      System.arraycopy(
          fold.samples().scores(), 0, all.scores(), next * Evidence.WIDTH, count * Evidence.WIDTH);
      System.arraycopy(fold.wrong(), 0, wrong, next, count);
      System.arraycopy(fold.mass(), 0, mass, next, count);
      next += count;
    }
    return Combination.fit(all, wrong, mass);
  }

  /** What one fold says. */
  private Judgement judgement(int fold, Combination combination, boolean[] confident) {
    FoldStudy study = folds.get(fold);
    int n = rows.suspects();
    double[] suspicion = new double[n];
    double[] margin = new double[n];
    for (int i = 0; i < n; i++) {
      suspicion[i] = combination.probability(study.scores(), i);
      margin[i] = study.scores().get(i, Detector.TRUSTED);
    }
    return new Judgement(suspicion, study.noise().beliefs(), study.lambda(), margin, confident);
  }

  /** The mean of what all folds say. */
  private Judgement mean(Combination combination, boolean[] confident) {
    int n = rows.suspects();
    double[] suspicion = new double[n];
    double[] margin = new double[n];
    double @Nullable [] lambda = hasWeights ? new double[n] : null;
    for (FoldStudy study : folds) {
      for (int i = 0; i < n; i++) {
        suspicion[i] += combination.probability(study.scores(), i) / folds.size();
        margin[i] += study.scores().get(i, Detector.TRUSTED) / folds.size();
        if (lambda != null && study.lambda() != null) {
          lambda[i] += study.lambda()[i] / folds.size();
        }
      }
    }
    List<Targets> beliefs = folds.stream().map(study -> study.noise().beliefs()).toList();
    return new Judgement(suspicion, Beliefs.mean(beliefs), lambda, margin, confident);
  }

  private Evidence meanScores() {
    Evidence mean = Evidence.of(rows.suspects());
    for (FoldStudy study : folds) {
      for (int k = 0; k < mean.scores().length; k++) {
        mean.scores()[k] += study.scores().scores()[k] / folds.size();
      }
    }
    return mean;
  }

  /** The share of wrong labels by the noise models, mean over folds. */
  private double wrongShare() {
    double sum = 0;
    for (FoldStudy study : folds) {
      Targets beliefs = study.noise().beliefs();
      double right = 0;
      for (int i = 0; i < rows.suspects(); i++) {
        for (int e = beliefs.offsets()[i]; e < beliefs.offsets()[i + 1]; e++) {
          right += beliefs.classes()[e] == rows.labels()[i] ? beliefs.mass()[e] : 0;
        }
      }
      sum += 1 - right / rows.suspects();
    }
    return sum / folds.size();
  }

  private Map<String, Double> weights(Combination combination) {
    var weights = new LinkedHashMap<String, Double>();
    for (Detector detector : Detector.values()) {
      if (detector != Detector.WEIGHT || hasWeights) {
        weights.put(detector.column(), combination.weights()[detector.place()]);
      }
    }
    return weights;
  }

  /** What is said of the samples of a fold by a combination that did not see them. */
  private List<CleanResult.Bin> calibration() {
    double[] suspicion = new double[10];
    double[] wrong = new double[10];
    double[] weight = new double[10];
    for (int f = 0; f < folds.size(); f++) {
      Combination others = combination(f);
      FoldStudy fold = folds.get(f);
      for (int s = 0; s < fold.samples().rows(); s++) {
        double p = others.probability(fold.samples(), s);
        int bin = (int) Math.min(9, p * 10);
        suspicion[bin] += fold.mass()[s] * p;
        wrong[bin] += fold.wrong()[s] ? fold.mass()[s] : 0;
        weight[bin] += fold.mass()[s];
      }
    }
    var bins = new ArrayList<CleanResult.Bin>();
    for (int bin = 0; bin < 10; bin++) {
      if (weight[bin] > 0) {
        bins.add(
            new CleanResult.Bin(
                suspicion[bin] / weight[bin], wrong[bin] / weight[bin], weight[bin]));
      }
    }
    return bins;
  }

  private List<CleanResult.Candidate> candidates(
      Trials trials, Trials.Choice choice, Judgement judgement, Softmax chosen) {
    List<Trials.Result> results = choice.results();
    if (test == null) {
      return results.stream().map(result -> result.candidate(null)).toList();
    }
    return parallel.map(
        results.size(),
        r -> {
          Trials.Result result = results.get(r);
          Softmax model =
              result.remedy() == choice.remedy()
                  ? chosen
                  : trials.fitted(result.remedy(), result.l2(), judgement, wrongShare());
          return result.candidate(
              Selection.accuracy(model, Objects.requireNonNull(test), testLabels));
        });
  }

  // ---- without trusted rows --------------------------------------------------------------------

  /** Confident learning alone: nothing else is known to be right. */
  private Outcome alone() {
    int n = rows.suspects();
    int c = rows.classes();
    ticker.begin("models of labels as given");
    plain = parallel.map(rows.folds(), k -> asGiven(k, false, null));
    boolean[] confident = confident();
    Evidence scores = Evidence.of(n);
    int[] place = new int[n];
    int next = 0;
    Targets beliefs = Targets.of(new int[0]);
    for (int f = 0; f < rows.folds(); f++) {
      int[] in = rows.suspects(f, true);
      FoldStudy.AsGiven own = plain.get(f);
      for (int i = 0; i < in.length; i++) {
        scores.set(in[i], Detector.CONFIDENCE, Evidence.surprise(own.own()[i]));
        scores.set(in[i], Detector.MARGIN, own.margin()[i]);
        place[in[i]] = next++;
      }
      float[] p = own.model().probabilities(rows.features().take(in), 1);
      beliefs = beliefs.then(Beliefs.of(p, in.length, c));
    }
    beliefs = beliefs.take(place);
    double[] suspicion = ranks(scores, confident);
    var judgement = new Judgement(suspicion, beliefs, null, new double[n], confident);
    ticker.begin("final model");
    int[] labels = Arrays.copyOf(rows.labels(), n);
    Softmax model =
        Softmax.fit(
            rows.features().take(rows.suspectRows()),
            judgement.targets(Remedy.CONFIDENT_LEARNING, labels, 0),
            c,
            new Softmax.Fit(selection.plainL2(), 2 * plan.iterations(), 1e-4),
            plain.get(0).model());
    int wrong = 0;
    for (boolean each : confident) {
      wrong += each ? 1 : 0;
    }
    Double accuracy = test == null ? null : Selection.accuracy(model, test, testLabels);
    ticker.done("final model", 1);
    return new Outcome(
        judgement,
        scores,
        null,
        (double) wrong / n,
        Map.of(),
        List.of(
            new CleanResult.Candidate(
                Remedy.CONFIDENT_LEARNING.title(),
                "without the rows that confident learning finds",
                null,
                null,
                null,
                0,
                selection.plainL2(),
                accuracy)),
        Remedy.CONFIDENT_LEARNING,
        "No row is known to be right, so nothing could be measured or calibrated: suspicion is a rank, by confident learning alone. Check the rows of to-check.csv by hand and give them with --trusted.",
        List.of(),
        model);
  }

  /** Above one half what confident learning finds, in order of the margin. */
  private static double[] ranks(Evidence scores, boolean[] confident) {
    int n = confident.length;
    double[] ranks = new double[n];
    for (boolean found : new boolean[] {false, true}) {
      int[] group =
          IntStream.range(0, n)
              .filter(i -> confident[i] == found)
              .boxed()
              .sorted(java.util.Comparator.comparingDouble(i -> scores.get(i, Detector.MARGIN)))
              .mapToInt(Integer::intValue)
              .toArray();
      for (int r = 0; r < group.length; r++) {
        double within = 0.5 * (r + 1) / (group.length + 1);
        ranks[group[r]] = found ? 0.5 + within : within;
      }
    }
    return ranks;
  }

  // ---- other rows ------------------------------------------------------------------------------

  /** Judges rows that took no part, by all models; without bilevel weights and neighbours. */
  Others others() {
    return new Others(rows, plain, joined, folds, this::withoutRowScores);
  }

  /** Learned from the scores that any row has. */
  private Combination withoutRowScores() {
    clear(Detector.WEIGHT);
    clear(Detector.NEIGHBOURS);
    return folds.isEmpty() ? Combination.prior() : combination(-1);
  }

  /** What a detector says does not count. */
  private void clear(Detector detector) {
    for (FoldStudy fold : folds) {
      fold.samples().clear(detector);
      fold.scores().clear(detector);
    }
  }
}
