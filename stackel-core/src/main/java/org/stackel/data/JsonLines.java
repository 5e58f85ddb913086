package org.stackel.data;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.stackel.config.InvalidInputException;
import org.stackel.config.Shown;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.json.JsonFactory;

/** Finds the keys and values of JSON objects, one on each line. */
final class JsonLines {
  /** What {@code print} of a dictionary writes. */
  private static final Pattern PYTHON = Pattern.compile("\\s*\\{u?'");

  private static final Pattern DOUBLED = Pattern.compile("Duplicate Object property \"(.*)\"");
  private static final Pattern NOT_A_NUMBER = Pattern.compile("(?:NaN|[+-]?Infinity|[+-]?INF)");

  private static final JsonFactory JSON =
      JsonFactory.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build();

  private final Path file;
  private final String text;
  private final Map<String, Integer> keys = new LinkedHashMap<>();
  private final List<int[]> values = new ArrayList<>();
  private final Ints lines = new Ints();
  private final Ints ends = new Ints();

  private JsonLines(Path file, String text) {
    this.file = file;
    this.text = text;
  }

  /**
   * The objects of a file.
   *
   * @param keys all keys, in the order in which they are first seen
   * @param values of each object: numbers of its keys, each with the beginning and the end of its
   *     value
   * @param lines line of each object
   * @param ends where the closing brace of each object stands
   */
  @SuppressWarnings("ArrayRecordComponent") // compared nowhere
  record Objects(List<String> keys, int[][] values, int[] lines, int[] ends) {}

  static Objects scan(Path file, String text) {
    return scan(file, text, List.of(), 1);
  }

  /**
   * The objects of a part of a file.
   *
   * @param known keys of other parts, which come first
   * @param line line of the file with which it begins
   */
  static Objects scan(Path file, String text, List<String> known, int line) {
    var lines = new JsonLines(file, text);
    known.forEach(key -> lines.keys.put(key, lines.keys.size()));
    return lines.scan(line);
  }

  private Objects scan(int first) {
    int line = first;
    for (int at = 0; at < text.length(); line++) {
      int end = lineEnd(at);
      String object = text.substring(at, end);
      if (!object.isBlank()) {
        lines.add(line);
        object(line, at, object);
      }
      at = end + (text.startsWith("\r\n", end) ? 2 : 1);
    }
    return new Objects(
        List.copyOf(keys.keySet()), values.toArray(new int[0][]), lines.toArray(), ends.toArray());
  }

  private int lineEnd(int from) {
    int at = from;
    while (at < text.length() && text.charAt(at) != '\n' && text.charAt(at) != '\r') {
      at++;
    }
    return at;
  }

  private void object(int line, int offset, String object) {
    String place = file + ":" + line;
    if (PYTHON.matcher(object).lookingAt()) {
      throw new InvalidInputException(
              "The line is a Python literal with single quotes; it must be JSON.",
              "`python3 -c 'import ast, json, sys; [print(json.dumps(ast.literal_eval(l))) for l in sys.stdin]'` converts it.")
          .at(place);
    }
    try (JsonParser json = JSON.createParser(ObjectReadContext.empty(), object)) {
      if (json.nextToken() != JsonToken.START_OBJECT) {
        throw new InvalidInputException(
                "The line must be a JSON object, found %s."
                    .formatted(json.currentToken() == JsonToken.START_ARRAY ? "a list" : "a value"),
                "the whole file is one list: `jq -c '.[]'` writes one object a line.")
            .at(place);
      }
      var found = new Ints();
      for (String key = json.nextName(); key != null; key = json.nextName()) {
        JsonToken value = json.nextToken();
        int begin = (int) json.currentTokenLocation().getCharOffset();
        json.skipChildren();
        if (value.isScalarValue() && value != JsonToken.VALUE_NULL) {
          found.add(keys.computeIfAbsent(key, k -> keys.size()));
          found.add(offset + begin);
          found.add(offset + valueEnd(object, begin));
        } else {
          keys.putIfAbsent(key, keys.size());
        }
      }
      ends.add(offset + (int) json.currentTokenLocation().getCharOffset());
      if (json.nextToken() != null) {
        throw new InvalidInputException(
                "A second value follows the JSON object.", "a line break is missing.")
            .at(place);
      }
      values.add(found.toArray());
    } catch (JacksonException e) {
      throw broken(object, e).at(place).causedBy(e);
    }
  }

