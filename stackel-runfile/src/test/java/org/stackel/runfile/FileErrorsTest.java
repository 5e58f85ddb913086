package org.stackel.runfile;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class FileErrorsTest {
  private static final Path FILE = Path.of("runs/x/metrics.jsonl");

  @Test
  void saysWhereWhyAndWhatHelps() {
    assertThat(
            FileErrors.writing(FILE, new FileSystemException("x", null, "No space left on device")))
        .hasMessage(
            "Cannot write runs/x/metrics.jsonl: no space left on device.\n"
                + "Maybe --out on another disk, or a larger checkpointEvery, helps.");
    assertThat(FileErrors.writing(FILE, new AccessDeniedException("x")))
        .hasMessageContaining("permission denied");
    assertThat(FileErrors.writing(FILE, new FileAlreadyExistsException("x")))
        .hasMessageContaining("a file is in the way");
    assertThat(
            FileErrors.writing(FILE, new FileSystemException("x", null, "Read-only file system")))
        .hasMessageContaining("read-only file system");
  }
}
