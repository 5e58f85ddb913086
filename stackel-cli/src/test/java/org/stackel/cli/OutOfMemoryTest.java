package org.stackel.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.stackel.problem.TrainingDivergedException;

class OutOfMemoryTest {
  @Test
  void tooSmallAHeapIsNoDefect() {
    var error = new IllegalStateException(new OutOfMemoryError("Java heap space"));
    assertThat(OutOfMemory.message(error, 2L << 30))
        .startsWith("The memory of the Java virtual machine (2,048 MB) is too small for this: Java")
        .contains("\nMaybe STACKEL_JAVA_OPTIONS=-Xmx8g helps");
    assertThat(OutOfMemory.message(error, 16L << 30))
        .contains("\nMaybe STACKEL_JAVA_OPTIONS=-Xmx32g helps");
    assertThat(OutOfMemory.message(new IllegalStateException("other"))).isNull();
  }

  @Test
  void aTrainingThatDivergedHasACodeOfItsOwn() {
    var err = new StringWriter();
    int code =
        Main.failure(
            new TrainingDivergedException(
                "The training diverged: y is not finite.", "fewer steps help."),
            new String[] {"meta"},
            new PrintWriter(err, true));
    assertThat(code).isEqualTo(ExitCode.DIVERGED);
    assertThat(err)
        .hasToString("The training diverged: y is not finite.\nMaybe fewer steps help.\n");
  }

  @Test
  void lostResultsAreRemembered() {
    assertThat(lost("No space left on device")).isEqualTo("No space left on device");
    assertThat(lost("Broken pipe")).as("its reader has enough").isNull();
  }

  private static String lost(String reason) {
    var stream =
        new ResultStream(
            new OutputStream() {
              @Override
              public void write(int b) throws IOException {
                throw new IOException(reason);
              }
            });
    try {
      stream.write('x');
    } catch (IOException e) {
      // remembered
    }
    return stream.lost();
  }

  /** Only the numbers of a LIBSVM file must fit, not its text. */
  @Tag("slow")
  @Test
  void aFileLargerThanTheHeapIsRead(@TempDir Path temp) throws Exception {
    Path file = temp.resolve("large.svm");
    String comment = " # " + "x".repeat(20_000) + "\n";
    try (var out = Files.newBufferedWriter(file)) {
      for (int i = 0; i < 10_000; i++) {
        out.write((i % 2) + " 1:" + i + " 2:0.5" + comment);
      }
    }
    Process process =
        Cli.start(
            List.of("-Xmx160m"),
            temp.resolve("log"),
            "run",
            "logistic",
            "--steps",
            1,
            "--set",
            "problem.data=" + file,
            "--out",
            temp.resolve("out"));
    assertThat(process.waitFor()).as(Cli.read(temp.resolve("log.err"))).isZero();
  }
}
