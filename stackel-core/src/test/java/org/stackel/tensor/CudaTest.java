package org.stackel.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import java.io.IOException;
import java.nio.file.Path;
import org.bytedeco.javacpp.Loader;
import org.junit.jupiter.api.Test;

class CudaTest {
  @Test
  void withoutCudaTheProfileIsNamed() {
    assertThat(Cuda.advice("\"cpu\"", false, null))
        .startsWith("\"cpu\" was meant.")
        .contains("-Pcuda", "-gpu", "docs/cuda.md");
  }

  @Test
  void aMissingLibraryIsNamed() {
    String message =
        "/cache/libtorch_cuda.so: libcublas.so.13: cannot open shared object file: No such file";
    assertThat(Cuda.named(message)).isEqualTo("libcublas.so.13");
    assertThat(Cuda.advice("\"cpu\"", true, Cuda.named(message))).contains("libcublas.so.13");
  }

  @Test
  void aMissingDriverIsNamed() {
    assertThat(Cuda.advice("\"cpu\"", true, null)).contains("driver", "nvidia-smi");
  }

  @Test
  void gpusHaveTheNamesOfTheEnvironment() {
    assertThat(Cuda.visible(null, 2)).containsExactly("0", "1");
    assertThat(Cuda.visible("3, GPU-a1", 2)).containsExactly("3", "GPU-a1");
    assertThat(Cuda.visible("0,9", 1)).containsExactly("0"); // there is no tenth
    assertThat(Cuda.visible("", 0)).isEmpty();
  }

  @Test
  void theBuildsForCpuAndCudaDoNotShareACache() throws IOException {
    assertThat(Cuda.cache("/home/ada")).isEqualTo(Path.of("/home/ada/.javacpp/cache-gpu"));
    assumeFalse(Cuda.isBundled());
    Tensors.ready();
    assertThat(Loader.getCacheDir())
        .doesNotHaveToString(Cuda.cache(System.getProperty("user.home")).toString());
    assertThat(Cuda.missingLibrary()).isNull();
  }
}
