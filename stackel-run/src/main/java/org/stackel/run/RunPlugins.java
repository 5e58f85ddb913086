package org.stackel.run;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.stackel.config.InvalidInputException;
import org.stackel.data.Sha256;
import org.stackel.experiment.Experiment;
import org.stackel.plugin.Origin;
import org.stackel.plugin.Plugins;
import org.stackel.runfile.ProvenanceFile;
import org.stackel.runfile.RunFiles;

/** The plug-ins that a run's algorithm and problem are from. */
final class RunPlugins {
  private RunPlugins() {}

  /** What provenance.json says about them; null if both are Stackel's own. */
  static @Nullable Map<String, ProvenanceFile.PluginFile> of(Experiment experiment) {
    var plugins = new LinkedHashMap<String, ProvenanceFile.PluginFile>();
    put(plugins, "algorithm", experiment.algorithm().getClass());
    put(plugins, "problem", experiment.problem().getClass());
    return plugins.isEmpty() ? null : plugins;
  }

  private static void put(
      Map<String, ProvenanceFile.PluginFile> plugins, String key, Class<?> type) {
    if (Plugins.isPlugin(type)) {
      Origin origin = Origin.of(type);
      plugins.put(
          key,
          new ProvenanceFile.PluginFile(type.getName(), origin.file(), sha256(origin.place())));
    }
  }

  private static @Nullable String sha256(@Nullable Path jar) {
    return jar == null || !Files.isRegularFile(jar) ? null : Sha256.of(jar);
  }

  /**
   * Says which jar is missing, where an experiment's algorithm or problem is unknown and the
   * provenance of its run names one.
   *
   * @param e why the experiment of the run was refused
   */
  static InvalidInputException missing(InvalidInputException e, Path directory) {
    String key = e.key();
    Path file = directory.resolve(ProvenanceFile.NAME);
    if (key == null || !key.endsWith(".type") || !Files.exists(file)) {
      return e;
    }
    try {
      Map<String, ProvenanceFile.PluginFile> plugins =
          RunFiles.read(file, ProvenanceFile.class).plugins();
      ProvenanceFile.PluginFile plugin =
          plugins == null ? null : plugins.get(key.substring(0, key.length() - ".type".length()));
      return plugin == null
          ? e
          : e.withAdvice("--plugins with the jar '%s' is missing.".formatted(plugin.file()));
    } catch (IOException | InvalidInputException unreadable) {
      return e;
    }
  }
}
