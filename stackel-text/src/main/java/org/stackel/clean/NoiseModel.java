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
   * @param first probabilities of the right class of each suspect, by a model of trusted rows
   * @param trusted the trusted rows that take part
   * @param held the rows that take no part
   */
  static NoiseModel find(
      Rows rows, float[] first, int[] trusted, int[] held, double l2, Effort effort) {
    int classes = rows.classes();
    int n = rows.suspects();
    Transition transition = Transition.estimate(first, rows.labels(), n, classes);
    Targets beliefs = beliefs(first, rows.labels(), n, transition);
    float[] heldOut = new float[0];
    @Nullable Softmax[] models = new Softmax[PARTS];
    double temperature = 1;
    float[] offsets = new float[classes];
    for (int round = 0; round < effort.rounds(); round++) {
      float[] logits = new float[n * classes];
      float[] ofTrusted = new float[trusted.length * classes];
      float[] ofHeld = new float[held.length * classes];
      for (int part = 0; part < PARTS; part++) {
        int k = part;
        int[] in = pick(n, i -> i % PARTS != k);
        int[] out = pick(n, i -> i % PARTS == k);
        int[] known = pick(trusted.length, i -> i % PARTS != k);
        int[] asked = pick(trusted.length, i -> i % PARTS == k);
        int[] knownRows = Arrays.stream(known).map(i -> trusted[i]).toArray();
        Targets targets = beliefs.take(in).then(Targets.of(rows.labels(knownRows)));
        Softmax model =
            Softmax.fit(
                rows.features().take(Rows.concat(in, knownRows)),
                targets,
                classes,
                new Softmax.Fit(
                    l2, round == 0 ? effort.firstIterations() : effort.iterations(), 3e-4),
                models[part] == null && part > 0 ? models[part - 1] : models[part]);
        models[part] = model;
        spread(model.logits(rows.features().take(out)), out, logits, classes);
        int[] askedRows = Arrays.stream(asked).map(i -> trusted[i]).toArray();
        spread(model.logits(rows.features().take(askedRows)), asked, ofTrusted, classes);
        int[] heldPart = pick(held.length, i -> i % PARTS == k);
        int[] heldRows = Arrays.stream(heldPart).map(i -> held[i]).toArray();
        spread(model.logits(rows.features().take(heldRows)), heldPart, ofHeld, classes);
      }
      temperature = Temperature.of(ofTrusted, rows.labels(trusted), classes);
      offsets = ClassOffsets.of(ofTrusted, rows.labels(trusted), classes, temperature);
      ClassOffsets.add(offsets, logits);
      ClassOffsets.add(offsets, ofHeld);
      float[] p = Softmax.softmax(logits, classes, temperature);
      transition = Transition.estimate(p, rows.labels(), n, classes);
      beliefs = beliefs(p, rows.labels(), n, transition);
      heldOut = Softmax.softmax(ofHeld, classes, temperature);
    }
    Softmax[] found = Arrays.stream(models).map(Objects::requireNonNull).toArray(Softmax[]::new);
    return new NoiseModel(transition, beliefs, heldOut, found, temperature, offsets);
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

  private static void spread(float[] from, int[] rows, float[] to, int classes) {
    for (int i = 0; i < rows.length; i++) {
      System.arraycopy(from, i * classes, to, rows[i] * classes, classes);
    }
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
