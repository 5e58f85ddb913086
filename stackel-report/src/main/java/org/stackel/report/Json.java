package org.stackel.report;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.stackel.config.InvalidInputException;
import tools.jackson.core.JacksonException;
import tools.jackson.core.TokenStreamLocation;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A JSON value that knows where it came from, so that every complaint can say so.
 *
 * @param place {@code file} or {@code file:line}
 * @param path the dotted path inside the document; empty at its root
 * @param node the value
 */
record Json(String place, String path, JsonNode node) {
  static final JsonMapper MAPPER = JsonMapper.shared();

  private static final Map<String, Double> NOT_FINITE =
      Map.of(
          "NaN", Double.NaN,
          "Infinity", Double.POSITIVE_INFINITY,
          "-Infinity", Double.NEGATIVE_INFINITY);

  /** A file that must be there and hold one JSON object. */
  static Json read(Path file) throws IOException {
    return parse(text(file), file.toString(), 1);
  }

  /** The text of a file that must be there. */
  static String text(Path file) throws IOException {
    if (!Files.isRegularFile(file)) {
      Path directory = file.getParent();
      throw new InvalidInputException(
              "The file is missing.",
              directory != null && Files.isDirectory(directory)
                  ? "'%s' is no run directory, or its run was stopped before it wrote anything."
                      .formatted(directory)
                  : "the directory's name is misspelled: it does not exist.")
          .at(file.toString());
    }
    try {
      return Files.readString(file);
    } catch (CharacterCodingException e) {
      throw new InvalidInputException(
              "The file is not UTF-8 text.", "it was damaged or is another kind of file.")
          .at(file.toString())
          .causedBy(e);
    }
  }

  /** One JSON object from a text whose first line has the given number in the file. */
  static Json parse(String text, String file, long firstLine) {
    try {
      var json = new Json(file, "", MAPPER.readTree(text));
      if (json.node.isObject()) {
        return firstLine == 1 ? json : new Json(file + ":" + firstLine, "", json.node);
      }
      throw json.wrong("must be an object", "an opening { is missing.");
    } catch (JacksonException e) {
      TokenStreamLocation location = e.getLocation();
      long line = firstLine + (location == null ? 0 : Math.max(0, location.getLineNr() - 1));
      throw new InvalidInputException(
              "This is not valid JSON: %s.".formatted(e.getOriginalMessage()),
              "the file was edited by hand or is cut off.")
          .at(file + ":" + line)
          .causedBy(e);
    }
  }

  /** A member, or null where it is absent or null. */
  @Nullable Json find(String key) {
    JsonNode member = node.get(key);
    return member == null || member.isNull() ? null : child(key, member);
  }

  /** A member that must be there. */
  Json member(String key) {
    Json member = find(key);
    if (member == null) {
      throw child(key, node).wrong("is missing", "another version of Stackel wrote the file.");
    }
    return member;
  }

  String text() {
    if (!node.isString()) {
      throw wrong("must be a text", "the quotes around it are missing.");
    }
    return node.stringValue();
  }

  /** A number; the texts NaN, Infinity and -Infinity are numbers too. */
  double number() {
    if (node.isNumber()) {
      return node.doubleValue();
    }
    Double value = node.isString() ? NOT_FINITE.get(node.stringValue()) : null;
    if (value != null) {
      return value;
    }
    throw wrong(
        "must be a number, \"NaN\", \"Infinity\" or \"-Infinity\"",
        "the quotes around it are too much.");
  }

  /** A finite number of at least zero. */
  double amount() {
    double number = number();
    if (!(number >= 0) || Double.isInfinite(number)) {
      throw wrong("must be a finite number of at least 0", "the file was edited by hand.");
    }
    return number;
  }

  /** A whole number of at least zero. */
  long count() {
    double number = amount();
    if (number != Math.rint(number)) {
      throw wrong("must be a whole number of at least 0", "the file was edited by hand.");
    }
    return (long) number;
  }

  /** The elements of a list; none where the member is absent. */
  List<Json> items(String key) {
    Json list = find(key);
    if (list == null) {
      return List.of();
    }
    if (!list.node.isArray()) {
      throw list.wrong("must be a list", "the [ ] around it are missing.");
    }
    var items = new ArrayList<Json>();
    list.node.forEach(
        item -> items.add(new Json(place, "%s[%d]".formatted(list.path, items.size()), item)));
    return items;
  }

  /** The texts of a list; none where the member is absent. */
  List<String> texts(String key) {
    return items(key).stream().map(Json::text).toList();
  }

  /** The members of an object, in their order. */
  Map<String, Json> members() {
    if (!node.isObject()) {
      throw wrong("must be an object", "the { } around it are missing.");
    }
    var members = new LinkedHashMap<String, Json>();
    node.properties().forEach(e -> members.put(e.getKey(), child(e.getKey(), e.getValue())));
    return members;
  }

  /** Every number, text and list by its dotted path. */
  Map<String, String> flat() {
    var flat = new LinkedHashMap<String, String>();
    flatten("", node, flat);
    return flat;
  }

  private static void flatten(String path, JsonNode node, Map<String, String> flat) {
    if (node.isObject() && !node.isEmpty()) {
      node.properties()
          .forEach(
              e ->
                  flatten(
                      path.isEmpty() ? e.getKey() : path + "." + e.getKey(), e.getValue(), flat));
    } else {
      flat.put(path, node.isString() ? node.stringValue() : node.toString());
    }
  }

  InvalidInputException wrong(String rule, String maybe) {
    String what = path.isEmpty() ? "The document" : "'" + path + "'";
    String value = node.isContainer() ? "" : " (" + node + ")";
    return new InvalidInputException(what + value + " " + rule + ".", maybe).at(place);
  }

  private Json child(String key, JsonNode value) {
    return new Json(place, path.isEmpty() ? key : path + "." + key, value);
  }
}
