package org.stackel.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.stackel.data.Sha256;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Everything works for a jar of a user's own, by name. */
class PluginCommandTest {
  @TempDir static Path shared;
  private static Path jar;

  @TempDir Path temp;

  @BeforeAll
  static void compile() throws IOException {
    jar = PluginJar.complete(shared.resolve("mine.jar"));
  }

  private Path experiment(String algorithm, int steps) {
    return Cli.write(
        temp.resolve("experiment.json"),
        """
        {"problem": {"type": "tilted", "pull": 2.0}, "algorithm": {"type": "%s"}, "steps": %d,
         "checkpointEvery": 5, "evaluateEvery": 5}
        """
            .formatted(algorithm, steps));
  }

  private static JsonNode json(String text) {
    return new JsonMapper().readTree(text);
  }

  @Test
  void runsAndRecordsTheJar() {
    Path out = temp.resolve("run");
    Cli.Result result =
        Cli.run(
            "run",
            experiment("alternating", 10),
            "--plugins",
            jar,
            "--out",
            out,
            "--set",
            "algorithm.lowerLr=0.3",
            "--quiet");
    assertThat(result.code()).as(result.err()).isZero();
    assertThat(Cli.read(out.resolve("experiment.json"))).contains("\"lowerLr\": 0.3");
    JsonNode plugins = json(Cli.read(out.resolve("provenance.json"))).get("plugins");
    for (String key : List.of("algorithm", "problem")) {
      assertThat(plugins.get(key).get("file").stringValue()).isEqualTo("mine.jar");
      assertThat(plugins.get(key).get("sha256").stringValue()).isEqualTo(Sha256.of(jar));
    }
    assertThat(plugins.get("algorithm").get("type").stringValue())
        .isEqualTo("com.example.Alternating");
  }

  @Test
  void aRunOfStackelsOwnRecordsNone() {
    Path file = Cli.write(temp.resolve("own.json"), Cli.EXPERIMENT);
    Path out = temp.resolve("run");
    assertThat(Cli.run("run", file, "--plugins", jar, "--out", out, "--quiet").code()).isZero();
    assertThat(json(Cli.read(out.resolve("provenance.json"))).has("plugins")).isFalse();
  }

  @Test
  void resumesBitForBitAndAsksForTheJar() {
    Path whole = temp.resolve("whole");
    Path parts = temp.resolve("parts");
    Cli.run("run", experiment("alternating", 20), "--plugins", jar, "--out", whole, "--quiet");
    Cli.run("run", experiment("alternating", 10), "--plugins", jar, "--out", parts, "--quiet");
    Cli.Result without = Cli.run("resume", parts, "--steps", 20);
    assertThat(without.code()).isEqualTo(2);
    assertThat(without.err())
        .contains("There is no algorithm 'alternating'.")
        .contains("Maybe --plugins with the jar 'mine.jar' is missing.");
    Cli.Result with = Cli.run("resume", parts, "--steps", 20, "--plugins", jar, "--quiet");
    assertThat(with.code()).as(with.err()).isZero();
    assertThat(Cli.metricsButTime(parts)).isEqualTo(Cli.metricsButTime(whole));
  }

  @Test
  void anotherVersionOfTheJarIsRemarkedAndRecorded() throws IOException {
    Path out = temp.resolve("run");
    Path mine = Files.copy(jar, temp.resolve("mine.jar"));
    String before = Sha256.of(mine);
    Cli.run("run", experiment("alternating", 10), "--plugins", mine, "--out", out, "--quiet");
    assertThat(Cli.run("resume", out, "--steps", 15, "--plugins", mine).err())
        .doesNotContain("SHA-256");
    new PluginJar()
        .algorithm("Alternating", PluginJar.ALGORITHM.replace("0.1, 0.2", "0.1, 0.4"))
        .problem("Tilted", PluginJar.PROBLEM)
        .write(mine);
    String now = Sha256.of(mine);
    Cli.Result resumed = Cli.run("resume", out, "--steps", 20, "--plugins", mine, "--quiet");
    assertThat(resumed.code()).as(resumed.err()).isZero();
    assertThat(resumed.err())
        .containsOnlyOnce("The plug-in mine.jar (SHA-256 %s) is not the one".formatted(now))
        .contains("mine.jar (SHA-256 %s)".formatted(before), "Results may differ");
    JsonNode plugin = json(Cli.read(out.resolve("provenance.json"))).at("/plugins/algorithm");
    assertThat(plugin.get("sha256").stringValue()).isEqualTo(now);
    assertThat(plugin.at("/earlier/0").stringValue()).isEqualTo(before);
    assertThat(Cli.run("resume", out, "--steps", 25, "--plugins", mine).err())
        .doesNotContain("SHA-256");
  }

