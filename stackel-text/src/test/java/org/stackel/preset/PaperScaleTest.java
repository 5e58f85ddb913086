package org.stackel.preset;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Networks of the published sizes fit into the memory of a good laptop. */
@Tag("slow")
class PaperScaleTest {
  private static final double MAX_GIGABYTES = 20;

  @TempDir Path directory;

  /** The smaller ones first. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "auc-amazon",
        "auc-sentiment140",
        "ho-amazon",
        "hr-trec",
        "hr-wordnet",
        "hr-amazon",
        "hr-snli",
        "clean-wordnet",
        "clean-sentiment140",
        "clean-snli"
      })
  void oneStepFitsIntoMemory(String preset) throws Exception {
    int threads = Math.max(1, Runtime.getRuntime().availableProcessors());
    var command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx4g",
                "-Dorg.bytedeco.javacpp.maxPhysicalBytes=0",
                "-Dorg.bytedeco.javacpp.maxBytes=0",
                "-cp",
                System.getProperty("java.class.path"),
                PaperStep.class.getName(),
                preset,
                directory.toString(),
                "threads=" + threads));
    Path output = directory.resolve("output");
    var builder =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output.toFile());
    builder
        .environment()
        .putAll( // as the launcher does
            Map.of(
                "OMP_NUM_THREADS", Integer.toString(threads),
                "MKL_THREADING_LAYER", "GNU",
                "OMP_WAIT_POLICY", "PASSIVE",
                "GLIBC_TUNABLES", "glibc.malloc.hugetlb=1"));
    Process process = builder.start();
    try {
      assertThat(process.waitFor(2, TimeUnit.HOURS)).as("%s ended", preset).isTrue();
    } finally {
      process.destroyForcibly();
    }
    List<String> lines = Files.readAllLines(output);
    assertThat(process.exitValue()).as(String.join("\n", lines)).isZero();
    PaperStep.Cost cost =
        lines.stream()
            .filter(line -> line.startsWith(PaperStep.MARK))
            .map(PaperStep.Cost::parse)
            .findFirst()
            .orElseThrow();
    System.out.println(String.join("\n", lines));
    assertThat(cost.finite()).isTrue();
    assertThat(cost.gigabytes()).isLessThan(MAX_GIGABYTES);
  }
}
