package org.stackel.run;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.stackel.config.InvalidInputException;
import org.stackel.config.Option;
import org.stackel.config.Options;
import org.stackel.data.Sha256;
import org.stackel.experiment.Experiment;
import org.stackel.plugin.Origin;
import org.stackel.plugin.Plugins;
import org.stackel.runfile.ProvenanceFile;
import org.stackel.runfile.ProvenanceFile.PluginFile;

/** The plug-ins that a run's algorithm, problem and their options are from. */
final class RunPlugins {
  private static final String ALGORITHM = "algorithm";
  private static final String PROBLEM = "problem";

  private RunPlugins() {}

  /** What provenance.json says about them; null if all are Stackel's own. */
  static @Nullable Map<String, PluginFile> of(Experiment experiment) {
    var plugins = new LinkedHashMap<String, PluginFile>();
    put(plugins, ALGORITHM, experiment.algorithm());
    put(plugins, PROBLEM, experiment.problem());
    return plugins.isEmpty() ? null : plugins;
  }

  private static void put(Map<String, PluginFile> plugins, String key, Object part) {
    putOne(plugins, key, part.getClass());
    if (part instanceof Record options) {
      Options.values(options)
          .forEach(
              (path, value) -> {
                if (value instanceof Option) { // the others are parts of the class around them
                  putOne(plugins, key + "." + path, value.getClass());
                }
              });
    }
  }

  private static void putOne(Map<String, PluginFile> plugins, String key, Class<?> type) {
    if (Plugins.isPlugin(type)) {
      Origin origin = Origin.of(type);
      plugins.put(key, new PluginFile(type.getName(), origin.file(), sha256(origin.place()), null));
    }
  }

  private static @Nullable String sha256(@Nullable Path jar) {
    return jar == null || !Files.isRegularFile(jar) ? null : Sha256.of(jar);
  }

  /** Sentences about jars that are not those that the run in a directory has used so far. */
  static List<String> changes(Path directory, Experiment experiment) {
    ProvenanceFile file = Provenance.read(directory);
    Map<String, PluginFile> before = file == null ? null : file.plugins();
    Map<String, PluginFile> now = of(experiment);
    if (before == null || now == null) {
      return List.of();
    }
    var sentences = new LinkedHashSet<String>();
    now.forEach(
        (key, plugin) -> {
          PluginFile its = before.get(key);
          if (its != null && isOther(its, plugin)) {
            sentences.add(
                "The plug-in %s (SHA-256 %s) is not the one that the run has used so far: %s (SHA-256 %s). Results may differ from those of a run with one version."
                    .formatted(plugin.file(), plugin.sha256(), its.file(), its.sha256()));
          }
        });
    return List.copyOf(sentences);
  }

  private static boolean isOther(PluginFile before, PluginFile now) {
    return before.sha256() != null && now.sha256() != null && !before.sha256().equals(now.sha256());
  }

  /** The provenance of a run that goes on, with the jars as they are now. */
  static ProvenanceFile updated(ProvenanceFile file, Experiment experiment) {
    Map<String, PluginFile> now = of(experiment);
    if (now == null) {
      return file;
    }
    var plugins = new LinkedHashMap<String, PluginFile>();
    if (file.plugins() != null) {
      plugins.putAll(file.plugins());
    }
    now.forEach((key, plugin) -> plugins.merge(key, plugin, RunPlugins::updated));
    return file.withPlugins(plugins);
  }

  private static PluginFile updated(PluginFile before, PluginFile now) {
    if (!isOther(before, now)) {
      return before;
    }
    var earlier = new ArrayList<String>();
    if (before.earlier() != null) {
      earlier.addAll(before.earlier());
    }
    earlier.add(String.valueOf(before.sha256()));
    return new PluginFile(now.type(), now.file(), now.sha256(), earlier);
  }

  /**
   * Says which jar is missing, where an experiment is refused in a part for which the provenance of
   * its run names a class that nothing offers now.
   *
   * @param e why the experiment of the run was refused
   */
  static InvalidInputException missing(InvalidInputException e, Path directory) {
    String key = e.key();
    ProvenanceFile file = Provenance.read(directory);
    if (key == null || file == null || file.plugins() == null) {
      return e;
    }
    String part = key.split("[.]", 2)[0];
    return file.plugins().entrySet().stream()
        .filter(each -> (each.getKey() + ".").startsWith(part + "."))
        .map(Map.Entry::getValue)
        .filter(plugin -> !isThere(plugin.type()))
        .findFirst()
        .map(
            plugin ->
                e.withAdvice("--plugins with the jar '%s' is missing.".formatted(plugin.file())))
        .orElse(e);
  }

  private static boolean isThere(String type) {
    try {
      Class.forName(type, false, Thread.currentThread().getContextClassLoader());
      return true;
    } catch (ClassNotFoundException | LinkageError e) {
      return false;
    }
  }
}
