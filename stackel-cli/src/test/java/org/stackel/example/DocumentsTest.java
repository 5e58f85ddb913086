package org.stackel.example;

import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.stackel.algorithm.Algorithms;
import org.stackel.problem.Problems;

/** The documents agree with the code: what they show is compiled, what they list exists. */
class DocumentsTest {
  private static final Path ROOT = Path.of("..");
  private static final Pattern CODE =
      Pattern.compile("(?:<!-- code: (\\S+?)(?:#(.+?))? -->\n)?```java\n(.*?)```", Pattern.DOTALL);
  private static final Pattern LINK = Pattern.compile("(?<!!)\\[[^\\]]+\\]\\(([^)#:]+)[^):]*\\)");

  static List<Path> documents() throws IOException {
    var documents = new ArrayList<Path>();
    for (Path folder : List.of(ROOT, ROOT.resolve("docs"), ROOT.resolve("docs/adr"))) {
      try (Stream<Path> files = Files.list(folder)) {
        files.filter(file -> file.toString().endsWith(".md")).sorted().forEach(documents::add);
      }
    }
    return documents;
  }

  @ParameterizedTest
  @MethodSource("documents")
  void showsCodeThatIsCompiled(Path document) throws IOException {
    var block = CODE.matcher(Files.readString(document));
    while (block.find()) {
      assertThat(block.group(1)).as("source of the code %s", block.group(3)).isNotNull();
      String source = Files.readString(ROOT.resolve(block.group(1)));
      assertThat(block.group(3))
          .as("code in %s, which shows %s", document, block.group(1))
          .isEqualTo(block.group(2) == null ? source : region(source, block.group(2)));
    }
  }

  @ParameterizedTest
  @MethodSource("documents")
  void linksToFilesThatExist(Path document) throws IOException {
    var link = LINK.matcher(Files.readString(document));
    while (link.find()) {
      assertThat(document.resolveSibling(link.group(1))).as("link in %s", document).exists();
    }
  }

  @Test
  void theReadmeListsEveryAlgorithm() throws IOException {
    assertThat(rows("## Algorithms"))
        .containsExactlyElementsOf(
            papers()
                .map(
                    a ->
                        "| `%s` | %s | %s | %s |"
                            .formatted(a.name(), a.title(), a.paper(), a.calls()))
                .toList());
  }

  @Test
  void theReadmeListsEveryProblem() throws IOException {
    assertThat(rows("## Problems"))
        .containsExactlyElementsOf(
            Problems.all().stream()
                .map(p -> "| `%s` | %s |".formatted(p.name(), p.summary()))
                .toList());
  }

  @Test
  void theCombinationsAreThoseOfTheCatalogues() throws IOException {
    var expected = new ArrayList<String>();
    expected.add(
        "| algorithm |"
            + Problems.all().stream().map(p -> " `" + p.name() + "` |").collect(joining()));
    expected.add("|---|" + "---|".repeat(Problems.all().size()));
    for (Algorithms.Entry algorithm : papers().toList()) {
      expected.add(
          "| `"
              + algorithm.name()
              + "` |"
              + Problems.all().stream()
                  .map(p -> " " + algorithm.fit(p.properties()) + " |")
                  .collect(joining()));
    }
    List<String> found =
        Files.readString(ROOT.resolve("docs/combinations.md"))
            .lines()
            .filter(line -> line.startsWith("|"))
            .toList();
    assertThat(found).containsExactlyElementsOf(expected);
  }

  /** Those of papers; docs/authors.md has those of scripts. */
  private static Stream<Algorithms.Entry> papers() {
    return Algorithms.all().stream()
        .filter(a -> !a.defaults().getClass().getPackageName().equals("org.stackel.authors"));
  }

  /** The table below a heading, without its head. */
  private static List<String> rows(String heading) throws IOException {
    return Files.readString(ROOT.resolve("README.md"))
        .lines()
        .dropWhile(line -> !line.equals(heading))
        .skip(1)
        .takeWhile(line -> !line.startsWith("## "))
        .filter(line -> line.startsWith("| `"))
        .toList();
  }

  private static String region(String source, String name) {
    List<String> lines =
        source
            .lines()
            .dropWhile(line -> !line.strip().equals("// ---- begin: " + name))
            .skip(1)
            .takeWhile(line -> !line.strip().equals("// ---- end: " + name))
            .toList();
    assertThat(lines).as("region '%s'", name).isNotEmpty();
    return String.join("\n", lines).stripTrailing().stripIndent() + "\n";
  }
}
