package org.stackel.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A plug-in that cannot be used, or fails, is named with its jar, and ends with exit code 2. */
class PluginFailureTest {
  @TempDir Path temp;

  private Cli.Result refused(Object... args) {
    Cli.Result result = Cli.run(args);
    assertThat(result.code()).as(result.out() + result.err()).isEqualTo(2);
    assertThat(result.err().lines().filter(line -> line.startsWith("Maybe "))).hasSize(1);
    assertThat(result.err()).doesNotContain("\tat ");
    return result;
  }

  private Path experiment() {
    return Cli.write(
        temp.resolve("experiment.json"),
        """
        {"problem": {"type": "tilted"}, "algorithm": {"type": "alternating"}, "steps": 10}
        """);
  }

  @Test
  void placesThatHoldNothing() throws IOException {
    Path text = Cli.write(temp.resolve("a.txt"), "");
    Path broken = Cli.write(temp.resolve("broken.jar"), "no zip");
    Path library = new PluginJar().with("a.txt", "").write(temp.resolve("library.jar"));
    Path empty = Files.createDirectory(temp.resolve("empty"));
    assertThat(refused("list", "--plugins", temp.resolve("none.jar")).err())
        .startsWith("--plugins: The plug-in '")
        .contains("none.jar' does not exist.");
    assertThat(refused("list", "--plugins", text).err()).contains("a.txt' is not a .jar file.");
    assertThat(refused("list", "--plugins", broken).err()).contains("broken.jar' cannot be read");
    assertThat(refused("list", "--plugins", library).err())
        .contains("library.jar' offers nothing to Stackel");
    assertThat(refused("list", "--plugins", empty).err()).contains("holds neither .jar files");
    assertThat(refused("list", "--plugins").err()).contains("--plugins");
  }

  @Test
  void aLibraryBesideAPluginIsWelcome() throws IOException {
    Path directory = Files.createDirectory(temp.resolve("plugins"));
    PluginJar.complete(directory.resolve("mine.jar"));
    new PluginJar().with("a.txt", "").write(directory.resolve("a-library.jar"));
    assertThat(Cli.run("list", "tilted", "--plugins", directory).code()).isZero();
  }

  @Test
  void twoOfOneName() throws IOException {
    Path one = PluginJar.complete(temp.resolve("one.jar"));
    Path other =
        new PluginJar()
            .algorithm("Alternating2", named("Alternating2", PluginJar.ALGORITHM))
            .write(temp.resolve("other.jar"));
    assertThat(refused("list", "--plugins", one + File.pathSeparator + other).err())
        .contains(
            "Two classes offer the algorithm 'alternating'",
            "com.example.Alternating (one.jar)",
            "com.example.Alternating2 (other.jar)");
    Path slip =
        new PluginJar()
            .algorithm("Slip", PluginJar.ALGORITHM.replace("Alternating", "Slip"))
            .write(temp.resolve("slip.jar"));
    assertThat(refused("run", "quadratic-demo", "--plugins", slip).err())
        .contains("'slip'", "org.stackel.algorithm.Slip", "com.example.Slip (slip.jar)");
    Path run =
        new PluginJar()
            .offering(
                "org.stackel.cli.CommandPlugin",
                "Greet",
                PluginJar.COMMAND.replace("\"greet\"", "\"run\""))
            .write(temp.resolve("run.jar"));
    assertThat(refused("list", "--plugins", run).err())
        .contains("the command 'run'", "com.example.Greet (run.jar)");
  }

  @Test
  void twoVersionsOfOneJar() throws IOException {
    Path versions = Files.createDirectory(temp.resolve("versions"));
    Path old = PluginJar.complete(versions.resolve("mine-1.0.jar"));
    Path young = Files.copy(old, versions.resolve("mine-1.1.jar"));
    for (String places : List.of(versions.toString(), old + File.pathSeparator + young)) {
      assertThat(refused("list", "--plugins", places).err())
          .startsWith("--plugins: Two plug-ins offer the class com.example.")
          .contains(old.toString(), young.toString(), "Maybe a plug-in is there twice");
    }
    assertThat(refused("list", "--plugins", old, "--plugins", young).err())
        .contains("Two plug-ins offer the class");
    assertThat(Cli.run("list", "--plugins", old + File.pathSeparator + old).code()).isZero();
  }

  @Test
  void aProblemThatOpensNothing() throws IOException {
    String source = PluginJar.PROBLEM;
    String open = source.substring(source.indexOf("return Bilevel"), source.indexOf(".open(data"));
    Path jar =
        new PluginJar()
            .algorithm("Alternating", PluginJar.ALGORITHM)
            .problem("Tilted", source.replace(open + ".open(data, device)", "return null"))
            .write(temp.resolve("mine.jar"));
    assertThat(refused("run", experiment(), "--plugins", jar, "--out", temp.resolve("run")).err())
        .contains("com.example.Tilted (mine.jar)", "returned null");
  }

