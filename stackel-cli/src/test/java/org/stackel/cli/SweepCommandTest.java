package org.stackel.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.stackel.cli.Cli.run;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.stackel.sweep.SweepFile;

class SweepCommandTest {
  @TempDir Path temp;
  private Path sweep;

  @BeforeEach
  void write() {
    Path experiment = Cli.write(temp.resolve("base.json"), Cli.NOISY);
    sweep =
        Cli.write(
            temp.resolve("grid.json"),
            """
            {"experiment": "%s",
             "grid": {"algorithm.upperLr": [0.01, 0.05], "algorithm.momentum": [0.5, 0.9]},
             "seeds": [0, 1]}
            """
                .formatted(experiment));
  }

  @Test
  void everyRunHasItsDirectoryAndItsRow() throws Exception {
    Path out = temp.resolve("out");
    Cli.Result result =
        run("sweep", sweep, "--master", "local[2]", "--steps", 30, "--out", out, "--json");
    assertThat(result.code()).as(result.err()).isZero();
    assertThat(result.out())
        .contains(" is the best, with algorithm.upperLr 0.05, algorithm.momentum 0")
        .contains("the mean of 2 seeds.", out.resolve("sweep.csv").toString());
    assertThat(result.lastLine()).contains("\"completed\":8,\"diverged\":0,\"failed\":[]");
    assertThat(Files.readAllLines(out.resolve("sweep.csv"))).hasSize(9);
    // options and values are in the experiment, and a run is what `run` makes of it
    Path one = out.resolve("point-002-seed1");
    Path again = temp.resolve("again");
    assertThat(run("run", one.resolve("experiment.json"), "--out", again).code()).isZero();
    assertThat(Cli.filesButTimes(again)).isEqualTo(Cli.filesButTimes(one));
    assertThat(Cli.read(one.resolve("experiment.json")))
        .contains("\"upperLr\": 0.01", "\"momentum\": 0.9", "\"seed\": 1", "\"steps\": 30");
    // the page can be drawn again
    assertThat(run("report", out).code()).isZero();
    assertThat(run("sweep", sweep, "--steps", 30, "--out", out).err())
        .contains("exists.", "--resume to go on with it");
    Cli.Result resumed = run("sweep", sweep, "--steps", 30, "--out", out, "--resume");
    assertThat(resumed.code()).isZero();
    assertThat(resumed.err()).contains("point-004-seed1 was done before");
    Cli.Result other =
        run("sweep", sweep, "--steps", 30, "--set", "evaluateEvery=7", "--out", out, "--resume");
    assertThat(other.code()).isEqualTo(2);
    assertThat(other.err())
        .contains("point-001-seed0 was begun with evaluateEvery ", ", and not 7.\nMaybe ");
    byte[] before = Files.readAllBytes(out.resolve("sweep.csv"));
    other =
        run(
            "sweep",
            sweep,
            "--steps",
            30,
            "--set",
            "algorithm.lowerLr=0.3",
            "--out",
            out,
            "--resume");
    assertThat(other.code()).isEqualTo(2);
    assertThat(other.err())
        .contains("point-001-seed0 was begun with lowerLr ", ", and not 0.3.\nMaybe ");
    assertThat(out.resolve("sweep.csv")).hasBinaryContent(before);
  }

  @Test
  void anExperimentMayStandInTheFile() {
    Cli.write(sweep, "{\"experiment\": %s, \"seeds\": [3]}".formatted(Cli.NOISY));
    Cli.Result result = run("sweep", sweep, "--steps", 20, "--out", temp.resolve("out"));
    assertThat(result.code()).as(result.err()).isZero();
    assertThat(result.out()).startsWith("Point 1 is the best: upperLoss ");
    assertThat(Cli.run("resume", temp.resolve("out")).err())
        .contains(
            "This is the directory of a sweep, which has several runs.",
            "Maybe `stackel sweep … --resume --out ");
  }

  @Test
  void aRunThatFailsIsTold() {
    Cli.write(
        sweep,
        """
        {"experiment": {"problem": {"type": "logistic-hpo"}, "algorithm": {"type": "soba"}},
         "grid": {"problem.data": ["there-is-no-such-file.csv"]}}
        """);
    Cli.Result result = run("sweep", sweep, "--out", temp.resolve("out"));
    assertThat(result.code()).isEqualTo(6);
    assertThat(result.err())
        .contains("point-001-seed0 failed: ", "there-is-no-such-file.csv")
        .contains("1 of the runs failed; failures.jsonl has their errors.");
    assertThat(result.out()).startsWith("No point has a result.");
    assertThat(temp.resolve("out/sweep.csv")).content().hasLineCount(2).contains(" Maybe ");
  }

