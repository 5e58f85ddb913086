package org.stackel.clean;

import java.util.Arrays;
import java.util.Iterator;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;
import org.stackel.algorithm.AlgorithmState;
import org.stackel.algorithm.Algorithms;
import org.stackel.algorithm.BilevelAlgorithm;
import org.stackel.cleaning.CleaningData;
import org.stackel.cleaning.DataCleaning;
import org.stackel.config.InvalidInputException;
import org.stackel.distributed.Ranks;
import org.stackel.distributed.UpperParts;
import org.stackel.model.Inputs;
import org.stackel.solver.Solver;
import org.stackel.tensor.DataTensors;
import org.stackel.tensor.Device;
import org.stackel.tensor.Seed;
import org.stackel.tensor.StateScope;
import org.stackel.tensor.Tensors;
import org.stackel.text.SparseRows;

/**
 * Weighs rows of which every process has a part: data cleaning with softmax regression, whose
 * weights σ(λ) are such that a model trained with them does well on trusted rows. Process r of n
 * has features, labels and λ of the rows from ⌊rN/n⌋ up to ⌊(r+1)N/n⌋, and all trusted rows. All
 * processes draw the same minibatches and make the same steps.
 *
 * <pre>{@code
 * try (var part = RowWeighing.open(features, rows, trusted, share, options)) {
 *   RowWeights weights = part.weights(ranks, seed, () -> false);
 * }
 * }</pre>
 *
 * <p>Memory: 4 bytes for each row and each feature, of which there is one more, where features are
 * dense; else 8 for each that is not zero, and as much again while they are read.
 */
public final class RowWeighing implements AutoCloseable {
  private static final int CHUNK = 4096;

  private final long[] records;
  private final DataCleaning.Opened problem;
  private final long steps;

  private RowWeighing(long[] records, DataCleaning.Opened problem, long steps) {
    this.records = records;
    this.problem = problem;
    this.steps = steps;
  }

  /**
   * Which part of the rows a process has.
   *
   * @param rows N, the rows of all processes, fewer than 2³¹
   * @param rank r, from 0
   * @param ranks n, at most N
   */
  public record Share(long rows, int rank, int ranks) {
    public Share {
      if (rows > Integer.MAX_VALUE - 8) {
        throw new InvalidInputException(
            "There are %,d rows; the limit is %,d.".formatted(rows, Integer.MAX_VALUE - 8),
            "parts of the data can be weighed one after the other.");
      }
      if (rows < ranks) {
        throw new InvalidInputException(
            "There are %,d rows for %,d ranks; there must be one for each at least."
                .formatted(rows, ranks),
            "fewer ranks were meant.");
      }
    }

    /** Number of the first row of this process. */
    int first() {
      return (int) UpperParts.first(rows, ranks, rank);
    }

    /** Number of rows of this process. */
    int count() {
      return (int) UpperParts.first(rows, ranks, rank + 1) - first();
    }
  }

  /**
   * Takes up the rows of this process.
   *
   * @param own its rows, in order
   * @throws InvalidInputException if they are too many for one process
   */
  public static RowWeighing open(
      RowFeatures features, Iterator<RowPart> own, RowPart trusted, Share share, Weighing options) {
    int count = share.count();
    requireRoom((long) count + trusted.size());
    var rows = new Numbers(new long[count + trusted.size()], new int[count + trusted.size()]);
    DataCleaning usual = BilevelWeights.options(features.isDense());
    DataCleaning sized = usual.withBatches(usual.batches().withBatch(options.batch()));
    var held = new CleaningData.Held(share.first(), count);
    try (var scope = StateScope.open()) {
      DataCleaning.Opened problem =
          DataTensors.owning(
              home -> {
                Inputs inputs =
                    features.isDense()
                        ? dense(features.width(), own, trusted, rows, home)
                        : sparse(features.width(), own, trusted, rows);
                return BilevelWeights.open(
                    sized, inputs, rows.labels, (int) share.rows(), held, features.classes(), home);
              });
      return new RowWeighing(
          Arrays.copyOf(rows.records, count), problem, options.steps(share.rows()));
    }
  }

  /** Complains of more than an array of Java holds. */
  private static void requireRoom(long numbers) {
    if (numbers > Integer.MAX_VALUE - 8) {
      throw new InvalidInputException(
          "One rank has %,d rows, or features that are not zero; the limit is %,d."
              .formatted(numbers, Integer.MAX_VALUE - 8),
          "more ranks were meant.");
    }
  }

  /** Of own rows, then of trusted ones. */
  @SuppressWarnings("ArrayRecordComponent") // compared nowhere
  private record Numbers(long[] records, int[] labels) {}

