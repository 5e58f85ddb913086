package org.stackel.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;
import org.stackel.problem.TrainingDivergedException;

class OutOfMemoryTest {
  @Test
  void tooSmallAHeapIsNoDefect() {
    assertThat(
            OutOfMemory.message(new IllegalStateException(new OutOfMemoryError("Java heap space"))))
        .contains(" MB) is too small for this: Java heap space.")
        .contains("\nMaybe STACKEL_JAVA_OPTIONS=-Xmx8g helps");
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
}
