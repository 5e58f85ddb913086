package org.stackel.clean;

import java.util.Arrays;
import java.util.Comparator;
import java.util.Objects;
import java.util.stream.IntStream;

/** What was found about every record of the file. */
final class Findings {
  private final CleanData data;
  private final double[] suspicion;
  private final int[] suggested;
  private final float[] probability;
  private final Evidence scores;
  private final boolean[] isJudged;

  Findings(CleanData data, int rows) {
    this.data = data;
    suspicion = new double[rows];
    suggested = new int[rows];
    probability = new float[rows];
    scores = Evidence.of(rows);
    isJudged = new boolean[rows];
    Arrays.fill(suggested, -1);
    data.known()
        .forEach(
            (row, label) -> {
              boolean isWrong = !label.equals(data.train().labels()[row]);
              suspicion[row] = isWrong ? 1 : 0;
              suggested[row] = isWrong ? data.classes().id(label) : -1;
              probability[row] = isWrong ? 1 : 0;
            });
  }

  /** What was found about some records. */
  void put(int[] rows, Judgement judgement, Evidence evidence) {
    for (int i = 0; i < rows.length; i++) {
      int row = rows[i];
      int label = data.classes().id(data.train().label(row));
      suspicion[row] = judgement.suspicion()[i];
      suggested[row] = judgement.suggested(i, label);
      probability[row] = (float) judgement.probability(i, label);
      isJudged[row] = true;
      System.arraycopy(
          evidence.scores(),
          i * Evidence.WIDTH,
          scores.scores(),
          row * Evidence.WIDTH,
          Evidence.WIDTH);
    }
  }

  double suspicion(int row) {
    return suspicion[row];
  }

  /** Whether another label is likelier right than the one given. */
  boolean isSuspected(int row) {
    return suspicion[row] > Judgement.SUSPECTED;
  }

  /** The class that the row seems to have; empty if none is known. */
  String suggested(int row) {
    return suggested[row] < 0 ? "" : data.classes().name(suggested[row]);
  }

  double probability(int row) {
    return probability[row];
  }

  /** Whether scores were computed: not of trusted rows, nor of those without a label. */
  boolean isJudged(int row) {
    return isJudged[row];
  }

  double score(int row, Detector detector) {
    return scores.get(row, detector);
  }

  int suspected() {
    return (int) IntStream.range(0, suspicion.length).filter(this::isSuspected).count();
  }

  /** Judged records, the most suspicious first. */
  int[] bySuspicion() {
    return Objects.requireNonNull(
        IntStream.range(0, suspicion.length)
            .filter(row -> isJudged[row])
            .boxed()
            .sorted(Comparator.comparingDouble((Integer row) -> -suspicion[row]))
            .mapToInt(Integer::intValue)
            .toArray());
  }
}
