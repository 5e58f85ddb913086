package org.stackel.distributed;

import java.util.ArrayList;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;
import org.stackel.problem.BilevelProblem;
import org.stackel.problem.PerExample;
import org.stackel.problem.Shard;
import org.stackel.tensor.StateScope;
import org.stackel.tensor.Tensors;

/**
 * The upper variable and all vectors like it, of which every rank has a part: numbers in a row,
 * about as many as the others. All ranks must make the same calls in the same order.
 *
 * @param ranks the processes
 * @param size dimension of x, at least the number of ranks
 */
public record UpperParts(Ranks ranks, long size) {
  /** How ranks cut the x of a problem; null if they cannot, or need not. */
  public static @Nullable UpperParts of(Ranks ranks, BilevelProblem<?> problem) {
    long size = problem.upperLayout().size();
    boolean canBeCut = PerExample.isHeldBy(problem) && size >= ranks.count();
    return canBeCut && ranks.count() > 1 ? new UpperParts(ranks, size) : null;
  }

  /**
   * The first number of a rank's part, which ends before that of the next one.
   *
   * @param size how many numbers are cut into parts
   * @param count number of ranks
   */
  public static long first(long size, int count, int rank) {
    return size * rank / count;
  }

  /**
   * The rank whose part a number is in.
   *
   * @param size how many numbers are cut into parts
   * @param count number of ranks
   */
  public static int rankOf(long size, int count, long number) {
    return (int) (((number + 1) * count - 1) / size);
  }

  private long first(int rank) {
    return first(size, ranks.count(), rank);
  }

  private long length(int rank) {
    return first(rank + 1) - first(rank);
  }

  /** This rank's part of every batch of examples: those whose numbers in x it has. */
  public Shard shard() {
    int rank = ranks.rank();
    return ranks.shard().owning((int) first(rank), (int) first(rank + 1));
  }

  /**
   * This rank's part of a vector that it has whole; a copy.
   *
   * @param whole of shape [size, …]
   */
  public Tensor own(Tensor whole) {
    return part(whole, ranks.rank()).clone();
  }

  private Tensor part(Tensor whole, int rank) {
    return whole.narrow(0, first(rank), length(rank));
  }

  /**
   * The whole vector on the first rank, from the parts of all; on others their own part. One
   * message for each rank.
   */
  public Tensor whole(Tensor own) {
    var parts = new ArrayList<Tensor>();
    for (int rank = 0; rank < ranks.count(); rank++) {
      Tensor part = ranks.copied(rank == ranks.rank() ? own : like(own, rank), rank);
      if (ranks.isFirst()) {
        parts.add(part);
      }
    }
    return ranks.isFirst() ? Tensors.concat(parts.toArray(Tensor[]::new)) : own;
  }

  /**
   * This rank's part of the first one's vector. One message for each rank.
   *
   * @param known on the first rank the whole vector; on others a part of the same type
   */
  public Tensor ofFirst(Tensor known) {
    Tensor own = known;
    for (int rank = 0; rank < ranks.count(); rank++) {
      Tensor part = ranks.copied(ranks.isFirst() ? part(known, rank) : like(known, rank), 0);
      own = rank == ranks.rank() ? part : own;
    }
    return own;
  }

  /** A tensor for the part of another rank. */
  private Tensor like(Tensor own, int rank) {
    long[] shape = Tensors.shape(own).stream().mapToLong(Long::longValue).toArray();
    shape[0] = length(rank);
    return own.new_empty(shape);
  }

  /**
   * The norm of a vector, the same bits on all ranks. One message of as many numbers as ranks.
   *
   * @param own this rank's part
   */
  public double norm(Tensor own) {
    double[] all = ranks.eachOfStep(Tensors.safeNorm(own));
    double norm = 0;
    for (double each : all) {
      norm = StrictMath.hypot(norm, each);
    }
    return norm;
  }

  /** The inner product of two vectors of which these are the parts, the same bits on all ranks. */
  public double dot(Tensor a, Tensor b) {
    double own;
    try (var scope = StateScope.open()) {
      own = Tensors.item(a.dot(b));
    }
    double sum = 0;
    for (double each : ranks.eachOfStep(own)) {
      sum += each;
    }
    return sum;
  }
}
