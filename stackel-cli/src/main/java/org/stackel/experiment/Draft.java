package org.stackel.experiment;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.stackel.algorithm.Algorithms;
import org.stackel.config.InvalidInputException;
import org.stackel.config.Rules;

/**
 * An experiment as it is put together: values from a file or a preset and from options over them,
 * and where each came from, so that a complaint can say where to mend it.
 */
public final class Draft {
  private final String source;
  private final Map<String, @Nullable Object> values;
  private final Map<String, String> places = new LinkedHashMap<>();

  private final List<Presets.Needed> needed;

  private Draft(String source, Map<String, @Nullable Object> values, List<Presets.Needed> needed) {
    this.source = source;
    this.values = values;
    this.needed = needed;
  }

  /**
   * Reads an experiment file.
   *
   * @throws InvalidInputException with file and line, if it is no JSON object
   */
  public static Draft read(Path file) {
    String name = file.toString();
    Json.Document document = Json.parse(Json.readText(file), name);
    if (!(document.value() instanceof Map<?, ?> map)) {
      throw new InvalidInputException(
              "An experiment must be a JSON object.", "the braces { } around it are missing.")
          .at(name + ":1");
    }
    var draft = new Draft(name, copy(map), List.of());
    document.lines().forEach((path, line) -> draft.places.put(path, name + ":" + line));
    return draft;
  }

  /** Starts from values at hand. */
  public static Draft of(String source, Map<String, ?> values) {
    return of(source, values, List.of());
  }

  /** Starts from a preset's values, which need files. */
  static Draft of(String source, Map<String, ?> values, List<Presets.Needed> needed) {
    return new Draft(source, copy(values), needed);
  }

  /**
   * Puts in a value of the form {@code key=value}: a dotted path, then JSON or, if it is none, a
   * text.
   */
  public void set(String assignment) {
    int equals = assignment.indexOf('=');
    String path = equals < 0 ? assignment : assignment.substring(0, equals);
    String place = "--set " + path;
    if (equals <= 0) {
      throw new InvalidInputException(
              "--set takes key=value, found '%s'.".formatted(assignment),
              "--set algorithm.upperLr=0.1 shows the form.")
          .at("--set");
    }
    set(path, parse(assignment.substring(equals + 1), place), place);
  }

  private static @Nullable Object parse(String text, String place) {
    try {
      return Json.parse(text, place).value();
    } catch (InvalidInputException e) {
      if (text.startsWith("[") || text.startsWith("{") || text.startsWith("\"")) {
        throw new InvalidInputException(
                "The value %s is not JSON.".formatted(text),
                "a bracket or quote is missing, or the shell took it: put the whole in '…'.")
            .at(place);
      }
      return text;
    }
  }

  /**
   * Puts in one value.
   *
   * @param path keys with dots between
   * @param place what to name in complaints about it
   */
  @SuppressWarnings("unchecked")
  public void set(String path, @Nullable Object value, String place) {
    List<String> keys = List.of(path.split("\\.", -1));
    Map<String, @Nullable Object> at = values;
    for (int i = 0; i < keys.size() - 1; i++) {
      Object next = at.get(keys.get(i));
      if (next == null) {
        next = new LinkedHashMap<String, @Nullable Object>();
        at.put(keys.get(i), next);
      }
      if (!(next instanceof Map<?, ?>)) {
        throw new InvalidInputException(
                "The key '%s' (%s) has no keys of its own."
                    .formatted(String.join(".", keys.subList(0, i + 1)), next),
                "a shorter path was meant.")
            .at(place);
      }
      at = (Map<String, @Nullable Object>) next;
    }
    at.put(keys.get(keys.size() - 1), value);
    places.keySet().removeIf(known -> known.startsWith(path + "."));
    places.put(path, place);
  }

  /** Puts in as many steps as make this many passes through the training set. */
  public void setEpochs(long epochs) {
    new Rules("the experiment").atLeast("epochs", epochs, 1);
    set("steps", epochs * ProblemDefaults.stepsPerEpoch(experiment().problem()), "--epochs");
  }

  /**
   * Changes the algorithm. Hyperparameters that the new one has too stay as they are; others go.
   *
   * @return the keys that went
   */
  public List<String> useAlgorithm(String name, String place) {
    if (!(values.get("algorithm") instanceof Map<?, ?> old)) {
      set("algorithm.type", name, place);
      return List.of();
    }
    Algorithms.Entry entry;
    try {
      entry = Algorithms.named(name);
    } catch (InvalidInputException e) {
      throw e.at(place);
    }
    var dropped = new ArrayList<String>();
    for (Object key : List.copyOf(old.keySet())) {
      boolean stays = key.equals("type") || Theory.isPart(String.valueOf(key), old);
      if (!stays && !entry.knows(String.valueOf(key))) {
        old.remove(key);
        dropped.add(String.valueOf(key));
      }
    }
    set("algorithm.type", name, place);
    return dropped;
  }

  /**
   * The experiment, complete: missing keys at their defaults.
   *
   * @throws InvalidInputException with its place, for the first mistake
   */
  public Experiment experiment() {
    try {
      if (values.get("problem") instanceof Map<?, ?> problem) {
        needed.forEach(file -> file.check(problem));
      }
      return Experiment.of(values);
    } catch (InvalidInputException e) {
      throw locate(e);
    }
  }

  /** The same complaint with the place of its key, the innermost one that is known. */
  public InvalidInputException locate(InvalidInputException e) {
    String path = e.key();
    if (path == null) {
      return e;
    }
    while (!places.containsKey(path) && path.contains(".")) {
      path = path.substring(0, path.lastIndexOf('.'));
    }
    return e.at(places.getOrDefault(path, source));
  }

  private static Map<String, @Nullable Object> copy(Map<?, ?> map) {
    var copy = new LinkedHashMap<String, @Nullable Object>();
    map.forEach(
        (key, value) ->
            copy.put(
                String.valueOf(key), value instanceof Map<?, ?> nested ? copy(nested) : value));
    return copy;
  }
}