  /** Where a scalar ends; the end of the line, which the parser will refuse, if it does not. */
  private static int valueEnd(String object, int begin) {
    int at = begin + 1;
    if (object.charAt(begin) == '"') {
      while (at < object.length() && object.charAt(at) != '"') {
        at += object.charAt(at) == '\\' ? 2 : 1;
      }
      return at + 1;
    }
    while (at < object.length() && ",}] \t".indexOf(object.charAt(at)) < 0) {
      at++;
    }
    return at;
  }

  private static InvalidInputException broken(String object, JacksonException e) {
    int column = e.getLocation() == null ? 0 : e.getLocation().getColumnNr();
    String why = String.valueOf(e.getOriginalMessage());
    var doubled = DOUBLED.matcher(why);
    if (doubled.find()) {
      return new InvalidInputException(
          "The key '%s' stands twice in the object.".formatted(doubled.group(1)),
          "one of both can be left out, or named otherwise.");
    }
    var noNumber = NOT_A_NUMBER.matcher(object);
    int near = Math.max(0, Math.min(object.length(), column) - 12);
    if (noNumber.find(near) && noNumber.start() <= column + 1 && why.contains("oken")) {
      return new InvalidInputException(
          "%s (column %d) is not JSON, which has no such number."
              .formatted(noNumber.group(), noNumber.start() + 1),
          "null was meant; in Python, json.dumps(…, allow_nan=False) finds such values.");
    }
    String before = object.substring(0, Math.max(0, Math.min(object.length(), column - 1)));
    if (before.stripTrailing().endsWith(",") && object.substring(before.length()).startsWith("}")) {
      return new InvalidInputException(
          "A comma stands before the closing brace (column %d); JSON has none there."
              .formatted(before.stripTrailing().length()),
          "the last key of the object was removed.");
    }
    if (object.strip().equals("{")) {
      return new InvalidInputException(
          "The line is only the beginning of a JSON object.",
          "the object runs over several lines: `jq -c .` writes one a line.");
    }
    boolean isCut = why.contains("end-of-input") || why.contains("end of input");
    return new InvalidInputException(
        "The line is no JSON: %s (column %d).".formatted(Shown.jsonReason(why), column),
        isCut ? "the line is cut off." : "a quote, a comma or a colon is missing before it.");
  }

  /** What the text of a scalar says. */
  static String decoded(String raw) {
    if (!raw.startsWith("\"")) {
      return raw;
    }
    if (raw.indexOf('\\') < 0) {
      return raw.substring(1, raw.length() - 1);
    }
    try (JsonParser json = JSON.createParser(ObjectReadContext.empty(), raw)) {
      json.nextToken();
      return json.getString();
    }
  }

  /** How a value is written in the place of another: numbers and booleans stay such. */
  static String encoded(String value, String inPlaceOf) {
    boolean isBare = !inPlaceOf.startsWith("\"") && BARE.matcher(value).matches();
    return isBare ? value : encoded(value);
  }

  private static final Pattern BARE =
      Pattern.compile("true|false|-?(?:0|[1-9][0-9]*)(?:\\.[0-9]+)?(?:[eE][+-]?[0-9]+)?");

  /** A JSON text. */
  static String encoded(String value) {
    var json = new StringBuilder("\"");
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      switch (c) {
        case '"' -> json.append("\\\"");
        case '\\' -> json.append("\\\\");
        case '\n' -> json.append("\\n");
        case '\r' -> json.append("\\r");
        case '\t' -> json.append("\\t");
        default -> {
          if (c < ' ') {
            json.append("\\u%04x".formatted((int) c));
          } else {
            json.append(c);
          }
        }
      }
    }
    return json.append('"').toString();
  }
}
