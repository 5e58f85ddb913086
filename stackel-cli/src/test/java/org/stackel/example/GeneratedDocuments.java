package org.stackel.example;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.stackel.algorithm.Algorithms;
import org.stackel.cli.Main;
import org.stackel.config.OptionDocs;
import org.stackel.config.Options;
import org.stackel.experiment.Settings;
import org.stackel.preset.NeededFile;
import org.stackel.preset.Preset;
import org.stackel.preset.Presets;
import org.stackel.preset.Scale;
import org.stackel.problem.Problems;
import org.stackel.problem.Trait;

/**
 * The parts of the documents that follow from the catalogues. In a document they stand between
 * {@code <!-- generated: NAME -->} and {@code <!-- end of generated -->}; what is around them is
 * written by hand.
 */
final class GeneratedDocuments {
  private static final Pattern PART =
      Pattern.compile(
          "(?<=<!-- generated: (\\S{1,40}) -->\n).*?(?=<!-- end of generated -->)", Pattern.DOTALL);

  private static final Map<Trait, String> NEEDS =
      Map.of(
          Trait.NEEDS_FINITE_SUM, "numbered minibatches",
          Trait.NEEDS_DENSE, "dense second derivatives",
          Trait.WANTS_WHOLE_UPPER_BATCH, "all upper data in a batch, preferably",
          Trait.ADAPTS_TO_A_TASK, "one task a step");

  private GeneratedDocuments() {}

  /**
   * Writes all of them.
   *
   * @param args the root of the checkout
   */
  public static void main(String[] args) throws IOException {
    Path root = Path.of(args[0]);
    for (Map.Entry<String, String> document : all(root).entrySet()) {
      Path file = root.resolve(document.getKey());
      Files.createDirectories(file.getParent());
      Files.writeString(file, document.getValue());
    }
  }

  /** What every file should be, by its path in the checkout. */
  static Map<String, String> all(Path root) throws IOException {
    var all = new LinkedHashMap<String, String>();
    for (String name : List.of("algorithms", "problems", "presets", "settings", "combinations")) {
      String path = "docs/%s.md".formatted(name);
      all.put(path, filled(Files.readString(root.resolve(path))));
    }
    String schema = "docs/schema/experiment.schema.json";
    all.put(schema, ExperimentSchema.filled(Files.readString(root.resolve(schema))));
    all.put("stackel-cli/src/release/completion/stackel.bash", completion());
    return all;
  }

  private static String filled(String document) {
    return PART.matcher(document)
        .replaceAll(
            part ->
                Matcher.quoteReplacement(
                    String.join("\n", part(part.group(1))).stripTrailing() + "\n"));
  }

  private static List<String> part(String name) {
    return switch (name) {
      case "papers" -> algorithms(GeneratedDocuments::isOfAPaper);
      case "paper-options" -> algorithmOptions(GeneratedDocuments::isOfAPaper);
      case "scripts" -> algorithms(entry -> !isOfAPaper(entry));
      case "script-options" -> algorithmOptions(entry -> !isOfAPaper(entry));
      case "problems" -> problems();
      case "problem-options" -> problemOptions();
      case "presets" -> presets();
      case "preset-values" -> presetValues();
      case "settings" -> OptionTable.lines(OptionDocs.of(new Settings()));
      case "settings-of-problems" -> settingsOfProblems();
      case "combinations" -> combinations();
      default -> throw new IllegalArgumentException("Nothing generates the part " + name);
    };
  }

  private static boolean isOfAPaper(Algorithms.Entry entry) {
    return !entry.defaults().getClass().getPackageName().equals("org.stackel.authors");
  }

  // ---- algorithms

  private static List<String> algorithms(Predicate<Algorithms.Entry> which) {
    var lines = new ArrayList<String>();
    lines.add("| name | title | source | calls a step | needs |");
    lines.add("|---|---|---|---|---|");
    Algorithms.all().stream()
        .filter(which)
        .forEach(
            entry ->
                lines.add(
                    "| [`%s`](#%s) | %s | %s | %s | %s |"
                        .formatted(
                            entry.name(),
                            entry.name(),
                            entry.title(),
                            entry.paper(),
                            entry.calls(),
                            needs(entry.traits()))));
    return lines;
  }

  private static String needs(Set<Trait> traits) {
    var needs = new ArrayList<String>();
    if (!traits.contains(Trait.PROJECTS_X)) {
      needs.add("free x");
    }
    traits.stream().sorted().filter(NEEDS::containsKey).map(NEEDS::get).forEach(needs::add);
    return String.join(", ", needs);
  }

  private static List<String> algorithmOptions(Predicate<Algorithms.Entry> which) {
    var lines = new ArrayList<String>();
    for (Algorithms.Entry entry : Algorithms.all()) {
      if (which.test(entry)) {
        heading(lines, entry.name(), "%s. %s.".formatted(entry.title(), entry.paper()));
        lines.addAll(OptionTable.lines(OptionDocs.of((Record) entry.defaults())));
        lines.add("");
      }
    }
    return lines;
  }

