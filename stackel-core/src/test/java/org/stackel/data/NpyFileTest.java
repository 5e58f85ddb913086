package org.stackel.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.stackel.config.InvalidInputException;

/** Matrices of NumPy. */
class NpyFileTest {
  @TempDir Path folder;

  private Path write(String text) throws IOException {
    return Files.write(folder.resolve("e.npy"), text.getBytes(StandardCharsets.ISO_8859_1));
  }

  private static String start(String shape) {
    String header = "{'descr': '<f4', 'fortran_order': False, 'shape': (%s), }\n".formatted(shape);
    return "\u0093NUMPY\u0001\u0000" + (char) header.length() + "\u0000" + header;
  }

  private void refused(String text, String why) throws IOException {
    Path file = write(text);
    assertThatThrownBy(() -> NpyFile.read(file))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("e.npy: ")
        .hasMessageContaining(why);
  }

  @Test
  void aMatrixThatNoArrayHoldsIsRefused() throws IOException {
    refused(start("3000000, 768"), "The matrix has 2,304,000,000 numbers; at most");
  }

  @Test
  void aMatrixIsReadRowByRow() throws IOException {
    String one = "\u0000\u0000\u0080\u003f"; // 1, the lowest byte first
    String two = "\u0000\u0000\u0000\u0040";
    NpyFile read = NpyFile.read(write(start("2, 2") + one + two + two + one));
    assertThat(read.rows()).isEqualTo(2);
    assertThat(read.numbers()).containsExactly(1, 2, 2, 1);
  }

  @Test
  void aDamagedFileIsNoDefect() throws IOException {
    refused("\u0093NUMPY", "it ends too early");
    refused("\u0093NUMPY\u0001\u0000\u0070", "it ends too early");
    refused("\u0093NUMPY\u0002\u0000\u00ff\u00ff\u00ff\u00ff{}", "it ends too early");
    refused("\u0093NUMPY\u0001\u0000\u0010\u0000{'descr'", "it ends too early");
    refused(start("2, 2") + "four", "a matrix of 2 × 2 has 16 bytes, and 4 are there");
    refused(start("1, 1") + "four" + "more", "has 4 bytes, and 8 are there");
    refused(start("0, 99999999999"), "it has no numbers");
    refused(start("1, 1") + "\u0000\u0000\u00c0\u007f", "number 1 of row 1 is not finite");
  }
}
