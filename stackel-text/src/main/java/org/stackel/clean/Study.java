package org.stackel.clean;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.stackel.tensor.Seed;

/** Judges every label with the help of trusted rows, in folds. */
final class Study {
  private static final int NEIGHBOURS = 15;

  private final Rows rows;
  private final Settings settings;
  private final Parallel parallel;
  private final Consumer<String> stage;

  record Settings(double l2, double trustedL2, NoiseModel.Effort effort, long weightSteps, int iterations, Seed seed) {}

  Study(Rows rows, Settings settings, Parallel parallel, Consumer<String> stage) {
    this.rows = rows;
    this.settings = settings;
    this.parallel = parallel;
    this.stage = stage;
  }

  /** Models of labels as given, which did not see a fold. */
  private record Shared(float[] suspects, float[] trusted, Softmax model) {}

  /** What one fold's trusted rows, left out, allow to say. */
  record Fold(
      Evidence suspects, NoiseModel noise, Evidence samples, boolean[] wrong, double[] mass,
      double @Nullable [] lambda, float[] trustedOnlyHeld, float[] trustedOnlyRight, int[] sampleLabels) {}

  Fold[] folds = new Fold[0];
  Softmax plainStart;
  Map<String, Double> timing = new LinkedHashMap<>();

  Fold[] judge() {
    int k = rows.folds();
    long t = System.nanoTime();
    stage.accept("plain");
    List<Shared> plain = parallel.map(k, f -> shared(f, false, null));
    t = time("plain", t);
    stage.accept("plain + trusted");
    List<Shared> joined = parallel.map(k, f -> shared(f, true, plain.get(f).model()));
    t = time("joined", t);
    plainStart = joined.get(0).model();
    stage.accept("neighbours");
    float[] votes = votes();
    t = time("neighbours", t);
    stage.accept("noise model");
    folds = parallel.map(k, f -> fold(f, plain, joined, votes)).toArray(new Fold[0]);
    t = time("folds", t);
    return folds;
  }

  private long time(String what, long from) {
    long now = System.nanoTime();
    timing.put(what, (now - from) / 1e9);
    return now;
  }

  private Shared shared(int fold, boolean withTrusted, @Nullable Softmax start) {
    int[] in = rows.suspects(fold, false);
    int[] all = withTrusted ? Rows.concat(in, rows.trusted(fold, false)) : in;
    Softmax model =
        Softmax.fit(
            rows.features().take(all),
            Targets.of(rows.labels(all)),
            rows.classes(),
            new Softmax.Fit(settings.l2(), settings.iterations(), 1e-4),
            start);
    return new Shared(
        model.probabilities(rows.features().take(rows.suspects(fold, true)), 1),
        model.probabilities(rows.features().take(rows.trusted(fold, true)), 1),
        model);
  }

  /** Shares of the classes among the neighbours of all rows, smoothed. */
  private float[] votes() {
    int c = rows.classes();
    int[] all = IntStream.range(0, rows.labels().length).toArray();
    int[][] nearest = Neighbours.of(rows.features()).nearest(all, rows.suspectRows(), NEIGHBOURS);
    float[] votes = new float[all.length * c];
    for (int i = 0; i < all.length; i++) {
      for (int j = 0; j < c; j++) {
        votes[i * c + j] = 1f / c;
      }
      for (int n : nearest[i]) {
        if (n >= 0) {
          votes[i * c + rows.labels()[n]] += 1;
        }
      }
      for (int j = 0; j < c; j++) {
        votes[i * c + j] /= NEIGHBOURS + 1;
      }
    }
    return votes;
  }

