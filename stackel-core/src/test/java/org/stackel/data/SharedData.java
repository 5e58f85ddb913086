package org.stackel.data;

import static org.assertj.core.api.Assumptions.assumeThat;

import java.nio.file.Files;
import java.nio.file.Path;

/** Real data sets beside the repository, which are not part of it. */
public final class SharedData {
  private SharedData() {}

  /** A file in {@code shared/data} of a directory above this one; skips the test without it. */
  public static Path file(String name) {
    Path folder = Path.of("").toAbsolutePath();
    while (folder != null && !Files.exists(folder.resolve("shared/data").resolve(name))) {
      folder = folder.getParent();
    }
    assumeThat(folder).as("shared/data/%s is absent", name).isNotNull();
    return folder.resolve("shared/data").resolve(name);
  }
}