  /** Of SOBA all hyperparameters are given, of SLIP some follow from the number of steps. */
  @Test
  void stepsMayBeMoreWhereNothingFollowsFromThem() {
    Path out = temp.resolve("out");
    String experiment = "{'experiment': {'problem': {'type': 'quadratic-sum'}, 'algorithm': %s}}";
    Cli.write(
        sweep,
        experiment
            .formatted("{'type': 'soba', 'upperLr': 0.05, 'lowerLr': 0.1}")
            .replace('\'', '"'));
    assertThat(run("sweep", sweep, "--steps", 20, "--out", out).code()).isZero();
    Cli.Result fewer = run("sweep", sweep, "--steps", 10, "--out", out, "--resume");
    assertThat(fewer.code()).isEqualTo(2);
    assertThat(fewer.err())
        .contains(
            "point-001-seed0 was begun with 20 steps: the sweep goes on with as many or with more, not with 10.\nMaybe ");
    Cli.Result more = run("sweep", sweep, "--steps", 30, "--out", out, "--resume");
    assertThat(more.code()).as(more.err()).isZero();
    assertThat(out.resolve("sweep.csv")).content().contains("completed,30,");
    Cli.write(sweep, experiment.formatted("{'type': 'slip'}").replace('\'', '"'));
    Path other = temp.resolve("other");
    assertThat(run("sweep", sweep, "--steps", 200, "--out", other).code()).isZero();
    more = run("sweep", sweep, "--steps", 2000, "--out", other, "--resume");
    assertThat(more.code()).isEqualTo(2);
    assertThat(more.err())
        .contains("point-001-seed0 was begun with ", "follows from the number of steps; --force");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--master spark://a:7077|--master: The master 'spark://a:7077' needs Spark 4",
        "--master local[0]|--master: --master local[0] makes no run.",
        "--conf a=b|--conf: --conf is for Spark",
        "--retries 101|--retries: --retries must be from 0 to 100, found 101.",
        "--retries -1|--retries: --retries must be from 0 to 100, found -1.",
        "--scale tiny|--scale: --scale applies to presets only",
        "--resume --force|--resume: --resume and --force exclude each other.",
        "--spark-home /nowhere|--spark-home: There is no Spark in '/nowhere'",
        "--set algorithm.upperLr=1|--set algorithm.upperLr: The sweep varies 'algorithm.upperLr' itself.",
        "--set algorithm.upperlr=1|The key 'upperlr' is unknown to slip.",
      })
  void mistakesAreTold(String options, String message) {
    Object[] given = options.split(" ");
    var all = new ArrayList<Object>(List.of("sweep", sweep));
    all.addAll(List.of(given));
    all.addAll(List.of("--out", temp.resolve("out")));
    Cli.Result result = run(all.toArray());
    assertThat(result.code()).isEqualTo(2);
    assertThat(result.err())
        .contains(message.replaceFirst("^(--[a-z-]+): \\1 ", "$1 "), "\nMaybe ");
    assertThat(temp.resolve("out")).doesNotExist();
  }

  /** What the page shows can be copied. */
  @Test
  void thePageShowsSweeps() {
    List<String> shown =
        Pattern.compile("```json\n(.*?)```", Pattern.DOTALL)
            .matcher(Cli.read(Path.of("../docs/sweeps.md")))
            .results()
            .map(found -> found.group(1))
            .toList();
    assertThat(shown).hasSize(2);
    Cli.write(sweep, shown.get(0));
    Cli.Result result = run("sweep", sweep, "--steps", 2, "--out", temp.resolve("out"));
    assertThat(result.code()).as(result.err()).isZero();
    assertThat(result.out()).contains("the mean of 3 seeds.");
    Cli.write(sweep, shown.get(1));
    assertThat(SweepFile.read(sweep).points()).hasSize(27);
  }

  @Test
  void ranksNeedSpark() {
    Cli.write(sweep, "{\"experiment\": \"quadratic-sum\", \"ranks\": 2}");
    Cli.Result result = run("sweep", sweep, "--out", temp.resolve("out"));
    assertThat(result.code()).isEqualTo(2);
    assertThat(result.err()).contains("Runs of 2 ranks need Spark, and SPARK_HOME is not set.");
  }
}
