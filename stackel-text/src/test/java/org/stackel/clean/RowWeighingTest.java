package org.stackel.clean;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.stackel.config.InvalidInputException;
import org.stackel.distributed.Ranks;
import org.stackel.distributed.Together;
import org.stackel.tensor.NativeObjects;
import org.stackel.tensor.Seed;
import org.stackel.tensor.StateScope;

class RowWeighingTest {
  private static final Clean OPTIONS = Clean.builder().label("topic").build();
  private static final Weighing FEW = Weighing.builder().passes(20).batch(32).build();

  /** Points around (1, 1) and (-1, -1); every eighth label of rows that are not right is wrong. */
  private static List<String> rows(int count, boolean isRight, boolean hasColour) {
    var random = new Seed(3).child(isRight ? "right" : "wrong").generator();
    var rows = new ArrayList<String>();
    for (int i = 0; i < count; i++) {
      int side = random.nextInt(2) * 2 - 1;
      boolean isTurned = !isRight && i % 8 == 0;
      rows.add(
          "{\"a\":%.3f,\"b\":%.3f%s,\"topic\":\"%s\"}"
              .formatted(
                  side + 0.3 * random.nextGaussian(),
                  side + 0.3 * random.nextGaussian(),
                  hasColour ? ",\"colour\":\"" + (i % 3 == 0 ? "red" : "blue") + "\"" : "",
                  (side > 0) == isTurned ? "low" : "high"));
    }
    return rows;
  }

  private static RowFeatures learned(List<String> rows, List<String> trusted) {
    JsonRows reader = JsonRows.of("train", rows.get(0), OPTIONS);
    return RowFeatures.learn(reader, rows, trusted, List.of("high", "low"));
  }

  private static RowPart part(RowFeatures features, List<String> rows, int from, int to) {
    return features.part(LongStream.range(from, to).toArray(), rows.subList(from, to));
  }

  private static RowWeights weights(
      Ranks ranks, RowFeatures features, List<String> rows, List<String> trusted) {
    var share = new RowWeighing.Share(rows.size(), ranks.rank(), ranks.count());
    int end = share.first() + share.count();
    var parts = new ArrayList<RowPart>();
    for (int from = share.first(); from < end; from += 50) {
      parts.add(part(features, rows, from, Math.min(end, from + 50)));
    }
    RowPart known = part(features, trusted, 0, trusted.size());
    try (var weighing = RowWeighing.open(features, parts.iterator(), known, share, FEW)) {
      return weighing.weights(ranks, new Seed(5), () -> false);
    }
  }

  /** Dense features, and sparse ones. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void partsHaveTheWeightsOfOneProcess(boolean hasColour) {
    List<String> rows = rows(401, false, hasColour);
    List<String> trusted = rows(40, true, hasColour);
    RowFeatures features = learned(rows, trusted);
    assertThat(features.isDense()).isNotEqualTo(hasColour);
    RowWeights alone = weights(Ranks.ONE, features, rows, trusted);
    List<RowWeights> parts = Together.on(3, ranks -> weights(ranks, features, rows, trusted));
    int next = 0;
    for (RowWeights part : parts) {
      for (int i = 0; i < part.lambda().length; i++, next++) {
        assertThat(part.records()[i]).isEqualTo(next).isEqualTo(alone.records()[next]);
        assertThat(part.lambda()[i]).isCloseTo(alone.lambda()[next], within(1e-4));
        assertThat(part.isSuspected()[i]).isEqualTo(alone.isSuspected()[next]);
        assertThat(part.suggested()[i]).isEqualTo(alone.suggested()[next]);
        assertThat(part.probability()[i]).isCloseTo(alone.probability()[next], within(1e-4));
      }
    }
    assertThat(next).isEqualTo(401);
    double wrong = 0;
    double right = 0;
    for (int i = 0; i < 401; i++) {
      wrong += i % 8 == 0 ? alone.weight(i) / 51 : 0;
      right += i % 8 == 0 ? 0 : alone.weight(i) / 350;
      if (alone.suggested()[i] != null) {
        assertThat(rows.get(i)).doesNotContain(Objects.requireNonNull(alone.suggested()[i]));
      }
    }
    assertThat(wrong).isLessThan(0.5 * right);
  }

  /** One process alone is what cleaning does with a file. */
  @Test
  void weightsAreThoseOfCleaning(@TempDir Path directory) throws IOException {
    List<String> rows = rows(200, false, false);
    List<String> trusted = rows(40, true, false);
    Files.write(directory.resolve("train.jsonl"), rows);
    Files.write(directory.resolve("trusted.jsonl"), trusted);
    Clean files =
        OPTIONS
            .withTrain(directory.resolve("train.jsonl").toString())
            .withTrusted(directory.resolve("trusted.jsonl").toString());
    CleanData data = CleanData.read(files);
    var fields =
        new FieldList()
            .add(data.train(), IntStream.range(0, 200).toArray())
            .add(Objects.requireNonNull(data.trusted()), IntStream.range(0, 40).toArray());
    Featurizer products =
        new FeatureSets(
                data.roles(), fields, IntStream.range(0, 240).toArray(), 1000, new ArrayList<>())
            .all()
            .get("columns with products");
    List<String> labels = new ArrayList<>(data.train().allLabels());
    labels.addAll(data.trusted().allLabels());
    var all =
        new Rows(
            Objects.requireNonNull(products).features(fields),
            data.classes().ids(labels),
            200,
            2,
            new int[240],
            1);
    int[] suspects = all.suspectRows();
    double[] lambda =
        new BilevelWeights(FEW.withBatch(256).steps(200), new Seed(5))
            .lambda(all, suspects, all.labels(suspects), all.trustedRows());

    RowFeatures features = learned(rows, trusted);
    var share = new RowWeighing.Share(200, 0, 1);
    try (var weighing =
        RowWeighing.open(
            features,
            List.of(part(features, rows, 0, 200)).iterator(),
            part(features, trusted, 0, 40),
            share,
            FEW.withBatch(256))) {
      assertThat(weighing.weights(Ranks.ONE, new Seed(5), () -> false).lambda()).isEqualTo(lambda);
    }
  }

