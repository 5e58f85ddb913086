package org.stackel.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;
import javax.tools.ToolProvider;

/** Compiles a jar of a user's own. */
final class PluginJar {
  /** An algorithm: gradient steps on y, and on x as if y did not depend on it. */
  static final String ALGORITHM =
      """
      package com.example;

      import org.bytedeco.pytorch.Tensor;
      import org.stackel.algorithm.AlgorithmState;
      import org.stackel.algorithm.BilevelAlgorithm;
      import org.stackel.oracle.Sampling;
      import org.stackel.oracle.StochasticOracle;
      import org.stackel.problem.Start;
      import org.stackel.tensor.Tensors;

      public record Alternating(double upperLr, double lowerLr)
          implements BilevelAlgorithm<Alternating.State> {
        public record State(Tensor x, Tensor y) implements AlgorithmState {}

        public Alternating() {
          this(0.1, 0.2);
        }

        @Override
        public Sampling sampling() {
          return Sampling.INDEPENDENT;
        }

        @Override
        public State init(Start start, StochasticOracle oracle) {
          return new State(start.x(), start.y());
        }

        @Override
        public State step(long t, State s, StochasticOracle oracle) {
          Tensor y = Tensors.axpy(s.y(), -lowerLr, oracle.lower().gradientY(s.x(), s.y()));
          Tensor x = Tensors.axpy(s.x(), -upperLr, oracle.upper().gradient(s.x(), s.y()).x());
          return new State(x, y);
        }
      }
      """;

  /** min (y - 1)² + pull x² over x, where y minimises (y - x)². */
  static final String PROBLEM =
      """
      package com.example;

      import org.bytedeco.pytorch.Scalar;
      import org.stackel.bilevel.Bilevel;
      import org.stackel.problem.BilevelProblem;
      import org.stackel.problem.ProblemInfo;
      import org.stackel.problem.ProblemOptions;
      import org.stackel.tensor.Device;
      import org.stackel.tensor.Seed;

      @ProblemInfo(name = "tilted", summary = "two numbers that pull each other")
      public record Tilted(double pull) implements ProblemOptions {
        public Tilted() {
          this(1);
        }

        @Override
        public BilevelProblem<?> open(Seed data, Device device) {
          return Bilevel.problem(new double[] {1}, new double[] {0})
              .lower((x, y) -> y.sub(x).square())
              .upper((x, y) ->
                  y.sub(new Scalar(1.0)).square().add(x.square().mul(new Scalar(pull))))
              .open(data, device);
        }
      }
      """;

  /** Presets with the problem above. */
  static final String PRESETS =
      """
      package com.example;

      import java.util.List;
      import org.stackel.preset.Preset;
      import org.stackel.preset.PresetProvider;

      public final class Mine implements PresetProvider {
        @Override
        public List<Preset> presets() {
          return List.of(Preset.read(Mine.class, "tilted-demo.json"));
        }
      }
      """;

  /** The preset that they read. */
  static final String PRESET =
      """
      {"name": "tilted-demo", "summary": "pulls", "scales": {"small": {
        "problem": {"type": "tilted", "pull": 1.0},
        "algorithm": {"type": "alternating"}, "steps": 30}}}
      """;

  /** A command. */
  static final String COMMAND =
      """
      package com.example;

      import org.stackel.cli.CommandPlugin;
      import picocli.CommandLine.Command;
      import picocli.CommandLine.Model.CommandSpec;
      import picocli.CommandLine.Parameters;
      import picocli.CommandLine.Spec;

      @Command(name = "greet", description = "Greet somebody.")
      public final class Greet implements CommandPlugin {
        @Parameters(index = "0") String name;
        @Spec CommandSpec spec;

        @Override
        public Integer call() {
          spec.commandLine().getOut().println("Hello " + name);
          return 7;
        }
      }
      """;

  private static final String ALGORITHMS = "org.stackel.algorithm.BilevelAlgorithm";
  private static final String PROBLEMS = "org.stackel.problem.ProblemOptions";

  private final Map<String, String> sources = new LinkedHashMap<>();
  private final Map<String, String> files = new LinkedHashMap<>();

  /** A jar with all of the above. */
  static Path complete(Path jar) throws IOException {
    return new PluginJar()
        .algorithm("Alternating", ALGORITHM)
        .problem("Tilted", PROBLEM)
        .offering("org.stackel.preset.PresetProvider", "Mine", PRESETS)
        .with("com/example/tilted-demo.json", PRESET)
        .offering("org.stackel.cli.CommandPlugin", "Greet", COMMAND)
        .write(jar);
  }

  PluginJar algorithm(String name, String source) {
    return offering(ALGORITHMS, name, source);
  }

  PluginJar problem(String name, String source) {
    return offering(PROBLEMS, name, source);
  }

  PluginJar offering(String service, String name, String source) {
    files.put("META-INF/services/" + service, "com.example." + name + "\n");
    return with(name, source, service);
  }

  private PluginJar with(String name, String source, String service) {
    assertThat(source).as(service).contains(" " + name);
    sources.put(name, source);
    return this;
  }

  /** A file as it is. */
  PluginJar with(String path, String content) {
    files.put(path, content);
    return this;
  }

  /** Compiles against the class path of the test, and writes the jar. */
  Path write(Path jar) throws IOException {
    return write(jar, System.getProperty("java.class.path"));
  }

  /**
   * Compiles and writes the jar.
   *
   * @param classPath what to compile against
   */
  Path write(Path jar, String classPath) throws IOException {
    Path work = Files.createTempDirectory(jar.toAbsolutePath().getParent(), "plugin");
    Path classes = Files.createDirectory(work.resolve("classes"));
    compile(work, classes, classPath);
    try (var out = new JarOutputStream(Files.newOutputStream(jar))) {
      for (Map.Entry<String, String> file : files.entrySet()) {
        put(out, file.getKey(), file.getValue().getBytes(StandardCharsets.UTF_8));
      }
      List<Path> compiled;
      try (Stream<Path> walk = Files.walk(classes)) {
        compiled = walk.filter(Files::isRegularFile).sorted().toList();
      }
      for (Path each : compiled) {
        String name = classes.relativize(each).toString().replace('\\', '/');
        put(out, name, Files.readAllBytes(each));
      }
    }
    return jar;
  }

  /** A directory with one compiled class. */
  static Path classes(Path parent, String name, String source) throws IOException {
    Path work = Files.createTempDirectory(parent, "older");
    Path classes = Files.createDirectory(work.resolve("classes"));
    var jar = new PluginJar();
    jar.sources.put(name, source);
    jar.compile(work, classes, "");
    return classes;
  }

  private void compile(Path work, Path classes, String classPath) throws IOException {
    var files = new ArrayList<Path>();
    for (Map.Entry<String, String> source : sources.entrySet()) {
      files.add(Files.writeString(work.resolve(source.getKey() + ".java"), source.getValue()));
    }
    if (files.isEmpty()) {
      return;
    }
    List<String> options =
        List.of("-d", classes.toString(), "-cp", classPath, "-proc:none", "-parameters");
    var compiler = ToolProvider.getSystemJavaCompiler();
    var log = new StringWriter();
    try (var manager = compiler.getStandardFileManager(null, null, StandardCharsets.UTF_8)) {
      var units = manager.getJavaFileObjectsFromPaths(files);
      assertThat(compiler.getTask(log, manager, null, options, null, units).call())
          .as(log.toString())
          .isTrue();
    }
  }

  private static void put(JarOutputStream out, String name, byte[] content) throws IOException {
    out.putNextEntry(new JarEntry(name));
    out.write(content);
    out.closeEntry();
  }
}
