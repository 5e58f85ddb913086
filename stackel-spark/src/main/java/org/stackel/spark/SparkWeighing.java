package org.stackel.spark;

import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.struct;
import static org.apache.spark.sql.functions.to_json;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.apache.spark.SparkContext;
import org.apache.spark.api.java.JavaPairRDD;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;
import org.stackel.clean.Clean;
import org.stackel.clean.JsonRows;
import org.stackel.clean.RowFeatures;
import org.stackel.clean.RowWeighing;
import org.stackel.clean.Weighing;
import org.stackel.config.InvalidInputException;
import org.stackel.distributed.Token;
import org.stackel.tensor.Seed;
import scala.Tuple2;
import scala.reflect.ClassTag;

/**
 * Weighs rows that lie in parts: see {@link SparkClean#weighed}. What goes through the driver are
 * trusted rows, classes with their counts, and what features are made of: words, means, deviations.
 *
 * <pre>
 * rows with numbers  →  those with a label, numbered anew  →  features, by partitions
 *                    →  partition r: the rows of rank r, in order  →  λ, by a barrier stage
 * </pre>
 */
final class SparkWeighing {
  static final StructType RESULT =
      new StructType()
          .add(SparkClean.RECORD, DataTypes.LongType)
          .add("lambda", DataTypes.DoubleType)
          .add("weight", DataTypes.DoubleType)
          .add("suspected", DataTypes.BooleanType)
          .add("suggested", DataTypes.StringType)
          .add("suggestedProbability", DataTypes.DoubleType);

  private static final int MAX_TRUSTED = 100_000;
  private static final int MAX_CLASSES = 100_000;
  private static final int PAUSE_MILLIS = 100;
  private static final int PAUSES = 300;

  /** So many standard deviations above the mean the size of a sample hardly ever falls short. */
  private static final double DEVIATIONS = 6;

  private final Dataset<Row> numbered;
  private final Clean options;
  private final Weighing weighing;
  private final JavaSparkContext spark;
  private final JsonRows reader;
  private final JavaRDD<Tuple2<Long, String>> labelled;

  /**
   * @param numbered the rows with their numbers
   * @param rows reads them
   */
  SparkWeighing(Dataset<Row> numbered, JsonRows rows, Clean options, Weighing weighing) {
    this.numbered = numbered;
    this.options = options;
    this.weighing = weighing;
    spark = JavaSparkContext.fromSparkContext(numbered.sparkSession().sparkContext());
    reader = rows;
    labelled = lines(numbered).mapPartitions(part -> chunks(part, some -> labelled(rows, some)));
  }

  /** What can be refused is refused before the rows are read. */
  static Dataset<Row> weighed(
      Dataset<Row> train, Dataset<Row> trusted, Clean options, Weighing weighing) {
    try {
      JsonRows reader = reader(train, options);
      requireSlots(train.sparkSession().sparkContext(), weighing.ranks());
      String[] known = known(trusted, reader.named("trusted"));
      Dataset<Row> numbered = SparkClean.numbered(train);
      Dataset<Row> weights = new SparkWeighing(numbered, reader, options, weighing).weights(known);
      return numbered.join(weights, new String[] {SparkClean.RECORD}, "left");
    } catch (Exception e) { // Scala's need not be declared
      throw refused(e);
    }
  }

  /** Knows the columns, from a row without values. */
  static JsonRows reader(Dataset<Row> rows, Clean options) {
    Column[] columns =
        Arrays.stream(rows.columns())
            .map(name -> lit(null).cast(DataTypes.StringType).as(name))
            .toArray(Column[]::new);
    String row =
        rows.sparkSession()
            .range(1)
            .select(to_json(struct(columns), Map.of("ignoreNullFields", "false")))
            .first()
            .getString(0);
    return JsonRows.of("train", row, options);
  }

  private static JavaRDD<Tuple2<Long, String>> lines(Dataset<Row> numbered) {
    return SparkClean.lines(numbered)
        .javaRDD()
        .map(row -> new Tuple2<>(row.getLong(0), row.getString(1)));
  }

  private static <B> Iterator<B> chunks(
      Iterator<Tuple2<Long, String>> rows,
      java.util.function.Function<List<Tuple2<Long, String>>, Iterator<B>> work) {
    return new Chunks<>(rows, row -> true, work);
  }

  private static Iterator<Tuple2<Long, String>> labelled(
      JsonRows reader, List<Tuple2<Long, String>> rows) {
    List<@Nullable String> labels = reader.labels(second(rows));
    var some = new ArrayList<Tuple2<Long, String>>();
    for (int i = 0; i < labels.size(); i++) {
      if (labels.get(i) != null) {
        some.add(rows.get(i));
      }
    }
    return some.iterator();
  }

