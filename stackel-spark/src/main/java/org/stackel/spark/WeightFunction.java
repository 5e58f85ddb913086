package org.stackel.spark;

import java.io.Serializable;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.spark.BarrierTaskContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.stackel.clean.RowFeatures;
import org.stackel.clean.RowPart;
import org.stackel.clean.RowWeighing;
import org.stackel.clean.RowWeights;
import org.stackel.clean.Weighing;
import org.stackel.distributed.Ranks;
import org.stackel.distributed.Token;
import org.stackel.tensor.Blas;
import org.stackel.tensor.Seed;
import scala.Tuple2;
import scala.collection.Iterator;
import scala.jdk.javaapi.CollectionConverters;
import scala.runtime.AbstractFunction1;

/**
 * A task of a barrier stage as a rank that weighs its part of the rows.
 *
 * <p>It takes up the rows before it meets the others, who may need longer for theirs.
 */
final class WeightFunction extends AbstractFunction1<Iterator<Tuple2<Long, byte[]>>, Iterator<Row>>
    implements Serializable {
  private static final long serialVersionUID = 1L;

  private final Broadcast<byte[]> features;
  private final Broadcast<String[]> trusted;
  private final long rows;
  private final Weighing options;
  private final long seed;
  private final String token;

  /**
   * @param features how rows became features, as bytes
   * @param trusted rows whose labels are right
   * @param rows of all tasks
   * @param token what the tasks must know
   */
  WeightFunction(
      Broadcast<byte[]> features,
      Broadcast<String[]> trusted,
      long rows,
      Weighing options,
      long seed,
      String token) {
    this.features = features;
    this.trusted = trusted;
    this.rows = rows;
    this.options = options;
    this.seed = seed;
    this.token = token;
  }

  @Override
  public Iterator<Row> apply(Iterator<Tuple2<Long, byte[]>> parts) {
    BarrierTaskContext context = BarrierTaskContext.get();
    BarrierRanks.loadNative();
    int before = Blas.threads();
    Blas.setThreads(context.cpus());
    try {
      return weights(parts, context);
    } finally {
      Blas.setThreads(before);
    }
  }

  private Iterator<Row> weights(Iterator<Tuple2<Long, byte[]>> parts, BarrierTaskContext context) {
    RowFeatures learned = JavaBytes.read(features.value(), RowFeatures.class);
    List<String> known = Arrays.asList(trusted.value());
    var share = new RowWeighing.Share(rows, context.partitionId(), options.ranks());
    try (RowWeighing part =
            RowWeighing.open(
                learned,
                CollectionConverters.asJava(
                    parts.map(each -> JavaBytes.read(each._2(), RowPart.class))),
                learned.part(new long[known.size()], known),
                share,
                options);
        Ranks ranks = BarrierRanks.meet(context, Token.of(token))) {
      RowWeights found =
          ranks.telling(() -> part.weights(ranks, new Seed(seed), context::isInterrupted));
      return CollectionConverters.asScala(
          IntStream.range(0, found.lambda().length).mapToObj(i -> row(found, i)).iterator());
    }
  }

  private static Row row(RowWeights found, int i) {
    String suggested = found.suggested()[i];
    return RowFactory.create(
        found.records()[i],
        found.lambda()[i],
        found.weight(i),
        found.isSuspected()[i],
        suggested,
        suggested == null ? null : found.probability()[i]);
  }
}
