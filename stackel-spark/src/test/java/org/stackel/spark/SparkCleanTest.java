package org.stackel.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.stackel.clean.Clean;
import org.stackel.clean.CleanListener;
import org.stackel.tensor.Seed;

class SparkCleanTest {
  @TempDir static Path temp;
  private static SparkSession session;

  @BeforeAll
  static void open() {
    session =
        SparkSession.builder()
            .master("local[2]")
            .config("spark.ui.enabled", "false")
            .config("spark.driver.host", "127.0.0.1")
            .config("spark.sql.shuffle.partitions", "2")
            .config("spark.sql.warehouse.dir", temp.resolve("warehouse").toString())
            .getOrCreate();
  }

  @AfterAll
  static void close() throws IOException {
    session.close();
  }

  /** Points around (1, 1) and (-1, -1); every tenth label is the other one. */
  private static List<String> rows(int count, boolean isRight, String seed) {
    var random = new Seed(3).child(seed).generator();
    var rows = new ArrayList<String>();
    for (int i = 0; i < count; i++) {
      int side = random.nextInt(2) * 2 - 1;
      boolean isTurned = !isRight && i % 10 == 0;
      rows.add(
          "%.3f,%.3f,%s"
              .formatted(
                  side + 0.3 * random.nextGaussian(),
                  side + 0.3 * random.nextGaussian(),
                  i == 7 && !isRight ? "" : (side > 0) == isTurned ? "low" : "high"));
    }
    return rows;
  }

  private static Path csv(String name, List<String> rows) throws IOException {
    var lines = new ArrayList<>(List.of("a,b,topic"));
    lines.addAll(rows);
    return Files.write(temp.resolve(name), lines);
  }

  @Tag("slow")
  @Test
  void rowsOfPartsAreJudgedAsThoseOfOneFile() throws Exception {
    List<String> train = rows(300, false, "train");
    Path parts = Files.createDirectory(temp.resolve("parts"));
    for (int i = 0; i < 3; i++) {
      Files.move(csv("part.csv", train.subList(100 * i, 100 * (i + 1))), parts.resolve(i + ".csv"));
    }
    var reader = session.read().option("header", "true").option("inferSchema", "true");
    Dataset<Row> data = reader.csv(parts.toString()).coalesce(3);
    data.write().parquet(temp.resolve("parquet").toString());
    Dataset<Row> parquet = session.read().parquet(temp.resolve("parquet").toString());
    Path trusted = csv("trusted.csv", rows(60, true, "trusted"));

    Path directory = temp.resolve("cleaned");
    Dataset<Row> judged = judged(parquet, reader.csv(trusted.toString()), directory);

    assertThat(judged.columns())
        .containsExactly(
            "record",
            "a",
            "b",
            "topic",
            "suspicion",
            "suspected",
            "suggested",
            "suggestedProbability");
    List<Row> found = judged.orderBy("record").collectAsList();
    assertThat(found).hasSize(300);
    for (Row row : found) {
      // the other label of a point is wrong
      boolean isWrong = (row.getDouble(1) > 0) != "high".equals(row.getString(3));
      if (row.isNullAt(3)) {
        assertThat(row.isNullAt(4)).isTrue();
      } else {
        assertThat(row.getBoolean(5)).as(row.toString()).isEqualTo(isWrong);
      }
    }
    assertThat(found.stream().filter(row -> !row.isNullAt(5) && row.getBoolean(5))).hasSize(30);
    Path alone = Files.createDirectory(temp.resolve("alone"));
    Clean.builder()
        .label("topic")
        .build()
        .withTrain(directory.resolve("train.jsonl").toString())
        .withTrusted(directory.resolve("trusted.jsonl").toString())
        .to(alone, CleanListener.NONE);
    assertThat(directory.resolve("weights.csv"))
        .hasSameTextualContentAs(alone.resolve("weights.csv"));
  }

  private static Dataset<Row> judged(Dataset<Row> tickets, Dataset<Row> checked, Path directory) {
    // ---- begin: clean
    Dataset<Row> judged =
        SparkClean.of(tickets)
            .trusted(checked)
            .to(directory, Clean.builder().label("topic").build(), CleanListener.NONE);
    // ---- end: clean
    return judged;
  }

  @Test
  void aColumnOfTheResultIsToldBefore() {
    Dataset<Row> data = session.range(3).toDF("suspicion");
    assertThatThrownBy(() -> SparkClean.of(data))
        .message()
        .contains("The data have a column 'suspicion'", "Maybe withColumnRenamed");
  }
}
