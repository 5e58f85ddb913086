package org.stackel.example;

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

/** The documents agree with the code: what they show is compiled, what they link to exists. */
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
  void namesTheAnnotationProcessorAsTheExampleDoes() throws IOException {
    String guide = Files.readString(ROOT.resolve("docs/new-algorithm.md"));
    String plugin = guide.replaceFirst("(?s).*```xml\n(.*?)```.*", "$1");
    assertThat(plugin).contains("<artifactId>stackel-processor</artifactId>");
    assertThat(Files.readString(ROOT.resolve("examples/pom.xml")))
        .contains(plugin.indent(6).stripTrailing());
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
