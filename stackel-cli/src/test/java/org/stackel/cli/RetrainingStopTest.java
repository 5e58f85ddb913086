package org.stackel.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicBoolean;
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
}
