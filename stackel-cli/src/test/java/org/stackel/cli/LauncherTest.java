package org.stackel.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.xpath.XPath;
import javax.xml.xpath.XPathFactory;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.w3c.dom.Document;

/** The script in front of Java, with a Java that prints its arguments and its environment. */
@DisabledOnOs(OS.WINDOWS)
class LauncherTest {
  @TempDir Path temp;
  private Path home;
  private Path launcher;

  @BeforeEach
  void release() throws IOException {
    home = temp.resolve("unpacked here");
    Files.createDirectories(home.resolve("lib"));
    launcher = Files.copy(Path.of("..", "stackel"), home.resolve("stackel"));
    executable(launcher);
    Cli.write(home.resolve("lib/stackel-cli-0.jar"), "");
    Path java = Files.createDirectories(temp.resolve("java/bin")).resolve("java");
    Cli.write(java, "#!/bin/sh\nfor a in \"$@\"; do echo \"$a\"; done\nenv\n");
    executable(java);
  }

  private static void executable(Path file) throws IOException {
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  private List<String> run(int code, Path launcher, String... args) throws Exception {
    var command = new ArrayList<>(List.of(launcher.toString()));
    command.addAll(List.of(args));
    var builder =
        new ProcessBuilder(command)
            .directory(temp.toFile())
            .redirectErrorStream(true)
            .redirectOutput(temp.resolve("log").toFile());
    builder.environment().put("JAVA_HOME", temp.resolve("java").toString());
    builder.environment().merge("PATH", temp.resolve("java/bin") + ":", (old, own) -> own + old);
    Process process = builder.start();
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    List<String> lines = Cli.read(temp.resolve("log")).lines().toList();
    assertThat(process.exitValue()).as(lines.toString()).isEqualTo(code);
    return lines;
  }

  @Test
  void startsTheJarsBesideIt() throws Exception {
    List<String> given = run(0, launcher, "run", "a file.json");
    assertThat(given)
        .contains(
            "-Dorg.bytedeco.javacpp.maxPhysicalBytes=0",
            "-Dfile.encoding=UTF-8",
            "-XX:Tier4InvocationThreshold=200000",
            "a file.json")
        .doesNotContain("-XX:TieredStopAtLevel=1", "-Dorg.bytedeco.openblas.load=mkl_rt");
    assertThat(given.get(given.indexOf("-cp") + 1)).startsWith(home + "/lib/stackel-cli-0.jar");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "list slip",
        "report run",
        "run --help",
        "compare -h",
        "--version",
        "demo",
        "compare clean-wordnet"
      })
  void whatNeedsLittleOfJavaIsCompiledQuickly(String command) throws Exception {
    String[] words = command.isEmpty() ? new String[0] : command.split(" ");
    assertThat(run(0, launcher, words)).contains("-XX:TieredStopAtLevel=1");
  }

  @Test
  void longRunsAreCompiledWell() throws Exception {
    assertThat(run(0, launcher, "compare", "clean-wordnet", "--scale", "paper"))
        .contains("-XX:Tier4InvocationThreshold=200000")
        .doesNotContain("-XX:TieredStopAtLevel=1");
  }

  @Test
  void worksThroughLinks() throws Exception {
    Path bin = Files.createDirectory(temp.resolve("bin"));
    Path link =
        Files.createSymbolicLink(bin.resolve("s"), Path.of("..", "unpacked here", "stackel"));
    Path second = Files.createSymbolicLink(temp.resolve("t"), link);
    assertThat(run(0, second, "--version")).contains("--version", "-XX:TieredStopAtLevel=1");
  }

  @Test
  void usesMklWhereItsJarIs() throws Exception {
    Cli.write(home.resolve("lib/mkl-1-linux-x86_64-redist.jar"), "");
    assertThat(run(0, launcher, "doctor"))
        .contains("-Dorg.bytedeco.openblas.load=mkl_rt", "MKL_THREADING_LAYER=GNU");
  }

  @Test
  void asksForHugePages() throws Exception {
    assertThat(run(0, launcher, "doctor")).contains("GLIBC_TUNABLES=glibc.malloc.hugetlb=1");
  }

  /** A checkout that is built, whose Maven is a file that says that it ran. */
  @ParameterizedTest
  @ValueSource(strings = {"stackel-core", "stackel-authors", "stackel-cli"})
  void aCheckoutIsBuiltAgainAfterAChange(String module) throws Exception {
    Path checkout = Files.createDirectories(temp.resolve("checkout/.mvn")).getParent();
    Path copy = Files.copy(launcher, checkout.resolve("stackel"));
    Cli.write(checkout.resolve("pom.xml"), "");
    for (String each : List.of("stackel-core", "stackel-authors", "stackel-cli")) {
      Files.createDirectories(checkout.resolve(each).resolve("src/main"));
      Cli.write(checkout.resolve(each).resolve("pom.xml"), "");
    }
    Files.createDirectories(checkout.resolve("stackel-cli/target/lib"));
    Path built = Cli.write(checkout.resolve("stackel-cli/target/.built"), "");
    Path maven = Cli.write(temp.resolve("java/bin/mvn"), "#!/bin/sh\ntouch '" + built + "'\n");
    executable(maven);
    FileTime now = Files.getLastModifiedTime(built);
    Files.setLastModifiedTime(built, FileTime.fromMillis(now.toMillis() + 10_000));
    assertThat(run(0, copy, "list")).noneMatch(line -> line.startsWith("stackel: building"));
    Path source = Cli.write(checkout.resolve(module).resolve("src/main/New.java"), "");
    Files.setLastModifiedTime(source, FileTime.fromMillis(now.toMillis() + 20_000));
    assertThat(run(0, copy, "list")).anyMatch(line -> line.startsWith("stackel: building"));
  }

  /** A build by Maven alone, which may be one for CUDA, is not repeated for the CPU. */
  @Test
  void theBuildItselfWritesTheStampWhenTheLibrariesAreComplete() throws Exception {
    var factory = DocumentBuilderFactory.newInstance();
    Document pom = factory.newDocumentBuilder().parse(Path.of("pom.xml").toFile());
    XPath path = XPathFactory.newInstance().newXPath();
    String execution =
        "/project/build/plugins/plugin[artifactId='maven-dependency-plugin']/executions"
            + "/execution[phase='package'][last()]";
    assertThat(path.evaluate(execution + "/goals/goal", pom)).isEqualTo("build-classpath");
    assertThat(path.evaluate(execution + "/configuration/outputFile", pom))
        .isEqualTo("${project.build.directory}/.built");
    assertThat(path.evaluate(execution + "/configuration/regenerateFile", pom)).isEqualTo("true");
    assertThat(launcher).content().contains("stamp=$home/stackel-cli/target/.built\n");
  }

  @Test
  void saysWhatIsMissing() throws Exception {
    Path alone =
        Files.copy(launcher, Files.createDirectory(temp.resolve("alone")).resolve("stackel"));
    List<String> said = run(2, alone, "list");
    assertThat(said.get(0)).contains("neither lib/ nor pom.xml");
    assertThat(said.get(1)).startsWith("Maybe ");
  }
}
