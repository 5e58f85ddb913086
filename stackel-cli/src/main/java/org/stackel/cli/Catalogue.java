package org.stackel.cli;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.stackel.algorithm.Algorithms;
import org.stackel.algorithm.TuningRange;
import org.stackel.config.Options;
import org.stackel.experiment.Settings;
import org.stackel.preset.Preset;
import org.stackel.preset.Presets;
import org.stackel.problem.Problems;

/** The catalogues as JSON has them. */
final class Catalogue {
  private Catalogue() {}

  /** All algorithms, with their options. */
  static List<Map<String, @Nullable Object>> algorithms() {
    var entries = new ArrayList<Map<String, @Nullable Object>>();
    for (Algorithms.Entry algorithm : Algorithms.all()) {
      Map<String, @Nullable Object> entry = facts(algorithm);
      entry.put("options", algorithm.options());
      entries.add(entry);
    }
    return entries;
  }

  /** An algorithm without its options. */
  static Map<String, @Nullable Object> facts(Algorithms.Entry algorithm) {
    var entry = new LinkedHashMap<String, @Nullable Object>();
    entry.put("name", algorithm.name());
    entry.put("title", algorithm.title());
    entry.put("paper", algorithm.paper());
    entry.put("oracleCalls", algorithm.calls());
    entry.put("traits", algorithm.traits().stream().sorted().map(Options::kebab).toList());
    entry.put("tuned", algorithm.tuned().stream().map(TuningRange::key).toList());
    return entry;
  }

  /** All problems, with their options and settings. */
  static List<Map<String, @Nullable Object>> problems() {
    var entries = new ArrayList<Map<String, @Nullable Object>>();
    for (Problems.Entry problem : Problems.all()) {
      Map<String, @Nullable Object> entry = facts(problem);
      entry.put("options", problem.options());
      entry.put("settings", Options.toMap(Settings.defaults(problem.defaults())));
      entries.add(entry);
    }
    return entries;
  }

  /** A problem without its options. */
  static Map<String, @Nullable Object> facts(Problems.Entry problem) {
    var entry = new LinkedHashMap<String, @Nullable Object>();
    entry.put("name", problem.name());
    entry.put("summary", problem.summary());
    return entry;
  }

  /** All presets. */
  static List<Map<String, @Nullable Object>> presets() {
    return Presets.all().stream().map(Catalogue::facts).toList();
  }

  /** A preset without its experiments. */
  static Map<String, @Nullable Object> facts(Preset preset) {
    var entry = new LinkedHashMap<String, @Nullable Object>();
    entry.put("name", preset.name());
    entry.put("summary", preset.summary());
    entry.put("scales", preset.scales().keySet().stream().sorted().map(Options::kebab).toList());
    var needs = new LinkedHashMap<String, @Nullable Object>();
    preset.needs().forEach(file -> needs.put(file.path(), file.what()));
    if (!needs.isEmpty()) {
      entry.put("needs", needs);
    }
    return entry;
  }

  /** Which algorithm runs on which problem. */
  static List<Map<String, @Nullable Object>> combinations() {
    List<Problems.Entry> problems = Problems.all();
    var entries = new ArrayList<Map<String, @Nullable Object>>();
    for (Algorithms.Entry algorithm : Algorithms.all()) {
      var entry = new LinkedHashMap<String, @Nullable Object>();
      entry.put("algorithm", algorithm.name());
      for (Problems.Entry problem : problems) {
        entry.put(problem.name(), algorithm.fit(problem.properties()));
      }
      entries.add(entry);
    }
    return entries;
  }
}