  private static void heading(List<String> lines, String name, String text) {
    lines.addAll(List.of("### " + name, "", text, ""));
  }

  // ---- problems

  private static List<String> problems() {
    var lines = new ArrayList<String>();
    lines.add("| name | what |");
    lines.add("|---|---|");
    Problems.all()
        .forEach(
            entry ->
                lines.add(
                    "| [`%s`](#%s) | %s |".formatted(entry.name(), entry.name(), entry.summary())));
    return lines;
  }

  private static List<String> problemOptions() {
    var lines = new ArrayList<String>();
    for (Problems.Entry entry : Problems.all()) {
      heading(lines, entry.name(), sentence(entry.summary()));
      lines.addAll(OptionTable.lines(OptionDocs.of((Record) entry.defaults())));
      lines.add("");
    }
    return lines;
  }

  private static String sentence(String text) {
    return text.substring(0, 1).toUpperCase(Locale.ROOT) + text.substring(1) + ".";
  }

  private static List<String> settingsOfProblems() {
    var lines = new ArrayList<String>();
    lines.add("| problem | `steps` | `evaluateEvery` | `checkpointEvery` | `dtype` |");
    lines.add("|---|---|---|---|---|");
    for (Problems.Entry entry : Problems.all()) {
      Settings defaults = Settings.defaults(entry.defaults());
      lines.add(
          "| `%s` | %d | %d | %d | %s |"
              .formatted(
                  entry.name(),
                  defaults.steps(),
                  defaults.evaluateEvery(),
                  defaults.checkpointEvery(),
                  Options.kebab(defaults.dtype())));
    }
    return lines;
  }

  private static List<String> combinations() {
    List<Problems.Entry> problems = Problems.all();
    var lines = new ArrayList<String>();
    lines.add(
        "| algorithm |"
            + problems.stream()
                .map(problem -> " `%s` |".formatted(problem.name()))
                .collect(Collectors.joining()));
    lines.add("|---|" + "---|".repeat(problems.size()));
    for (Algorithms.Entry entry : Algorithms.all()) {
      if (isOfAPaper(entry)) {
        lines.add(
            "| `%s` |".formatted(entry.name())
                + problems.stream()
                    .map(problem -> " %s |".formatted(entry.fit(problem.properties())))
                    .collect(Collectors.joining()));
      }
    }
    return lines;
  }

  // ---- presets

  private static List<String> presets() {
    var lines = new ArrayList<String>();
    lines.add("| name | what | papers | scales | data to download |");
    lines.add("|---|---|---|---|---|");
    for (Preset preset : Presets.all()) {
      lines.add(
          "| [`%s`](#%s) | %s | %s | %s | %s |"
              .formatted(
                  preset.name(),
                  preset.name(),
                  preset.summary(),
                  String.join(", ", preset.papers()),
                  preset.scales().keySet().stream()
                      .map(Options::kebab)
                      .collect(Collectors.joining(", ")),
                  preset.needs().isEmpty() ? "" : "yes"));
    }
    return lines;
  }

  private static List<String> presetValues() {
    var lines = new ArrayList<String>();
    for (Preset preset : Presets.all()) {
      heading(lines, preset.name(), sentence(preset.summary()));
      for (NeededFile file : preset.needs()) {
        lines.add(
            "- `%s`: %s; without it `--set %s`"
                .formatted(
                    file.path(),
                    file.what(),
                    file.standIn().stream()
                        .map(value -> "problem." + value)
                        .collect(Collectors.joining(" --set "))));
      }
      if (!preset.needs().isEmpty()) {
        lines.add("");
      }
      values(lines, preset);
      lines.add("");
    }
    return lines;
  }

  private static void values(List<String> lines, Preset preset) {
    var flat = new LinkedHashMap<Scale, Map<String, String>>();
    preset.scales().forEach((scale, values) -> flat.put(scale, flat("", values)));
    var keys = new LinkedHashSet<String>();
    flat.values().forEach(values -> keys.addAll(values.keySet()));
    String names =
        flat.keySet().stream().map(Options::kebab).collect(Collectors.joining(" | ", " ", " |"));
    lines.add("| key |" + names);
    lines.add("|---|" + "---|".repeat(flat.size()));
    for (String key : keys) {
      lines.add(
          "| `%s` |".formatted(key)
              + flat.values().stream()
                  .map(values -> " %s |".formatted(values.getOrDefault(key, "")))
                  .collect(Collectors.joining()));
    }
  }

  private static Map<String, String> flat(String prefix, Map<?, ? extends @Nullable Object> map) {
    var flat = new LinkedHashMap<String, String>();
    map.forEach(
        (key, value) -> {
          if (value instanceof Map<?, ?> nested) {
            flat.putAll(flat(prefix + key + ".", nested));
          } else {
            flat.put(prefix + key, "`%s`".formatted(OptionTable.text(value)));
          }
        });
    return flat;
  }

  private static String completion() {
    var out = new StringWriter();
    var writer = new PrintWriter(out);
    Main.run(new String[] {"completion"}, writer, writer);
    writer.flush();
    return out.toString();
  }
}
