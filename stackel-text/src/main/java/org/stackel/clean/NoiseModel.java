package org.stackel.clean;

import java.util.Arrays;
import java.util.Objects;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * What the right classes are, and how labels go wrong, found together by expectation–maximisation:
 * a model of the right class is trained on trusted rows and on what is believed of the others; what
 * is believed of a row follows from a model that has not seen it, from its label, and from the
 * pattern of wrong labels, which is estimated anew each time.
 *
 * @param transition how labels go wrong
 * @param beliefs probabilities of the right class of each suspect, masses of one
 * @param held probabilities of the right class of rows that took no part, row by row
 * @param models models of the right class, each trained on a part of the rows
 * @param temperature by which their logits are divided
 * @param offsets of the classes, added to the logits before that
 */
@SuppressWarnings("ArrayRecordComponent") // compared nowhere
record NoiseModel(
    Transition transition,
    Targets beliefs,
    float[] held,
    Softmax[] models,
    double temperature,
    float[] offsets) {
  private static final int PARTS = 2;
  private static final int KEPT = 10;

  /** Sizes of the fits. */
  record Effort(int rounds, int firstIterations, int iterations) {}

  /**
   * Finds them.
   *
   * @param first what is believed of each suspect at first
   * @param trusted the trusted rows that take part
   * @param held the rows that take no part
   */
  static NoiseModel find(
      Rows rows, Targets first, int[] trusted, int[] held, double l2, Effort effort) {
    NoiseModel found = null;
    for (int round = 0; round < effort.rounds(); round++) {
      Softmax[] models =
          models(rows, found == null ? first : found.beliefs, trusted, l2, effort, found);
      found = of(rows, models, trusted, held);
    }
    return Objects.requireNonNull(found);
  }

  /** A model for each part of the rows, trained on the others. */
  private static Softmax[] models(
      Rows rows,
      Targets beliefs,
      int[] trusted,
      double l2,
      Effort effort,
      @Nullable NoiseModel before) {
    Softmax[] models = new Softmax[PARTS];
    for (int part = 0; part < PARTS; part++) {
      int k = part;
      int[] in = pick(rows.suspects(), i -> i % PARTS != k);
      int[] known = chosen(trusted, pick(trusted.length, i -> i % PARTS != k));
      @Nullable Softmax start =
          before != null ? before.models[part] : part > 0 ? models[part - 1] : null;
      models[part] =
          Softmax.fit(
              rows.features().take(Rows.concat(in, known)),
              beliefs.take(in).then(Targets.of(rows.labels(known))),
              rows.classes(),
              new Softmax.Fit(
                  l2, before == null ? effort.firstIterations() : effort.iterations(), 3e-4),
              start);
    }
    return models;
  }

  /** What models say of the rows that they have not seen, and the pattern that follows from it. */
  private static NoiseModel of(Rows rows, Softmax[] models, int[] trusted, int[] held) {
    int classes = rows.classes();
    int n = rows.suspects();
    float[] ofTrusted = unseen(rows, models, trusted);
    double temperature = Temperature.of(ofTrusted, rows.labels(trusted), classes);
    float[] offsets = ClassOffsets.of(ofTrusted, rows.labels(trusted), classes, temperature);
    float[] p = unseen(rows, models, rows.suspectRows());
    ClassOffsets.add(offsets, p);
    Softmax.toProbabilities(p, classes, temperature);
    Transition transition = Transition.estimate(p, rows.labels(), n, classes);
    Targets beliefs = beliefs(p, rows.labels(), n, transition);
    float[] ofHeld = unseen(rows, models, held);
    ClassOffsets.add(offsets, ofHeld);
    Softmax.toProbabilities(ofHeld, classes, temperature);
    return new NoiseModel(transition, beliefs, ofHeld, models, temperature, offsets);
  }

  /** Logits of rows, every one of them by the model of its part. */
  private static float[] unseen(Rows rows, Softmax[] models, int[] asked) {
    int classes = rows.classes();
    float[] logits = new float[Math.multiplyExact(asked.length, classes)];
    for (int part = 0; part < models.length; part++) {
      int k = part;
      int[] out = pick(asked.length, i -> i % PARTS == k);
      models[part].eachBlock(
          rows.features().take(chosen(asked, out)),
          (from, to, block) -> {
            for (int i = from; i < to; i++) {
              System.arraycopy(block, (i - from) * classes, logits, out[i] * classes, classes);
            }
          });
    }
    return logits;
  }

  private static int[] chosen(int[] rows, int[] places) {
    return Arrays.stream(places).map(i -> rows[i]).toArray();
  }

  /** Probabilities of the right class of other rows: the mean of the models' logits. */
  float[] probabilities(FeatureMatrix features) {
    int classes = transition.classes();
    float[] sum = new float[features.rows() * classes];
    for (Softmax model : models) {
      float[] logits = model.logits(features);
      for (int i = 0; i < sum.length; i++) {
        sum[i] += logits[i] / models.length;
      }
    }
    ClassOffsets.add(offsets, sum);
    return Softmax.softmax(sum, classes, temperature);
  }

  private static int[] pick(int n, IntPredicate which) {
    return IntStream.range(0, n).filter(which).toArray();
  }

  /** What is believed of rows: the likeliest classes of each. */
  static Targets beliefs(float[] p, int[] labels, int n, Transition transition) {
    int classes = transition.classes();
    int most = Math.min(KEPT, classes);
    int[] offsets = new int[n + 1];
    int[] kept = new int[n * most];
    float[] mass = new float[n * most];
    float[] q = new float[classes];
    int next = 0;
    for (int i = 0; i < n; i++) {
      transition.posterior(p, i * classes, labels[i], q);
      next = Beliefs.top(q, most, kept, mass, next);
      offsets[i + 1] = next;
    }
    return new Targets(offsets, Arrays.copyOf(kept, next), Arrays.copyOf(mass, next));
  }
}