  @Test
  void aStepThatChangesAShape() throws IOException {
    Path jar =
        new PluginJar()
            .algorithm(
                "Alternating",
                PluginJar.ALGORITHM.replace(
                    "return new State(x, y);", "return new State(x.repeat(2), y);"))
            .problem("Tilted", PluginJar.PROBLEM)
            .write(temp.resolve("mine.jar"));
    assertThat(refused("run", experiment(), "--plugins", jar, "--out", temp.resolve("run")).err())
        .contains("The plug-in com.example.Alternating (mine.jar) failed in step 1");
  }

  /** The same algorithm under the same name in a class of another name. */
  private static String named(String type, String source) {
    return source
        .replace("Alternating", type)
        .replace(
            "public record",
            "@org.stackel.algorithm.AlgorithmInfo(name = \"alternating\") public record");
  }

  @Test
  void aConstructorThatThrows() throws IOException {
    Path jar =
        new PluginJar()
            .algorithm(
                "Alternating",
                PluginJar.ALGORITHM.replace(
                    "this(0.1, 0.2);", "this(0.1, Double.parseDouble(\"many\"));"))
            .write(temp.resolve("mine.jar"));
    assertThat(refused("list", "--plugins", jar).err())
        .contains("The algorithm com.example.Alternating (mine.jar) cannot be made", "many");
  }

  @Test
  void aStaticInitialiserThatThrowsIsNoOtherVersion() throws IOException {
    String many = "static final int MANY = Integer.parseInt(\"many\");";
    String header = "implements BilevelAlgorithm<Alternating.State> {";
    Path jar =
        new PluginJar()
            .algorithm("Alternating", PluginJar.ALGORITHM.replace(header, header + many))
            .write(temp.resolve("mine.jar"));
    assertThat(refused("list", "--plugins", jar).err())
        .contains("The algorithm com.example.Alternating (mine.jar) cannot be made", "\"many\"")
        .doesNotContain("version");
    Path later =
        new PluginJar()
            .algorithm(
                "Alternating",
                PluginJar.ALGORITHM
                    .replace(header, header + "static final class Late {" + many + "}")
                    .replace("-lowerLr, ", "-lowerLr * Late.MANY, "))
            .problem("Tilted", PluginJar.PROBLEM)
            .write(temp.resolve("later.jar"));
    assertThat(refused("run", experiment(), "--plugins", later, "--out", temp.resolve("run")).err())
        .contains("(later.jar) failed: NumberFormatException", "\"many\"")
        .doesNotContain("version");
  }

  @ParameterizedTest
  @ValueSource(strings = {"../evil", "my algorithm", "a,b", "a.b", "-a"})
  void aNameThatCannotBeTyped(String name) throws IOException {
    String named = named("Alternating", PluginJar.ALGORITHM);
    Path jar =
        new PluginJar()
            .algorithm("Alternating", named.replace("\"alternating\"", '"' + name + '"'))
            .write(temp.resolve("mine.jar"));
    assertThat(refused("list", "--plugins", jar).err())
        .contains("com.example.Alternating (mine.jar) cannot be called '" + name + "'");
  }

  @Test
  void aClassThatIsMissing() throws IOException {
    Path jar =
        new PluginJar()
            .with("META-INF/services/org.stackel.problem.ProblemOptions", "com.example.Nobody\n")
            .write(temp.resolve("mine.jar"));
    assertThat(refused("list", "--plugins", jar).err())
        .contains("com.example.Nobody (mine.jar)", "META-INF/services is misspelled");
  }

  @Test
  void aClassWithoutTheConstructorOrTheInterface() throws IOException {
    Path constructor =
        new PluginJar()
            .algorithm(
                "Alternating",
                PluginJar.ALGORITHM.replace("public Alternating() {", "Alternating() {"))
            .write(temp.resolve("constructor.jar"));
    assertThat(refused("list", "--plugins", constructor).err())
        .contains("com.example.Alternating (constructor.jar)", "a public constructor without");
    Path problem =
        new PluginJar()
            .problem("Alternating", PluginJar.ALGORITHM)
            .write(temp.resolve("interface.jar"));
    assertThat(refused("list", "--plugins", problem).err())
        .contains("com.example.Alternating (interface.jar)", "of the interface that it implements");
  }

  @Test
  void aNamelessCommand() throws IOException {
    Path jar =
        new PluginJar()
            .offering(
                "org.stackel.cli.CommandPlugin",
                "Greet",
                PluginJar.COMMAND.replace("name = \"greet\", ", ""))
            .write(temp.resolve("mine.jar"));
    assertThat(refused("--help", "--plugins", jar).err())
        .contains("com.example.Greet (mine.jar)", "its @Command has no name");
  }

  /** Compiled against an interface of Stackel that had fewer methods. */
  @Test
  void anAlgorithmOfAnotherVersion() throws IOException {
    Path older =
        older("org.stackel.algorithm.BilevelAlgorithm", "interface BilevelAlgorithm<S> {}");
    Path jar =
        new PluginJar()
            .algorithm(
                "Alternating",
                """
                package com.example;
                public record Alternating()
                    implements org.stackel.algorithm.BilevelAlgorithm<String> {}
                """)
            .write(temp.resolve("mine.jar"), older.toString());
    assertThat(refused("list", "--plugins", jar).err())
        .contains("com.example.Alternating (mine.jar) was built for another version");
  }

