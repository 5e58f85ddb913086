package org.stackel.spark;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.struct;
import static org.apache.spark.sql.functions.to_json;

import de.siegmar.fastcsv.reader.CsvReader;
import de.siegmar.fastcsv.reader.NamedCsvRecord;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;
import org.stackel.clean.Clean;
import org.stackel.clean.CleanListener;
import org.stackel.clean.Weighing;
import org.stackel.config.InvalidInputException;
import org.stackel.config.SpreadsheetText;
import org.stackel.runfile.FileErrors;

/**
 * Finds wrong labels in a data set that Spark reads: Parquet, CSV in parts, a table.
 *
 * <pre>{@code
 * Dataset<Row> judged = SparkClean.of(session.read().parquet("tickets"))
 *     .trusted(session.read().parquet("checked"))
 *     .to(Path.of("cleaned"), Clean.builder().label("topic").build(), CleanListener.NONE);
 * }</pre>
 *
 * <p>Spark reads and joins in parts; {@link #to} judges as {@link Clean} does, on one machine,
 * which must have room for its features: rows go to it partition by partition, as JSON. {@link
 * #weighed} needs no such machine.
 */
public final class SparkClean {
  /** Number of the row, from 1 on, as in weights.csv. */
  public static final String RECORD = "record";

  private static final StructType RESULT =
      new StructType()
          .add(RECORD, DataTypes.LongType)
          .add("suspicion", DataTypes.DoubleType)
          .add("suspected", DataTypes.BooleanType)
          .add("suggested", DataTypes.StringType)
          .add("suggestedProbability", DataTypes.DoubleType);

  private final Dataset<Row> train;
  private final @Nullable Dataset<Row> trusted;
  private final @Nullable Dataset<Row> test;

  private SparkClean(
      Dataset<Row> train, @Nullable Dataset<Row> trusted, @Nullable Dataset<Row> test) {
    this.train = train;
    this.trusted = trusted;
    this.test = test;
  }

  /**
   * Rows whose labels may be wrong.
   *
   * @throws InvalidInputException if a column is called like one of the result, in any case
   */
  public static SparkClean of(Dataset<Row> train) {
    requireFree(train, RESULT);
    return new SparkClean(train, null, null);
  }

  private static void requireFree(Dataset<Row> train, StructType result) {
    for (String name : train.columns()) { // to Spark the case of a name makes no difference
      if (Arrays.stream(result.fieldNames()).anyMatch(name::equalsIgnoreCase)) {
        throw new InvalidInputException(
            "The data have a column '%s', which the result would have too.".formatted(name),
            "withColumnRenamed(\"%s\", …) was meant.".formatted(name));
      }
    }
  }

  /** The same with rows whose labels are right, with the same columns; others are left out. */
  public SparkClean trusted(Dataset<Row> rows) {
    return new SparkClean(train, rows.drop(RECORD), test);
  }

  /** The same with rows whose labels are right, on which the model is measured. */
  public SparkClean test(Dataset<Row> rows) {
    return new SparkClean(train, trusted, rows.drop(RECORD));
  }

  /**
   * Judges every row.
   *
   * @param directory where all files of {@link Clean} go, and the rows as JSON; it is made
   * @param options what else; they name no file
   * @return the rows with {@code record}, {@code suspicion}, {@code suspected}, {@code suggested}
   *     and {@code suggestedProbability}; null for rows without a label
   * @throws InvalidInputException if the data cannot be used
   */
  public Dataset<Row> to(Path directory, Clean options, CleanListener listener) {
    Dataset<Row> numbered = numbered(train);
    try {
      Files.createDirectories(directory);
      Clean clean = options.withTrain(written(numbered, directory.resolve("train.jsonl")));
      if (trusted != null) {
        clean = clean.withTrusted(written(numbered(trusted), directory.resolve("trusted.jsonl")));
      }
      if (test != null) {
        clean = clean.withTest(written(numbered(test), directory.resolve("test.jsonl")));
      }
      clean.to(directory, listener);
      return numbered.join(judged(directory.resolve("weights.csv")), RECORD);
    } catch (IOException e) {
      throw FileErrors.writing(directory, e);
    }
  }