  private static List<String> second(List<Tuple2<Long, String>> rows) {
    return rows.stream().map(Tuple2::_2).toList();
  }

  /** The weight of every row that has a label. */
  private Dataset<Row> weights(String[] known) {
    Map<String, Long> counts = counts();
    requireFit(counts, reader.named("trusted").labels(Arrays.asList(known)));
    long rows = counts.values().stream().mapToLong(Long::longValue).sum();
    new RowWeighing.Share(rows, 0, weighing.ranks()); // complains if that cannot be
    Broadcast<String[]> sentTrusted = spark.broadcast(known);
    Broadcast<byte[]> features = null;
    try {
      features = spark.broadcast(learned(rows, sentTrusted, List.copyOf(counts.keySet())));
      var work =
          new WeightFunction(
              features,
              sentTrusted,
              rows,
              weighing,
              new Seed(options.seed()).child("weights").value(),
              Token.random());
      JavaRDD<Row> found =
          parts(rows, features)
              .rdd()
              .barrier()
              .mapPartitions(work, false, ClassTag.<Row>apply(Row.class))
              .toJavaRDD();
      return numbered.sparkSession().createDataFrame(found, RESULT).localCheckpoint();
    } finally {
      sentTrusted.destroy();
      if (features != null) {
        features.destroy();
      }
    }
  }

  // ---- what is checked -------------------------------------------------------------------------

  /** The trusted rows that have a label. */
  private static String[] known(Dataset<Row> trusted, JsonRows reader) {
    var all = new ArrayList<Tuple2<Long, String>>();
    Iterator<Row> each = SparkClean.lines(SparkClean.numbered(trusted)).toLocalIterator();
    while (each.hasNext()) {
      Row row = each.next();
      all.add(new Tuple2<>(row.getLong(0), row.getString(1)));
      if (all.size() > MAX_TRUSTED) {
        throw new InvalidInputException(
            "There are more than %,d trusted rows, which every rank has whole."
                .formatted(MAX_TRUSTED),
            "a random part of them was meant.");
      }
    }
    var some = new ArrayList<Tuple2<Long, String>>();
    if (!all.isEmpty()) {
      labelled(reader, all).forEachRemaining(some::add);
    }
    if (some.isEmpty()) {
      throw SparkClean.untrusted();
    }
    return second(some).toArray(String[]::new);
  }

