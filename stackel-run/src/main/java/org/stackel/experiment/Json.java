package org.stackel.experiment;

import java.io.IOException;
import java.io.StringWriter;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.stackel.config.InvalidInputException;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.PrettyPrinter;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.core.util.DefaultIndenter;
import tools.jackson.core.util.DefaultPrettyPrinter;
import tools.jackson.core.util.Separators;

/**
 * JSON as maps, lists, strings, numbers, booleans and null. Numbers are written so that they read
 * back bit for bit, those that are not finite as the strings NaN, Infinity and -Infinity.
 */
public final class Json {
  private static final JsonFactory FACTORY = new JsonFactory();

  private Json() {}

  /**
   * A value and where it stands.
   *
   * @param lines the line of every key, by dotted path
   */
  public record Document(@Nullable Object value, Map<String, Integer> lines) {}

  /** The value over several lines, objects indented, with a line end. */
  public static String pretty(@Nullable Object value) {
    return text(value, printer()) + "\n";
  }

  /** The value on one line. */
  public static String line(@Nullable Object value) {
    return text(value, null);
  }

  /**
   * The text of a file.
   *
   * @throws InvalidInputException if there is none, or if it is not UTF-8
   */
  static String readText(Path file) {
    try {
      return decode(Files.readAllBytes(file), file.toString());
    } catch (IOException e) {
      throw DiskProblem.reading(file, e);
    }
  }

  /**
   * Reads JSON.
   *
   * @param source what to call the text in complaints: a file, an option
   * @throws InvalidInputException with the line, for anything that is not one JSON value
   */
  public static Document parse(String text, String source) {
    if (text.isBlank()) {
      throw new InvalidInputException("The file is empty.", "it was not saved yet.")
          .at(source + ":1");
    }
    try (JsonParser parser = FACTORY.createParser(ObjectReadContext.empty(), text)) {
      var reader = new Reader(parser, source);
      parser.nextToken();
      Object value = reader.value("");
      if (parser.nextToken() != null) {
        throw reader.complaint(
            "There is text after the end of the JSON value.", "a brace closes too early.");
      }
      return new Document(value, reader.lines);
    } catch (JacksonException e) {
      int line = Math.max(1, e.getLocation() == null ? 1 : e.getLocation().getLineNr());
      throw new InvalidInputException(
              "This is not JSON: %s.".formatted(firstSentence(e.getOriginalMessage())),
              "a comma, a quote or a brace is missing here or on the line before.")
          .at(source + ":" + line)
          .causedBy(e);
    }
  }

  private static String firstSentence(String message) {
    String line = message.lines().findFirst().orElse(message);
    return line.endsWith(".") ? line.substring(0, line.length() - 1) : line;
  }

  private static String decode(byte[] bytes, String source) {
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
              "it was saved in another encoding, or is no text at all.")
          .at(source + ":" + line);
    }
    String decoded = text.flip().toString();
    return decoded.startsWith("\uFEFF") ? decoded.substring(1) : decoded;
  }

  /** Reads values and notes the lines of keys. */
  private static final class Reader {
    private final JsonParser parser;
    private final String source;
    private final Map<String, Integer> lines = new LinkedHashMap<>();

    Reader(JsonParser parser, String source) {
      this.parser = parser;
      this.source = source;
    }

    InvalidInputException complaint(String problem, String maybe) {
      return new InvalidInputException(problem, maybe)
          .at(source + ":" + parser.currentTokenLocation().getLineNr());
    }

    @Nullable Object value(String path) {
      JsonToken token = parser.currentToken();
      return switch (token) {
        case START_OBJECT -> object(path);
        case START_ARRAY -> {
          var list = new ArrayList<@Nullable Object>();
          while (parser.nextToken() != JsonToken.END_ARRAY) {
            list.add(value(path));
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
              "The key '%s' stands twice; it is already on line %d.".formatted(at, lines.get(at)),
              "one of the two was meant to be another key.");
        }
        lines.putIfAbsent(at, parser.currentTokenLocation().getLineNr());
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

  private static String text(@Nullable Object value, @Nullable PrettyPrinter printer) {
    var text = new StringWriter();
    try (JsonGenerator generator = FACTORY.createGenerator(context(printer), text)) {
      write(generator, value);
    }
    return text.toString();
  }

  private static ObjectWriteContext context(@Nullable PrettyPrinter printer) {
    return printer == null
        ? ObjectWriteContext.empty()
        : new ObjectWriteContext.Base() {
          @Override
          public PrettyPrinter getPrettyPrinter() {
            return printer;
          }

          @Override
          public boolean hasPrettyPrinter() {
            return true;
          }
        };
  }

  private static PrettyPrinter printer() {
    var printer =
        new DefaultPrettyPrinter(
            Separators.createDefaultInstance()
                .withObjectNameValueSpacing(Separators.Spacing.AFTER)
                .withArrayElementSpacing(Separators.Spacing.AFTER));
    printer.indentObjectsWith(new DefaultIndenter("  ", "\n"));
    printer.indentArraysWith(null);
    return printer;
  }

  private static void write(JsonGenerator generator, @Nullable Object value) {
    if (value == null) {
      generator.writeNull();
    } else if (value instanceof Map<?, ?> map) {
      generator.writeStartObject();
      map.forEach(
          (key, element) -> {
            generator.writeName(String.valueOf(key));
            write(generator, element);
          });
      generator.writeEndObject();
    } else if (value instanceof Iterable<?> elements) {
      generator.writeStartArray();
      elements.forEach(element -> write(generator, element));
      generator.writeEndArray();
    } else if (value instanceof double[] numbers) {
      generator.writeStartArray();
      for (double number : numbers) {
        generator.writeNumber(number);
      }
      generator.writeEndArray();
    } else if (value instanceof Double || value instanceof Float) {
      generator.writeNumber(((Number) value).doubleValue()); // not finite: quoted
    } else if (value instanceof Number number) {
      generator.writeNumber(number.longValue());
    } else if (value instanceof Boolean bool) {
      generator.writeBoolean(bool);
    } else {
      generator.writeString(value.toString());
    }
  }
}
