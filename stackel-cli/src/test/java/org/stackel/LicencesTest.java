package org.stackel;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The table of licences in the documentation is that of the libraries of the build. */
class LicencesTest {
  private static final Pattern ROW =
      Pattern.compile("\\| `([^`:]+):([^`:]+)` \\| (\\S+) \\| (\\S.*) \\|");

  @Test
  void theTableHasTheVersionsOfTheBuild() throws IOException {
    List<String> jars =
        Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
            .map(entry -> Path.of(entry).getFileName().toString())
            .toList();
    List<String> rows =
        Files.readAllLines(Path.of("../docs/security.md")).stream()
            .filter(line -> ROW.matcher(line).matches())
            .toList();
    assertThat(rows).hasSizeGreaterThan(20);
    for (String row : rows) {
      var cells = ROW.matcher(row);
      assertThat(cells.matches()).isTrue();
      assertThat(jars)
          .as("scripts/licences writes the table anew")
          .contains(cells.group(2) + "-" + cells.group(3) + ".jar");
    }
  }
}
