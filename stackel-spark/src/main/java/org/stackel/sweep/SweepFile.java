package org.stackel.sweep;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.stackel.config.InvalidInputException;
import org.stackel.config.Options;
import org.stackel.config.Rules;
import org.stackel.runfile.Document;
import org.stackel.runfile.FileErrors;
import org.stackel.tensor.Seed;

/**
 * A sweep as its file states it: one experiment, and the values that are put into it.
 *
 * @param experiment name of a preset, path of a file, or the values of an experiment
 * @param points what is put in, by dotted path; one point without values if nothing is varied
 * @param places where each varied key stands, for messages
 * @param seeds of the runs of every point
 * @param halving how points are left behind; null if all runs have all steps
 * @param head what else there is
 * @param document the file
 */
public record SweepFile(
    Object experiment,
    List<Map<String, @Nullable Object>> points,
    Map<String, String> places,
    List<Long> seeds,
    @Nullable Halving halving,
    Head head,
    Document document) {
  private static final String OWNER = "the sweep";
  private static final List<String> KEYS =
      List.of("experiment", "grid", "random", "halving", "seeds");
  private static final long MAX_RUNS = 100_000;

  /**
   * Plain options.
   *
   * @param metric by which points are judged
   * @param ranks number of processes that share each run
   */
  public record Head(String metric, int ranks) {
    private static final int MAX_RANKS = 1000;

    public Head {
      new Rules().atLeast("ranks", ranks, 1);
      if (ranks > MAX_RANKS) {
        throw new Rules()
            .broken(
                "ranks", ranks, "must be at most " + MAX_RANKS, "a number such as 4 was meant.");
      }
    }
  }

  /** How many points are drawn, and from which seed. */
  private record Draws(long runs, long seed) {
    Draws {
      new Rules().atLeast("runs", runs, 1);
      new Rules().atLeast("seed", seed, 0);
    }
  }

  /**
   * Reads a file.
   *
   * @throws InvalidInputException with file and line, for the first mistake
   */
  public static SweepFile read(Path file) {
    try {
      return of(Document.read(file));
    } catch (IOException e) {
      throw FileErrors.reading(file, e);
    }
  }

  static SweepFile of(Document document) {
    try {
      if (!(document.value() instanceof Map<?, ?> map)) {
        throw new InvalidInputException(
                "A sweep must be a JSON object.", "the braces { } around it are missing.")
            .at(document.source() + ":1");
      }
      return of(map, document);
    } catch (InvalidInputException e) {
      throw e.at(place(document, e.key()));
    }
  }

  /** The line of the innermost key of a path that is known. */
  private static String place(Document document, @Nullable String path) {
    String at = path == null ? "" : path;
    while (!at.isEmpty() && !document.lines().containsKey(at)) {
      at = at.contains(".") ? at.substring(0, at.lastIndexOf('.')) : "";
    }
    return document.source() + ":" + document.lines().getOrDefault(at, 1);
  }

  private static SweepFile of(Map<?, ?> map, Document document) {
    var rest = new LinkedHashMap<String, @Nullable Object>();
    map.forEach((key, value) -> rest.put(String.valueOf(key), value));
    var known = new ArrayList<>(KEYS);
    known.addAll(Options.toMap(new Head("", 1)).keySet());
    for (String key : rest.keySet()) {
      if (!known.contains(key)) {
        throw Options.unknownKey(key, known, OWNER);
      }
    }
    Object experiment = rest.get("experiment");
    if (!(experiment instanceof String) && !(experiment instanceof Map<?, ?>)) {
      throw new InvalidInputException(
              "The sweep needs an experiment: the name of a preset, a file, or an experiment in braces.",
              "\"experiment\": \"experiment.json\" was meant.")
          .atKey("experiment");
    }
    var places = new LinkedHashMap<String, String>();
    List<Map<String, @Nullable Object>> drawn = random(rest.get("random"), document, places);
    List<Map<String, @Nullable Object>> grid = grid(rest.get("grid"), document, places);
    List<Long> seeds = seeds(rest.get("seeds"));
    Object halving = rest.get("halving");
    long runs = Math.multiplyExact((long) drawn.size() * grid.size(), (long) seeds.size());
    checkNumber(runs);
    var points = new ArrayList<Map<String, @Nullable Object>>();
    for (Map<String, @Nullable Object> first : drawn) {
      for (Map<String, @Nullable Object> second : grid) {
        var point = new LinkedHashMap<>(first);
        point.putAll(second);
        points.add(point);
      }
    }
    rest.keySet().removeAll(KEYS);
    return new SweepFile(
        Objects.requireNonNull(experiment),
        points,
        places,
        seeds,
        halving == null
            ? null
            : under("halving", () -> Options.bind(Halving.DEFAULTS, object(halving), "halving")),
        Options.bind(new Head("upperLoss", 1), rest, OWNER),
        document);
  }

  private static void checkNumber(long runs) {
    if (runs > MAX_RUNS) {
      throw new InvalidInputException(
          String.format(
              Locale.ROOT, "The sweep has more than %,d runs, which is the most.", MAX_RUNS),
          "a random search was meant, which draws some of the points.");
    }
  }

  private static List<Map<String, @Nullable Object>> grid(
      @Nullable Object value, Document document, Map<String, String> places) {
    List<Map<String, @Nullable Object>> points = List.of(Map.of());
    if (value == null) {
      return points;
    }
    for (Map.Entry<String, @Nullable Object> axis : under("grid", () -> object(value)).entrySet()) {
      String path = "grid." + axis.getKey();
      checkKey(axis.getKey(), path, places);
      places.put(axis.getKey(), place(document, path));
      List<? extends @Nullable Object> all = values(axis.getValue(), path);
      checkNumber((long) points.size() * all.size());
      var next = new ArrayList<Map<String, @Nullable Object>>();
      for (Map<String, @Nullable Object> point : points) {
        for (Object each : all) {
          var longer = new LinkedHashMap<>(point);
          longer.put(axis.getKey(), each);
          next.add(longer);
        }
      }
      points = next;
    }
    return points;
  }

  private static List<Map<String, @Nullable Object>> random(
      @Nullable Object value, Document document, Map<String, String> places) {
    if (value == null) {
      return List.of(Map.of());
    }
    Map<String, @Nullable Object> given = under("random", () -> object(value));
    Object stated = given.remove("ranges");
    var known = List.of("runs", "seed", "ranges");
    for (String key : given.keySet()) {
      if (!known.contains(key)) {
        throw Options.unknownKey(key, known, "random").under("random");
      }
    }
    if (stated == null || !given.containsKey("runs")) {
      throw new InvalidInputException(
              "A random search needs runs and ranges.",
              "\"random\": {\"runs\": 20, \"ranges\": {\"algorithm.upperLr\": {\"log\": [0.001, 1.0]}}} was meant.")
          .atKey("random");
    }
    Draws draws = under("random", () -> Options.bind(new Draws(1, 0), given, "random"));
    checkNumber(draws.runs());
    var ranges = new LinkedHashMap<String, Range>();
    under("random.ranges", () -> object(stated))
        .forEach(
            (key, range) -> {
              String path = "random.ranges." + key;
              checkKey(key, path, places);
              places.put(key, place(document, path));
              ranges.put(key, Range.of(range, path));
            });
    var seed = new Seed(draws.seed()).child("sweep");
    var points = new ArrayList<Map<String, @Nullable Object>>();
    for (long i = 0; i < draws.runs(); i++) {
      var point = new LinkedHashMap<String, @Nullable Object>();
      for (Map.Entry<String, Range> range : ranges.entrySet()) {
        point.put(range.getKey(), range.getValue().draw(seed, range.getKey(), i));
      }
      points.add(point);
    }
    return points;
  }

  private static void checkKey(String key, String path, Map<String, String> places) {
    if (key.equals("seed")) {
      throw new InvalidInputException(
              "Seeds are no values of a sweep: a point is judged by the mean over them.",
              "\"seeds\": [0, 1, 2] beside the grid was meant.")
          .atKey(path);
    }
    if (places.containsKey(key)) {
      throw new InvalidInputException(
              "The key '%s' is both in the grid and drawn at random.".formatted(key),
              "one of them can be removed.")
          .atKey(path);
    }
  }

  private static List<Long> seeds(@Nullable Object value) {
    if (value == null) {
      return List.of(0L);
    }
    var seeds = new ArrayList<Long>();
    for (Object each : values(value, "seeds")) {
      if (!(each instanceof Long seed) || seed < 0) {
        throw new InvalidInputException(
                "Seeds must be whole numbers of at least 0, found %s."
                    .formatted(Document.line(each)),
                "\"seeds\": [0, 1, 2] was meant.")
            .atKey("seeds");
      }
      seeds.add(seed);
    }
    return seeds;
  }

  /** A list of distinct values. */
  static List<? extends @Nullable Object> values(@Nullable Object value, String path) {
    if (!(value instanceof List<?> list) || list.isEmpty()) {
      throw new InvalidInputException(
              "Values must be a list with at least one of them, found %s."
                  .formatted(Document.line(value)),
              path.equals("seeds") ? "[0, 1, 2] was meant." : "[0.01, 0.1] was meant.")
          .atKey(path);
    }
    if (list.stream().map(Document::line).distinct().count() < list.size()) {
      throw new InvalidInputException(
              "Values must differ, found %s.".formatted(Document.line(value)),
              "one of them can be removed.")
          .atKey(path);
    }
    return list;
  }

  private static Map<String, @Nullable Object> object(@Nullable Object value) {
    if (!(value instanceof Map<?, ?> map)) {
      throw new InvalidInputException(
          "This must be an object, found %s.".formatted(Document.line(value)),
          "the { } around it are missing.");
    }
    var copy = new LinkedHashMap<String, @Nullable Object>();
    map.forEach((key, each) -> copy.put(String.valueOf(key), each));
    return copy;
  }

  private interface Maker<T> {
    T make();
  }

  private static <T> T under(String prefix, Maker<T> maker) {
    try {
      return maker.make();
    } catch (InvalidInputException e) {
      throw e.under(prefix);
    }
  }
}
