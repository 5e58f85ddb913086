package org.stackel.tensor;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;
import java.util.stream.Stream;
import org.bytedeco.pytorch.cuda.DeviceStats;
import org.bytedeco.pytorch.global.torch_cuda;

/** The most memory that this process had. */
public final class PeakMemory {
  private PeakMemory() {}

  /** Of this process's tensors on a GPU, in MB of 2^20 bytes; empty on a CPU. */
  public static OptionalLong ofGpu(Device device) {
    if (device.kind() != Device.Kind.CUDA) {
      return OptionalLong.empty();
    }
    try {
      DeviceStats first = torch_cuda.getAllocator().getDeviceStats((byte) 0);
      return OptionalLong.of(first.allocated_bytes().peak() >> 20);
    } catch (LinkageError e) { // of no use to a run that is done
      return OptionalLong.empty();
    }
  }

  /**
   * As the operating system counts it, in MB of 2^20 bytes, Java's heap and native tensors
   * together; empty but on Linux.
   */
  public static OptionalLong megabytes() {
    try (Stream<String> lines = Files.lines(Path.of("/proc/self/status"))) {
      return lines
          .filter(line -> line.startsWith("VmHWM:"))
          .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) / 1024)
          .findFirst();
    } catch (IOException e) {
      return OptionalLong.empty();
    }
  }
}
