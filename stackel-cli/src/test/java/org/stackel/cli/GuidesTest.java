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
import org.stackel.plugin.Plugins;

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
  @ValueSource(strings = {"new-algorithm", "new-problem", "new-encoder", "new-preset"})
  void isFollowed(String guide) throws Exception {
    String page = Files.readString(ROOT.resolve("docs/" + guide + ".md"));
    Path jar = plugin(page);
    List<String> commands = COMMAND.matcher(page).results().map(found -> found.group(1)).toList();
    assertThat(commands).hasSizeGreaterThan(2);
    for (int i = 0; i < commands.size(); i++) {
      List<String> args = arguments(commands.get(i), i);
      if (args.get(0).equals("list") && !args.get(1).equals("presets")) {
        continue; // one entry by its name
      }
      Cli.Result result = withPlugin(jar, args);
      assertThat(result.code()).as("%s\n%s", args, result.err()).isEqualTo(ExitCode.COMPLETED);
    }
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

  /** The words of a command, with files and results in the test's directory. */
  private List<String> arguments(String command, int number) {
    var args = new ArrayList<String>();
    for (String word : command.replaceFirst(" --plugins \\S+", "").split(" ")) {
      Path file = directory.resolve(word);
      args.add(Files.exists(file) ? file.toString() : word);
    }
    if (!args.get(0).equals("list")) {
      args.addAll(List.of("--quiet", "--out", directory.resolve("run" + number).toString()));
    }
    return args;
  }

  /** Plug-ins stay where they are: in a thread of their own. */
  private static Cli.Result withPlugin(Path jar, List<String> args)
      throws InterruptedException, ExecutionException {
    var executor = Executors.newSingleThreadExecutor();
    try {
      return executor
          .submit(
              () -> {
                Thread.currentThread().setContextClassLoader(new WithoutExamples());
                Plugins.add(List.of(jar));
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
