package org.stackel.runfile;

import java.io.IOException;
import java.io.StringWriter;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.stackel.config.InvalidInputException;
import org.stackel.config.Shown;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/**
 * A JSON value and where its keys stand.
 *
 * @param source what the text is called in messages: a file, an option
 * @param value a map in the order of the text, a list, String, Long, Double, Boolean or null
 * @param lines the line of every key by its path, such as {@code sections[0].title}, of every
 *     object in a list, and of the whole, whose path is empty
 */
public record Document(String source, @Nullable Object value, Map<String, Integer> lines) {
  private static final JsonFactory FACTORY = new JsonFactory();

  /**
   * Reads a file.
   *
   * @throws IOException if it cannot be read
   * @throws InvalidInputException if it is not one JSON value in UTF-8
   */
  public static Document read(Path file) throws IOException {
    return parse(text(file), file.toString());
  }

  /**
   * Reads JSON.
   *
   * @param source what to call the text in messages
   * @throws InvalidInputException with the line, if it is not one JSON value
   */
  public static Document parse(String text, String source) {
    return parse(text, source, 1);
  }

  /** Reads JSON that begins at a line of its source. */
  static Document parse(String text, String source, int firstLine) {
    if (text.isBlank()) {
      throw new InvalidInputException("The file is empty.", "it was not saved yet.")
          .at(source + ":" + firstLine);
    }
    try (JsonParser parser = FACTORY.createParser(ObjectReadContext.empty(), text)) {
      var reader = new Reader(parser, source, firstLine);
      parser.nextToken();
      Object value = reader.value("");
      if (parser.nextToken() != null) {
        throw reader.complaint(
            "There is text after the end of the JSON value.", "a brace closes too early.");
      }
      return new Document(source, value, reader.lines);
    } catch (JacksonException e) {
      int line = e.getLocation() == null ? 1 : Math.max(1, e.getLocation().getLineNr());
      int column = e.getLocation() == null ? 1 : Math.max(1, e.getLocation().getColumnNr());
      throw new InvalidInputException(
              "This is not JSON: %s (column %s)."
                  .formatted(
                      Shown.jsonReason(firstSentence(e.getOriginalMessage())),
                      Integer.toString(column)),
              "a comma, a quote or a brace is missing here or on the line before.")
          .at(source + ":" + (firstLine - 1 + line))
          .causedBy(e);
    }
  }

  /** The value below these keys and indices; null if there is none. */
  @Nullable Object value(List<Object> keys) {
    Object at = value;
    for (Object key : keys) {
      at =
          at instanceof Map<?, ?> map
              ? map.get(key)
              : at instanceof List<?> list && key instanceof Integer index && index < list.size()
                  ? list.get(index)
                  : null;
    }
    return at;
  }

  /** The complaint about the value below these keys and indices. */
  InvalidInputException wrong(List<Object> keys, String rule, String maybe) {
    var path = new StringBuilder();
    int line = lines.getOrDefault("", 1);
    for (Object key : keys) {
      path.append(key instanceof Integer ? "[" + key + "]" : path.isEmpty() ? key : "." + key);
      line = lines.getOrDefault(path.toString(), line);
    }
    Object found = value(keys);
    String what = path.isEmpty() ? "The document" : "'" + path + "'";
    boolean isShown = found != null && !(found instanceof Map) && !(found instanceof List);
    return new InvalidInputException(
            "%s%s %s.".formatted(what, isShown ? " (" + line(found) + ")" : "", rule), maybe)
        .at(source + ":" + line);
  }

  /**
   * A value on one line, without a line end. Loads the core of Jackson only, unlike {@link
   * RunFiles}: commands that only say something start faster.
   *
   * @param value what JSON has: maps, lists, texts, numbers, booleans, null
   */
  public static String line(@Nullable Object value) {
    var text = new StringWriter();
    try (JsonGenerator generator = FACTORY.createGenerator(ObjectWriteContext.empty(), text)) {
      write(generator, value);
    }
    return text.toString();
  }

  /** The first key of the one whose value the other has not, as JSON; null if there is none. */
  public static @Nullable String difference(Map<String, ?> one, Map<String, ?> other) {
    return one.keySet().stream()
        .filter(key -> !line(one.get(key)).equals(line(other.get(key))))
        .findFirst()
        .orElse(null);
  }

