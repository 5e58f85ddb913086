package org.stackel.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.File;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.stackel.spark.SparkHome;

/** A standalone cluster of real processes: a master, two workers and their executors. */
@Tag("slow")
class SparkClusterTest {
  private static final String HOST = "127.0.0.1";
  private static final long PATIENCE_SECONDS = 900;

  @TempDir Path temp;
  private final List<Process> started = new ArrayList<>();
  private final List<Integer> ports = new ArrayList<>();
  private Path home;

  /** What an unpacked Spark has, from the class path that Maven resolved for stackel-spark. */
  @BeforeEach
  void unpack() throws IOException {
    Path resolved = Path.of("../stackel-spark/target/spark.classpath");
    assumeThat(resolved).exists();
    home = temp.resolve("spark");
    Path jars = Files.createDirectories(home.resolve("jars"));
    var all = new ArrayList<>(List.of(Cli.read(resolved).strip().split(File.pathSeparator)));
    // excluded there, since ours is newer
    Stream.of(System.getProperty("java.class.path").split(File.pathSeparator))
        .filter(each -> each.contains("jackson-annotations"))
        .forEach(all::add);
    for (String jar : all) {
      Files.createSymbolicLink(jars.resolve(Path.of(jar).getFileName()), Path.of(jar));
    }
  }

  @AfterEach
  void nothingIsLeft() throws Exception {
    started.stream().flatMap(Process::descendants).forEach(ProcessHandle::destroyForcibly);
    started.forEach(Process::destroyForcibly);
    for (Process process : started) {
      assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
    }
    for (int port : ports) {
      new ServerSocket(port).close();
    }
    try (Stream<Path> links = Files.list(home.resolve("jars"))) {
      for (Path link : links.toList()) {
        Files.delete(link);
      }
    }
  }

  private int freePort() throws IOException {
    try (var free = new ServerSocket(0)) {
      ports.add(free.getLocalPort());
      return free.getLocalPort();
    }
  }

  private Process deploy(String log, String type, Object... arguments) throws IOException {
    var command = new ArrayList<String>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"));
    command.addAll(SparkHome.find(home.toString(), null).flags());
    command.addAll(List.of("-cp", home.resolve("jars") + "/*", "org.apache.spark.deploy." + type));
    Stream.of(arguments).map(String::valueOf).forEach(command::add);
    var builder =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(temp.resolve(log).toFile());
    builder.environment().put("SPARK_HOME", home.toString());
    builder.environment().put("SPARK_LOCAL_IP", HOST);
    builder.environment().put("SPARK_SCALA_VERSION", "2.13");
    Process process = builder.start();
    started.add(process);
    return process;
  }

  private Process worker(String name, String master) throws IOException {
    return deploy(
        name + ".log",
        "worker.Worker",
        "--host",
        HOST,
        "--port",
        freePort(),
        "--webui-port",
        freePort(),
        "--cores",
        2,
        "--memory",
        "2g",
        "--work-dir",
        temp.resolve(name),
        master);
  }

  private static void awaitListening(int port) throws Exception {
    long end = System.nanoTime() + PATIENCE_SECONDS * 1_000_000_000L;
    while (true) {
      try (var socket = new Socket(HOST, port)) {
        return;
      } catch (IOException e) {
        assertThat(System.nanoTime()).isLessThan(end);
        Thread.sleep(100);
      }
    }
  }

  private String cluster() throws Exception {
    int port = freePort();
    deploy(
        "master.log", "master.Master", "--host", HOST, "--port", port, "--webui-port", freePort());
    awaitListening(port);
    return "spark://" + HOST + ":" + port;
  }

  private Process sweep(String log, Path file, Path out, String master) throws IOException {
    Process process =
        Cli.start(
            List.of("-Xmx512m", "-XX:TieredStopAtLevel=1"),
            temp.resolve(log),
            Map.of("SPARK_HOME", home.toString(), "SPARK_LOCAL_IP", HOST, "OMP_NUM_THREADS", "1"),
            "sweep",
            file,
            "--out",
            out,
            "--master",
            master,
            "--conf",
            "spark.executor.memory=512m",
            "--conf",
            "spark.executor.cores=1",
            "--conf",
            "spark.driver.host=" + HOST);
    started.add(process);
    return process;
  }

  private void await(Process process, String log) throws Exception {
    assertThat(process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).as(log(log)).isZero();
  }

  private String log(String name) throws IOException {
    return Cli.read(temp.resolve(name + ".err")) + Cli.read(temp.resolve(name + ".out"));
  }

  private static String table(Path out) {
    return Cli.read(out.resolve("sweep.csv"))
        .replaceAll("(completed|diverged),(\\d+),[^,]*,", "$1,$2,");
  }

  private static long done(Path out) throws IOException {
    if (!Files.isDirectory(out)) {
      return 0;
    }
    try (Stream<Path> runs = Files.list(out)) {
      return runs.filter(each -> Files.exists(each.resolve("outcome.json"))).count();
    }
  }

