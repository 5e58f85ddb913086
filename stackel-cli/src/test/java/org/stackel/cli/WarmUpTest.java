package org.stackel.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WarmUpTest {
  @TempDir Path temp;

  @Test
  void loadsTheClassesOfAReportAndLeavesNothing() throws Exception {
    Path classes = temp.resolve("classes");
    Path place = Files.createDirectory(temp.resolve("place"));
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xlog:class+load:file=" + classes,
                "-Djava.io.tmpdir=" + place,
                "-cp",
                System.getProperty("java.class.path"),
                WarmUp.class.getName())
            .redirectErrorStream(true)
            .redirectOutput(temp.resolve("log").toFile())
            .start();
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).as(Cli.read(temp.resolve("log"))).isZero();
    assertThat(Cli.read(temp.resolve("log"))).isEmpty();
    assertThat(Cli.read(classes))
        .contains(
            List.of(
                "org.stackel.algorithm.Algorithms ",
                "org.stackel.report.HtmlPage ",
                "org.stackel.runfile.ComparisonFile$Summary "))
        .doesNotContain("org.bytedeco.javacpp.Loader ");
    try (Stream<Path> left = Files.list(place)) {
      assertThat(left).isEmpty();
    }
  }
}