  /** What is done with each part, where it begins. */
  private interface Work {
    void of(RowPart part, int at);
  }

  /** Own rows, then trusted ones. */
  private static void each(Iterator<RowPart> own, RowPart trusted, Numbers rows, Work work) {
    int most = rows.labels.length - trusted.size();
    int at = 0;
    while (own.hasNext()) {
      RowPart part = own.next();
      at = at + part.size() > most ? most + 1 : put(part, at, rows, work);
    }
    if (at != most) {
      throw new IllegalStateException("There are not %d rows in this part.".formatted(most));
    }
    put(trusted, at, rows, work);
  }

  private static int put(RowPart part, int at, Numbers rows, Work work) {
    System.arraycopy(part.records(), 0, rows.records, at, part.size());
    System.arraycopy(part.labels(), 0, rows.labels, at, part.size());
    work.of(part, at);
    return at + part.size();
  }

  private static Inputs dense(
      int width, Iterator<RowPart> own, RowPart trusted, Numbers rows, DataTensors home) {
    Tensor all = home.keep(Tensors.zeros(Device.CPU, rows.labels.length, width + 1L));
    each(
        own,
        trusted,
        rows,
        (part, at) -> {
          try (var scope = StateScope.open()) {
            float[] numbers = BilevelWeights.withOnes(part.features());
            all.narrow(0, at, part.size())
                .copy_(Tensors.of(Device.CPU, numbers, part.size(), width + 1L));
          }
        });
    return new Inputs.Dense(all, Device.CPU);
  }

  private static Inputs sparse(int width, Iterator<RowPart> own, RowPart trusted, Numbers rows) {
    var entries = new EntryList();
    each(
        own,
        trusted,
        rows,
        (part, at) -> {
          SparseRows some = part.features().sparse();
          requireRoom(2L * entries.size() + some.values().length); // it grows by half
          for (int row = 0; row < some.rows(); row++) {
            for (int e = some.offsets()[row]; e < some.offsets()[row + 1]; e++) {
              entries.add(some.columns()[e], some.values()[e]);
            }
            entries.endRow();
          }
        });
    return new Inputs.Sparse(entries.rows(width), Device.CPU);
  }

  /**
   * The weights of this process's rows.
   *
   * @param ranks the processes, as many as there are parts
   * @param stop asked before every step
   * @throws InvalidInputException on all processes if the algorithm diverges
   * @throws IllegalStateException if it is to stop
   */
  public RowWeights weights(Ranks ranks, Seed seed, BooleanSupplier stop) {
    return weights(Algorithms.usual().suitedTo(problem.scales(steps)), ranks, seed, stop);
  }

  private <S extends Record & AlgorithmState> RowWeights weights(
      BilevelAlgorithm<S> algorithm, Ranks ranks, Seed seed, BooleanSupplier stop) {
    var setup = Solver.Setup.DEFAULT.withRanks(ranks).withPartsOfX();
    try (var scope = StateScope.open();
        var solver = Solver.start(algorithm, problem, seed, setup)) {
      while (solver.step() < steps) {
        if (stop.getAsBoolean()) {
          throw new IllegalStateException("Weighing was called off.");
        }
        solver.next();
      }
      double broken = Solver.notFinite(solver.state()) == null ? 0 : 1;
      if (ranks.total(broken)[0] > 0) {
        throw new InvalidInputException(
            "The weights diverged within %,d steps.".formatted(steps),
            "a larger batch or more trusted rows help.");
      }
      return found(Tensors.toArray(solver.x()), solver.y());
    }
  }

  private RowWeights found(double[] lambda, Tensor y) {
    CleaningData data = problem.examples();
    var found = new RowWeights(records, lambda);
    for (int from = 0; from < lambda.length; from += CHUNK) {
      int begin = data.held().first() + from;
      int end = data.held().first() + Math.min(lambda.length, from + CHUNK);
      double[][] all = problem.probabilities(y, IntStream.range(begin, end).toArray());
      for (int i = 0; i < all.length; i++) {
        int row = from + i;
        found.isSuspected()[row] = lambda[row] < problem.options().x0();
        int best = best(all[i]);
        if (found.isSuspected()[row] && best != data.labels()[row]) {
          found.suggested()[row] = data.classes().get(best);
          found.probability()[row] = all[i][best];
        }
      }
    }
    return found;
  }

  private static int best(double[] probabilities) {
    double most = Arrays.stream(probabilities).max().orElseThrow();
    return IntStream.range(0, probabilities.length)
        .filter(k -> probabilities[k] == most)
        .findFirst()
        .orElseThrow();
  }

  /** Frees the rows. */
  @Override
  public void close() {
    problem.close();
  }
}
