package org.stackel.clean;

import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * What is found with the trusted rows of all folds but one: scores of every suspect, and of the
 * trusted rows left out, each once with its own label and once with a wrong one.
 *
 * @param scores of the suspects
 * @param samples of the trusted rows left out
 * @param wrong whether the label of each sample is wrong
 * @param mass weight of each sample
 * @param noise the noise model
 * @param alone model of the trusted rows alone
 * @param temperature by which its logits are divided
 * @param lambda of the suspects; null without bilevel weights
 */
@SuppressWarnings("ArrayRecordComponent") // compared nowhere
record FoldStudy(
    Evidence scores,
    Evidence samples,
    boolean[] wrong,
    double[] mass,
    NoiseModel noise,
    Softmax alone,
    double temperature,
    double @Nullable [] lambda) {

  /**
   * A model of labels as given that did not see a fold, and what it says of the fold's suspects.
   *
   * @param own probability of each label
   * @param margin log probability of the best other class less that of the label
   */
  @SuppressWarnings("ArrayRecordComponent") // compared nowhere
  record AsGiven(Softmax model, float[] own, float[] margin) {
    static AsGiven of(Softmax model, Rows rows, int[] asked) {
      int[] labels = rows.labels(asked);
      float[] own = new float[labels.length];
      float[] margin = new float[labels.length];
      model.eachRow(
          rows.features().take(asked),
          1,
          (i, p, at) -> {
            own[i] = p[at + labels[i]];
            margin[i] = (float) Evidence.margin(p, at, rows.classes(), labels[i]);
          });
      return new AsGiven(model, own, margin);
    }
  }

  /** What is common to all folds. */
  @SuppressWarnings("ArrayRecordComponent") // compared nowhere
  record Shared(
      Rows rows,
      Plan plan,
      Selection selection,
      java.util.List<AsGiven> plain,
      java.util.List<AsGiven> joined,
      Votes votes,
      long seed) {}

  /** Studies a fold. */
  static FoldStudy of(Shared shared, int fold, Ticker ticker) {
    return new Work(shared, fold).study(ticker);
  }

  private static final class Work {
    private final Shared shared;
    private final Rows rows;
    private final int fold;
    private final int classes;
    private final int[] known;
    private final int[] held;

    Work(Shared shared, int fold) {
      this.shared = shared;
      this.rows = shared.rows();
      this.fold = fold;
      classes = rows.classes();
      known = rows.trusted(fold, false);
      held = rows.trusted(fold, true);
    }

    FoldStudy study(Ticker ticker) {
      Softmax alone = alone(known);
      double temperature = temperature();
      Evidence scores = scores();
      Targets first = first(alone, temperature, scores);
      ticker.done("how labels go wrong", 1);
      NoiseModel noise =
          NoiseModel.find(
              rows, first, known, held, shared.selection().cleanL2(), shared.plan().noise());
      ticker.done("how labels go wrong", 3);
      for (int i = 0; i < scores.rows(); i++) {
        float right = mass(noise.beliefs(), i, rows.labels()[i]);
        scores.set(i, Detector.POSTERIOR, Evidence.odds(right));
      }
      int h = held.length;
      int[] labels = Rows.concat(rows.labels(held), wrongLabels(noise.transition()));
      Evidence samples = Evidence.of(2 * h);
      boolean[] wrong = new boolean[2 * h];
      double[] mass = new double[2 * h];
      float[] q = new float[classes];
      for (int s = 0; s < 2 * h; s++) {
        int i = s % h;
        int label = labels[s];
        int truth = rows.labels()[held[i]];
        double rate = noise.transition().rate(truth);
        wrong[s] = s >= h;
        mass[s] = !wrong[s] ? 1 - rate : label == truth ? 0 : rate;
        samples.set(s, Detector.NEIGHBOURS, vote(held[i], label));
        noise.transition().posterior(noise.held(), i * classes, label, q);
        samples.set(s, Detector.POSTERIOR, Evidence.odds(q[label]));
      }
      FeatureMatrix features = rows.features().take(held);
      Softmax plain = shared.plain().get(fold).model();
      margins(plain, 1, features, labels, samples, Detector.MARGIN);
      plain.eachRow(
          features,
          1,
          (i, p, at) -> {
            for (int s = i; s < 2 * h; s += h) {
              samples.set(s, Detector.CONFIDENCE, Evidence.surprise(p[at + labels[s]]));
            }
          });
      Softmax joined = shared.joined().get(fold).model();
      margins(joined, 1, features, labels, samples, Detector.JOINED);
      margins(alone, temperature, features, labels, samples, Detector.TRUSTED);
      double[] lambda = shared.plan().weightSteps() > 0 ? lambda(labels, scores, samples) : null;
      return new FoldStudy(scores, samples, wrong, mass, noise, alone, temperature, lambda);
    }

    private Softmax alone(int[] trusted) {
      return Softmax.fit(
          rows.features().take(trusted),
          Targets.of(rows.labels(trusted)),
          classes,
          new Softmax.Fit(shared.selection().trustedL2(), shared.plan().trustedIterations(), 1e-4),
          null);
    }

    /** Found on trusted rows that a model of the others has not seen. */
    private double temperature() {
      int parts = 3;
      int asked = shared.plan().level() == Plan.Level.LEAST ? 1 : parts;
      var logits = new float[0];
      var labels = new int[0];
      for (int part = 0; part < asked; part++) {
        int p = part;
        int[] in = pick(i -> i % parts != p);
        int[] out = pick(i -> i % parts == p);
        if (in.length == 0 || out.length == 0) {
          return 1;
        }
        float[] own = alone(in).logits(rows.features().take(out));
        int before = logits.length;
        logits = java.util.Arrays.copyOf(logits, before + own.length);
        System.arraycopy(own, 0, logits, before, own.length);
        labels = Rows.concat(labels, rows.labels(out));
      }
      return Temperature.of(logits, labels, classes);
    }

    private int[] pick(java.util.function.IntPredicate which) {
      return IntStream.range(0, known.length).filter(which).map(i -> known[i]).toArray();
    }

    /** What a model says of the labels of samples, of which there are several for each row. */
    private void margins(
        Softmax model,
        double temperature,
        FeatureMatrix features,
        int[] labels,
        Evidence samples,
        Detector detector) {
      model.eachRow(
          features,
          temperature,
          (i, p, at) -> {
            for (int s = i; s < labels.length; s += features.rows()) {
              samples.set(s, detector, Evidence.margin(p, at, classes, labels[s]));
            }
          });
    }

    /** What a model of trusted rows alone says of the suspects, and what is to be believed then. */
    private Targets first(Softmax alone, double temperature, Evidence scores) {
      int n = rows.suspects();
      float[] p = alone.probabilities(rows.features().take(rows.suspectRows()), temperature);
      fillMissing(p);
      for (int i = 0; i < n; i++) {
        double margin = Evidence.margin(p, i * classes, classes, rows.labels()[i]);
        scores.set(i, Detector.TRUSTED, margin);
      }
      Transition transition = Transition.estimate(p, rows.labels(), n, classes);
      return NoiseModel.beliefs(p, rows.labels(), n, transition);
    }

    /** Of classes without a trusted row only models of labels as given know. */
    private void fillMissing(float[] p) {
      boolean[] isKnown = new boolean[classes];
      for (int i : known) {
        isKnown[rows.labels()[i]] = true;
      }
      if (IntStream.range(0, classes).allMatch(k -> isKnown[k])) {
        return;
      }
      for (int f = 0; f < rows.folds(); f++) {
        int[] in = rows.suspects(f, true);
        shared
            .plain()
            .get(f)
            .model()
            .eachRow(
                rows.features().take(in),
                1,
                (i, plain, from) -> {
                  double unknown = 0;
                  for (int k = 0; k < classes; k++) {
                    unknown += isKnown[k] ? 0 : plain[from + k];
                  }
                  for (int k = 0; k < classes; k++) {
                    int at = in[i] * classes + k;
                    p[at] = isKnown[k] ? (float) (p[at] * (1 - unknown)) : plain[from + k];
                  }
                });
      }
    }

    /** What models of labels as given and neighbours say of the suspects. */
    private Evidence scores() {
      int n = rows.suspects();
      Evidence scores = Evidence.of(n);
      for (int f = 0; f < rows.folds(); f++) {
        int[] in = rows.suspects(f, true);
        for (int i = 0; i < in.length; i++) {
          AsGiven plain = shared.plain().get(f);
          scores.set(in[i], Detector.CONFIDENCE, Evidence.surprise(plain.own()[i]));
          scores.set(in[i], Detector.MARGIN, plain.margin()[i]);
          scores.set(in[i], Detector.JOINED, shared.joined().get(f).margin()[i]);
        }
      }
      for (int i = 0; i < n; i++) {
        scores.set(i, Detector.NEIGHBOURS, vote(i, rows.labels()[i]));
      }
      return scores;
    }

    private double vote(int row, int label) {
      return Evidence.surprise(shared.votes().share(row, label));
    }

    private double @Nullable [] lambda(int[] labels, Evidence scores, Evidence samples) {
      int n = rows.suspects();
      int[] both = Rows.concat(held, held);
      double[] all =
          new BilevelWeights(
                  shared.plan().weightSteps(),
                  new org.stackel.tensor.Seed(shared.seed()).child("weights").child(fold))
              .lambda(
                  rows,
                  Rows.concat(rows.suspectRows(), both),
                  Rows.concat(java.util.Arrays.copyOf(rows.labels(), n), labels),
                  known);
      if (!java.util.Arrays.stream(all).allMatch(Double::isFinite)) {
        return null;
      }
      for (int i = 0; i < n; i++) {
        scores.set(i, Detector.WEIGHT, -all[i]);
      }
      for (int s = 0; s < both.length; s++) {
        samples.set(s, Detector.WEIGHT, -all[n + s]);
      }
      return java.util.Arrays.copyOf(all, n);
    }

    /** A wrong label for each trusted row left out, drawn from how labels go wrong. */
    private int[] wrongLabels(Transition transition) {
      int[] labels = new int[held.length];
      var seed = new org.stackel.tensor.Seed(shared.seed()).child("flips").child(fold);
      for (int i = 0; i < held.length; i++) {
        int truth = rows.labels()[held[i]];
        SplittableRandom draw = seed.child(i).generator();
        double left = draw.nextDouble() * transition.rate(truth);
        labels[i] = truth;
        for (int k = 0; k < classes && left > 0; k++) {
          if (k != truth) {
            labels[i] = k;
            left -= transition.of(truth, k);
          }
        }
      }
      return labels;
    }
  }

  private static float mass(Targets beliefs, int row, int label) {
    float mass = 0;
    for (int e = beliefs.offsets()[row]; e < beliefs.offsets()[row + 1]; e++) {
      mass += beliefs.classes()[e] == label ? beliefs.mass()[e] : 0;
    }
    return mass;
  }
}
