package org.stackel.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.stackel.config.InvalidInputException;
import org.stackel.tensor.Device;

/** Which GPU a local rank gets; the rest of the options is in {@link RanksCommandTest}. */
class RankOptionsTest {
  private static final Device GPU = new Device(Device.Kind.CUDA, Device.Precision.FLOAT32);

  @Test
  void ranksOnTheCpuAskForNoGpu() {
    List<String> none =
        RankOptions.gpus(
            Device.CPU,
            2,
            true,
            () -> {
              throw new IllegalStateException();
            });
    assertThat(none).isEmpty();
  }

  @Test
  void everyRankNeedsAGpu() {
    assertThat(RankOptions.gpus(GPU, 2, true, () -> List.of("2", "5"))).containsExactly("2", "5");
    assertThatThrownBy(() -> RankOptions.gpus(GPU, 3, true, () -> List.of("2", "5")))
        .isInstanceOf(InvalidInputException.class)
        .hasMessage(
            "--ranks: 3 ranks need as many GPUs, but this process can use 2.\nMaybe --ranks 2 was meant; with STACKEL_NCCL=off ranks share GPUs, and sum in the memory of the host.");
    assertThatThrownBy(() -> RankOptions.gpus(GPU, 2, true, List::of))
        .hasMessageContaining("can use 0.\nMaybe --device cpu was meant.");
    assertThat(RankOptions.gpus(GPU, 3, false, () -> List.of("2", "5"))).hasSize(2);
  }
}
