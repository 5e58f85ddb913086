package org.stackel.example;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.stackel.cli.Main;

/**
 * The project in examples/, built offline from the modules in target/repository, which {@code mvn
 * verify} leaves there: as a program, and as a plug-in of the command.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ExampleProjectTest {
  private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
  private static final Path MODULES = ROOT.resolve("target/repository/org/stackel");
  private static final Duration LONG = Duration.ofMinutes(3);

  private Path home;
  private Path project;

  @BeforeAll
  void build(@TempDir Path directory) throws IOException {
    home = directory;
    assumeTrue(
        isThere("stackel-bom", "pom") && isThere("stackel-run", "jar"),
        "target/repository lacks stackel-run: `mvn verify` puts it there");
    Path repository = home.resolve("repository");
    link(localRepository(), repository);
    copy(MODULES, repository.resolve("org/stackel"));
    project = home.resolve("project");
    copy(ROOT.resolve("examples"), project);
    var maven =
        run(
            List.of(
                System.getProperty("os.name").startsWith("Windows") ? "mvn.cmd" : "mvn",
                "-B",
                "-o",
                "-q",
                "-Dmaven.repo.local=" + repository,
                "package"));
    assertThat(maven.code).as(maven.output).isZero();
  }

  /** The links, before what they lead to is looked at. */
  @AfterAll
  void unlink() throws IOException {
    Path repository = home.resolve("repository");
    if (Files.isDirectory(repository)) {
      for (Path folder : List.of(repository, repository.resolve("org"))) {
        try (Stream<Path> entries = Files.list(folder)) {
          for (Path link : entries.filter(Files::isSymbolicLink).toList()) {
            Files.delete(link);
          }
        }
      }
    }
  }

  private static boolean isThere(String module, String type) throws IOException {
    Path folder = MODULES.resolve(module);
    if (!Files.isDirectory(folder)) {
      return false;
    }
    try (Stream<Path> files = Files.walk(folder)) {
      return files.anyMatch(file -> file.toString().endsWith("." + type));
    }
  }

  /** Where Maven keeps what it fetched: a library of the class path tells. */
  private static Path localRepository() {
    String library =
        Arrays.stream(System.getProperty("java.class.path").split(java.io.File.pathSeparator))
            .filter(part -> part.contains("picocli") && part.endsWith(".jar"))
            .findFirst()
            .orElseThrow();
    Path at = Path.of(library);
    while (!at.endsWith("info")) {
      at = at.getParent();
    }
    return at.getParent();
  }

  /** Everything that Maven fetched, but none of Stackel's modules. */
  private static void link(Path from, Path to) throws IOException {
    Files.createDirectories(to.resolve("org"));
    for (Path folder : List.of(from, from.resolve("org"))) {
      try (Stream<Path> entries = Files.list(folder)) {
        for (Path entry : entries.toList()) {
          Path link = to.resolve(from.relativize(entry));
          if (!Files.exists(link) && !entry.endsWith("org/stackel")) {
            Files.createSymbolicLink(link, entry);
          }
        }
      }
    }
  }

  private static void copy(Path from, Path to) throws IOException {
    try (Stream<Path> files = Files.walk(from)) {
      files
          .filter(file -> !from.relativize(file).startsWith("target"))
          .forEach(
              file -> {
                try {
                  Files.copy(file, to.resolve(from.relativize(file).toString()));
                } catch (IOException e) {
                  throw new UncheckedIOException(e);
                }
              });
    }
  }

  private record Ended(int code, String output) {}

  private Process start(List<String> command, Path log) throws IOException {
    return new ProcessBuilder(command)
        .directory(project.toFile())
        .redirectErrorStream(true)
        .redirectOutput(log.toFile())
        .start();
  }

  private Ended run(List<String> command) throws IOException {
    Path log = Files.createTempFile(home, "process", ".log");
    Process process = start(command, log);
    try {
      if (!process.waitFor(LONG.toSeconds(), TimeUnit.SECONDS)) {
        process.destroyForcibly();
        throw new AssertionError("It takes too long: " + Files.readString(log));
      }
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
    return new Ended(process.exitValue(), Files.readString(log));
  }

  private static List<String> java(String classPath, String... arguments) {
    var command = new ArrayList<String>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-cp", classPath));
    command.addAll(List.of(arguments));
    return command;
  }

  private List<String> program(String directory) throws IOException {
    String libraries = Files.readString(project.resolve("target/classpath.txt"));
    return java(
        "target/classes" + java.io.File.pathSeparator + libraries, "com.example.Main", directory);
  }

  /** In this process: a machine with two cores starts many of them slowly. */
  private Ended stackel(String... arguments) {
    var all = new ArrayList<String>();
    for (String word : arguments) {
      boolean isPlace = word.contains("/") || word.endsWith(".json") || word.endsWith(".html");
      all.add(isPlace ? project.resolve(word).toString() : word);
    }
    all.addAll(List.of("--plugins", project.resolve("target/ridge.jar").toString()));
    var said = new StringWriter();
    var writer = new PrintWriter(said);
    int code = Main.run(all.toArray(String[]::new), writer, writer);
    writer.flush();
    return new Ended(code, said.toString());
  }

  @Test
  void theProgramGoesOnAfterItWasKilled() throws IOException, InterruptedException {
    Path checkpoints = project.resolve("runs/mine/checkpoints");
    Process first = start(program("runs/mine"), home.resolve("first.log"));
    while (first.isAlive() && !holdsFiles(checkpoints)) {
      Thread.sleep(5);
    }
    first.destroyForcibly().onExit().join();
    assertThat(holdsFiles(checkpoints)).as(Files.readString(home.resolve("first.log"))).isTrue();
    assertThat(project.resolve("runs/mine/outcome.json")).doesNotExist();
    Ended second = run(program("runs/mine"));
    assertThat(second.output)
        .contains("COMPLETED after 2000 steps in runs/mine")
        .contains("compared in runs/compare-ridge")
        .endsWith("right\n");
  }

  private static boolean holdsFiles(Path folder) throws IOException {
    if (!Files.isDirectory(folder)) {
      return false;
    }
    try (Stream<Path> files = Files.list(folder)) {
      return files.anyMatch(file -> file.toString().endsWith(".safetensors"));
    }
  }

  @Test
  void theCommandKnowsBoth() throws IOException {
    Ended ran = stackel("run", "ridge.json", "--out", "runs/plugin", "--set", "problem.features=9");
    assertThat(ran.code).as(ran.output).isZero();
    assertThat(ran.output).contains("heavy-ball on ridge: 1000 steps");
    Ended longer = stackel("resume", "runs/plugin", "--steps", "1100");
    assertThat(longer.output).contains("heavy-ball on ridge: 1100 steps");
    Ended compared =
        stackel(
            "compare",
            "ridge.json",
            "--algorithms",
            "heavy-ball,slip",
            "--seeds",
            "0,1",
            "--out",
            "runs/both");
    assertThat(compared.code).as(compared.output).isZero();
    assertThat(compared.output).contains("heavy-ball", "slip");
    Ended checked = stackel("check", "ridge.json", "--out", "runs/checked");
    assertThat(checked.code).as(checked.output).isZero();
    Ended reported = stackel("report", "runs/plugin", "--out", "page.html");
    assertThat(reported.code).as(reported.output).isZero();
    assertThat(project.resolve("page.html")).content().contains("heavy-ball");
    Ended listed = stackel("list", "heavy-ball");
    assertThat(listed.output)
        .contains("momentum (number; default: 0.5)")
        .contains("weight of the previous direction, at least 0 and less than 1");
    Ended problem = stackel("list", "ridge");
    assertThat(problem.output).contains("number of training examples, and of held-out ones");
    Ended misspelled = stackel("run", "ridge.json", "--algorithm", "heavy-bal");
    assertThat(misspelled.code).isEqualTo(2);
    assertThat(misspelled.output).contains("Maybe 'heavy-ball' was meant");
  }

  /** An example that nobody can read at a glance is none. */
  @Test
  void theyAreShort() throws IOException {
    assertThat(statements("Ridge.java")).isLessThanOrEqualTo(15);
    assertThat(statements("HeavyBall.java")).isLessThanOrEqualTo(25);
  }

  private static long statements(String file) throws IOException {
    String source =
        Files.readString(ROOT.resolve("examples/src/main/java/com/example").resolve(file));
    return source.lines().filter(line -> line.endsWith(";")).filter(l -> l.startsWith(" ")).count();
  }
}
