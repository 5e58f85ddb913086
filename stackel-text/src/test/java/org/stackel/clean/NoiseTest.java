package org.stackel.clean;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.stackel.problem.Detection;
import org.stackel.tensor.Seed;
import org.stackel.text.SparseRows;

/** How labels go wrong, and what follows for a label. */
class NoiseTest {
  private static final int CLASSES = 4;

  /** Rows of which a model is fairly sure; 30 % of the labels of class 1 are moved to class 2. */
  private record Made(float[] p, int[] labels, boolean[] wrong) {
    static Made of(int n) {
      SplittableRandom random = new Seed(3).generator();
      float[] p = new float[n * CLASSES];
      int[] labels = new int[n];
      boolean[] wrong = new boolean[n];
      for (int i = 0; i < n; i++) {
        int likely = random.nextInt(CLASSES);
        for (int k = 0; k < CLASSES; k++) {
          p[i * CLASSES + k] = k == likely ? 0.85f : 0.05f;
        }
        double draw = random.nextDouble();
        int truth = draw < 0.85 ? likely : (likely + 1 + random.nextInt(CLASSES - 1)) % CLASSES;
        wrong[i] = truth == 1 && random.nextDouble() < 0.3;
        labels[i] = wrong[i] ? 2 : truth;
      }
      return new Made(p, labels, wrong);
    }
  }

  @Test
  void thePatternIsFound() {
    Made made = Made.of(4000);
    Transition found = Transition.estimate(made.p(), made.labels(), 4000, CLASSES);
    assertThat(found.of(1, 2)).isCloseTo(0.3, within(0.06));
    assertThat(found.rate(0)).isLessThan(0.06);
    assertThat(found.of(1, 0) + found.of(1, 3)).isLessThan(0.05);
  }

  @Test
  void whatIsBelievedSeparatesWrongLabels() {
    Made made = Made.of(4000);
    Transition found = Transition.estimate(made.p(), made.labels(), 4000, CLASSES);
    float[] q = new float[CLASSES];
    double[] suspicion = new double[4000];
    double[] confidence = new double[4000];
    for (int i = 0; i < 4000; i++) {
      found.posterior(made.p(), i * CLASSES, made.labels()[i], q);
      suspicion[i] = 1 - q[made.labels()[i]];
      confidence[i] = -made.p()[i * CLASSES + made.labels()[i]];
    }
    assertThat(Detection.auroc(suspicion, made.wrong()))
        .isGreaterThan(Detection.auroc(confidence, made.wrong()) + 0.03);
  }

  @Test
  void theCombinationFollowsTheScoreThatTells() {
    int n = 500;
    Evidence evidence = Evidence.of(n);
    boolean[] wrong = new boolean[n];
    double[] mass = new double[n];
    SplittableRandom random = new Seed(5).generator();
    for (int i = 0; i < n; i++) {
      wrong[i] = random.nextBoolean();
      mass[i] = 1;
      evidence.set(i, Detector.POSTERIOR, random.nextDouble() - 0.5); // says nothing here
      evidence.set(i, Detector.MARGIN, (wrong[i] ? 1 : -1) + 2 * random.nextDouble() - 1);
    }
    Combination found = Combination.fit(evidence, wrong, mass);
    assertThat(found.weights()[Detector.MARGIN.place()]).isGreaterThan(1);
    double[] said = new double[n];
    double mean = 0;
    for (int i = 0; i < n; i++) {
      said[i] = found.probability(evidence, i);
      mean += said[i] / n;
    }
    assertThat(Detection.auroc(said, wrong)).isGreaterThan(0.95);
    assertThat(mean).isCloseTo(0.5, within(0.03));
    Combination few = Combination.fit(Evidence.of(0), new boolean[0], new double[0]);
    assertThat(few.weights()[Detector.POSTERIOR.place()]).isCloseTo(1, within(1e-6));
  }