  /** Kills a worker and its executors in the middle; sixty runs are sixty rows nevertheless. */
  @Test
  void aSweepSurvivesTheLossOfAWorker() throws Exception {
    Path file =
        Cli.write(
            temp.resolve("grid.json"),
            """
            {"experiment": "quadratic-sum",
             "random": {"runs": 20, "ranges": {"algorithm.upperLr": {"log": [1e-3, 1.0]}}},
             "grid": {"steps": [300], "evaluateEvery": [50], "checkpointEvery": [50]},
             "seeds": [0, 1, 2]}
            """);
    String master = cluster();
    worker("one", master);
    Process lost = worker("two", master);
    Path out = temp.resolve("cluster");
    Process sweep = sweep("cluster", file, out, master);
    while (done(out) < 10) {
      assertThat(sweep.isAlive()).as(log("cluster")).isTrue();
      Thread.sleep(50);
    }
    List<ProcessHandle> executors = lost.descendants().toList();
    assertThat(executors).isNotEmpty();
    lost.destroyForcibly();
    executors.forEach(ProcessHandle::destroyForcibly);
    assertThat(done(out)).isLessThan(60);
    await(sweep, "cluster");
    List<String> rows = table(out).lines().toList();
    assertThat(rows).hasSize(61).doesNotHaveDuplicates();
    assertThat(rows.stream().filter(row -> row.contains(",completed,"))).hasSize(60);
    assertThat(done(out)).isEqualTo(60);
    assertThat(out.resolve("report.html")).content().contains("All runs", "point-020-seed2");
    Path local = temp.resolve("local");
    await(sweep("local", file, local, "local[2]"), "local");
    assertThat(table(out)).isEqualTo(table(local));
  }

  /** Each rank is an executor of its own. */
  @Test
  void ranksOfARunAreTasksOfABarrierStage() throws Exception {
    Path file =
        Cli.write(
            temp.resolve("ranks.json"),
            "{\"experiment\": \"quadratic-sum\", \"ranks\": 3, \"grid\": {\"steps\": [60]}}");
    String master = cluster();
    worker("one", master);
    worker("two", master);
    Path out = temp.resolve("ranks");
    await(sweep("ranks", file, out, master), "ranks");
    assertThat(out.resolve("point-001-seed0/provenance.json"))
        .content()
        .contains("\"worldSize\": 3");
    Path whole = temp.resolve("whole");
    assertThat(Cli.run("run", "quadratic-sum", "--steps", 60, "--out", whole).code()).isZero();
    assertThat(digits(out.resolve("point-001-seed0"))).isEqualTo(digits(whole));
  }

  private static String digits(Path run) {
    return Cli.metricsButTime(run).replaceAll("(\\.\\d{9})\\d+", "$1");
  }

  /** Spark would take the executors away from runs that have not saved their states. */
  @Test
  void atASignalRunsSaveTheirStates() throws Exception {
    Path file =
        Cli.write(
            temp.resolve("long.json"),
            "{\"experiment\": \"quadratic-sum\", \"grid\": {\"steps\": [1000000]}}");
    Path out = temp.resolve("stopped");
    Process sweep = sweep("stopped", file, out, "local[2]");
    Path run = out.resolve("point-001-seed0");
    while (!Files.exists(run.resolve("metrics.jsonl"))) {
      assertThat(sweep.isAlive()).as(log("stopped")).isTrue();
      Thread.sleep(50);
    }
    List<ProcessHandle> child = sweep.descendants().toList();
    assertThat(child).hasSize(1);
    sweep.destroy();
    assertThat(sweep.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
    assertThat(sweep.exitValue()).as(log("stopped")).isEqualTo(130);
    assertThat(child.get(0).isAlive()).isFalse();
    assertThat(run.resolve("outcome.json")).content().contains("\"stopped\"");
    assertThat(log("stopped")).contains("Stopped. The same command with --resume goes on");
  }

  /** A worker without Stackel is told as such. */
  @Test
  void anExecutorWithoutStackelIsTold() throws Exception {
    Path file = Cli.write(temp.resolve("one.json"), "{\"experiment\": \"quadratic-demo\"}");
    String master = cluster();
    worker("one", master);
    Process sweep =
        Cli.start(
            List.of("-Xmx512m"),
            temp.resolve("bare"),
            Map.of("SPARK_HOME", home.toString(), "SPARK_LOCAL_IP", HOST),
            "sweep",
            file,
            "--out",
            temp.resolve("bare-out"),
            "--master",
            master,
            "--conf",
            "spark.executor.memory=512m",
            "--conf",
            "spark.driver.host=" + HOST,
            "--conf",
            "spark.executor.extraClassPath=/nowhere");
    started.add(sweep);
    assertThat(sweep.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
    assertThat(log("bare")).contains("An executor of the cluster has no Stackel");
    assertThat(sweep.exitValue()).isEqualTo(2);
  }
}
