package org.stackel.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files that are there whole or not at all. */
class AtomicFileTest {
  @TempDir Path folder;

  @Test
  void whatFailsHalfwayLeavesTheOldFile() throws IOException {
    Path file = folder.resolve("a.txt");
    AtomicFile.writeStream(
        file,
        out -> {
          try (out) {
            out.write("first".getBytes(StandardCharsets.UTF_8));
          }
        });
    assertThat(file).hasContent("first");
    assertThatThrownBy(
            () ->
                AtomicFile.writeStream(
                    file,
                    out -> {
                      out.write(new byte[1 << 20]);
                      throw new IOException("full");
                    }))
        .hasMessage("full");
    assertThat(file).hasContent("first");
    try (var left = Files.list(folder)) {
      assertThat(left).containsExactly(file);
    }
  }
}
