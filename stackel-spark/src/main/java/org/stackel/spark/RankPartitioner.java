package org.stackel.spark;

import org.apache.spark.Partitioner;
import org.stackel.distributed.UpperParts;

/** Numbers of rows, from 0 on, to the ranks that have them: as many rows in a row to each. */
final class RankPartitioner extends Partitioner {
  private static final long serialVersionUID = 1L;

  private final long rows;
  private final int ranks;

  RankPartitioner(long rows, int ranks) {
    this.rows = rows;
    this.ranks = ranks;
  }

  @Override
  public int numPartitions() {
    return ranks;
  }

  @Override
  public int getPartition(Object number) {
    return of((Long) number);
  }

  int of(long number) {
    return UpperParts.rankOf(rows, ranks, number);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof RankPartitioner same && same.rows == rows && same.ranks == ranks;
  }

  @Override
  public int hashCode() {
    return Long.hashCode(rows) + ranks;
  }
}
