package org.stackel.compare;

import java.util.function.DoubleConsumer;
import org.bytedeco.pytorch.Tensor;
import org.stackel.experiment.Settings;
import org.stackel.run.MetricsRow;
import org.stackel.run.RunListener;

/**
 * Says what share of a run is done: of its steps, or of the budget that will end it.
 *
 * @param settings of the run
 * @param told of every change
 */
record Share(Settings settings, DoubleConsumer told) implements RunListener {
  @Override
  public void stepped(long step, Tensor x, Tensor y) {
    if (settings.steps() < Settings.NO_LIMIT) {
      told.accept((double) step / settings.steps());
    }
  }

  @Override
  public void evaluated(MetricsRow row) {
    double share = 0;
    if (settings.maxSeconds() != null) {
      share = Math.max(share, row.seconds() / settings.maxSeconds());
    }
    if (settings.maxOracleCalls() != null) {
      share = Math.max(share, (double) row.oracle().total() / settings.maxOracleCalls());
    }
    if (settings.maxSamples() != null) {
      share = Math.max(share, (double) row.oracle().samples() / settings.maxSamples());
    }
    if (share > 0) {
      told.accept(Math.min(1, share));
    }
  }
}
