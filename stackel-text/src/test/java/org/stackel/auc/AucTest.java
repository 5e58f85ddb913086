package org.stackel.auc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.stackel.config.InvalidInputException;
import org.stackel.predict.Predict;
import org.stackel.problem.Detection;
import org.stackel.run.ResultDirectory;
import org.stackel.run.RunDirectory.IfExists;
import org.stackel.tensor.NativeObjects;
import org.stackel.tensor.StateScope;

/** Rankings and their intervals; {@code Auc}. */
class AucTest {
  @TempDir Path folder;

  private static Ranking drawn(int n, double shift, Random random) {
    double[] scores = new double[n];
    boolean[] positive = new boolean[n];
    for (int i = 0; i < n; i++) {
      positive[i] = i % 4 == 0;
      scores[i] = random.nextGaussian() + (positive[i] ? shift : 0);
    }
    return new Ranking(scores, positive);
  }

  @Test
  void aSmallRankingByHand() {
    var ranking = new Ranking(new double[] {3, 2, 2, 1}, new boolean[] {true, true, false, false});
    assertThat(ranking.auc()).isEqualTo(.875);
    // placements: positives 1 and .75, negatives .75 and 1
    assertThat(ranking.variance()).isCloseTo(2 * .03125 / 2, within(1e-12));
    assertThat(ranking.averagePrecision()).isCloseTo(.5 + .5 * 2 / 3, within(1e-12));
    Ranking.Decision decision = ranking.at(2);
    assertThat(decision.recall()).isEqualTo(1);
    assertThat(decision.falsePositiveRate()).isEqualTo(.5);
    assertThat(decision.precision()).isCloseTo(2 / 3.0, within(1e-12));
    assertThat(ranking.roc()).hasSize(4).endsWith(new Ranking.Point(1, 1));
    var right = new Ranking(new double[] {1, 0}, new boolean[] {true, false});
    assertThat(right.interval()[0]).as("a few examples are not certain").isEqualTo(.025);
    assertThat(right.interval()[1]).isEqualTo(1);
  }

  @Test
  void intervalsCoverTheTruthAsOftenAsTheySay() {
    var random = new Random(0);
    double truth = .7602; // of two normal distributions one deviation apart
    int covered = 0;
    double squares = 0;
    double variances = 0;
    for (int i = 0; i < 300; i++) {
      Ranking ranking = drawn(80, 1, random);
      double[] interval = ranking.interval();
      covered += interval[0] <= truth && truth <= interval[1] ? 1 : 0;
      squares += Math.pow(ranking.auc() - truth, 2) / 300;
      variances += ranking.variance() / 300;
    }
    assertThat(covered / 300.0).isBetween(.91, .98);
    assertThat(variances).isCloseTo(squares, within(.15 * squares));
  }

  @Test
  void differencesOfRankingsOfTheSameExamplesAreSurer() {
    Ranking one = drawn(200, 1, new Random(0));
    double[] other = one.scores().clone();
    other[5] += .1;
    var near = new Ranking(other, one.positive());
    assertThat(one.differenceError(one)).isZero();
    assertThat(one.differenceError(near)).isLessThan(Math.sqrt(one.variance()) / 5);
  }

  private String texts(int count) {
    var random = new Random(1);
    var csv = new StringBuilder("text,label\n");
    for (int i = 0; i < count; i++) {
      boolean isRare = i % 5 == 0;
      csv.append(isRare == (random.nextInt(5) > 0) ? "a tree with leaves" : "a river of stone");
      csv.append(" number").append(random.nextInt(9)).append(isRare ? ",rare\n" : ",usual\n");
    }
    try {
      return Files.writeString(folder.resolve("texts.csv"), csv).toString();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void stoppedBeforeAnythingIsTrainedItLeavesNothing() {
    Auc auc = Auc.builder().data(texts(60)).build();
    long before = 0;
    for (int i = 0; i < 2; i++) { // the first time loads what loads once
      before = NativeObjects.settled();
      try (var scope = StateScope.open()) {
        assertThat(auc.run(() -> true, said -> {})).isNull();
      }
    }
    assertThat(StateScope.livePointers()).isEqualTo(before);
  }

  @Test
  void onlyWhatIsCutShortIsStopped() {
    Auc auc = Auc.builder().data(texts(60)).pretraining(1).steps(2).build();
    var said = new ArrayList<String>();
    try (Auc.Trained whole =
        auc.run(() -> said.contains("training for the AUC: step 2 of 2"), said::add)) {
      assertThat(whole).isNotNull();
      assertThat(whole.stopped()).as("there was nothing more to train").isFalse();
      assertThat(whole.results()).hasSize(2);
    }
    said.clear();
    try (Auc.Trained cut =
        auc.run(() -> said.contains("training by cross entropy: step 3 of 3"), said::add)) {
      assertThat(cut).isNotNull();
      assertThat(cut.stopped()).isTrue();
      assertThat(cut.results()).containsOnlyKeys("cross entropy");
    }
  }

  @Test
  void theBetterNetworkIsKeptAndPredictsWhatItScored() throws IOException {
    String data = texts(200);
    ResultDirectory out = ResultDirectory.create(folder.resolve("out"), IfExists.REFUSE);
    Auc auc = Auc.builder().data(data).test(data).pretraining(20).steps(6).build();
    Auc.Result kept;
    try (Auc.Trained trained = auc.run()) {
      assertThat(trained.results()).hasSize(2);
      kept = trained.results().get(trained.kept());
      assertThat(trained.results().values())
          .allMatch(result -> result.validationAuc() <= kept.validationAuc())
          .allMatch(
              result -> result.low() <= result.testAuc() && result.testAuc() <= result.high());
      assertThat(trained.sheet().tables()).hasSize(2);
      trained.write(out);
      out.finish(trained.sheet());
    }
    Path predicted = folder.resolve("predicted.csv");
    Predict.builder()
        .model(folder.resolve("out").toString())
        .file(data)
        .probabilities(true)
        .build()
        .to(predicted);
    String[][] rows =
        Files.readAllLines(predicted).stream()
            .skip(1)
            .map(line -> line.split(","))
            .toArray(String[][]::new);
    boolean[] positive = new boolean[rows.length];
    for (int i = 0; i < rows.length; i++) {
      positive[i] = rows[i][1].equals("rare");
    }
    double[] scores = Arrays.stream(rows).mapToDouble(row -> Double.parseDouble(row[5])).toArray();
    // Equal texts have equal scores in the file; in a batch their last digits depend on the
    // processor.
    assertThat(Detection.auroc(scores, positive)).isCloseTo(kept.testAuc(), within(.01));
  }

  @Test
  void setsNeedBothKinds() throws IOException {
    Path few =
        Files.writeString(folder.resolve("few.csv"), "text,label\na tree,x\na leaf,y\nb,y\nc,y\n");
    assertThatThrownBy(() -> Auc.builder().data(few.toString()).build().run())
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("at least 2 of either");
  }
}