  /** The opened problem lacks a method, which is found when it is called. */
  @Test
  void aProblemOfAnotherVersion() throws IOException {
    Path jar =
        new PluginJar()
            .algorithm("Alternating", PluginJar.ALGORITHM)
            .problem(
                "Tilted",
                PluginJar.PROBLEM.replace(
                    "return Bilevel", "com.example.Gone.call();\n    return Bilevel"))
            .write(
                temp.resolve("mine.jar"),
                System.getProperty("java.class.path") + File.pathSeparator + gone());
    assertThat(refused("run", experiment(), "--plugins", jar, "--out", temp.resolve("run")).err())
        .contains("The plug-in com.example.Tilted (mine.jar) failed", "another version");
  }

  /** The problem that was opened lacks a method, which is found when it is called. */
  @Test
  void anOpenedProblemOfAnotherVersion() throws IOException {
    Path older =
        older(
            "org.stackel.problem.BilevelProblem",
            "interface BilevelProblem<B> extends AutoCloseable { void close(); }");
    Path jar =
        new PluginJar()
            .algorithm("Alternating", PluginJar.ALGORITHM)
            .write(temp.resolve("algorithm.jar"));
    Path problem =
        new PluginJar()
            .problem(
                "Tilted",
                """
                package com.example;
                import org.stackel.problem.*;
                import org.stackel.tensor.*;
                public record Tilted() implements ProblemOptions {
                  record Opened() implements BilevelProblem<String> {
                    public void close() {}
                  }
                  public BilevelProblem<?> open(Seed data, Device device) {
                    return new Opened();
                  }
                }
                """)
            .write(
                temp.resolve("problem.jar"),
                older + File.pathSeparator + System.getProperty("java.class.path"));
    assertThat(
            refused(
                    "run",
                    experiment(),
                    "--plugins",
                    jar + File.pathSeparator + problem,
                    "--out",
                    temp.resolve("run"))
                .err())
        .contains("The plug-in com.example.Tilted$Opened (problem.jar) failed", "another version");
  }

  private Path gone() throws IOException {
    return older("com.example.Gone", "class Gone { public static void call() {} }");
  }

  /** A directory with a class as it once was. */
  private Path older(String name, String source) throws IOException {
    String simple = name.substring(name.lastIndexOf('.') + 1);
    String type = name.substring(0, name.lastIndexOf('.'));
    return PluginJar.classes(temp, simple, "package %s; public %s".formatted(type, source));
  }

  private static final String BOOM =
      "if (Math.abs(1) == 1) throw new IllegalStateException(\"boom\"); ";

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "return new State(start.x(), start.y()); | failed in its initialisation",
        "Tensor y = Tensors.axpy | failed in step 1",
      })
  void anAlgorithmThatThrows(String before, String where) throws IOException {
    Path jar =
        new PluginJar()
            .algorithm("Alternating", PluginJar.ALGORITHM.replace(before, BOOM + before))
            .problem("Tilted", PluginJar.PROBLEM)
            .write(temp.resolve("mine.jar"));
    isNamed(jar, "Alternating", where);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "return Bilevel | x | Maybe it has a defect; --stacktrace shows",
        "y.sub(x).square() | boom(y) | The lower loss of the problem failed",
        "y.sub(new Scalar(1.0)).square() | boom(y) | The upper loss of the problem failed",
      })
  void aProblemThatThrows(String code, String instead, String where) throws IOException {
    String boom =
        "static org.bytedeco.pytorch.Tensor boom(org.bytedeco.pytorch.Tensor y) { %s return y; }\n"
            .formatted(BOOM);
    Path jar =
        new PluginJar()
            .algorithm("Alternating", PluginJar.ALGORITHM)
            .problem(
                "Tilted",
                PluginJar.PROBLEM
                    .replace(code, instead.equals("x") ? BOOM + code : instead)
                    .replace("public Tilted() {", boom + "public Tilted() {"))
            .write(temp.resolve("mine.jar"));
    isNamed(jar, "Tilted", where);
  }

  private void isNamed(Path jar, String type, String where) {
    Path out = temp.resolve("run");
    Cli.Result one = refused("run", experiment(), "--plugins", jar, "--out", out);
    assertThat(one.err())
        .contains(
            "com.example.%s (mine.jar)".formatted(type), where, "IllegalStateException: boom.");
    Cli.Result all =
        Cli.run("run", experiment(), "--plugins", jar, "--out", out, "--force", "--stacktrace");
    assertThat(all.err()).contains("\tat plug-ins//com.example." + type);
    Cli.Result compared =
        refused(
            "compare",
            experiment(),
            "--algorithms",
            "alternating",
            "--seeds",
            "0,1",
            "--jobs",
            2,
            "--plugins",
            jar,
            "--out",
            temp.resolve("comparison"));
    assertThat(compared.err()).contains("com.example.%s (mine.jar)".formatted(type));
  }
}