  /** Newton's steps once overshot from a noise model that is sure of nearly all labels. */
  @Test
  void theCombinationIsRightOnAverageWhateverTheNoiseModelSays() {
    int n = 400;
    Evidence evidence = Evidence.of(n);
    boolean[] wrong = new boolean[n];
    double[] mass = new double[n];
    SplittableRandom random = new Seed(3).generator();
    for (int i = 0; i < n; i++) {
      wrong[i] = i % 4 == 0;
      mass[i] = 1;
      double odds = random.nextInt(20) == 0 ? 9 * random.nextDouble() : 0;
      evidence.set(i, Detector.POSTERIOR, odds - 13.8);
      evidence.set(i, Detector.NEIGHBOURS, 8 + 2 * random.nextGaussian() + (wrong[i] ? 1 : 0));
      evidence.set(i, Detector.MARGIN, random.nextGaussian());
    }
    Combination found = Combination.fit(evidence, wrong, mass);
    double mean = 0;
    for (int i = 0; i < n; i++) {
      mean += found.probability(evidence, i) / n;
    }
    assertThat(mean).isCloseTo(0.25, within(1e-3));
  }

  @Test
  void confidentLearningFindsWhatIsMovedTogether() {
    Made made = Made.of(2000);
    boolean[] found =
        ConfidentJoint.wrong(
            reader -> {
              for (int i = 0; i < made.labels().length; i++) {
                reader.read(i, made.p(), i * CLASSES);
              }
            },
            made.labels(),
            CLASSES);
    assertThat(Detection.f1(found, made.wrong())).isGreaterThan(0.45);
  }

  /** Rows that share a large part have steps that suit them: λ once was not a number. */
  @Test
  void weightsOfRowsThatAreAlikeAreFinite() {
    int n = 90;
    int[] offsets = new int[n + 1];
    int[] columns = new int[2 * n];
    float[] values = new float[2 * n];
    int[] labels = new int[n];
    SplittableRandom random = new Seed(5).generator();
    for (int i = 0; i < n; i++) {
      offsets[i + 1] = 2 * (i + 1);
      labels[i] = random.nextInt(2);
      columns[2 * i + 1] = 1 + (random.nextDouble() < 0.8 ? labels[i] : 1 - labels[i]);
      values[2 * i] = 0.9f;
      values[2 * i + 1] = 0.4f;
    }
    var features =
        new FeatureMatrix(n, 0, new float[0], new SparseRows(3, offsets, columns, values));
    assertThat(features.largestEigenvalue()).isCloseTo(0.89, within(0.01));
    Rows rows = new Rows(features, labels, 60, 2, new int[n], 2);
    int[] train = rows.suspectRows();
    double[] lambda =
        new BilevelWeights(400, new Seed(0))
            .lambda(rows, train, rows.labels(train), rows.trustedRows());
    assertThat(java.util.Arrays.stream(lambda)).allMatch(Double::isFinite);
  }

  @Test
  void classesArePredictedAsOftenAsTheyOccur() {
    int n = 400;
    float[] logits = new float[2 * n];
    int[] labels = new int[n];
    for (int i = 0; i < n; i++) {
      labels[i] = i % 4 == 0 ? 1 : 0;
      logits[2 * i] = 3; // says 0 with 95 %
    }
    float[] offsets = ClassOffsets.of(logits, labels, 2, 1);
    ClassOffsets.add(offsets, logits);
    assertThat(Softmax.softmax(logits, 2, 1)[1]).isCloseTo(0.25f, within(0.03f));
    float[] few = ClassOffsets.of(new float[] {3, 0}, new int[] {1}, 2, 1);
    assertThat(Math.abs(few[0])).isLessThan(0.1f);
  }

  @Test
  void onlyWhatIsBehindByMoreThanChanceIsGivenUp() {
    Trials.Result best = result(0.9);
    assertThat(result(0.6).isClearlyBehind(best)).isTrue();
    assertThat(result(0.88).isClearlyBehind(best)).isFalse();
    assertThat(best.isClearlyBehind(result(0.6))).isFalse();
  }

  private static Trials.Result result(double accuracy) {
    SplittableRandom random = new Seed(Math.round(100 * accuracy)).generator();
    boolean[] hits = new boolean[200];
    double[] scores = new double[200];
    for (int i = 0; i < hits.length; i++) {
      hits[i] = random.nextDouble() < accuracy;
      scores[i] = hits[i] ? 1 : 0;
    }
    return new Trials.Result(Remedy.PLAIN, 1e-3, hits, scores, 1);
  }
}
