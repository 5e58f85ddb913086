package org.stackel.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.stackel.Result;
import org.stackel.Stackel;
import org.stackel.preset.Presets;
import org.stackel.preset.Scale;
import org.stackel.problem.BilevelProblem;
import org.stackel.run.RunListener;

/** Work beside the steps of a run. */
@Tag("slow")
class RetrainingStopTest {
  @TempDir Path temp;

  /** All steps are done, and the model that is trained with their weights takes as long again. */
  @Test
  void theRetrainingHeedsSignals() {
    var done = new AtomicBoolean();
    var draft = Presets.named("clean-wordnet").draft(Scale.TINY);
    draft.set("steps", 3, "the test");
    Path directory = temp.resolve("run");
    Result stopped =
        Stackel.run(
            draft.experiment(),
            directory,
            new RunListener() {
              @Override
              public void completed(BilevelProblem<?> problem, Tensor x, Tensor y) {
                done.set(true);
              }

              @Override
              public boolean stopRequested() {
                return done.get();
              }
            });
    assertThat(stopped.isComplete()).isFalse();
    assertThat(stopped.steps()).isEqualTo(3);
    assertThat(directory.resolve("weights.csv")).doesNotExist();
    assertThat(Stackel.resume(directory).isComplete()).isTrue();
    assertThat(directory.resolve("weights.csv")).exists();
  }

  /** An evaluation that takes longer than a run waits for is given up with the step before it. */
  @Test
  void evaluationsHeedSignals() {
    var draft = Presets.named("clean-wordnet").draft(Scale.TINY);
    draft.set("steps", 4, "the test");
    draft.set("evaluateEvery", 1, "the test");
    Path directory = temp.resolve("run");
    var steps = new AtomicLong();
    Result stopped =
        Stackel.run(
            draft.experiment(),
            directory,
            new RunListener() {
              @Override
              public void stepped(long step, Tensor x, Tensor y) {
                steps.set(step);
              }

              @Override
              public void working(String part, long done, long most) {
                if (steps.get() == 3) {
                  LockSupport.parkNanos(1_100_000_000L);
                }
              }

              @Override
              public boolean stopRequested() {
                return steps.get() == 3;
              }
            });
    assertThat(stopped.isComplete()).isFalse();
    assertThat(stopped.steps()).isEqualTo(2);
    Result resumed = Stackel.resume(directory);
    Result whole = Stackel.run(draft.experiment(), temp.resolve("whole"), new RunListener() {});
    assertThat(resumed.metrics()).isEqualTo(whole.metrics());
    assertThat(resumed.steps()).isEqualTo(4);
    assertThat(timeless(directory)).isEqualTo(timeless(temp.resolve("whole")));
  }

  private static String timeless(Path run) {
    return Cli.read(run.resolve("metrics.jsonl")).replaceAll("\"seconds\":[^,]*,", "");
  }
}
