package org.stackel.clean;

import java.io.Serializable;
import org.stackel.config.OptionRecord;
import org.stackel.config.Rules;

/**
 * How rows are weighed that several processes share: how much is computed, and by how many.
 *
 * @param passes how often a row is drawn on average, greater than 0; there are at least 400 steps
 * @param batch number of rows in a minibatch, at least 1
 * @param sample number of rows that features are learned from, at least 1; all if there are no more
 * @param ranks number of processes, at least 1, each of which has features and λ of its part of the
 *     rows; results do not depend on it, but for rounding
 */
@OptionRecord
public record Weighing(double passes, int batch, int sample, int ranks)
    implements WeighingBuilder.With, Serializable {
  private static final int LEAST_STEPS = 400;
  private static final double PASSES = 10;
  private static final int BATCH = 1_024;
  private static final int SAMPLE = 60_000;

  public Weighing {
    var rules = new Rules("weighing");
    rules.positive("passes", passes);
    rules.atLeast("batch", batch, 1);
    rules.atLeast("sample", sample, 1);
    rules.atLeast("ranks", ranks, 1);
  }

  /** Ten passes of minibatches of 1,024, features of 60,000 rows, one process. */
  public Weighing() {
    this(PASSES, BATCH, SAMPLE, 1);
  }

  /** Starts from the defaults. */
  public static WeighingBuilder builder() {
    return WeighingBuilder.of(new Weighing());
  }

  /** Number of steps for so many rows. */
  public long steps(long rows) {
    return Math.max(LEAST_STEPS, (long) Math.ceil(passes * rows / batch));
  }
}
