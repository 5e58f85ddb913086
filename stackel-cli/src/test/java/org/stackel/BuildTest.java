package org.stackel;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What the POMs must agree on, and what Maven does not compare. */
class BuildTest {
  private static final Path ROOT = Path.of("..");
  private static final List<String> UNPUBLISHED = List.of("stackel-bom", "stackel-benchmarks");

  private static String read(String file) throws IOException {
    return Files.readString(ROOT.resolve(file));
  }

  private static List<String> found(String pattern, String text) {
    return Pattern.compile(pattern).matcher(text).results().map(BuildTest::first).toList();
  }

  private static String first(MatchResult match) {
    return match.group(1);
  }

  private static List<String> modules() throws IOException {
    return found("<module>(.+?)</module>", read("pom.xml"));
  }

  private static String version() throws IOException {
    return found("<version>(.+?)</version>", read("pom.xml")).get(0);
  }

  @Test
  void everyModuleAndTheCitationHaveOneVersion() throws IOException {
    for (String module : modules()) {
      assertThat(found("<version>(.+?)</version>", read(module + "/pom.xml")).get(0))
          .as(module)
          .isEqualTo(version());
    }
    assertThat(found("(?m)^version: (.+)$", read("CITATION.cff"))).containsExactly(version());
  }

  @Test
  void everyModuleSaysWhatItIsFor() throws IOException {
    for (String module : modules()) {
      assertThat(found("<description>(.{20,}?)</description>", read(module + "/pom.xml")))
          .as(module)
          .hasSize(1);
    }
  }

  @Test
  void theBomHasEveryPublishedModule() throws IOException {
    Stream<String> published = modules().stream().filter(each -> !UNPUBLISHED.contains(each));
    assertThat(found("<artifactId>(stackel-.+?)</artifactId>", read("stackel-bom/pom.xml")))
        .startsWith("stackel-bom")
        .filteredOn(each -> !each.equals("stackel-bom"))
        .containsExactlyInAnyOrderElementsOf(published.toList());
  }

  @Test
  void theJavadocSiteGroupsEveryPackage() throws IOException {
    List<String> grouped =
        found("<packages>(.+?)</packages>", read("pom.xml")).stream()
            .flatMap(packages -> Stream.of(packages.split(":")))
            .toList();
    for (String module : modules()) {
      Path sources = ROOT.resolve(module).resolve("src/main/java");
      if (UNPUBLISHED.contains(module) || module.equals("stackel-cli")) {
        continue;
      }
      try (Stream<Path> files = Files.walk(sources)) {
        List<String> packages =
            files
                .filter(file -> file.endsWith("package-info.java"))
                .map(file -> sources.relativize(file.getParent()).toString())
                .map(name -> name.replace('/', '.').replace('\\', '.'))
                .toList();
        assertThat(grouped).as(module).containsAll(packages);
      }
    }
  }
}
