package org.stackel.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** The script for Windows: as text everywhere, and run by wine where that is installed. */
class WindowsLauncherTest {
  private static final Pattern OPTION = Pattern.compile("(?<= )-[DX][^\\s\"]+");
  private static final String STUB =
      """
      #include <stdio.h>
      #include <stdlib.h>
      int main(int count, char **arguments) {
        for (int i = 1; i < count; i++) puts(arguments[i]);
        return atoi(getenv("STUB_CODE"));
      }
      """;

  @TempDir Path temp;

  private static String script() {
    return Cli.read(Path.of("..", "stackel.cmd"));
  }

  private static Stream<String> options(String script) {
    return OPTION.matcher(script).results().map(found -> found.group());
  }

  /** Those of the other launcher that are for Linux, a terminal or short commands aside. */
  @Test
  void javaGetsTheOptionsOfTheOtherLauncher() {
    String other = Cli.read(Path.of("..", "stackel"));
    List<String> always =
        options(other.substring(other.indexOf("options=("), other.indexOf("\n)\n"))).toList();
    assertThat(always).isNotEmpty();
    String call = script().substring(script().indexOf("\"%STACKEL_JAVA%\" -"));
    assertThat(options(call)).containsExactlyElementsOf(always);
  }

  @Test
  void everyLineEndsAsWindowsHasIt() {
    assertThat(script().replace("\r\n", "")).doesNotContain("\n", "\r");
  }

  /**
   * A parenthesis in a path ends a block, and an exclamation mark vanishes with delayed expansion.
   */
  @Test
  void pathsMayHaveSpacesAndParentheses() {
    assertThat(script().lines())
        .contains("setlocal DisableDelayedExpansion")
        .noneMatch(line -> line.endsWith("("))
        .anyMatch(line -> line.endsWith("-cp \"%STACKEL_LIB%\\*\" org.stackel.cli.Main %*"))
        .last()
        .isEqualTo("exit /b %ERRORLEVEL%");
  }

  @Test
  @Tag("slow")
  @EnabledOnOs(OS.LINUX)
  void passesArgumentsAndTheExitCode() throws Exception {
    assumeTrue(has("wine") && has("x86_64-w64-mingw32-gcc"), "wine and MinGW are not installed");
    Path home = Files.createDirectories(temp.resolve("un packed (x86)"));
    Files.createDirectories(home.resolve("lib"));
    Cli.write(home.resolve("lib/stackel-cli-0.jar"), "");
    Files.copy(Path.of("..", "stackel.cmd"), home.resolve("stackel.cmd"));
    Path java = Files.createDirectories(temp.resolve("java/bin")).resolve("java.exe");
    Path source = Cli.write(temp.resolve("stub.c"), STUB);
    run(0, "x86_64-w64-mingw32-gcc", "-o", java.toString(), source.toString());
    String call =
        "@\"%~dp0un packed (x86)\\stackel.cmd\" run \"a file.json\" --plugins \"a;b\""
            + " --set \"problem.data=C:\\my data\\x.csv\" --set problem.A=[[2]] \"a & b!\"\r\n";
    Path batch = Cli.write(temp.resolve("call.cmd"), call);
    assertThat(run(130, "wine", "cmd", "/c", windows(batch)))
        .containsSequence("-cp", windows(home) + "\\lib\\*", "org.stackel.cli.Main")
        .endsWith(
            "run",
            "a file.json",
            "--plugins",
            "a;b",
            "--set",
            "problem.data=C:\\my data\\x.csv",
            "--set",
            "problem.A=[[2]]",
            "a & b!");
    Files.delete(home.resolve("lib/stackel-cli-0.jar"));
    assertThat(run(2, "wine", "cmd", "/c", windows(batch)))
        .anyMatch(line -> line.startsWith("Maybe "));
  }

  private static boolean has(String program) {
    return Stream.of(System.getenv("PATH").split(File.pathSeparator))
        .anyMatch(directory -> Files.isExecutable(Path.of(directory, program)));
  }

  private static String windows(Path path) {
    return "Z:" + path.toString().replace('/', '\\');
  }

  private List<String> run(int code, String... command) throws IOException, InterruptedException {
    Path log = temp.resolve("log");
    var builder =
        new ProcessBuilder(new ArrayList<>(List.of(command)))
            .redirectErrorStream(true)
            .redirectOutput(log.toFile());
    builder.environment().put("WINEPREFIX", Path.of("target", "wine").toAbsolutePath().toString());
    builder.environment().put("WINEDEBUG", "-all");
    builder.environment().put("JAVA_HOME", windows(temp.resolve("java")));
    builder.environment().put("STUB_CODE", "130");
    Process process = builder.start();
    assertThat(process.waitFor(120, TimeUnit.SECONDS)).isTrue();
    List<String> lines = Cli.read(log).lines().toList();
    assertThat(process.exitValue()).as(lines.toString()).isEqualTo(code);
    return lines;
  }
}