  private Fold fold(int k, List<Shared> plain, List<Shared> joined, float[] votes) {
    int c = rows.classes();
    int n = rows.suspects();
    int[] known = rows.trusted(k, false);
    int[] held = rows.trusted(k, true);
    Softmax trustedOnly =
        Softmax.fit(
            rows.features().take(known),
            Targets.of(rows.labels(known)),
            c,
            new Softmax.Fit(settings.trustedL2(), 2 * settings.iterations(), 1e-4),
            null);
    double temperature = trustedTemperature(known);
    float[] first =
        trustedOnly.probabilities(rows.features().take(rows.suspectRows()), temperature);
    float[] firstHeld = trustedOnly.probabilities(rows.features().take(held), temperature);
    NoiseModel noise = NoiseModel.find(rows, first, known, held, settings.l2(), settings.effort());

    Evidence suspects = Evidence.of(n);
    for (int f = 0; f < rows.folds(); f++) {
      int[] in = rows.suspects(f, true);
      for (int i = 0; i < in.length; i++) {
        score(suspects, in[i], plain.get(f).suspects(), joined.get(f).suspects(), i, rows.labels()[in[i]]);
      }
    }
    for (int i = 0; i < n; i++) {
      int label = rows.labels()[i];
      suspects.set(i, Detector.TRUSTED, Evidence.margin(first, i * c, c, label));
      suspects.set(i, Detector.NEIGHBOURS, Evidence.surprise(votes[i * c + label]));
      float right = 0;
      for (int e = noise.beliefs().offsets()[i]; e < noise.beliefs().offsets()[i + 1]; e++) {
        right += noise.beliefs().classes()[e] == label ? noise.beliefs().mass()[e] : 0;
      }
      suspects.set(i, Detector.POSTERIOR, Evidence.odds(right));
    }

    // Trusted rows of this fold with their own label and with a wrong one.
    int h = held.length;
    int[] sampleRows = Rows.concat(held, held);
    int[] sampleLabels = Rows.concat(rows.labels(held), wrongLabels(held, noise.transition(), k));
    Evidence samples = Evidence.of(2 * h);
    boolean[] wrong = new boolean[2 * h];
    double[] mass = new double[2 * h];
    float[] q = new float[c];
    for (int s = 0; s < 2 * h; s++) {
      int i = s % h;
      int label = sampleLabels[s];
      int truth = rows.labels()[held[i]];
      wrong[s] = s >= h;
      mass[s] = wrong[s] ? noise.transition().rate(truth) : 1 - noise.transition().rate(truth);
      if (wrong[s] && label == truth) {
        mass[s] = 0;
      }
      score(samples, s, plain.get(k).trusted(), joined.get(k).trusted(), i, label);
      samples.set(s, Detector.TRUSTED, Evidence.margin(firstHeld, i * c, c, label));
      samples.set(s, Detector.NEIGHBOURS, Evidence.surprise(votes[held[i] * c + label]));
      noise.transition().posterior(noise.held(), i * c, label, q);
      samples.set(s, Detector.POSTERIOR, Evidence.odds(q[label]));
    }
    double[] lambda = null;
    if (settings.weightSteps() > 0) {
      double[] all =
          new BilevelWeights(settings.weightSteps(), settings.seed().child("weights").child(k))
              .lambda(
                  rows,
                  Rows.concat(rows.suspectRows(), sampleRows),
                  Rows.concat(Arrays.copyOf(rows.labels(), n), sampleLabels),
                  known);
      lambda = Arrays.copyOf(all, n);
      for (int i = 0; i < n; i++) {
        suspects.set(i, Detector.WEIGHT, -all[i]);
      }
      for (int s = 0; s < 2 * h; s++) {
        samples.set(s, Detector.WEIGHT, -all[n + s]);
      }
    }
    return new Fold(suspects, noise, samples, wrong, mass, lambda, firstHeld, first, sampleLabels);
  }

  private double trustedTemperature(int[] known) {
    int c = rows.classes();
    float[] logits = new float[known.length * c];
    for (int part = 0; part < 3; part++) {
      int k = part;
      int[] in = IntStream.range(0, known.length).filter(i -> i % 3 != k).toArray();
      int[] out = IntStream.range(0, known.length).filter(i -> i % 3 == k).toArray();
      int[] inRows = Arrays.stream(in).map(i -> known[i]).toArray();
      int[] outRows = Arrays.stream(out).map(i -> known[i]).toArray();
      Softmax m =
          Softmax.fit(rows.features().take(inRows), Targets.of(rows.labels(inRows)), c,
              new Softmax.Fit(settings.trustedL2(), 2 * settings.iterations(), 1e-4), null);
      float[] l = m.logits(rows.features().take(outRows));
      for (int i = 0; i < out.length; i++) {
        System.arraycopy(l, i * c, logits, out[i] * c, c);
      }
    }
    return Temperature.of(logits, rows.labels(known), c);
  }

  private void score(Evidence to, int row, float[] plain, float[] joined, int i, int label) {
    int c = rows.classes();
    to.set(row, Detector.CONFIDENCE, Evidence.surprise(plain[i * c + label]));
    to.set(row, Detector.MARGIN, Evidence.margin(plain, i * c, c, label));
    to.set(row, Detector.JOINED, Evidence.margin(joined, i * c, c, label));
  }

  private int[] wrongLabels(int[] held, Transition t, int k) {
    int[] labels = new int[held.length];
    for (int i = 0; i < held.length; i++) {
      int truth = rows.labels()[held[i]];
      SplittableRandom draw = settings.seed().child("flips").child(k).child(i).generator();
      double left = draw.nextDouble() * t.rate(truth);
      labels[i] = truth;
      for (int j = 0; j < rows.classes(); j++) {
        if (j != truth) {
          labels[i] = j;
          left -= t.of(truth, j);
          if (left <= 0) {
            break;
          }
        }
      }
    }
    return labels;
  }

  /** A combination learned from the samples of all folds but one (-1: of all). */
  Combination combination(int without) {
    var scores = new ArrayList<Fold>();
    for (int f = 0; f < folds.length; f++) {
      if (f != without) {
        scores.add(folds[f]);
      }
    }
    int total = scores.stream().mapToInt(f -> f.samples().rows()).sum();
    Evidence all = Evidence.of(total);
    boolean[] wrong = new boolean[total];
    double[] mass = new double[total];
    int next = 0;
    for (Fold f : scores) {
      System.arraycopy(f.samples().scores(), 0, all.scores(), next * Evidence.WIDTH, f.samples().scores().length);
      System.arraycopy(f.wrong(), 0, wrong, next, f.wrong().length);
      System.arraycopy(f.mass(), 0, mass, next, f.mass().length);
      next += f.samples().rows();
    }
    return Combination.fit(all, wrong, mass);
  }
}
