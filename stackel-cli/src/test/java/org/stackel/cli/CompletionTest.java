package org.stackel.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The script of the release, sourced by bash. */
@DisabledOnOs(OS.WINDOWS)
class CompletionTest {
  private static final Path SCRIPT =
      Path.of("src/release/completion/stackel.bash").toAbsolutePath();

  @TempDir Path temp;

  @ParameterizedTest
  @CsvSource({
    "stackel ru, run",
    "stackel re, resume report review",
    "stackel run --alg, --algorithm",
    "stackel list --sc, --scale",
    "stackel compare --jo, --jobs",
    "stackel --plu, --plugins",
  })
  void completes(String line, String expected) throws Exception {
    Path log = temp.resolve("log");
    Process process =
        new ProcessBuilder(
                "bash",
                "-c",
                """
                source "$0"
                compopt() { :; } # works only where a person presses Tab
                COMP_LINE=$1
                COMP_POINT=${#COMP_LINE}
                COMP_WORDS=($1)
                COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
                _complete_stackel
                echo "${COMPREPLY[@]}"
                """,
                SCRIPT.toString(),
                line)
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
    assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
    assertThat(List.of(Cli.read(log).strip().split("\\s+")))
        .containsExactlyInAnyOrder(expected.split(" "));
  }
}