  @Test
  void theJarOfAnOptionIsRecordedAndAskedFor() throws IOException {
    Path gains =
        new PluginJar()
            .problem(
                "Tilted",
                PluginJar.PROBLEM
                    .replace("double pull", "double pull, Gain gain")
                    .replace("this(1)", "this(1, new Gain(2))")
                    .replace(
                        "@Override",
                        """
                        public record Gain(double by) implements org.stackel.config.Option {
                          public static Gain fromOption(
                              org.stackel.config.Rules rules, String name, Object value) {
                            return new Gain(((Number) value).doubleValue());
                          }
                          @Override
                          public Object toOption() {
                            return by;
                          }
                        }
                        @Override"""))
            .write(temp.resolve("gains.jar"));
    Path file =
        Cli.write(
            temp.resolve("gains.json"),
            "{\"problem\": {\"type\": \"tilted\"}, \"algorithm\": {\"type\": \"slip\"}, \"steps\": 5}");
    Path out = temp.resolve("run");
    Cli.Result run = Cli.run("run", file, "--plugins", gains, "--out", out, "--quiet");
    assertThat(run.code()).as(run.err()).isZero();
    JsonNode plugins = json(Cli.read(out.resolve("provenance.json"))).get("plugins");
    assertThat(plugins.get("problem.gain").get("file").stringValue()).isEqualTo("gains.jar");
    assertThat(plugins.get("problem.gain").get("sha256").stringValue()).isEqualTo(Sha256.of(gains));
    // as if the problem were Stackel's own
    Cli.write(
        out.resolve("experiment.json"),
        Cli.EXPERIMENT.replace("\"noise\":", "\"coupling\": \"gain\", \"noise\":"));
    assertThat(Cli.run("resume", out).err())
        .contains("coupling (gain)", "Maybe --plugins with the jar 'gains.jar' is missing.");
  }

  @Test
  void aBrokenVariableDisablesOnlyWhatLooksNamesUp() throws IOException {
    Path broken =
        new PluginJar()
            .with("META-INF/services/org.stackel.algorithm.BilevelAlgorithm", "com.example.No\n")
            .write(temp.resolve("broken.jar"));
    for (String plugins : List.of(temp.resolve("none.jar").toString(), broken.toString())) {
      assertThat(with(plugins, "doctor").code()).as(plugins).isZero();
      assertThat(with(plugins, "list").code()).as(plugins).isEqualTo(2);
    }
    String none = temp.resolve("none.jar").toString();
    for (String command : List.of("--help", "--version", "run --help", "doctor")) {
      Cli.Result result = with(none, command.split(" "));
      assertThat(result.code()).as(command).isZero();
      assertThat(result.err()).startsWith("STACKEL_PLUGINS: The plug-in '").contains("Maybe ");
      assertThat(result.out()).isNotBlank();
    }
    assertThat(with(none, "report", temp.resolve("gone").toString()).err()).contains("gone");
  }

  private static Cli.Result with(String plugins, String... args) {
    var out = new StringWriter();
    var err = new StringWriter();
    int code = Main.run(args, new PrintWriter(out, true), new PrintWriter(err, true), plugins);
    return new Cli.Result(code, out.toString(), err.toString());
  }

  @Test
  void comparesOnThreadsOfTheirOwn() {
    Path out = temp.resolve("comparison");
    Cli.Result result =
        Cli.run(
            "compare",
            "tilted-demo",
            "--algorithms",
            "alternating,slip",
            "--seeds",
            "0,1",
            "--steps",
            5,
            "--jobs",
            2,
            "--plugins",
            jar,
            "--out",
            out,
            "--quiet");
    assertThat(result.code()).as(result.err()).isZero();
    assertThat(result.out()).contains("alternating", "slip");
    assertThat(json(Cli.read(out.resolve("alternating-seed1/provenance.json"))).has("plugins"))
        .isTrue();
  }

