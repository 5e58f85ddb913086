package org.stackel.preset;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.stackel.config.InvalidInputException;
import org.stackel.config.Options;
import org.stackel.config.Rules;
import org.stackel.experiment.Draft;
import org.stackel.runfile.Document;

/**
 * An experiment with a name.
 *
 * @param name what {@code stackel run} takes
 * @param summary one line
 * @param papers names of the papers whose experiment it is; empty if of none
 * @param scales the experiment for every scale that it has, as an experiment file has it
 * @param needs files that users must download
 */
public record Preset(
    String name,
    String summary,
    List<String> papers,
    Map<Scale, Map<String, @Nullable Object>> scales,
    List<NeededFile> needs) {
  private static final List<String> KEYS = List.of("name", "summary", "papers", "needs", "scales");

  public Preset {
    papers = List.copyOf(papers);
    scales = Collections.unmodifiableMap(new EnumMap<>(scales));
    needs = List.copyOf(needs);
  }

  /**
   * Reads a preset from a JSON file on the class path: an object with {@code name}, {@code
   * summary}, {@code scales} (an experiment for each of {@code tiny}, {@code small}, {@code paper}
   * that there is), and, if there are any, {@code papers} and {@code needs}.
   *
   * @param beside a class in the package of the file
   * @param file its name
   * @throws InvalidInputException naming file and line, if it is no preset
   */
  public static Preset read(Class<?> beside, String file) {
    try (InputStream in = beside.getResourceAsStream(file)) {
      if (in == null) {
        throw new InvalidInputException(
            "There is no preset file '%s' beside the class %s.".formatted(file, beside.getName()),
            "it is misspelled, or the build did not copy it.");
      }
      return parse(new String(in.readAllBytes(), StandardCharsets.UTF_8), file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Preset parse(String text, String file) {
    try {
      Map<String, @Nullable Object> all = object(Document.parse(text, file).value(), "the preset");
      for (String key : all.keySet()) {
        if (!KEYS.contains(key)) {
          throw Options.unknownKey(key, KEYS, "a preset");
        }
      }
      var scales = new EnumMap<Scale, Map<String, @Nullable Object>>(Scale.class);
      object(all.get("scales"), "scales")
          .forEach((scale, values) -> scales.put(Presets.scale(scale), object(values, scale)));
      return new Preset(
          word(all, "name"),
          word(all, "summary"),
          list(all.get("papers"), "papers").stream().map(String::valueOf).toList(),
          scales,
          list(all.get("needs"), "needs").stream().map(Preset::need).toList());
    } catch (InvalidInputException e) {
      throw e.at(file);
    }
  }

  private static NeededFile need(Object value) {
    Map<String, @Nullable Object> map = object(value, "needs");
    return new NeededFile(
        word(map, "key"),
        word(map, "path"),
        word(map, "what"),
        list(map.get("standIn"), "standIn").stream().map(String::valueOf).toList());
  }

  private static Map<String, @Nullable Object> object(@Nullable Object value, String what) {
    if (!(value instanceof Map<?, ?> map)) {
      throw new Rules("a preset")
          .broken(what, String.valueOf(value), "must be an object", "{ } are missing.");
    }
    var copy = new LinkedHashMap<String, @Nullable Object>();
    map.forEach((key, element) -> copy.put(String.valueOf(key), element));
    return copy;
  }

  private static List<Object> list(@Nullable Object value, String what) {
    if (value == null) {
      return List.of();
    }
    if (!(value instanceof List<?> list)) {
      throw new Rules("a preset").broken(what, value, "must be a list", "[ ] are missing.");
    }
    return new ArrayList<>(list);
  }

  private static String word(Map<String, @Nullable Object> map, String key) {
    if (!(map.get(key) instanceof String word)) {
      throw new Rules("a preset")
          .broken(key, String.valueOf(map.get(key)), "must be a text", "it is missing.");
    }
    return word;
  }

  /**
   * The experiment of one scale.
   *
   * @throws InvalidInputException if it is not there in this scale
   */
  public Draft draft(Scale scale) {
    Map<String, @Nullable Object> values = scales.get(scale);
    if (values == null) {
      throw new InvalidInputException(
              "The preset %s has no scale %s.".formatted(name, Options.kebab(scale)),
              "one of %s was meant."
                  .formatted(
                      String.join(", ", scales.keySet().stream().map(Options::kebab).toList())))
          .at("--scale");
    }
    return Draft.of(
        "preset " + name, values, problem -> needs.forEach(file -> file.check(problem)));
  }
}
