package org.stackel.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.stackel.preset.Preset;
import org.stackel.preset.Presets;

/** The script of the results, the document that it fills, and the presets know of each other. */
@DisabledOnOs(OS.WINDOWS)
class ResultsScriptTest {
  private static final Path SCRIPT = Path.of("../scripts/results");

  @Test
  void everyExperimentHasATableAndAFigureInTheDocument() throws Exception {
    List<String> names = names();
    String template = Files.readString(Path.of("../docs/results.template.md"));
    for (String name : names) {
      if (name.equals("ls-adam")) { // single runs
        assertThat(template).contains("{{runs: table of ");
      } else {
        assertThat(template).contains("{{" + name + ": table", "{{" + name + ": figure");
      }
    }
    var asked =
        Pattern.compile("\\{\\{([\\w-]+): ")
            .matcher(template)
            .results()
            .map(match -> match.group(1))
            .filter(name -> !name.equals("runs"))
            .collect(Collectors.toCollection(TreeSet::new));
    assertThat(names).containsAll(asked);
  }

  @Test
  void everyPresetIsRunButTheSmallest() throws Exception {
    String script = Files.readString(SCRIPT);
    assertThat(Presets.all())
        .extracting(Preset::name)
        .filteredOn(name -> !name.equals("quadratic-demo"))
        .allMatch(
            name -> Pattern.compile("experiment .* " + name + "( |\n)").matcher(script).find());
  }

  private static List<String> names() throws IOException, InterruptedException {
    Process process = new ProcessBuilder("bash", SCRIPT.toString(), "--list").start();
    String out =
        new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
    assertThat(process.waitFor()).isZero();
    return List.of(out.split("\n"));
  }
}