  /** Executors may still be on their way. */
  private static void requireSlots(SparkContext context, int ranks) {
    int slots = slots(context);
    try {
      for (int i = 0; i < PAUSES && slots < ranks && !context.isLocal(); i++) {
        Thread.sleep(PAUSE_MILLIS);
        slots = slots(context);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    if (ranks > slots) {
      throw new InvalidInputException(
          "%,d ranks must run at once, and Spark has room for %,d tasks.".formatted(ranks, slots),
          "fewer ranks, more executors, or local[%d] was meant.".formatted(ranks));
    }
  }

  private static int slots(SparkContext context) {
    return context.maxNumConcurrentTasks(context.resourceProfileManager().defaultResourceProfile());
  }

  /** How many rows each class has. */
  private Map<String, Long> counts() {
    JsonRows rows = reader;
    List<Tuple2<String, Long>> counted =
        labelled
            .mapPartitions(part -> chunks(part, some -> rows.labels(second(some)).iterator()))
            .mapToPair(label -> new Tuple2<>(label, 1L))
            .reduceByKey(Long::sum)
            .take(MAX_CLASSES + 1);
    var counts = new TreeMap<String, Long>();
    counted.forEach(each -> counts.put(each._1(), each._2()));
    long all = counts.values().stream().mapToLong(Long::longValue).sum();
    if (counts.size() > MAX_CLASSES || all < 2L * counts.size()) {
      throw new InvalidInputException(
          counts.size() > MAX_CLASSES
              ? "The labels show more than %,d classes.".formatted(MAX_CLASSES)
              : "The %,d labels show %,d classes; there must be at least two rows of a class on average."
                  .formatted(all, counts.size()),
          "the labels are numbers or names of rows, not classes; another column holds the label.");
    }
    if (counts.size() < 2) {
      throw new InvalidInputException(
          "The labels show %s; there must be at least two classes."
              .formatted(
                  counts.isEmpty()
                      ? "no class"
                      : "one class, '%s'".formatted(counts.keySet().iterator().next())),
          "another column holds the label.");
    }
    return counts;
  }

  private static void requireFit(Map<String, Long> counts, List<@Nullable String> trusted) {
    long shown = trusted.stream().distinct().count();
    if (shown < 2) {
      throw new InvalidInputException(
          "All trusted rows have the class '%s'; there must be at least two classes."
              .formatted(trusted.get(0)),
          "rows of other classes can be checked by hand.");
    }
    List<String> others =
        trusted.stream()
            .filter(label -> label != null && !counts.containsKey(label))
            .distinct()
            .toList();
    if (!others.isEmpty()) {
      throw new InvalidInputException(
          "Trusted rows have the class '%s', which no row has that is to be weighed; their classes are %s."
              .formatted(
                  others.get(0),
                  counts.keySet().stream().limit(8).collect(Collectors.joining("', '", "'", "'"))),
          counts.keySet().stream().anyMatch(others.get(0)::equalsIgnoreCase)
              ? "MergeClasses.CASE takes them for the same."
              : "those rows can be left out.");
    }
  }

  // ---- the stages ------------------------------------------------------------------------------

  /** How features are computed, learned in a single task of rows that are drawn by partitions. */
  byte[] learned(long rows, Broadcast<String[]> trusted, List<String> classes) {
    JsonRows own = reader;
    int most = weighing.sample();
    return sample(rows)
        .coalesce(1, true)
        .mapPartitions(
            part ->
                List.of(
                        JavaBytes.of(
                            RowFeatures.learn(
                                own, first(part, most), Arrays.asList(trusted.value()), classes)))
                    .iterator())
        .collect()
        .get(0);
  }

  /**
   * Rows that are drawn by their numbers, and so the same however they are parted: a few more than
   * features are learned from.
   */
  JavaRDD<Tuple2<Long, Tuple2<Long, String>>> sample(long rows) {
    long seed = new Seed(options.seed()).child("sample").value();
    double wanted = weighing.sample();
    double share = rows <= wanted ? 1 : wanted / rows * (1 + DEVIATIONS / Math.sqrt(wanted));
    long last = share >= 1 ? Long.MAX_VALUE : (long) (share * Long.MAX_VALUE);
    return labelled
        .map(row -> new Tuple2<>(new Seed(seed).child(row._1()).value() >>> 1, row))
        .filter(drawn -> drawn._1() <= last);
  }

  /** The rows that come first by what was drawn, in the order of their numbers. */
  private static List<String> first(Iterator<Tuple2<Long, Tuple2<Long, String>>> drawn, int most) {
    var all = new ArrayList<Tuple2<Long, Tuple2<Long, String>>>();
    drawn.forEachRemaining(all::add);
    all.sort(
        Comparator.comparing((Tuple2<Long, Tuple2<Long, String>> each) -> each._1())
            .thenComparing(each -> each._2()._1()));
    return all.stream()
        .limit(most)
        .map(Tuple2::_2)
        .sorted(Comparator.comparing(Tuple2::_1))
        .map(Tuple2::_2)
        .toList();
  }

  /**
   * Features of rows with labels, in chunks behind the number of their first row: those of rank r
   * in partition r, in order. Numbers count rows with labels, from 0 on.
   */
  JavaPairRDD<Long, byte[]> parts(long rows, Broadcast<byte[]> features) {
    var partitioner = new RankPartitioner(rows, weighing.ranks());
    return labelled
        .zipWithIndex()
        .mapPartitionsToPair(
            part -> {
              RowFeatures learned = JavaBytes.read(features.value(), RowFeatures.class);
              return new Chunks<Tuple2<Tuple2<Long, String>, Long>, Tuple2<Long, byte[]>>(
                  part,
                  row -> partitioner.of(row._2()),
                  some -> Collections.singleton(chunk(learned, some)).iterator());
            })
        .repartitionAndSortWithinPartitions(partitioner);
  }

  private static Tuple2<Long, byte[]> chunk(
      RowFeatures features, List<Tuple2<Tuple2<Long, String>, Long>> rows) {
    List<Tuple2<Long, String>> own = rows.stream().map(Tuple2::_1).toList();
    LongStream records = own.stream().mapToLong(Tuple2::_1);
    return new Tuple2<>(
        rows.get(0)._2(), JavaBytes.of(features.part(records.toArray(), second(own))));
  }

  // ---- what Spark says -------------------------------------------------------------------------

  /** What a task complained about, or else what Spark did. */
  private static RuntimeException refused(Exception e) {
    for (Throwable cause = e; cause != null; cause = cause.getCause()) {
      if (cause instanceof InvalidInputException invalid) {
        return invalid;
      }
    }
    return String.valueOf(e.getMessage())
        .lines()
        .filter(line -> line.startsWith("org.stackel."))
        .findFirst()
        .<RuntimeException>map(
            line -> new IllegalStateException("Spark gave the weighing up: " + line, e))
        .orElseGet(() -> SparkErrors.refused(e, "weighing"));
  }
}
