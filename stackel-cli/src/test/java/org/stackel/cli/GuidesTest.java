package org.stackel.cli;

import static java.util.stream.Collectors.toMap;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.stackel.runfile.OutcomeFile;
import org.stackel.runfile.RunFiles;
import org.stackel.runfile.RunStatus;

/** The guides work as they are written: their sources and files make a jar, their commands run. */
class GuidesTest {
  private static final Path ROOT = Path.of("..");
  private static final Pattern SOURCE = Pattern.compile("<!-- code: (\\S+?\\.java)(?:#.+?)? -->");
  private static final Pattern FILE =
      Pattern.compile("<!-- file: (\\S+) -->\n```\\w*\n(.*?)```", Pattern.DOTALL);
  private static final Pattern COMMAND = Pattern.compile("(?m)^    stackel (.+)$");

  private static final Pattern RECIPE = Pattern.compile("(?m)^ {4,}stackel (.+)$");
  private static final Pattern EXIT_CODE = Pattern.compile("# exit code (\\d+)");

  @TempDir Path directory;

  @ParameterizedTest
  @ValueSource(
      strings = {"new-algorithm", "new-problem", "new-encoder", "new-preset", "new-command"})
  void isFollowed(String guide) throws Exception {
    String page = Files.readString(ROOT.resolve("docs/" + guide + ".md"));
    Path jar = plugin(page);
    List<String> commands = COMMAND.matcher(page).results().map(found -> found.group(1)).toList();
    assertThat(commands).hasSizeGreaterThan(2);
    for (int i = 0; i < commands.size(); i++) {
      List<String> args = arguments(commands.get(i), jar, i);
      Cli.Result result = inThread(args);
      assertThat(result.code()).as("%s\n%s", args, result.err()).isEqualTo(ExitCode.COMPLETED);
    }
  }

  @Test
  void theCommandTakesTheSmallestValue() throws Exception {
    Path jar = plugin(Files.readString(ROOT.resolve("docs/new-command.md")));
    for (String run : List.of("good", "bad")) {
      Files.createDirectory(directory.resolve(run));
    }
    outcome("good", 1);
    outcome("bad", 2);
    var good = directory.resolve("good");
    var bad = directory.resolve("bad");
    // ---- begin: command test
    Cli.Result result = run("best", bad, good, "--plugins", jar);
    assertThat(result.code()).isZero();
    assertThat(result.out()).contains("good 1.0");
    assertThat(run("best", good, "--metric", "loss", "--plugins", jar).err())
        .contains("There is no metric 'loss'.", "Maybe --metric is misspelled.");
    // ---- end: command test
  }

  private void outcome(String run, double loss) throws IOException {
    var metrics = Map.of("upperLoss", loss);
    Files.writeString(
        directory.resolve(run).resolve(OutcomeFile.NAME),
        RunFiles.text(new OutcomeFile(RunStatus.COMPLETED, 1, 0, metrics, null, null)));
  }

  private static Cli.Result run(Object... args) throws InterruptedException, ExecutionException {
    return inThread(Stream.of(args).map(Object::toString).toList());
  }

  /** What went wrong there is wanted: a comment says which exit code. */
  @Test
  void debuggingIsFollowed() throws IOException {
    String page = Files.readString(ROOT.resolve("docs/debugging.md"));
    List<String> commands = RECIPE.matcher(page).results().map(found -> found.group(1)).toList();
    assertThat(commands).hasSizeGreaterThan(6);
    for (String command : commands) {
      var code = EXIT_CODE.matcher(command);
      int expected = code.find() ? Integer.parseInt(code.group(1)) : ExitCode.COMPLETED;
      var args = new ArrayList<String>();
      for (String word : command.replaceFirst("#.*", "").strip().split(" +")) {
        boolean isPlace = args.contains("--out") || word.contains("/");
        args.add(isPlace ? directory.resolve(word).toString() : word);
      }
      Cli.Result result = Cli.run(args.toArray());
      assertThat(result.code()).as("%s\n%s", args, result.err()).isEqualTo(expected);
    }
  }

  /** The words of a command, with the page's jar, and files and results in the test's directory. */
  private List<String> arguments(String command, Path jar, int number) {
    var args = new ArrayList<String>();
    for (String word : command.split(" ")) {
      Path file = directory.resolve(word);
      boolean isPlace = Files.exists(file) || last(args).equals("--out");
      args.add(last(args).equals("--plugins") ? jar.toString() : isPlace ? file.toString() : word);
    }
    if (List.of("run", "compare", "check").contains(args.get(0))) {
      args.add("--quiet");
      if (!args.contains("--out")) {
        args.addAll(List.of("--out", directory.resolve("run" + number).toString()));
      }
    }
    return args;
  }

  private static String last(List<String> words) {
    return words.isEmpty() ? "" : words.get(words.size() - 1);
  }

  /** In a thread of its own, whose plug-ins nobody else sees. */
  private static Cli.Result inThread(List<String> args)
      throws InterruptedException, ExecutionException {
    var executor = Executors.newSingleThreadExecutor();
    try {
      return executor
          .submit(
              () -> {
                Thread.currentThread().setContextClassLoader(new WithoutExamples());
                return Cli.run(args.toArray());
              })
          .get();
    } finally {
      executor.shutdown();
    }
  }

  /** The jar of a page; files that are not for the jar lie beside it. */
  private Path plugin(String page) throws IOException {
    Path classes = Files.createDirectory(directory.resolve("classes"));
    List<String> sources =
        SOURCE
            .matcher(page)
            .results()
            .map(found -> found.group(1))
            .filter(source -> !source.endsWith("Test.java"))
            .map(source -> ROOT.resolve(source).toString())
            .distinct()
            .toList();
    var options = new ArrayList<>(List.of("-proc:none", "-d", classes.toString()));
    options.addAll(List.of("-cp", System.getProperty("java.class.path")));
    options.addAll(sources);
    int code =
        ToolProvider.getSystemJavaCompiler().run(null, null, null, options.toArray(String[]::new));
    assertThat(code).as("compiling %s", sources).isZero();
    for (Map.Entry<String, String> file : files(page).entrySet()) {
      Path base = file.getKey().contains("/") ? classes : directory;
      Path place = base.resolve(file.getKey());
      Files.createDirectories(place.getParent());
      Files.writeString(place, file.getValue());
    }
    return pack(classes);
  }

  private static Map<String, String> files(String page) {
    return FILE.matcher(page)
        .results()
        .collect(toMap(found -> found.group(1), found -> found.group(2)));
  }

  private Path pack(Path classes) throws IOException {
    Path jar = directory.resolve("plugin.jar");
    try (Stream<Path> files = Files.walk(classes);
        var out = new JarOutputStream(Files.newOutputStream(jar))) {
      for (Path file : files.filter(Files::isRegularFile).sorted().toList()) {
        out.putNextEntry(new JarEntry(classes.relativize(file).toString().replace('\\', '/')));
        Files.copy(file, out);
        out.closeEntry();
      }
    }
    return jar;
  }

  /** The class path without the examples, so that they come from the jar. */
  private static final class WithoutExamples extends ClassLoader {
    WithoutExamples() {
      super(GuidesTest.class.getClassLoader());
    }

    @Override
    protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
      if (name.startsWith("org.stackel.example.")) {
        throw new ClassNotFoundException(name);
      }
      return super.loadClass(name, resolve);
    }
  }
}