  @Test
  void featuresOfTextsTravelWithoutVectors() throws Exception {
    var texts = new ArrayList<String>();
    for (int i = 0; i < 30; i++) {
      texts.add(
          "{\"text\":\"%s number %d\",\"topic\":\"%s\"}"
              .formatted(i % 2 == 0 ? "a small dog" : "the fast car", i, i % 2 == 0));
    }
    JsonRows reader = JsonRows.of("train", texts.get(0), OPTIONS);
    RowFeatures features =
        RowFeatures.learn(reader, texts, texts.subList(0, 4), List.of("false", "true"));
    var bytes = new ByteArrayOutputStream();
    try (var out = new ObjectOutputStream(bytes)) {
      out.writeObject(features);
    }
    assertThat(bytes.size()).isLessThan(20_000);
    RowFeatures sent;
    try (var in = new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray()))) {
      sent = (RowFeatures) in.readObject();
    }
    assertThat(sent.isDense()).isTrue();
    assertThat(part(sent, texts, 3, 9).features().dense())
        .isEqualTo(Arrays.copyOfRange(part(features, texts, 0, 30).features().dense(), 300, 900));
  }

  @Test
  void whatNeedsAllRowsIsRefused() {
    String row = rows(1, true, false).get(0);
    assertThatThrownBy(() -> JsonRows.of("train", row, OPTIONS.withTrustedRows(5)))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("not read with trustedRows");
    assertThatThrownBy(() -> JsonRows.of("train", row, OPTIONS.withTest("test.csv")))
        .hasMessageContaining("not read with files (train, trusted, test)");
    assertThatThrownBy(() -> JsonRows.of("train", row, OPTIONS.withLabel("topik")))
        .message()
        .contains("There is no column 'topik' for the label", "Maybe", "topic");
    assertThatThrownBy(() -> JsonRows.of("train", row, OPTIONS.withText("c")))
        .message()
        .contains("There is no column 'c' for the text");
    assertThatThrownBy(() -> new RowWeighing.Share(2, 0, 3))
        .message()
        .contains("There are 2 rows for 3 ranks", "Maybe fewer ranks");
    assertThatThrownBy(() -> Weighing.builder().ranks(0).build())
        .message()
        .contains("ranks", "at least 1");
  }

  @ParameterizedTest
  @ValueSource(strings = {"null", "7", "1e300"})
  void columnsThatSayNothingAreRefused(String number) {
    var rows = new ArrayList<String>();
    for (int i = 0; i < 30; i++) {
      rows.add("{\"a\":%s,\"topic\":\"%s\"}".formatted(number, i % 2 == 0 ? "low" : "high"));
    }
    Clean options = OPTIONS.withFeatures("a");
    JsonRows reader = JsonRows.of("train", rows.get(0), options);
    assertThatThrownBy(() -> RowFeatures.learn(reader, rows, rows, List.of("high", "low")))
        .message()
        .contains("No row differs from others in the columns that are read (a)", "Maybe other");
  }

  @Test
  void itStopsAndLeavesNoTensor() {
    List<String> rows = rows(64, false, false);
    RowFeatures features = learned(rows, rows);
    RowPart all = part(features, rows, 0, 64);
    long before = NativeObjects.settled();
    try (var weighing =
        RowWeighing.open(
            features, List.of(all).iterator(), all, new RowWeighing.Share(64, 0, 1), FEW)) {
      assertThatThrownBy(() -> weighing.weights(Ranks.ONE, new Seed(0), () -> true))
          .hasMessage("Weighing was called off.");
    }
    assertThat(StateScope.livePointers()).isEqualTo(before);
    assertThatThrownBy(
            () ->
                RowWeighing.open(
                    features, List.of(all).iterator(), all, new RowWeighing.Share(65, 0, 1), FEW))
        .hasMessageContaining("There are not 65 rows");
  }
}
