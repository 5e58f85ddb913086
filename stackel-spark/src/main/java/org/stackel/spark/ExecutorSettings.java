package org.stackel.spark;

import java.io.File;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * What executors need to make the runs that this process would: its class path, which must be there
 * under the same names, and what the launcher says to native libraries.
 */
final class ExecutorSettings {
  private static final List<String> VARIABLES =
      List.of(
          "OMP_NUM_THREADS",
          "OMP_WAIT_POLICY",
          "OPENBLAS_NUM_THREADS",
          "MKL_THREADING_LAYER",
          "GLIBC_TUNABLES");

  private ExecutorSettings() {}

  static Map<String, String> all() {
    var settings = new LinkedHashMap<String, String>();
    settings.put("spark.executor.extraClassPath", classPath());
    settings.put(
        "spark.executor.extraJavaOptions",
        ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
            .filter(each -> each.startsWith("-Dorg.bytedeco."))
            .collect(Collectors.joining(" ")));
    for (String name : VARIABLES) {
      String value = System.getenv(name);
      if (value != null) {
        settings.put("spark.executorEnv." + name, value);
      }
    }
    return settings;
  }

  /** That of this process, without Spark's. */
  private static String classPath() {
    String home = System.getProperty(SparkHome.PROPERTY);
    return Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator, -1))
        .filter(each -> !each.isEmpty())
        .map(each -> Path.of(each).toAbsolutePath())
        .filter(each -> home == null || !each.startsWith(home))
        .map(Path::toString)
        .collect(Collectors.joining(File.pathSeparator));
  }
}