  private static void write(JsonGenerator generator, @Nullable Object value) {
    if (value instanceof Map<?, ?> map) {
      generator.writeStartObject();
      map.forEach(
          (key, element) -> {
            generator.writeName(String.valueOf(key));
            write(generator, element);
          });
      generator.writeEndObject();
    } else if (value instanceof List<?> list) {
      generator.writeStartArray();
      list.forEach(element -> write(generator, element));
      generator.writeEndArray();
    } else if (value instanceof Double number) {
      generator.writeNumber(number); // as a text if it is not finite
    } else if (value instanceof Long || value instanceof Integer) {
      generator.writeNumber(((Number) value).longValue());
    } else if (value instanceof BigInteger number) {
      generator.writeNumber(number);
    } else if (value instanceof Boolean bool) {
      generator.writeBoolean(bool);
    } else if (value instanceof String text) {
      generator.writeString(text);
    } else if (value == null) {
      generator.writeNull();
    } else {
      throw new IllegalArgumentException("JSON has no " + value.getClass().getName());
    }
  }

  private static String firstSentence(String message) {
    String line = message.lines().findFirst().orElse(message);
    return line.endsWith(".") ? line.substring(0, line.length() - 1) : line;
  }

  /**
   * The text of a file.
   *
   * @throws IOException if it cannot be read
   * @throws InvalidInputException with the line, if it is not UTF-8
   */
  static String text(Path file) throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    CharsetDecoder decoder = StandardCharsets.UTF_8.newDecoder();
    ByteBuffer input = ByteBuffer.wrap(bytes);
    CharBuffer text = CharBuffer.allocate(bytes.length + 1);
    CoderResult result = decoder.decode(input, text, true);
    if (result.isError()) {
      int line = 1;
      for (int i = 0; i < input.position(); i++) {
        line += bytes[i] == '\n' ? 1 : 0;
      }
      throw new InvalidInputException(
              "The file is not UTF-8 text: byte 0x%02X.".formatted(bytes[input.position()]),
              "it was saved in another encoding, or is not a text file.")
          .at(file + ":" + line);
    }
    String decoded = text.flip().toString();
    return decoded.startsWith("\uFEFF") ? decoded.substring(1) : decoded;
  }

  /** Reads values and notes the lines of keys. */
  private static final class Reader {
    private final JsonParser parser;
    private final String source;
    private final int firstLine;
    private final Map<String, Integer> lines = new LinkedHashMap<>();

    Reader(JsonParser parser, String source, int firstLine) {
      this.parser = parser;
      this.source = source;
      this.firstLine = firstLine;
      lines.put("", firstLine);
    }

    InvalidInputException complaint(String problem, String maybe) {
      return new InvalidInputException(problem, maybe).at(source + ":" + line());
    }

    private int line() {
      return firstLine - 1 + parser.currentTokenLocation().getLineNr();
    }

    @Nullable Object value(String path) {
      JsonToken token = parser.currentToken();
      return switch (token) {
        case START_OBJECT -> object(path);
        case START_ARRAY -> {
          var list = new ArrayList<@Nullable Object>();
          while (parser.nextToken() != JsonToken.END_ARRAY) {
            String at = path + "[" + list.size() + "]";
            if (parser.currentToken() == JsonToken.START_OBJECT) {
              lines.put(at, line());
            }
            list.add(value(at));
          }
          yield list;
        }
        case VALUE_STRING -> parser.getString();
        case VALUE_NUMBER_INT -> whole();
        case VALUE_NUMBER_FLOAT -> finite(parser.getDoubleValue());
        case VALUE_TRUE -> true;
        case VALUE_FALSE -> false;
        case VALUE_NULL -> null;
        default -> throw complaint("Unexpected end of the text.", "a brace is missing.");
      };
    }

    private Map<String, @Nullable Object> object(String path) {
      var map = new LinkedHashMap<String, @Nullable Object>();
      while (parser.nextToken() != JsonToken.END_OBJECT) {
        String key = parser.currentName();
        String at = path.isEmpty() ? key : path + "." + key;
        if (map.containsKey(key)) {
          throw complaint(
              String.format(
                  Locale.ROOT,
                  "The key '%s' stands twice; it is already on line %d.",
                  at,
                  lines.get(at)),
              "one of the two was meant to be another key.");
        }
        lines.putIfAbsent(at, line());
        parser.nextToken();
        map.put(key, value(at));
      }
      return map;
    }

    private Number whole() {
      return switch (parser.getNumberType()) {
        case INT, LONG -> parser.getLongValue();
        default -> finite(parser.getDoubleValue());
      };
    }

    private double finite(double number) {
      if (Double.isInfinite(number)) {
        throw complaint(
            "The number %s is too large.".formatted(parser.getString()), "its exponent is wrong.");
      }
      return number;
    }
  }
}