  /**
   * Weighs every row where it lies, so that no machine needs room for all of them: data cleaning
   * with SLIP and softmax regression, {@code min_λ f(y*(λ))}, {@code y*(λ) = argmin_y mean_i σ(λᵢ)
   * ℓ(y; i) + c ‖y‖²}, where f is the loss on trusted rows.
   *
   * <p>Rows are read and their features computed partition by partition. What features are made of
   * (words and their weights, means, deviations, categories) is learned in one task from a random
   * part, {@link Weighing#sample}, that depends on seed and numbers of rows alone. Then rank r of
   * n, a task of a barrier stage, gets features and λ of the rows with labels from ⌊rN/n⌋ up to
   * ⌊(r+1)N/n⌋, and of no others. All ranks have the model and the trusted rows, which go through
   * the driver; no other row does. Test rows are not read.
   *
   * <p>Cost: {@link Weighing#steps} steps, each of a few messages among ranks as long as the model
   * has numbers, features times classes. A rank has 4 bytes for each of its rows and each dense
   * feature (100 of a text), else 8 for each that is not zero.
   *
   * @param options columns, seed, and how labels are read; they name no file, and nothing else of
   *     them matters
   * @param weighing how much is computed, by how many ranks
   * @return the rows with {@code record}, {@code lambda}, {@code weight} σ(λ), {@code suspected},
   *     which is λ below where it started, and {@code suggested}, of a suspected row the class that
   *     the model prefers, with its {@code suggestedProbability}, null where that is its own; all
   *     null for rows without a label
   * @throws InvalidInputException if there are no trusted rows, or the data cannot be used: classes
   *     that only trusted rows have, fewer rows than ranks, more ranks than Spark runs tasks at
   *     once
   * @throws IllegalStateException if Spark gives up, as when a rank is lost
   */
  public Dataset<Row> weighed(Clean options, Weighing weighing) {
    requireFree(train, SparkWeighing.RESULT);
    if (trusted == null) {
      throw untrusted();
    }
    return SparkWeighing.weighed(train, trusted, options, weighing);
  }

  static InvalidInputException untrusted() {
    return new InvalidInputException(
        "There are no trusted rows with a label, by which rows are weighed.",
        "trusted(rows) was meant, with some rows whose labels were checked by hand.");
  }

  /**
   * The rows with their numbers, computed once: a part that is lost later is an error, not other
   * rows under the same numbers.
   */
  static Dataset<Row> numbered(Dataset<Row> rows) {
    StructType schema = new StructType().add(RECORD, DataTypes.LongType);
    for (var field : rows.schema().fields()) {
      schema = schema.add(field);
    }
    JavaRDD<Row> all = rows.javaRDD().zipWithIndex().map(new Numbering());
    return rows.sparkSession().createDataFrame(all, schema).localCheckpoint();
  }

  /** The number of each row, and its values as JSON. */
  static Dataset<Row> lines(Dataset<Row> numbered) {
    Column[] columns =
        Arrays.stream(numbered.columns())
            .filter(name -> !name.equals(RECORD))
            .map(name -> col("`" + name.replace("`", "``") + "`"))
            .toArray(Column[]::new);
    return numbered.select(
        col(RECORD), to_json(struct(columns), Map.of("ignoreNullFields", "false")));
  }

  /** Writes a line for each row. */
  private static String written(Dataset<Row> numbered, Path file) throws IOException {
    try (BufferedWriter out = Files.newBufferedWriter(file)) {
      long expected = 1;
      for (Iterator<Row> each = lines(numbered).toLocalIterator(); each.hasNext(); expected++) {
        Row row = each.next();
        if (row.getLong(0) != expected) {
          throw new IllegalStateException(
              "Row %d came in place of row %d.".formatted(row.getLong(0), expected));
        }
        out.write(row.getString(1));
        out.write('\n');
      }
    }
    return file.toString();
  }

  private Dataset<Row> judged(Path weights) throws IOException {
    SparkSession session = train.sparkSession();
    var rows = new ArrayList<Row>();
    try (CsvReader<NamedCsvRecord> records = CsvReader.builder().ofNamedCsvRecord(weights)) {
      for (NamedCsvRecord each : records) {
        rows.add(
            RowFactory.create(
                Long.valueOf(each.getField(RECORD)),
                number(each.getField("suspicion")),
                truth(each.getField("suspected")),
                text(each.getField("suggested")),
                number(each.getField("suggestedProbability"))));
      }
    }
    return session.createDataFrame(List.copyOf(rows), RESULT);
  }

  private static @Nullable Double number(String cell) {
    return cell.isEmpty() ? null : Double.valueOf(cell);
  }

  private static @Nullable Boolean truth(String cell) {
    return cell.isEmpty() ? null : Boolean.valueOf(cell);
  }

  private static @Nullable String text(String cell) {
    return cell.isEmpty() ? null : SpreadsheetText.original(cell);
  }
}
