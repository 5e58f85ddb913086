package org.stackel.distributed;

import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import java.net.InetAddress;
import org.junit.jupiter.api.Test;
import org.stackel.config.InvalidInputException;
import org.stackel.tensor.Cuda;
import org.stackel.tensor.Device;
import org.stackel.tensor.Tensors;

/** Sums themselves need GPUs: {@code RankTimes} measures them there. */
class NcclTest {
  @Test
  void withoutNcclWhatIsMissingIsSaid() {
    assumeFalse(Cuda.isBundled());
    Tensors.zeros(Device.CPU64, 1);
    var watch = new Watch(Together.LIMIT, () -> null);
    try (var book = new Book();
        var gloo = new Gloo(book, 0, 1, InetAddress.getLoopbackAddress(), watch)) {
      assertThatThrownBy(() -> new Nccl(0, 1, gloo, watch))
          .isInstanceOf(InvalidInputException.class)
          .hasMessageStartingWith("--ranks: Ranks on GPUs need NCCL, which cannot be loaded: ")
          .hasMessageContaining("docs/cuda.md");
    }
  }
}
