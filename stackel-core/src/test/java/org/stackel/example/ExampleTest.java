package org.stackel.example;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.stackel.config.InvalidInputException;
import org.stackel.config.Options;
import org.stackel.optim.Schedule;
import org.stackel.problem.Metrics;
import org.stackel.tensor.Device;
import org.stackel.tensor.NativeObjects;
import org.stackel.tensor.Seed;
import org.stackel.tensor.StateScope;
import org.stackel.tensor.TensorFile;
import org.stackel.tensor.Tensors;

/** The code that the documents show does what they say. */
class ExampleTest {
  @Test
  void anAlgorithmTunesTheRidge() {
    var descent = new HeavyBall(Schedule.constant(0.05), Schedule.constant(0.1), 0);
    try (var scope = StateScope.open();
        var problem = new RidgeTuning().open(new Seed(3), Device.CPU64)) {
      Metrics before = Loop.run(descent, problem, new Seed(4), 50);
      Metrics after = Loop.run(descent, problem, new Seed(4), 1500);
      assertThat(after.get("strength")).isLessThan(0.5 * before.get("strength"));
      assertThat(after.get("upperLoss")).isLessThan(0.5 * before.get("upperLoss"));
    }
  }

  @Test
  void theLoopKeepsNothing() {
    try (var scope = StateScope.open();
        var problem = new RidgeTuning().open(new Seed(0), Device.CPU64)) {
      Loop.run(new HeavyBall(), problem, new Seed(0), 3);
      long before = NativeObjects.settled();
      Loop.run(new HeavyBall(), problem, new Seed(0), 30);
      assertThat(StateScope.livePointers()).isEqualTo(before);
    }
  }

  @Test
  void theLoopGoesOnFromAFile(@TempDir Path directory) throws IOException {
    try (var scope = StateScope.open();
        var problem = new RidgeTuning().open(new Seed(0), Device.CPU64)) {
      Path once = directory.resolve("once.safetensors");
      Loop.run(new HeavyBall(), problem, once, 7);
      Path twice = directory.resolve("twice.safetensors");
      Loop.run(new HeavyBall(), problem, twice, 3);
      Loop.run(new HeavyBall(), problem, twice, 7);
      assertThat(twice).hasSameBinaryContentAs(once);
      var diverging = new HeavyBall(Schedule.constant(1e6), Schedule.constant(1e6), 0);
      Path last = directory.resolve("last.safetensors");
      Loop.run(diverging, problem, last, 200);
      var saved = TensorFile.read(last, Device.CPU64);
      assertThat(Long.parseLong(saved.metadata().get("step"))).isBetween(1L, 199L);
      assertThat(saved.tensors().values()).allMatch(Tensors::isFinite);
    }
  }

  @Test
  void aRecordIsItsOwnConfiguration() {
    assertThat(Options.bind(new HeavyBall(), Map.of("upperLr", 0.2), "heavy-ball").upperLr().at(0))
        .isEqualTo(0.2);
    assertThatThrownBy(() -> Options.bind(new RidgeTuning(), Map.of("batch", 0), "ridge-tuning"))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("The batch (0) of ridge-tuning must be at least 1.");
    assertThatThrownBy(() -> Options.bind(new RidgeTuning(), Map.of("feature", 3), "ridge-tuning"))
        .hasMessageContaining("Maybe 'features' was meant");
  }
}
