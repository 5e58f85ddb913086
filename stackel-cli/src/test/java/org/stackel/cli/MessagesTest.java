package org.stackel.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;
import org.stackel.config.InvalidInputException;

/**
 * Every mistake of a user in messages.txt: exit code 2, nothing on the standard output, no output
 * directory, and the whole message. Where messages change, what they are now is in
 * target/messages.txt, to be read and copied.
 */
class MessagesTest {
  private static final Path FILE = Path.of("src/test/resources/org/stackel/cli/messages.txt");

  /** Such as {@code q.json: "seed": 0 ==> "seed": -1}: the experiment of the documentation. */
  private static final Pattern EDITED = Pattern.compile("(\\S+): (.*) ==> (.*)");

  /** Such as {@code train.csv:} or {@code train.csv.gz (gzip):}, before lines of its content. */
  private static final Pattern WRITTEN = Pattern.compile("(\\S+)(?: \\((gzip|hex|escaped)\\))?:");

  /** Such as {@code run = RUN}: the directory of a complete run. */
  private static final Pattern COPIED = Pattern.compile("(\\S+) = (RUN|MODEL|COMPARISON)");

  /** Many names with commas between. */
  private static final Pattern LIST =
      Pattern.compile("((?:[\\w-]+, ){2})(?:[\\w-]+, ){8,}([\\w-]+)");

  private static final Pattern WORD = Pattern.compile("'([^']*)'|(\\S+)");

  @TempDir static Path shared;
  @TempDir static Path results;
  private static final Map<String, Path> MADE = new HashMap<>();

  /**
   * A mistake.
   *
   * @param files lines that say which files there are
   * @param command what is called
   * @param message all that it says
   */
  private record Mistake(String title, List<String> files, String command, String message) {}

  private static List<Mistake> mistakes() {
    var mistakes = new ArrayList<Mistake>();
    for (String block : Cli.read(FILE).split("(?m)^(?=(?:==|##) )")) {
      if (!block.startsWith("== ")) {
        continue;
      }
      List<String> lines = block.lines().toList();
      int at = 1;
      while (!lines.get(at).startsWith("$ ")) {
        at++;
      }
      mistakes.add(
          new Mistake(
              lines.get(0).substring(3),
              lines.subList(1, at),
              lines.get(at).substring(2),
              String.join("\n", lines.subList(at + 1, lines.size())).strip()));
    }
    return mistakes;
  }

  @TestFactory
  Stream<DynamicTest> theWholeMessageIsAsItWasRead() {
    return mistakes().stream()
        .map(each -> DynamicTest.dynamicTest(each.title(), () -> check(each)));
  }

  @Test
  void thereAreManyAndEachHasItsOwnTitle() {
    assertThat(mistakes())
        .hasSizeGreaterThan(120)
        .extracting(Mistake::title)
        .doesNotHaveDuplicates();
  }

  /** What the messages of all mistakes are now. */
  @AfterAll
  static void write() throws IOException {
    var text = new StringBuilder();
    for (String block : Cli.read(FILE).split("(?m)^(?=(?:==|##) )")) {
      int command = block.indexOf("\n$ ");
      if (!block.startsWith("== ") || command < 0) {
        text.append(block);
        continue;
      }
      String title = block.lines().findFirst().orElse("").substring(3);
      String head = block.substring(0, block.indexOf('\n', command + 1) + 1);
      text.append(head).append(FOUND.getOrDefault(title, "")).append("\n\n");
    }
    Files.writeString(Path.of("target/messages.txt"), text.toString());
  }

  private static final Map<String, String> FOUND = new HashMap<>();

  private static void check(Mistake mistake) throws IOException {
    Path directory = Files.createTempDirectory(results, "case");
    make(mistake.files(), directory);
    String found;
    if (mistake.command().startsWith("java ")) {
      found = JavaMistakes.message(mistake.command().substring(5));
    } else {
      Cli.Result result = Cli.run(words(mistake.command(), directory));
      FOUND.put(
          mistake.title(), "exit %d\n%s%s".formatted(result.code(), result.out(), result.err()));
      assertThat(result.code()).as(result.err() + result.out()).isEqualTo(2);
      assertThat(result.out()).isEmpty();
      assertThat(directory.resolve("out")).as("output of a refused command").doesNotExist();
      found = result.err();
    }
    found = lasting(found.replace(directory.toString(), "DIR").strip());
    FOUND.put(mistake.title(), found);
    assertThat(found).isEqualTo(mistake.message());
    assertThat(found.lines().toList())
        .as("a line with a way out")
        .anyMatch(line -> line.startsWith("Maybe "));
    assertThat(found).as("no name stands twice").doesNotContainPattern("(--\\w+): \\1 ");
  }

