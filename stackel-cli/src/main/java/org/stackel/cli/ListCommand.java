package org.stackel.cli;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.stackel.algorithm.Algorithms;
import org.stackel.algorithm.TuningRange;
import org.stackel.config.InvalidInputException;
import org.stackel.config.Options;
import org.stackel.experiment.Settings;
import org.stackel.preset.Preset;
import org.stackel.preset.Presets;
import org.stackel.problem.Problems;
import org.stackel.runfile.Document;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Says what there is. Loads no native library. */
@Command(
    name = "list",
    description = "Algorithms, problems and presets, with the default of every key.",
    mixinStandardHelpOptions = true,
    versionProvider = StackelCommand.Version.class)
final class ListCommand implements Callable<Integer> {
  private static final List<String> TOPICS =
      List.of("algorithms", "problems", "presets", "combinations");

  @Parameters(
      arity = "0..1",
      paramLabel = "TOPIC",
      description = "algorithms, problems, presets or combinations; all of them if left out.")
  @Nullable String topic;

  @Option(names = "--json", description = "As one line of JSON.")
  boolean json;

  @Option(names = "--stacktrace", hidden = true)
  boolean stacktrace;

  @Spec
  @SuppressWarnings("NullAway.Init") // picocli sets it
  CommandSpec spec;

  @Override
  public Integer call() {
    if (topic != null && !TOPICS.contains(topic)) {
      throw new InvalidInputException(
              "There is no list of '%s'.".formatted(topic), Options.meant(topic, TOPICS))
          .at("list");
    }
    var all = new LinkedHashMap<String, List<Map<String, @Nullable Object>>>();
    all.put("algorithms", algorithms());
    all.put("problems", problems());
    all.put("presets", presets());
    all.put("combinations", combinations());
    if (topic != null) {
      all.keySet().retainAll(List.of(topic));
    }
    PrintWriter out = spec.commandLine().getOut();
    if (json) {
      out.println(Document.line(all));
    } else {
      all.forEach(
          (name, entries) -> {
            if (name.equals("combinations")) {
              table(out, name, entries);
            } else {
              print(out, name, entries);
            }
          });
    }
    return ExitCode.COMPLETED;
  }

  private static List<Map<String, @Nullable Object>> algorithms() {
    var entries = new ArrayList<Map<String, @Nullable Object>>();
    for (Algorithms.Entry algorithm : Algorithms.all()) {
      var entry = new LinkedHashMap<String, @Nullable Object>();
      entry.put("name", algorithm.name());
      entry.put("title", algorithm.title());
      entry.put("paper", algorithm.paper());
      entry.put("oracleCalls", algorithm.calls());
      entry.put("traits", algorithm.traits().stream().sorted().map(Options::kebab).toList());
      entry.put("tuned", algorithm.tuned().stream().map(TuningRange::key).toList());
      entry.put("options", algorithm.options());
      entries.add(entry);
    }
    return entries;
  }

  private static List<Map<String, @Nullable Object>> problems() {
    var entries = new ArrayList<Map<String, @Nullable Object>>();
    for (Problems.Entry problem : Problems.all()) {
      var entry = new LinkedHashMap<String, @Nullable Object>();
      entry.put("name", problem.name());
      entry.put("summary", problem.summary());
      entry.put("options", problem.options());
      entry.put("settings", Options.toMap(Settings.defaults(problem.defaults())));
      entries.add(entry);
    }
    return entries;
  }

  private static List<Map<String, @Nullable Object>> presets() {
    var entries = new ArrayList<Map<String, @Nullable Object>>();
    for (Preset preset : Presets.all()) {
      var entry = new LinkedHashMap<String, @Nullable Object>();
      entry.put("name", preset.name());
      entry.put("summary", preset.summary());
      entry.put("scales", preset.scales().keySet().stream().sorted().map(Options::kebab).toList());
      var needs = new LinkedHashMap<String, @Nullable Object>();
      preset.needs().forEach(file -> needs.put(file.path(), file.what()));
      if (!needs.isEmpty()) {
        entry.put("needs", needs);
      }
      entries.add(entry);
    }
    return entries;
  }

  /** Which algorithm runs on which problem. */
  private static List<Map<String, @Nullable Object>> combinations() {
    var entries = new ArrayList<Map<String, @Nullable Object>>();
    for (Algorithms.Entry algorithm : Algorithms.all()) {
      var entry = new LinkedHashMap<String, @Nullable Object>();
      entry.put("algorithm", algorithm.name());
      for (Problems.Entry problem : Problems.all()) {
        entry.put(problem.name(), algorithm.fit(problem.properties()));
      }
      entries.add(entry);
    }
    return entries;
  }

  private static void table(
      PrintWriter out, String title, List<Map<String, @Nullable Object>> rows) {
    out.println(title);
    var header = new LinkedHashMap<String, @Nullable Object>();
    rows.get(0).keySet().forEach(key -> header.put(key, key));
    int longest = rows.stream().mapToInt(row -> first(row).length()).max().orElse(1);
    row(out, header, longest);
    rows.forEach(row -> row(out, row, longest));
  }

  private static String first(Map<String, @Nullable Object> cells) {
    return String.valueOf(cells.values().iterator().next());
  }

  private static void row(PrintWriter out, Map<String, @Nullable Object> cells, int longest) {
    var line = new StringBuilder("  %%-%ds".formatted(longest).formatted(first(cells)));
    cells.values().stream().skip(1).forEach(cell -> line.append(" %-14s".formatted(cell)));
    out.println(line.toString().stripTrailing());
  }

  private static void print(
      PrintWriter out, String title, List<Map<String, @Nullable Object>> entries) {
    out.println(title);
    for (Map<String, @Nullable Object> entry : entries) {
      out.println("  " + entry.get("name"));
      entry.forEach(
          (key, value) -> {
            if (value instanceof Map<?, ?> map) {
              out.println("    " + key);
              map.forEach(
                  (name, fallback) -> out.println("      %s: %s".formatted(name, text(fallback))));
            } else if (!key.equals("name")) {
              out.println("    %s: %s".formatted(key, text(value)));
            }
          });
    }
  }

  private static String text(@Nullable Object value) {
    return value == null
        ? "(left out)"
        : value instanceof String text ? text : Document.line(value);
  }
}
