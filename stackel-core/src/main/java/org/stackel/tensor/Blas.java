package org.stackel.tensor;

import org.bytedeco.javacpp.Loader;
import org.bytedeco.pytorch.global.torch;

/**
 * The library behind matrix products, chosen before the first native class loads: MKL where its jar
 * is on the class path, else OpenBLAS, whose own threads fight OpenMP's unless {@code
 * OPENBLAS_NUM_THREADS=1} is in the environment.
 */
public final class Blas {
  private static final String LOAD = "org.bytedeco.openblas.load";
  private static final String NAME = choose();

  private Blas() {}

  /** {@code "mkl"} or {@code "openblas"}; loads no native library. */
  public static String name() {
    return NAME;
  }

  /** Sets the number of threads of one operation. */
  public static void setThreads(int threads) {
    torch.set_num_threads(threads);
  }

  /** Number of threads of one operation. */
  public static int threads() {
    return torch.get_num_threads();
  }

  private static String choose() {
    Cuda.separateCache();
    if (System.getProperty(LOAD) == null
        && Blas.class.getResource("/org/bytedeco/mkl/" + Loader.getPlatform()) != null) {
      System.setProperty(LOAD, "mkl_rt");
    }
    return "mkl_rt".equals(System.getProperty(LOAD)) ? "mkl" : "openblas";
  }
}
