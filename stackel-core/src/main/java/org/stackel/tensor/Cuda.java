package org.stackel.tensor;

import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/**
 * Which build of libtorch is on the class path, for the CPU alone or for CUDA too, and what the
 * latter finds on this machine.
 *
 * <p>Without NVIDIA's libraries or driver the build for CUDA computes on the CPU.
 */
public final class Cuda {
  private static final String NATIVES = "/org/bytedeco/pytorch/" + Loader.getPlatform() + "-gpu";

  /** The environment variable that lists the GPUs that a process may use. */
  public static final String VISIBLE = "CUDA_VISIBLE_DEVICES";

  private static final String CACHE = "org.bytedeco.javacpp.cachedir";

  private Cuda() {}

  /** Whether libtorch on the class path was built for CUDA; loads no native library. */
  public static boolean isBundled() {
    return Cuda.class.getResource(NATIVES) != null;
  }

  /** Number of NVIDIA GPUs that libtorch can use: 0 without CUDA, its libraries or its driver. */
  public static int devices() {
    Tensors.ready();
    return Math.toIntExact(torch.cuda_device_count());
  }

  /** The GPUs that this process can use, as {@link #VISIBLE} names them. */
  public static List<String> visible() {
    return visible(System.getenv(VISIBLE), devices());
  }

  static List<String> visible(@Nullable String listed, int count) {
    return listed == null
        ? IntStream.range(0, count).mapToObj(Integer::toString).toList()
        : Arrays.stream(listed.split(",", -1)).map(String::strip).limit(count).toList();
  }

  /**
   * The first shared library that libtorch needs for CUDA and does not find, such as {@code
   * libcublas.so.13}; null if all are found, or if libtorch was built without CUDA.
   */
  public static @Nullable String missingLibrary() {
    if (!isBundled()) {
      return null;
    }
    Tensors.ready();
    try {
      File library =
          Loader.cacheResource(Cuda.class, NATIVES + "/" + System.mapLibraryName("torch_cuda"));
      System.load(library.getAbsolutePath());
      return null;
    } catch (IOException e) {
      return e.getMessage();
    } catch (UnsatisfiedLinkError e) {
      return named(String.valueOf(e.getMessage()));
    }
  }

  /** Of {@code PATH: LIBRARY: cannot open shared object file: …}, the library. */
  static String named(String message) {
    String[] parts = message.split(": ", 3);
    return parts.length < 3 ? message : parts[1];
  }

  /**
   * What to do where a run on CUDA is asked for and {@link Device#isAvailable} is false: the part
   * of a message after "Maybe".
   *
   * @param cpu how the caller's user names the CPU: {@code "cpu"} or {@code Device.CPU}
   */
  public static String advice(String cpu) {
    return advice(cpu, isBundled(), missingLibrary());
  }

  static String advice(String cpu, boolean bundled, @Nullable String missing) {
    if (!bundled) {
      return cpu
          + " was meant. This libtorch was built without CUDA: build Stackel with the Maven"
          + " profile -Pcuda, or use the release whose name ends in -gpu (docs/cuda.md).";
    }
    if (missing != null) {
      return "CUDA 13 and cuDNN 9 are not installed, or not where libraries are looked for:"
          + " %s is not found (docs/cuda.md).".formatted(missing);
    }
    return cpu
        + " was meant. There is no NVIDIA GPU, or its driver is too old for CUDA 13:"
        + " `nvidia-smi` shows both (docs/cuda.md).";
  }

  /**
   * JavaCPP unpacks libraries and links between them into a directory that all programs of a user
   * share. CUDA's libraries among those of a build for the CPU would be found there: each build has
   * its own directory, unless the property is set.
   */
  static void separateCache() {
    if (isBundled() && System.getProperty(CACHE) == null) {
      System.setProperty(CACHE, cache(System.getProperty("user.home", "")).toString());
    }
  }

  static Path cache(String home) {
    return Path.of(home, ".javacpp", "cache-gpu");
  }
}
