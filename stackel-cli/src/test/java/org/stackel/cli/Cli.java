package org.stackel.cli;

import java.io.File;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Commands in this process and in processes of their own. */
final class Cli {
  /** The example of the documentation: closed forms are known. */
  static final String EXPERIMENT =
      """
      {
        "problem": {"type": "quadratic", "A": [[2]], "B": [[1]], "c": [0], "d": [3], "D": [[1]],
                    "E": [[1]], "e": [0], "F": [[0]], "x0": [1], "y0": [0],
                    "noise": {"gradient": 0.0, "hessian": 0.0}},
        "algorithm": {"type": "slip", "upperLr": 0.05, "lowerLr": 0.1, "linearSystemLr": 0.1,
                      "momentum": 0.9, "warmStartSteps": 3},
        "seed": 0, "steps": 100, "evaluateEvery": 10, "checkpointEvery": 100,
        "dtype": "float64", "device": "cpu", "threads": 1, "check": "step"
      }
      """;

  /** The same with noise, so that seeds matter. */
  static final String NOISY =
      EXPERIMENT.replace(
          "{\"gradient\": 0.0, \"hessian\": 0.0}", "{\"gradient\": 0.1, \"hessian\": 0.1}");

  private Cli() {}

  /** What a command left. */
  record Result(int code, String out, String err) {
    List<String> errLines() {
      return err.lines().toList();
    }

    String lastLine() {
      List<String> lines = out.lines().toList();
      return lines.get(lines.size() - 1);
    }
  }

  /** Runs a command in this process. */
  static Result run(Object... args) {
    var out = new StringWriter();
    var err = new StringWriter();
    int code = Main.run(texts(args), new PrintWriter(out, true), new PrintWriter(err, true));
    return new Result(code, out.toString(), err.toString());
  }

  /** Starts a command in a process of its own, its output in files beside {@code log}. */
  static Process start(List<String> jvm, Path log, Object... args) throws IOException {
    return start(jvm, log, Map.of(), args);
  }

  /** The same with more environment variables. */
  static Process start(List<String> jvm, Path log, Map<String, String> environment, Object... args)
      throws IOException {
    return start(jvm, log, Path.of(""), environment, args);
  }

  /** The same in another directory. */
  static Process start(
      List<String> jvm, Path log, Path directory, Map<String, String> environment, Object... args)
      throws IOException {
    var command = new ArrayList<String>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-Dorg.bytedeco.javacpp.maxPhysicalBytes=0", "-XX:+UseSerialGC"));
    command.addAll(jvm);
    command.addAll(
        List.of("-cp", absolute(System.getProperty("java.class.path")), "org.stackel.cli.Main"));
    command.addAll(List.of(texts(args)));
    var builder =
        new ProcessBuilder(command)
            .directory(directory.toAbsolutePath().toFile())
            .redirectOutput(log.resolveSibling(log.getFileName() + ".out").toFile())
            .redirectError(log.resolveSibling(log.getFileName() + ".err").toFile());
    builder.environment().putAll(environment);
    return builder.start();
  }

  static Path write(Path file, String text) {
    try {
      return Files.writeString(file, text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** metrics.jsonl without the one column that no two runs share. */
  static String metricsButTime(Path run) {
    return read(run.resolve("metrics.jsonl")).replaceAll("\"seconds\":[^,]*,", "");
  }

  /** Every file of runs and comparisons, by name, but for times and pages. */
  static Map<String, String> filesButTimes(Path root) throws IOException {
    var files = new TreeMap<String, String>();
    List<Path> all;
    try (Stream<Path> walk = Files.walk(root)) {
      all = walk.filter(Files::isRegularFile).toList();
    }
    for (Path file : all) {
      String name = root.relativize(file).toString();
      if (name.endsWith(".json")) {
        files.put(name, timeless(JsonMapper.shared().readTree(file)).toString());
      } else if (name.endsWith("metrics.jsonl")) {
        files.put(name, metricsButTime(file.getParent()));
      } else if (!name.endsWith("report.html")) {
        files.put(name, "hash " + Arrays.hashCode(Files.readAllBytes(file)));
      }
    }
    return files;
  }

  private static JsonNode timeless(JsonNode node) {
    if (node instanceof ObjectNode object) {
      object.remove(List.of("seconds", "start"));
    }
    node.valueStream().forEach(Cli::timeless);
    return node;
  }

  private static String absolute(String classPath) {
    return Arrays.stream(classPath.split(File.pathSeparator))
        .map(entry -> Path.of(entry).toAbsolutePath().toString())
        .collect(Collectors.joining(File.pathSeparator));
  }

  private static String[] texts(Object... args) {
    var texts = new ArrayList<String>();
    for (Object arg : args) {
      texts.add(arg.toString());
    }
    return texts.toArray(String[]::new);
  }
}
