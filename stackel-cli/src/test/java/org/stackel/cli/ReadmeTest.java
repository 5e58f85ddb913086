package org.stackel.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

/** The README's commands are those that exist. */
class ReadmeTest {
  @Test
  void listsEveryCommandAndNoOther() throws IOException {
    List<String> listed =
        Files.readString(Path.of("../README.md"))
            .lines()
            .dropWhile(line -> !line.equals("## Commands"))
            .filter(line -> line.startsWith("| `stackel "))
            .map(line -> line.split("[ `]+")[2])
            .toList();
    assertThat(listed)
        .containsExactlyInAnyOrderElementsOf(
            new CommandLine(new StackelCommand()).getSubcommands().keySet());
  }
}
