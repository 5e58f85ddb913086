package org.stackel.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Every mistake of a user: exit code 2, two lines, the place, a way out, and no run directory. */
class BadInputTest {
  @TempDir Path temp;

  private static Arguments file(String old, String mistake, String... fragments) {
    assertThat(Cli.EXPERIMENT).contains(old);
    return Arguments.of(Cli.EXPERIMENT.replace(old, mistake), List.of(), List.of(fragments));
  }

  private static Arguments content(String content, String... fragments) {
    return Arguments.of(content, List.of(), List.of(fragments));
  }

  private static Arguments options(String options, String... fragments) {
    return Arguments.of(Cli.EXPERIMENT, List.of(options.split(" ")), List.of(fragments));
  }

  static Stream<Arguments> mistakes() {
    return Stream.of(
        // text
        content("", "q.json:1: The file is empty"),
        content("  \n \n", "q.json:1: The file is empty"),
        content("[]", "q.json:1:", "must be a JSON object"),
        content("{\n\"problem\": {\n\"type\": quadratic}}", "q.json:3:", "not JSON"),
        content("{\n\"seed\": 1,\n\n", "q.json:", "not JSON"),
        content("{\n}\n{}", "q.json:3:", "after the end"),
        content("{\n\"seed\": 1,\n\"seed\": 2}", "q.json:3:", "'seed' stands twice", "line 2"),
        content("{\"a\": 1e999}", "q.json:1:", "too large"),
        file("\"seed\"", "\"version\": 2, \"sed\"", "q.json:7:", "(2)", "by a newer Stackel"),
        file("\"seed\"", "\"version\": \"x\", \"seed\"", "q.json:7:", "version (x) must be 1"),
        // keys
        file("\"seed\"", "\"sed\"", "q.json:7:", "'sed'", "'seed' was meant"),
        file("\"momentum\"", "\"momentun\"", "q.json:6:", "'momentun'", "slip", "'momentum'"),
        file("\"noise\"", "\"nose\"", "q.json:4:", "'nose'", "quadratic", "'noise'"),
        file("\"hessian\": 0.0", "\"hesian\": 0.0", "q.json:4:", "'hesian'", "'hessian'"),
        file("\"slip\"", "\"slip\", \"schedule\": \"theory\"", "q.json:5:", "epsilon"),
        file(
            "\"slip\"",
            "\"slip\", \"schedule\": \"theory\", \"epsilon\": 0.1",
            "q.json:5:",
            "constants"),
        file("\"slip\"", "\"slipp\"", "q.json:5:", "no algorithm 'slipp'", "'slip' was meant"),
        file("\"quadratic\"", "\"quadratik\"", "q.json:2:", "'quadratik'", "'quadratic' was meant"),
        file("\"type\": \"slip\", ", "", "q.json:5:", "needs a type"),
        file("\"algorithm\"", "\"algoritm\"", "q.json:5:", "'algorithm' was meant"),
        content("{\"problem\": {\"type\": \"quadratic\"}}", "q.json: ", "no algorithm"),
        content("{\"algorithm\": 3, \"problem\": {\"type\": \"quadratic\"}}", "q.json:1:", "(3)"),
        // values
        file("\"momentum\": 0.9", "\"momentum\": 1.5", "q.json:6:", "(1.5)", "less than 1"),
        file("\"upperLr\": 0.05", "\"upperLr\": -1", "q.json:5:", "(-1", "greater than 0"),
        file("\"upperLr\": 0.05", "\"upperLr\": \"0.05\"", "q.json:5:", "upperLr", "0.05"),
        file("\"warmStartSteps\": 3", "\"warmStartSteps\": 1.5", "q.json:6:", "whole number"),
        file("\"warmStartSteps\": 3", "\"warmStartSteps\": null", "q.json:6:", "null"),
        file("\"seed\": 0", "\"seed\": -3", "q.json:7:", "The seed (-3)", "at least 0"),
        file("\"seed\": 0", "\"seed\": \"zero\"", "q.json:7:", "The seed (zero)"),
        file("\"steps\": 100", "\"steps\": 0", "q.json:7:", "The steps (0)", "at least 1"),
        file("\"steps\": 100", "\"steps\": true", "q.json:7:", "The steps (true)"),
        file("\"evaluateEvery\": 10", "\"evaluateEvery\": 0", "q.json:7:", "evaluateEvery (0)"),
        file("\"checkpointEvery\": 100", "\"checkpointEvery\": -1", "q.json:7:", "(-1)"),
        file("\"float64\"", "\"float16\"", "q.json:8:", "(float16)", "float32, float64"),
        file("\"cpu\"", "\"gpu\"", "q.json:8:", "(gpu)", "cpu, cuda"),
        file("\"threads\": 1", "\"threads\": 0", "q.json:8:", "threads (0)", "at least 1"),
        file("\"threads\": 1", "\"threads\": 99999", "q.json:8:", "threads (99999)", "at most"),
        file("\"check\": \"step\"", "\"check\": \"all\"", "q.json:8:", "(all)", "none, step, full"),
        // data
        file("\"A\": [[2]], ", "", "q.json:2:", "A and B of quadratic must be given"),
        file("\"A\": [[2]]", "\"A\": [[-2]]", "q.json:2:", "positive definite"),
        file("\"A\": [[2]]", "\"A\": [[2, 1], [0, 2]]", "q.json:2:", "must"),
        file("\"A\": [[2]]", "\"A\": [[2, 1]]", "1 row of 1 number", "a number is missing"),
        file("\"B\": [[1]]", "\"B\": [[1], [2]]", "1 row of 1 number", "a number is missing"),
        file("\"x0\": [1]", "\"x0\": [1, 2]", "q.json:3:", "x0", "1 numbers"),
        file("\"c\": [0]", "\"c\": 0", "q.json:2:", "The c (0)", "list"),
        file("\"gradient\": 0.0", "\"gradient\": -1", "q.json:4:", "(-1", "at least 0"),
        file(
            "\"noise\"",
            "\"upperBox\": {\"low\": [0], \"high\": [1]}, \"noise\"",
            "q.json:5:",
            "slip does not project"),
        // options
        options("--set algorithm.momentum=2", "--set algorithm.momentum: ", "(2"),
        options("--set algorithm.periode=2", "--set algorithm.periode: ", "'periode'"),
        options("--set momentum", "--set takes key=value"),
        options("--set =3", "--set takes key=value"),
        options("--set seed.a=3", "--set seed.a: ", "no keys of its own"),
        options("--set problem.A=[[2]", "--set problem.A: ", "not JSON"),
        options("--algorithm slipp", "--algorithm: ", "'slip' was meant"),
        options("--seed -1", "--seed: ", "(-1)"),
        options("--seed x", "--seed", "'x' is not a whole number"),
        options("--steps 0", "--steps: ", "The steps (0)"),
        options("--pieces 0", "--pieces: ", "pieces (0)"),
        options("--threads 0", "--threads: ", "threads (0)"),
        options("--threads 99999999999", "--threads: ", "threads"),
        options("--dtype float16", "--dtype: ", "'float32' was meant"),
        options("--check everything", "--check: ", "none, step, full"),
        options("--device tpu", "--device: ", "cpu, cuda"),
        options("--scale tiny", "--scale applies to presets only"),
        options("--epochs 2 --steps 3", "--epochs and --steps exclude each other"),
        // names that are like none are not guessed at
        options(
            "--algorithm zebra",
            "--algorithm: ",
            "Maybe --plugins with its jar is missing, or one of accbo, ",
            "vrbo was meant"),
        options("--set algorithm.zebra=1", "'zebra'", "Maybe one of upperLr"),
        options(
            "--set problem={\"type\":\"data-cleaning\"} --set problem.model=rnn --set problem.encoder=lstm",
            "--set problem.model: ",
            "are one option"),
        options("--zebra 3", "Unknown option", "Maybe `stackel run --help`"),
        options("--seeed 3", "Unknown option", "--seed was meant"),
        options("--seed", "--seed"),
        options("extra", "extra"));
  }