  @Test
  void checksAndReports() {
    Path out = temp.resolve("check");
    Cli.Result check =
        Cli.run(
            "check",
            experiment("alternating", 10),
            "--plugins",
            jar,
            "--samples",
            60,
            "--out",
            out);
    assertThat(check.code()).as(check.out() + check.err()).isZero();
    assertThat(check.out()).contains("cross-vector product");
    Path page = temp.resolve("page.html");
    assertThat(Cli.run("report", out, "--out", page).code()).isZero(); // reads files only
    assertThat(Cli.read(page)).contains("alternating", "tilted");
  }

  @Test
  void listsEverything() {
    assertThat(Cli.run("list", "--plugins", jar).out())
        .contains("alternating", "tilted", "tilted-demo");
    assertThat(Cli.run("list", "alternating", "--plugins", jar).out())
        .contains("lowerLr (number; default: 0.2)");
    assertThat(Cli.run("list", "combinations", "--plugins", jar).out())
        .containsPattern("alternating +yes")
        .containsPattern("algorithm .*tilted");
    assertThat(Cli.run("list").out()).doesNotContain("alternating");
  }

  @Test
  void aMisspelledNameIsFoundAmongThem() {
    Path file = experiment("alternatin", 10);
    Cli.Result result = Cli.run("run", file, "--plugins", jar);
    assertThat(result.code()).isEqualTo(2);
    assertThat(result.err()).contains("'alternating' was meant");
    Cli.Result key =
        Cli.run("run", "tilted-demo", "--plugins", jar, "--set", "algorithm.lowerlr=1");
    assertThat(key.err()).contains("'lowerLr' was meant");
    assertThat(Cli.run("run", experiment("slip", 10)).err())
        .contains("There is no problem 'tilted'.", "Maybe --plugins with its jar is missing, or ");
  }

  @Test
  void addsCommands() {
    Cli.Result result = Cli.run("--plugins", jar, "greet", "Ada");
    assertThat(result.out().strip()).isEqualTo("Hello Ada");
    assertThat(result.code()).isEqualTo(7);
    assertThat(Cli.run("greet", "Ada", "--plugins=" + jar).code()).isEqualTo(7);
    assertThat(Cli.run("greet", "--help", "--plugins", jar).out())
        .contains("Greet somebody.", "--plugins", "--stacktrace");
    assertThat(Cli.run("--plugins", jar, "--help").out()).contains("greet");
    assertThat(Cli.run("greet", "Ada").code()).isEqualTo(2);
  }

  @Test
  void takesDirectoriesListsAndTheEnvironment() throws Exception {
    Path other = Files.createDirectory(temp.resolve("plugins"));
    Files.copy(jar, other.resolve("copy.jar"));
    assertThat(Cli.run("list", "--plugins", other).out()).contains("tilted-demo");
    Process process =
        Cli.start(
            List.of(),
            temp.resolve("log"),
            Map.of("STACKEL_PLUGINS", jar.toString()),
            "list",
            "tilted");
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(Cli.read(temp.resolve("log.out"))).contains("two numbers that pull each other");
  }

  @Test
  void aKilledRunGoesOn() throws Exception {
    Path whole = temp.resolve("whole");
    Path killed = temp.resolve("killed");
    Path file = experiment("alternating", 100_000);
    Process process =
        Cli.start(List.of(), temp.resolve("log"), "run", file, "--plugins", jar, "--out", killed);
    Path checkpoints = killed.resolve("checkpoints"); // of which old ones are deleted
    for (int i = 0; i < 6_000 && process.isAlive() && !holdsCheckpoint(checkpoints); i++) {
      Thread.sleep(5);
    }
    process.destroyForcibly().waitFor();
    long done = Files.readAllLines(killed.resolve("metrics.jsonl")).size() * 5L;
    assertThat(done).as(Cli.read(temp.resolve("log.err"))).isPositive();
    Cli.write(
        killed.resolve("experiment.json"),
        Cli.read(killed.resolve("experiment.json"))
            .replace("\"steps\": 100000", "\"steps\": " + (done + 50)));
    Cli.run("run", experiment("alternating", (int) done + 50), "--plugins", jar, "--out", whole);
    Cli.Result resumed = Cli.run("resume", killed, "--plugins", jar);
    assertThat(resumed.code()).as(resumed.err()).isZero();
    assertThat(Cli.metricsButTime(killed)).isEqualTo(Cli.metricsButTime(whole));
  }

  private static boolean holdsCheckpoint(Path directory) {
    String[] names = directory.toFile().list();
    return names != null && Stream.of(names).anyMatch(name -> name.endsWith(".safetensors"));
  }
}
