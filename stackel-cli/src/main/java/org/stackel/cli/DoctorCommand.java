package org.stackel.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;
import org.stackel.experiment.Draft;
import org.stackel.run.Provenance;
import org.stackel.run.RunListener;
import org.stackel.run.Runner;
import org.stackel.runfile.Document;
import org.stackel.runfile.RunFiles;
import org.stackel.tensor.Blas;
import org.stackel.tensor.Cuda;
import org.stackel.tensor.Device;
import org.stackel.tensor.Tensors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Says what a report of a defect needs, and tries a small run. */
@Command(
    name = "doctor",
    description =
        "Print versions, native libraries, BLAS, threads and devices, and try a small run.",
    mixinStandardHelpOptions = true,
    versionProvider = StackelCommand.Version.class)
public final class DoctorCommand implements CommandPlugin {
  private static final Pattern LIBRARY =
      Pattern.compile("lib(mkl_rt|openblas|torch_cpu|torch_cuda|gomp|iomp5)[-.\\w]*\\.so[.\\d]*$");
  private static final Pattern MEMORY = Pattern.compile("(MemTotal|MemAvailable): +(\\d+) kB");
  private static final double TOLERANCE = 1e-9;

  @Mixin OutputOptions output = new OutputOptions();

  @Spec
  @SuppressWarnings("NullAway.Init") // picocli sets it
  CommandSpec spec;

  @Override
  public Integer call() {
    var report = new LinkedHashMap<>(RunFiles.toMap(Provenance.environment()));
    double error = smallRun();
    boolean isRight = error <= TOLERANCE;
    report.put("loaded", libraries());
    report.put("threads", Blas.threads());
    report.putAll(cuda());
    report.put("memoryGiB", memory());
    report.put("heapGiB", gib(Runtime.getRuntime().maxMemory()));
    report.put("nativeCache", nativeCache());
    report.put("selfCheck", isRight ? "right" : "WRONG: off by " + error);
    PrintWriter out = spec.commandLine().getOut();
    for (Map.Entry<String, @Nullable Object> entry : report.entrySet()) {
      out.println("%-12s %s".formatted(entry.getKey(), entry.getValue()));
    }
    if (output.json) {
      out.println(Document.line(report));
    }
    return isRight ? ExitCode.COMPLETED : ExitCode.DEFECT;
  }

  /** The build of libtorch, and whether it can compute on a GPU. */
  private static Map<String, Object> cuda() {
    var rows = new LinkedHashMap<String, Object>();
    boolean isAvailable = new Device(Device.Kind.CUDA, Device.Precision.FLOAT32).isAvailable();
    rows.put("variant", Cuda.isBundled() ? "CUDA" : "CPU");
    rows.put("cuda", isAvailable);
    rows.put("gpus", Cuda.devices());
    if (Cuda.isBundled()) {
      String missing = Cuda.missingLibrary();
      rows.put("cudaLibs", missing == null ? "found" : missing + " is not found");
    }
    if (!isAvailable) {
      rows.put("cudaAdvice", "Maybe " + Cuda.advice("the CPU"));
    }
    return rows;
  }

  private static String nativeCache() {
    try {
      return Loader.getCacheDir().toString();
    } catch (IOException e) {
      return String.valueOf(e.getMessage());
    }
  }

  /** Three steps of slip whose numbers are known; how far off they are. */
  private static double smallRun() {
    var x = new ArrayList<Double>();
    var y = new ArrayList<Double>();
    Runner.run(
        Draft.of("doctor", experiment()).experiment(),
        new RunListener() {
          @Override
          public void stepped(long step, Tensor atX, Tensor atY) {
            x.add(Tensors.item(atX));
            y.add(Tensors.item(atY));
          }
        });
    return Math.max(
        farthest(x, List.of(1.0, .95, .9, .85)),
        farthest(y, List.of(.244, .2952, .33116, .354928)));
  }

  private static double farthest(List<Double> found, List<Double> expected) {
    double most = found.size() == expected.size() ? 0 : Double.POSITIVE_INFINITY;
    for (int i = 0; i < Math.min(found.size(), expected.size()); i++) {
      most = Math.max(most, Math.abs(found.get(i) - expected.get(i)));
    }
    return most;
  }

  private static Map<String, Object> experiment() {
    return Map.of(
        "problem",
        Map.of(
            "type", "quadratic",
            "A", List.of(List.of(2)),
            "B", List.of(List.of(1)),
            "d", List.of(3),
            "E", List.of(List.of(1)),
            "x0", List.of(1)),
        "algorithm",
        Map.of("type", "slip", "upperLr", 0.05, "lowerLr", 0.1, "linearSystemLr", 0.1),
        "steps",
        3);
  }

  /** The shared libraries of interest that this process really has mapped. */
  private static List<String> libraries() {
    Path maps = Path.of("/proc/self/maps");
    if (!Files.isReadable(maps)) {
      return List.of();
    }
    try (Stream<String> lines = Files.lines(maps)) {
      return lines
          .map(line -> line.substring(line.lastIndexOf('/') + 1))
          .filter(name -> LIBRARY.matcher(name).find())
          .distinct()
          .sorted()
          .toList();
    } catch (IOException e) {
      return List.of();
    }
  }

  /** As Linux tells it, where it is Linux. */
  private static String memory() {
    try (Stream<String> lines = Files.lines(Path.of("/proc/meminfo"))) {
      Map<String, Long> kilobytes =
          lines
              .map(MEMORY::matcher)
              .filter(Matcher::matches)
              .collect(Collectors.toMap(m -> m.group(1), m -> Long.valueOf(m.group(2))));
      Long free = kilobytes.get("MemAvailable");
      Long total = kilobytes.get("MemTotal");
      return free == null || total == null
          ? "unknown"
          : "%s free of %s".formatted(gib(free << 10), gib(total << 10));
    } catch (IOException | UncheckedIOException e) {
      return "unknown";
    }
  }

  private static String gib(long bytes) {
    return "%.1f".formatted(bytes / (double) (1 << 30));
  }
}
