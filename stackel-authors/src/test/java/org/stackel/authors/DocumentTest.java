package org.stackel.authors;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.stackel.algorithm.Algorithms;

/** docs/authors.md lists what there is. */
class DocumentTest {
  @Test
  void theTableIsThatOfTheCatalogue() throws IOException {
    List<String> rows =
        Files.readString(Path.of("../docs/authors.md"))
            .lines()
            .dropWhile(line -> !line.equals("## Algorithms"))
            .skip(1)
            .takeWhile(line -> !line.startsWith("## "))
            .filter(line -> line.startsWith("| `"))
            .map(line -> line.substring(0, line.lastIndexOf('|', line.length() - 2) + 1))
            .toList();
    assertThat(rows)
        .containsExactlyElementsOf(
            AuthorsContractTest.all()
                .map(a -> "| `%s` | %s | %s |".formatted(a.name(), a.title(), a.calls()))
                .toList());
  }

  @Test
  void namesAreThoseOfTheCatalogue() throws IOException {
    List<String> known = Algorithms.all().stream().map(Algorithms.Entry::name).toList();
    var name = Pattern.compile("`((?!stackel)[a-z-]+-authors(?:-[a-z-]+)?)`");
    assertThat(name.matcher(Files.readString(Path.of("../docs/authors.md"))).results())
        .isNotEmpty()
        .allSatisfy(found -> assertThat(found.group(1)).isIn(known));
  }
}
