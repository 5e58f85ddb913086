package org.stackel.data;

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

  @Test
  void aMatrixThatNoArrayHoldsIsRefused() throws IOException {
    String header = "{'descr': '<f4', 'fortran_order': False, 'shape': (3000000, 768), }\n";
    String start = "\u0093NUMPY\u0001\u0000" + (char) header.length() + "\u0000";
    Path file = folder.resolve("large.npy");
    Files.write(file, (start + header).getBytes(StandardCharsets.ISO_8859_1));
    assertThatThrownBy(() -> NpyFile.read(file))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("large.npy: The matrix has 2,304,000,000 numbers; at most");
  }
}
