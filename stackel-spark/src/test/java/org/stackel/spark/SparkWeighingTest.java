package org.stackel.spark;

import static org.apache.spark.sql.functions.lit;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import org.apache.spark.SparkContext;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerTaskStart;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.assertj.core.api.AbstractStringAssert;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.stackel.clean.Clean;
import org.stackel.clean.JsonRows;
import org.stackel.clean.RowFeatures;
import org.stackel.clean.RowPart;
import org.stackel.clean.Weighing;
import org.stackel.config.InvalidInputException;
import org.stackel.tensor.Seed;
import org.stackel.text.Example;
import org.stackel.text.WordNetText;
import scala.Tuple2;

class SparkWeighingTest {
  private static final StructType TEXTS =
      new StructType()
          .add("id", DataTypes.StringType)
          .add("text", DataTypes.StringType)
          .add("topic", DataTypes.StringType);
  private static final Clean TOPIC = Clean.builder().label("topic").build();
  private static final Weighing SMALL = Weighing.builder().batch(64).passes(12).build();

  @TempDir static Path temp;
  private static SparkSession session;

  @BeforeAll
  static void open() {
    session =
        SparkSession.builder()
            .master("local[3]")
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

  // ---- numbers in CSV files --------------------------------------------------------------------

  /** Points around (1, 1) and (-1, -1); every tenth label is the other one. */
  private static List<String> points(int count, boolean isRight) {
    var random = new Seed(3).child(isRight ? "trusted" : "train").generator();
    var rows = new ArrayList<String>();
    for (int i = 0; i < count; i++) {
      int side = random.nextInt(2) * 2 - 1;
      boolean isTurned = !isRight && i % 10 == 0;
      rows.add(
          "%.3f,%.3f,%s"
              .formatted(
                  side + 0.3 * random.nextGaussian(),
                  side + 0.3 * random.nextGaussian(),
                  i % 50 == 7 && !isRight ? "" : (side > 0) == isTurned ? "low" : "high"));
    }
    return rows;
  }

  /** Files of some rows each, perhaps none. */
  private static Dataset<Row> csv(String name, List<String> rows, int... sizes) throws IOException {
    Path parts = Files.createDirectory(temp.resolve(name));
    int from = 0;
    for (int i = 0; i < sizes.length; i++) {
      var lines = new ArrayList<>(List.of("a,b,topic"));
      lines.addAll(rows.subList(from, from + sizes[i]));
      from += sizes[i];
      Files.write(parts.resolve(i + ".csv"), lines);
    }
    assertThat(from).isEqualTo(rows.size());
    return session
        .read()
        .option("header", "true")
        .schema("a double, b double, topic string")
        .csv(parts.toString());
  }

  /** Parts of other sizes, some of which are empty, than the ranks have. */
  private static Dataset<Row> uneven(Dataset<Row> rows, String column) {
    return rows.repartition(7, rows.col(column).gt("m"));
  }

  @Test
  void ranksFindTheWeightsOfOne() throws Exception {
    Dataset<Row> train =
        uneven(csv("points", points(601, false), 100, 400, 0, 101), "topic").cache();
    Dataset<Row> trusted = csv("checked", points(60, true), 60);
    assertThat(train.javaRDD().glom().collect().stream().anyMatch(List::isEmpty)).isTrue();
    SparkClean data = SparkClean.of(train).trusted(trusted);

    Dataset<Row> weighed = weighed(train, trusted);
    assertThat(weighed.columns())
        .containsExactly(
            "record",
            "a",
            "b",
            "topic",
            "lambda",
            "weight",
            "suspected",
            "suggested",
            "suggestedProbability");
    List<Row> found = weighed.orderBy("record").collectAsList();
    List<Row> plain = train.collectAsList();
    List<Row> alone =
        data.weighed(TOPIC, Weighing.builder().build()).orderBy("record").collectAsList();
    assertThat(found).hasSize(601);
    int wrong = 0;
    for (int i = 0; i < 601; i++) {
      Row row = found.get(i);
      assertThat(row.getLong(0)).isEqualTo(i + 1L);
      assertThat(RowFactory.create(row.get(1), row.get(2), row.get(3))).isEqualTo(plain.get(i));
      if (row.isNullAt(3)) {
        for (int column = 4; column < 9; column++) {
          assertThat(row.isNullAt(column)).isTrue();
        }
        continue;
      }
      assertThat(row.getDouble(4)).isCloseTo(alone.get(i).getDouble(4), within(1e-4));
      assertThat(row.getDouble(5)).isCloseTo(1 / (1 + Math.exp(-row.getDouble(4))), within(1e-12));
      String right = row.getDouble(1) + row.getDouble(2) > 0 ? "high" : "low";
      boolean isWrong = !right.equals(row.getString(3));
      wrong += row.getBoolean(6) == isWrong ? 0 : 1;
      if (isWrong && row.getBoolean(6)) {
        assertThat(row.getString(7)).isEqualTo(right);
        assertThat(row.getDouble(8)).isBetween(0.5, 1.0);
      }
      assertThat(row.isNullAt(8)).isEqualTo(row.isNullAt(7));
    }
    assertThat(wrong).isLessThan(20);
    assertThat(found.stream().filter(row -> row.isNullAt(4))).hasSize(12);
  }

  private static Dataset<Row> weighed(Dataset<Row> tickets, Dataset<Row> checked) {
    // ---- begin: weighed
    Dataset<Row> weighed =
        SparkClean.of(tickets)
            .trusted(checked)
            .weighed(Clean.builder().label("topic").build(), Weighing.builder().ranks(3).build());
    // ---- end: weighed
    return weighed;
  }

  // ---- texts in Parquet files ------------------------------------------------------------------

  private static Dataset<Row> texts(List<Row> rows, String name, int parts) {
    String place = temp.resolve(name).toString();
    session.createDataFrame(rows, TEXTS).coalesce(parts).write().parquet(place);
    return session.read().parquet(place);
  }

  private record Texts(Dataset<Row> train, Dataset<Row> trusted, Map<String, String> right) {}

  /** Definitions of two topics, of which every fifth has the other's label. */
  private static Texts definitions(String name) {
    var right = new HashMap<String, String>();
    var train = new ArrayList<Row>();
    var trusted = new ArrayList<Row>();
    List<Example> all = WordNetText.topics(2, 300, new Seed(0));
    List<String> topics = all.stream().map(Example::label).distinct().toList();
    for (int i = 0; i < all.size(); i++) {
      String topic = all.get(i).label();
      right.put("d" + i, topic);
      boolean isTrusted = i % 6 == 0;
      String other = topics.get(topic.equals(topics.get(0)) ? 1 : 0);
      String given = !isTrusted && i % 5 == 1 ? other : topic;
      (isTrusted ? trusted : train).add(RowFactory.create("d" + i, all.get(i).text(), given));
    }
    return new Texts(texts(train, name, 4), texts(trusted, name + "-trusted", 1), right);
  }

  @Test
  void wrongLabelsOfTextsAreFound() {
    Texts texts = definitions("definitions");
    List<Row> found =
        SparkClean.of(texts.train)
            .trusted(texts.trusted)
            .weighed(TOPIC.withText("text"), SMALL.withRanks(2))
            .collectAsList();
    assertThat(found).hasSize(500);
    double[] weights = new double[2];
    int[] counts = new int[2];
    int[] suspected = new int[2];
    for (Row row : found) {
      int isWrong = row.getString(3).equals(texts.right.get(row.getString(1))) ? 0 : 1;
      counts[isWrong]++;
      weights[isWrong] += row.getDouble(5);
      suspected[isWrong] += row.getBoolean(6) ? 1 : 0;
    }
    assertThat(counts).containsExactly(400, 100);
    assertThat(weights[1] / 100).isLessThan(0.5 * weights[0] / 400);
    assertThat(suspected[1]).isGreaterThan(85);
    assertThat(suspected[0]).isLessThan(60);
  }

  /** Whatever the partitions, to the bit. */
  @Test
  void featuresOfPartitionsAreThoseOfOneProcess() {
    Texts texts = definitions("features");
    Dataset<Row> numbered = SparkClean.numbered(uneven(texts.train, "text"));
    List<String> lines =
        SparkClean.lines(numbered).orderBy("record").collectAsList().stream()
            .map(row -> row.getString(1))
            .toList();
    List<String> trusted =
        SparkClean.lines(SparkClean.numbered(texts.trusted)).collectAsList().stream()
            .map(row -> row.getString(1))
            .toList();
    List<String> classes = texts.right.values().stream().distinct().sorted().toList();
    Clean options = TOPIC.withText("text");
    JsonRows reader = JsonRows.of("train", lines.get(0), options);
    RowFeatures alone = RowFeatures.learn(reader, lines, trusted, classes);

    var context = new JavaSparkContext(session.sparkContext());
    var weighing = new SparkWeighing(numbered, reader, options, SMALL.withRanks(3));
    byte[] learned =
        weighing.learned(500, context.broadcast(trusted.toArray(String[]::new)), classes);
    assertThat(learned).isEqualTo(JavaBytes.of(alone));

    List<Tuple2<Long, byte[]>> parts =
        weighing.parts(500, context.broadcast(learned)).glom().collect().stream()
            .flatMap(List::stream)
            .toList();
    int next = 0;
    for (Tuple2<Long, byte[]> part : parts) {
      assertThat(part._1()).isEqualTo(next);
      int size = JavaBytes.read(part._2(), RowPart.class).size();
      long[] records = LongStream.rangeClosed(next + 1, next + size).toArray();
      assertThat(part._2())
          .isEqualTo(JavaBytes.of(alone.part(records, lines.subList(next, next + size))));
      next += size;
    }
    assertThat(next).isEqualTo(500);
  }

  /** No more texts go to one task than features are learned from, but for some by chance. */
  @Test
  void featuresAreLearnedFromPart() {
    Dataset<Row> numbered =
        SparkClean.numbered(
            session.range(20_000).selectExpr("cast(id as string) text", "id % 2 topic"));
    JsonRows reader = SparkWeighing.reader(numbered.drop("record"), TOPIC);
    Weighing how = Weighing.builder().sample(900).build();
    var weighing = new SparkWeighing(numbered, reader, TOPIC, how);
    List<Long> drawn = weighing.sample(20_000).map(row -> row._2()._1()).collect();
    assertThat(drawn).hasSizeBetween(900, 1_300).doesNotHaveDuplicates();
    assertThat(drawn.stream().mapToLong(Long::longValue).average().orElseThrow())
        .isBetween(9_000.0, 11_000.0);
    var others = new SparkWeighing(numbered.repartition(5), reader, TOPIC, how);
    assertThat(others.sample(20_000).map(row -> row._2()._1()).collect())
        .containsExactlyInAnyOrderElementsOf(drawn);
  }

  @Test
  void sayWhatIsWrong() throws Exception {
    Dataset<Row> train = csv("wrong", points(40, false), 40);
    Dataset<Row> trusted = csv("wrong-trusted", points(20, true), 20);
    var data = SparkClean.of(train);
    refused(data, TOPIC, SMALL)
        .contains("There are no trusted rows with a label", "Maybe trusted(rows) was meant");
    refused(data.trusted(trusted.limit(0)), TOPIC, SMALL)
        .contains("There are no trusted rows with a label");
    SparkClean known = data.trusted(trusted);
    refused(known, TOPIC.withLabel("topik"), SMALL)
        .contains("There is no column 'topik' for the label", "Maybe");
    refused(known, TOPIC.withDecisions("decisions.csv"), SMALL).contains("decisions", "Maybe");
    refused(
            data.trusted(trusted.selectExpr("a", "b", "if(a > 0, 'middle', 'low') topic")),
            TOPIC,
            SMALL)
        .contains("Trusted rows have the class 'middle'", "'high', 'low'", "Maybe");
    refused(data.trusted(trusted.withColumn("topic", lit("low"))), TOPIC, SMALL)
        .contains("All trusted rows have the class 'low'", "Maybe");
    refused(data.trusted(trusted.selectExpr("a", "topic")), TOPIC, SMALL)
        .contains("There is no column 'b'", "trusted");
    refused(known, TOPIC, SMALL.withRanks(4))
        .contains("4 ranks must run at once, and Spark has room for 3 tasks", "Maybe fewer");
    refused(SparkClean.of(train.withColumn("topic", train.col("a"))).trusted(trusted), TOPIC, SMALL)
        .contains("at least two rows of a class", "Maybe");
    refused(SparkClean.of(train.withColumn("topic", lit("one"))).trusted(trusted), TOPIC, SMALL)
        .contains("one class, 'one'", "Maybe");
    assertThatThrownBy(
            () ->
                SparkClean.of(train.withColumnRenamed("a", "lambda"))
                    .trusted(trusted)
                    .weighed(TOPIC, SMALL))
        .message()
        .contains("The data have a column 'lambda'");
    assertThatThrownBy(
            () ->
                SparkClean.of(train.withColumnRenamed("a", "Weight"))
                    .trusted(trusted)
                    .weighed(TOPIC, SMALL))
        .message()
        .contains("The data have a column 'Weight'");
    assertThatThrownBy(() -> SparkClean.of(train.withColumnRenamed("a", "Record")))
        .message()
        .contains("The data have a column 'Record'");
  }

  /** Trusted rows may be some of an earlier result. */
  @Test
  void columnsHaveAnyNames() {
    Dataset<Row> train =
        session
            .range(80)
            .selectExpr("id % 2 + 0.5 `a``b.c`", "if(id % 2 = 0, 'low', 'high') topic");
    SparkClean data = SparkClean.of(train);
    Dataset<Row> earlier = data.trusted(train.limit(20)).weighed(TOPIC, SMALL);
    assertThat(earlier.columns()).startsWith("record", "a`b.c", "topic", "lambda");
    assertThat(data.trusted(earlier.where("record <= 30")).weighed(TOPIC, SMALL).count())
        .isEqualTo(80);
  }

  private static AbstractStringAssert<?> refused(SparkClean data, Clean options, Weighing how) {
    return assertThatThrownBy(() -> data.weighed(options, how))
        .isInstanceOf(InvalidInputException.class)
        .message();
  }

  /** What a task complains about is told. */
  @Test
  void aTaskComplains() {
    Dataset<Row> empty = session.range(40).selectExpr("'' text", "if(id % 2 = 0, 'a', 'b') topic");
    refused(SparkClean.of(empty).trusted(empty), TOPIC.withText("text"), SMALL)
        .contains("The texts have no words.", "Maybe");
  }

  /** Nobody waits for a rank that is gone. */
  @Test
  void aLostRankEndsTheOthers() throws Exception {
    Dataset<Row> train = csv("lost", points(400, false), 400);
    Dataset<Row> trusted = csv("lost-trusted", points(20, true), 20);
    var killer = new Killer(session.sparkContext());
    session.sparkContext().addSparkListener(killer);
    try {
      Weighing longer = SMALL.withRanks(2).withPasses(1e6);
      assertThatThrownBy(() -> SparkClean.of(train).trusted(trusted).weighed(TOPIC, longer))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageStartingWith("Spark gave the weighing up: ")
          .hasMessageContaining("barrier task");
    } finally {
      session.sparkContext().removeSparkListener(killer);
    }
  }

  /** Kills the second task of barrier stages a second after it began. */
  private static final class Killer extends SparkListener {
    private final SparkContext spark;

    Killer(SparkContext spark) {
      this.spark = spark;
    }

    @Override
    public void onTaskStart(SparkListenerTaskStart start) {
      var stage = spark.statusTracker().getStageInfo(start.stageId());
      if (start.taskInfo().index() == 1 && stage.isDefined() && stage.get().numTasks() == 2) {
        try {
          Thread.sleep(1_000);
        } catch (InterruptedException e) {
          throw new IllegalStateException(e);
        }
        spark.killTaskAttempt(start.taskInfo().taskId(), false, "for a test");
      }
    }
  }
}
