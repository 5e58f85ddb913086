package org.stackel.experiment;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.stackel.algorithm.Algorithms;
import org.stackel.algorithm.BilevelAlgorithm;
import org.stackel.config.InvalidInputException;
import org.stackel.config.Options;
import org.stackel.config.Rules;
import org.stackel.problem.ProblemOptions;
import org.stackel.problem.Problems;
import org.stackel.runfile.Document;
import org.stackel.runfile.FileErrors;

/**
 * An experiment as it is put together: values from a file or a preset and from options over them,
 * and where each came from, so that a complaint can say where to mend it.
 */
public final class Draft {
  private static final String SET = "--set ";

  private final String source;
  private final Map<String, @Nullable Object> values;
  private final Map<String, String> places = new LinkedHashMap<>();

  private final Consumer<Map<?, ?>> problemCheck;

  /** The data that a preset is made for; null for other experiments. */
  private final @Nullable Object presetData;

  private long epochs;

  private Draft(
      String source,
      Map<String, @Nullable Object> values,
      Consumer<Map<?, ?>> problemCheck,
      @Nullable Object presetData) {
    this.source = source;
    this.values = values;
    this.problemCheck = problemCheck;
    this.presetData = presetData;
  }

  /**
   * Reads an experiment file.
   *
   * @throws InvalidInputException with file and line, if it is no JSON object
   */
  public static Draft read(Path file) {
    String name = file.toString();
    Document document;
    try {
      document = Document.read(file);
    } catch (IOException e) {
      throw FileErrors.reading(file, e);
    }
    if (!(document.value() instanceof Map<?, ?> map)) {
      throw new InvalidInputException(
              "An experiment must be a JSON object.", "the braces { } around it are missing.")
          .at(name + ":1");
    }
    var draft = new Draft(name, copy(map), problem -> {}, null);
    document.lines().forEach((path, line) -> draft.places.put(path, name + ":" + line));
    return draft;
  }

  /** Starts from values at hand. */
  public static Draft of(String source, Map<String, ?> values) {
    return new Draft(source, copy(values), problem -> {}, null);
  }

  /**
   * Starts from the values of a preset. What they say about its data goes when a user names other
   * data: see {@link #fitToData}.
   *
   * @param problemCheck looks at the problem's values before an experiment is made of them
   */
  public static Draft of(String source, Map<String, ?> values, Consumer<Map<?, ?>> problemCheck) {
    Object data = values.get("problem") instanceof Map<?, ?> problem ? problem.get("data") : null;
    return new Draft(source, copy(values), problemCheck, data == null ? "" : data);
  }

  /**
   * Puts in a value of the form {@code key=value}: a dotted path, then JSON or, if it is none, a
   * text.
   */
  public void set(String assignment) {
    int equals = assignment.indexOf('=');
    String path = equals < 0 ? assignment : assignment.substring(0, equals);
    String place = SET + path;
    if (equals <= 0) {
      throw new InvalidInputException(
              "--set takes key=value, found '%s'.".formatted(assignment),
              "--set algorithm.upperLr=0.1 was meant.")
          .at("--set");
    }
    set(path, parse(assignment.substring(equals + 1), place), place);
  }

  private static @Nullable Object parse(String text, String place) {
    try {
      return Document.parse(text, place).value();
    } catch (InvalidInputException e) {
      if (text.startsWith("[") || text.startsWith("{") || text.startsWith("\"")) {
        throw new InvalidInputException(
                "The value %s is not JSON.".formatted(text),
                "a bracket or quote is missing, or the shell removed it: put the whole argument in '…'.")
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
    if (keys.size() == 2) {
      removeOtherNames(keys.get(0), keys.get(1), at);
    }
    at.put(keys.get(keys.size() - 1), value);
    places.keySet().removeIf(known -> known.startsWith(path + "."));
    places.put(path, place);
  }

  /**
   * What is put in takes the place of a value of the file under another name of the same option;
   * two names on one command line are told later.
   */
  private void removeOtherNames(String part, String key, Map<String, @Nullable Object> options) {
    Class<? extends Record> type = type(part, options.get("type"));
    if (type != null) {
      options
          .keySet()
          .removeIf(
              other -> Options.names(type, key).contains(other) && !isSet(part + "." + other));
    }
  }

  private boolean isSet(String path) {
    return places.getOrDefault(path, "").equals(SET + path);
  }

  /** The class of a part's options; null if its type is not known, which is told later. */
  private static @Nullable Class<? extends Record> type(String part, @Nullable Object name) {
    if (part.equals("problem")) {
      return Problems.all().stream()
          .filter(entry -> entry.name().equals(name))
          .findFirst()
          .map(entry -> ((Record) entry.defaults()).getClass())
          .orElse(null);
    }
    if (part.equals("algorithm")) {
      return Algorithms.all().stream()
          .filter(entry -> entry.name().equals(name))
          .findFirst()
          .map(entry -> ((Record) entry.defaults()).getClass())
          .orElse(null);
    }
    return null;
  }

  /**
   * The option that has put in this value, a part of it or what it is part of; null if none has.
   */
  public @Nullable String option(String path) {
    return places.entrySet().stream()
        .filter(
            known ->
                (known.getKey() + ".").startsWith(path + ".")
                    || (path + ".").startsWith(known.getKey() + "."))
        .map(Map.Entry::getValue)
        .filter(place -> place.startsWith("--"))
        .findFirst()
        .orElse(null);
  }

  /**
   * Asks for as many steps as make this many passes through the training set: their number is known
   * when the problem is opened.
   */
  public void setEpochs(long epochs) {
    new Rules("the experiment").atLeast("epochs", epochs, 1);
    this.epochs = epochs;
  }

  /**
   * Removes what a preset says about its own data, where a user has put a file of another name in
   * their place: sizes, label noise and the like.
   *
   * @return the options that went, as {@code key=value}
   */
  public List<String> fitToData() {
    if (presetData == null
        || !places.containsKey("problem.data")
        || !(values.get("problem") instanceof Map<?, ?> problem)
        || !(problem.get("data") instanceof String data)
        || isSameFile(data, presetData)) {
      return List.of();
    }
    var gone = new ArrayList<String>();
    for (String key : madeFor(problem.get("type"), data)) {
      if (problem.containsKey(key) && !places.containsKey("problem." + key)) {
        gone.add(key + "=" + problem.get(key));
        problem.remove(key);
      }
    }
    return gone;
  }

  private static List<String> madeFor(@Nullable Object type, String data) {
    return Problems.all().stream()
        .filter(entry -> entry.name().equals(type))
        .findFirst()
        .map(entry -> entry.defaults().madeFor(data))
        .orElse(List.of());
  }

  /** Whether it is the file of a preset, perhaps in another directory. */
  private static boolean isSameFile(String data, Object presetData) {
    return Path.of(data).endsWith(Path.of(String.valueOf(presetData)).getFileName());
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
    fitToData();
    try {
      if (values.get("problem") instanceof Map<?, ?> problem) {
        problemCheck.accept(problem);
      }
      return Experiment.of(values).withEpochs(epochs);
    } catch (InvalidInputException e) {
      throw locate(e);
    }
  }

  /**
   * The experiment, of whose problem and algorithm the values have the names only.
   *
   * @throws InvalidInputException with its place, if the values are about others
   */
  public Experiment experiment(ProblemOptions problem, BilevelAlgorithm<?> algorithm) {
    try {
      return Experiment.of(values, problem, algorithm);
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
