package org.stackel.example;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.stackel.algorithm.Algorithms;
import org.stackel.config.OptionDoc;
import org.stackel.config.OptionDocs;
import org.stackel.experiment.Settings;
import org.stackel.problem.Problems;
import org.stackel.runfile.Document;
import org.stackel.runfile.RunFiles;

/** What the JSON Schema of experiments says about settings and names. */
final class ExperimentSchema {
  private ExperimentSchema() {}

  /** The schema with descriptions and words of the settings, and the names that there are. */
  static String filled(String schema) {
    Map<String, @Nullable Object> root =
        object(Document.parse(schema, "experiment.schema.json").value());
    Map<String, @Nullable Object> properties = object(root.get("properties"));
    for (OptionDoc option : OptionDocs.of(new Settings()).options()) {
      Map<String, @Nullable Object> property = object(properties.get(option.key()));
      property.put("description", sentence(option.description()));
      if (!option.values().isEmpty()) {
        property.put("enum", option.values().stream().map(OptionDoc.Value::word).toList());
      }
    }
    examples(root, "problem", Problems.all().stream().map(Problems.Entry::name).toList());
    examples(root, "algorithm", Algorithms.all().stream().map(Algorithms.Entry::name).toList());
    return RunFiles.pretty(root);
  }

  private static void examples(Map<String, @Nullable Object> root, String key, List<String> names) {
    Map<String, @Nullable Object> block = object(object(root.get("$defs")).get(key));
    object(object(block.get("properties")).get("type")).put("examples", names);
  }

  private static String sentence(String text) {
    return text.substring(0, 1).toUpperCase(Locale.ROOT) + text.substring(1) + ".";
  }

  @SuppressWarnings("unchecked") // keys of JSON objects are texts
  private static Map<String, @Nullable Object> object(@Nullable Object value) {
    if (!(value instanceof Map<?, ?> map)) {
      throw new IllegalArgumentException("The schema lacks an object: " + value);
    }
    return (Map<String, @Nullable Object>) map;
  }
}
