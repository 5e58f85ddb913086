package org.stackel.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What the README says is what there is. */
class ReadmeTest {
  private static final Path README = Path.of("../README.md");
  private static final String BEGIN = "<!-- results -->\n";
  private static final String END = "<!-- end of results -->\n";

  @Test
  void listsEveryCommandAndNoOther() throws IOException {
    assertThat(rows("## Commands", "| `stackel ").map(row -> row.split("[ `]+")[2]))
        .containsExactlyInAnyOrderElementsOf(Commands.all().getSubcommands().keySet());
  }

  /** What was measured stands in one document, which a script writes; the README quotes it. */
  @Test
  void quotesTheResults() throws IOException {
    String readme = Files.readString(README);
    String quoted = between(readme);
    assertThat(quoted).contains("| **SLIP** | 0.").isEqualTo(between(results()));
    String rest = readme.replace(BEGIN + quoted + END, "");
    assertThat(rest.replaceAll("(?s)```.*?```", ""))
        .as("a measured number outside of what is quoted")
        .doesNotContainPattern("(?<![\\d.])0?\\.\\d{2}|±\\s*\\d");
  }

  private static String results() throws IOException {
    return Files.readString(Path.of("../docs/results.md"));
  }

  private static String between(String text) {
    assertThat(text).containsOnlyOnce(BEGIN).containsOnlyOnce(END);
    return text.substring(text.indexOf(BEGIN) + BEGIN.length(), text.indexOf(END));
  }

  /** The lines of a chapter that begin so. */
  private static Stream<String> rows(String chapter, String begin) throws IOException {
    return Files.readAllLines(README).stream()
        .dropWhile(line -> !line.equals(chapter))
        .skip(1)
        .takeWhile(line -> !line.startsWith("## "))
        .filter(line -> line.startsWith(begin));
  }
}