  @ParameterizedTest
  @MethodSource("mistakes")
  void isSaidInTwoLines(String content, List<String> options, List<String> fragments) {
    Path file = Cli.write(temp.resolve("q.json"), content);
    Path run = temp.resolve("runs/x");
    var args = new ArrayList<Object>(List.of("run", file, "--out", run));
    args.addAll(options);
    check(Cli.run(args.toArray()), fragments);
    assertThat(temp.resolve("runs")).doesNotExist();
  }

  private static void check(Cli.Result result, List<String> fragments) {
    assertThat(result.code()).as(result.err()).isEqualTo(2);
    assertThat(result.out()).isEmpty();
    assertThat(result.errLines()).as(result.err()).hasSize(2);
    assertThat(result.errLines().get(1)).startsWith("Maybe ");
    assertThat(result.err()).contains(fragments).doesNotContain("Exception");
    assertThat(result.err()).as("no name stands twice").doesNotContainPattern("(--\\w+): \\1 ");
  }

  @Test
  void filesThatAreNone() throws IOException {
    check(Cli.run("run", temp.resolve("no.json")), List.of("no.json: There is no such file"));
    check(Cli.run("run", "quadratic-dem"), List.of("no preset", "'quadratic-demo' was meant"));
    check(Cli.run("run", temp), List.of("This is a directory"));
    Path latin = temp.resolve("latin.json");
    Files.write(latin, "{\n \"caf\u00e9\": 1}".getBytes(StandardCharsets.ISO_8859_1));
    check(Cli.run("run", latin), List.of("latin.json:2:", "not UTF-8", "0xE9"));
  }

  @Test
  void placesThatCannotBeWritten() {
    Path file = Cli.write(temp.resolve("q.json"), Cli.EXPERIMENT);
    check(Cli.run("run", file, "--out", file), List.of("--out: ", "q.json is in the way"));
    check(
        Cli.run("run", file, "--out", file.resolve("a/b")),
        List.of("--out: ", "q.json is in the way"));
    Path full = Path.of("/proc/stackel-run");
    if (Files.isDirectory(Path.of("/proc"))) {
      check(Cli.run("run", file, "--out", full), List.of("/proc"));
    }
  }

  @Test
  void commandsThatAreNone() {
    check(Cli.run("rum"), List.of("'rum'", "run was meant"));
    check(Cli.run("zebra"), List.of("'zebra'", "Maybe `stackel --help`"));
    check(Cli.run("run", "zebra"), List.of("no preset", "Maybe one of auc-amazon"));
    check(
        Cli.run("compare", "quadratic-demo", "--algorithms", "slip", "--tune", "0"),
        List.of("--tune takes a number of points from 2 on, found 0."));
    check(Cli.run("list", "algoritms"), List.of("algoritms", "'algorithms' was meant"));
    check(Cli.run("run"), List.of("EXPERIMENT"));
    check(Cli.run(), List.of("stackel --help"));
  }
}
