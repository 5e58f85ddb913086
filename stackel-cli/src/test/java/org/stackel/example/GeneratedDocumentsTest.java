package org.stackel.example;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the documents say about the catalogues is what is in them. */
class GeneratedDocumentsTest {
  private static final Path ROOT = Path.of("..");

  static Set<Map.Entry<String, String>> documents() throws IOException {
    return GeneratedDocuments.all(ROOT).entrySet();
  }

  @ParameterizedTest
  @MethodSource("documents")
  void areUpToDate(Map.Entry<String, String> document) throws IOException {
    Path file = ROOT.resolve(document.getKey());
    assertThat(Files.exists(file) ? Files.readString(file) : "")
        .as("%s is out of date: run scripts/docs", document.getKey())
        .isEqualTo(document.getValue());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "docs/algorithms.md: | [`slip`](#slip) | SLIP | Gong, Hao, Liu, ICML 2024 |",
        "docs/algorithms.md: | `momentum` | `0.9` | number |",
        "docs/algorithms.md: ### slip-authors-cleaning",
        "docs/problems.md: | `noise.gradient` | `0.0` | number |",
        "docs/presets.md: | `problem.taskBatch` |",
        "docs/settings.md: | `checkpointEvery` | `100` | whole number | steps between checkpoints",
        "docs/combinations.md: | `mgbio` | if small |",
        "docs/schema/experiment.schema.json: \"examples\": [\"data-cleaning\"",
        "stackel-cli/src/release/completion/stackel.bash: _picocli_stackel_run",
      })
  void haveTheirContent(String expected) throws IOException {
    String[] parts = expected.split(": ", 2);
    assertThat(Files.readString(ROOT.resolve(parts[0]))).contains(parts[1]);
  }
}
