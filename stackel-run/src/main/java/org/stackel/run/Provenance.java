package org.stackel.run;

import java.io.IOException;
import java.io.InputStream;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.stackel.config.InvalidInputException;
import org.stackel.config.Options;
import org.stackel.experiment.Experiment;
import org.stackel.runfile.ProvenanceFile;
import org.stackel.runfile.RunFiles;
import org.stackel.tensor.Blas;

/** The environment of a run. */
public final class Provenance {
  private static final String UNKNOWN = "unknown";

  private Provenance() {}

  /** Versions, machine, data, start time and number of processes of a run. */
  static ProvenanceFile of(Experiment experiment, Map<String, String> inputs, int processes) {
    return file(experiment, inputs, processes);
  }

  /** Versions and machine; loads no native library. */
  public static ProvenanceFile environment() {
    return file(null, null, null);
  }

  /**
   * What provenance.json says of a run that goes on: plug-ins and processes may be others now.
   *
   * @return null if nothing has changed
   */
  static @Nullable ProvenanceFile updated(Path directory, Experiment experiment, int processes) {
    ProvenanceFile before = read(directory);
    if (before == null) {
      return null;
    }
    ProvenanceFile now = RunPlugins.updated(before, experiment).sharedBy(processes);
    return now.equals(before) ? null : now;
  }

  /** What the file of a run says; null if it is not there, or cannot be read. */
  static @Nullable ProvenanceFile read(Path directory) {
    Path file = directory.resolve(ProvenanceFile.NAME);
    try {
      return Files.exists(file) ? RunFiles.read(file, ProvenanceFile.class) : null;
    } catch (IOException | InvalidInputException unreadable) {
      return null;
    }
  }

  private static ProvenanceFile file(
      @Nullable Experiment run, @Nullable Map<String, String> inputs, @Nullable Integer processes) {
    return new ProvenanceFile(
        version(),
        commit(),
        artifact("pytorch"),
        artifact("javacpp"),
        Blas.name(),
        "%s %s (%s)"
            .formatted(
                System.getProperty("java.vm.name"),
                System.getProperty("java.runtime.version"),
                System.getProperty("java.vendor")),
        System.getProperty("os.name") + " " + System.getProperty("os.version"),
        System.getProperty("os.arch"),
        cpu(),
        Runtime.getRuntime().availableProcessors(),
        run == null ? null : (Integer) run.settings().threads(),
        run == null ? null : Options.kebab(run.device().kind()),
        processes,
        null,
        inputs == null ? null : new TreeMap<>(inputs),
        run == null ? null : (Long) run.settings().seed(),
        run == null ? null : Instant.now().toString(),
        run == null ? null : RunPlugins.of(run));
  }

  /** Stackel's version, from the manifest of its jar. */
  public static String version() {
    String version = Provenance.class.getPackage().getImplementationVersion();
    return version == null ? UNKNOWN : version;
  }

  /**
   * The commit that it was built from: as the build noted it, else as the checkout around it says.
   */
  static String commit() {
    try (InputStream in = Provenance.class.getResourceAsStream("git.properties")) {
      if (in != null) {
        var properties = new Properties();
        properties.load(in);
        return properties.getProperty("git.commit.id.full", UNKNOWN);
      }
      Path place =
          Path.of(Provenance.class.getProtectionDomain().getCodeSource().getLocation().toURI());
      for (Path at = place; at != null; at = at.getParent()) {
        if (Files.isDirectory(at.resolve(".git"))) {
          return head(at.resolve(".git"));
        }
      }
    } catch (IOException | URISyntaxException e) {
      return UNKNOWN;
    }
    return UNKNOWN;
  }

  private static String head(Path git) throws IOException {
    String head = Files.readString(git.resolve("HEAD")).strip();
    if (!head.startsWith("ref: ")) {
      return head;
    }
    String ref = head.substring(5);
    if (Files.exists(git.resolve(ref))) {
      return Files.readString(git.resolve(ref)).strip();
    }
    if (!Files.exists(git.resolve("packed-refs"))) {
      return UNKNOWN;
    }
    try (Stream<String> lines = Files.lines(git.resolve("packed-refs"))) {
      return lines
          .filter(line -> line.endsWith(" " + ref))
          .map(line -> line.substring(0, line.indexOf(' ')))
          .findFirst()
          .orElse(UNKNOWN);
    }
  }

  private static String artifact(String name) {
    String path = "/META-INF/maven/org.bytedeco/%s/pom.properties".formatted(name);
    try (InputStream in = Blas.class.getResourceAsStream(path)) {
      if (in == null) {
        return UNKNOWN;
      }
      var properties = new Properties();
      properties.load(in);
      return properties.getProperty("version", UNKNOWN);
    } catch (IOException e) {
      return UNKNOWN;
    }
  }

  private static String cpu() {
    Path info = Path.of("/proc/cpuinfo");
    if (Files.isReadable(info)) {
      try (Stream<String> lines = Files.lines(info)) {
        return lines
            .filter(line -> line.startsWith("model name"))
            .map(line -> line.substring(line.indexOf(':') + 1).strip())
            .findFirst()
            .orElse(UNKNOWN);
      } catch (IOException e) {
        return UNKNOWN;
      }
    }
    return System.getProperty("os.arch", UNKNOWN);
  }
}
