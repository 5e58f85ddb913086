package org.stackel.text;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.stackel.config.InvalidInputException;
import org.stackel.config.Options;
import org.stackel.data.InputFile;

/** Reads pairs of sentences with their relation: SNLI, MultiNLI and what has their keys. */
final class NliReader {
  private static final List<String> RELATIONS = List.of("entailment", "neutral", "contradiction");

  /** First sentence, second sentence, label: as SNLI calls them, and as others do. */
  private static final List<List<String>> KEYS =
      List.of(
          List.of("sentence1", "sentence2", "gold_label"),
          List.of("premise", "hypothesis", "label"),
          List.of("premise", "hypothesis", "gold_label"));

  private NliReader() {}

  static boolean isHeader(List<String> cells) {
    return cells.containsAll(KEYS.get(0));
  }

  /** Whether an object has the keys and one of the known labels. */
  static boolean isPair(Map<String, String> object) {
    List<String> keys = keys(object);
    if (keys == null) {
      return false;
    }
    String label = object.getOrDefault(keys.get(2), "");
    return isMissing(label) || relation(label) != null;
  }

  private static @Nullable List<String> keys(Map<String, String> object) {
    for (List<String> keys : KEYS) {
      if (object.keySet().containsAll(keys)) {
        return keys;
      }
    }
    return null;
  }

  private static boolean isMissing(String label) {
    return label.equals("-") || label.equals("-1");
  }

  private static @Nullable String relation(String label) {
    return switch (label) {
      case "0" -> RELATIONS.get(0);
      case "1" -> RELATIONS.get(1);
      case "2" -> RELATIONS.get(2);
      default -> RELATIONS.contains(label) ? label : null;
    };
  }

  static TextSet read(Path file, byte[] plain) {
    String text = InputFile.utf8(file, plain);
    Examples.requireText(file, text);
    var entries = new ArrayList<TextSet.Entry>();
    Iterator<String> lines = text.lines().iterator();
    List<String> header = null;
    int number = 0;
    int missing = 0;
    while (lines.hasNext()) {
      String line = lines.next();
      number++;
      if (line.isBlank()) {
        continue;
      }
      Map<String, String> cells;
      if (line.startsWith("{")) {
        cells = Examples.object(file, number, line);
      } else if (header == null) {
        header = header(file, number, line);
        continue;
      } else {
        cells = cells(header, line);
      }
      Example example = example(cells, file + ":" + number);
      if (example == null) {
        missing++;
      } else {
        entries.add(new TextSet.Entry(example, file.toString(), number));
      }
    }
    List<String> remarks =
        missing == 0
            ? List.of()
            : List.of(
                "%s: %d pairs without an agreed label are left out.".formatted(file, missing));
    return new TextSet(entries, Map.of(), remarks, null);
  }

  private static List<String> header(Path file, int number, String line) {
    List<String> header = Arrays.asList(line.split("\t", -1));
    if (!isHeader(header)) {
      throw new InvalidInputException(
              "The first line must name the columns %s, with tabs between."
                  .formatted(String.join(", ", KEYS.get(0))),
              "the header was cut off, or 'table' is the format.")
          .at(file + ":" + number);
    }
    return header;
  }

  /** A row may end early: the columns at the end are often left out. */
  private static Map<String, String> cells(List<String> header, String line) {
    String[] values = line.split("\t", -1);
    var cells = new HashMap<String, String>();
    for (int i = 0; i < Math.min(values.length, header.size()); i++) {
      cells.put(header.get(i), values[i]);
    }
    return cells;
  }

  private static @Nullable Example example(Map<String, String> cells, String place) {
    List<String> keys = keys(cells);
    if (keys == null) {
      throw new InvalidInputException(
              "The pair must have %s or %s; it has %s."
                  .formatted(
                      String.join(", ", KEYS.get(0)),
                      String.join(", ", KEYS.get(1)),
                      String.join(", ", new LinkedHashMap<>(cells).keySet())),
              "the line is cut off, or 'table' is the format.")
          .at(place);
    }
    String label = cells.getOrDefault(keys.get(2), "").strip();
    if (isMissing(label)) {
      return null;
    }
    String relation = relation(label);
    if (relation == null) {
      throw new InvalidInputException(
              "The label '%s' must be one of %s, 0, 1, 2, - or -1."
                  .formatted(label, String.join(", ", RELATIONS)),
              "'table' is the format, or " + Options.meant(label, RELATIONS))
          .at(place);
    }
    return new Example(
        cells.getOrDefault(keys.get(0), "").strip(),
        cells.getOrDefault(keys.get(1), "").strip(),
        relation,
        cells.getOrDefault("genre", ""));
  }
}