  /** Without what changes with every new name, and from machine to machine. */
  private static String lasting(String message) {
    return LIST.matcher(message)
        .replaceAll("$1…, $2")
        .replaceAll("number of processors, [0-9]+,", "number of processors, N,");
  }

  private static Object[] words(String command, Path directory) {
    var words = new ArrayList<Object>();
    Matcher word = WORD.matcher(command);
    while (word.find()) {
      String text = word.group(1) == null ? word.group(2) : word.group(1);
      words.add(text.replace("DIR", directory.toString()).replace("\\x1b", "\u001b"));
    }
    return words.toArray();
  }

  // ---- files -----------------------------------------------------------------------------------

  private static void make(List<String> lines, Path directory) throws IOException {
    for (int i = 0; i < lines.size(); ) {
      String line = lines.get(i++);
      Matcher edited = EDITED.matcher(line);
      Matcher written = WRITTEN.matcher(line);
      Matcher copied = COPIED.matcher(line);
      if (copied.matches()) {
        copy(made(copied.group(2)), directory.resolve(copied.group(1)));
      } else if (edited.matches()) {
        Path file = directory.resolve(edited.group(1));
        String old = Files.exists(file) ? Cli.read(file) : Cli.EXPERIMENT;
        assertThat(old).contains(edited.group(2));
        Cli.write(file, old.replace(edited.group(2), edited.group(3)));
      } else if (written.matches()) {
        var content = new StringBuilder();
        while (i < lines.size() && lines.get(i).startsWith("|")) {
          content.append(lines.get(i++).replaceFirst("^\\| ?", "")).append('\n');
        }
        Path file = directory.resolve(written.group(1));
        Files.createDirectories(file.getParent());
        Files.write(file, bytes(content.toString(), written.group(2)));
      } else {
        assertThat(line).as("a line that says which files there are").isEmpty();
      }
    }
  }

  private static byte[] bytes(String content, String manner) throws IOException {
    if ("hex".equals(manner)) {
      return HexFormat.of().parseHex(content.replaceAll("\\s", ""));
    }
    if ("escaped".equals(manner)) {
      var out = new ByteArrayOutputStream();
      Matcher escape = Pattern.compile("\\\\x(..)|([^\\\\]|\\\\(?!x))").matcher(content.strip());
      while (escape.find()) {
        if (escape.group(1) != null) {
          out.write(HexFormat.fromHexDigits(escape.group(1)));
        } else {
          out.writeBytes(escape.group(2).getBytes(StandardCharsets.UTF_8));
        }
      }
      return out.toByteArray();
    }
    byte[] plain = content.getBytes(StandardCharsets.UTF_8);
    if (!"gzip".equals(manner)) {
      return plain;
    }
    var out = new ByteArrayOutputStream();
    try (OutputStream packed = new GZIPOutputStream(out)) {
      packed.write(plain);
    }
    return out.toByteArray();
  }

  /** A directory that a command left; made once. */
  private static Path made(String name) {
    return MADE.computeIfAbsent(
        name,
        key -> {
          Path to = shared.resolve(key.toLowerCase(java.util.Locale.ROOT));
          Path file = Cli.write(shared.resolve("q.json"), Cli.EXPERIMENT);
          Cli.Result result =
              switch (key) {
                case "RUN" -> Cli.run("run", file, "--steps", 20, "--out", to);
                case "COMPARISON" ->
                    Cli.run("compare", file, "--algorithms", "slip", "--steps", 5, "--out", to);
                default ->
                    Cli.run("run", "clean-wordnet", "--scale", "tiny", "--steps", 1, "--out", to);
              };
          assertThat(result.code()).as(result.err()).isZero();
          return to;
        });
  }

  private static void copy(Path from, Path to) throws IOException {
    try (Stream<Path> files = Files.walk(from)) {
      for (Path each : files.toList()) {
        Files.copy(each, to.resolve(from.relativize(each).toString()));
      }
    }
  }

  /** Of a mistake in Java. */
  static String message(Runnable mistake) {
    try {
      mistake.run();
    } catch (InvalidInputException e) {
      return e.getMessage();
    } catch (RuntimeException e) {
      return e.getClass().getSimpleName() + ": " + e.getMessage();
    }
    return "nothing was refused";
  }
}
