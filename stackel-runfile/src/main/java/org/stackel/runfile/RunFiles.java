package org.stackel.runfile;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.stackel.config.InvalidInputException;
import org.stackel.config.Options;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.type.TypeReference;
import tools.jackson.core.util.DefaultIndenter;
import tools.jackson.core.util.DefaultPrettyPrinter;
import tools.jackson.core.util.Separators;
import tools.jackson.databind.DeserializationContext;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.MapperFeature;
import tools.jackson.databind.ObjectWriter;
import tools.jackson.databind.ValueDeserializer;
import tools.jackson.databind.cfg.CoercionAction;
import tools.jackson.databind.cfg.CoercionInputShape;
import tools.jackson.databind.cfg.EnumFeature;
import tools.jackson.databind.cfg.MapperConfig;
import tools.jackson.databind.deser.DeserializationProblemHandler;
import tools.jackson.databind.exc.MismatchedInputException;
import tools.jackson.databind.introspect.AnnotatedMember;
import tools.jackson.databind.introspect.AnnotatedParameter;
import tools.jackson.databind.introspect.JacksonAnnotationIntrospector;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.type.LogicalType;

/**
 * Reads and writes the files of runs and comparisons.
 *
 * <p>Numbers are written so that they read back bit for bit, those that are not finite as the texts
 * NaN, Infinity and -Infinity. Keys keep the order of the records.
 */
public final class RunFiles {
  private static final JsonMapper MAPPER =
      JsonMapper.builder()
          .disable(MapperFeature.SORT_PROPERTIES_ALPHABETICALLY)
          .disable(MapperFeature.ALLOW_COERCION_OF_SCALARS)
          .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT)
          .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
          .enable(EnumFeature.FAIL_ON_NUMBERS_FOR_ENUMS)
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .addHandler(new Version())
          .annotationIntrospector(new Primitives())
          .withCoercionConfig(
              LogicalType.Textual,
              texts ->
                  Arrays.stream(CoercionInputShape.values())
                      .forEach(shape -> texts.setCoercion(shape, CoercionAction.Fail)))
          .build();

  private static final ObjectWriter PRETTY = MAPPER.writer().with(printer());

  private static final TypeReference<LinkedHashMap<String, @Nullable Object>> MAP =
      new TypeReference<>() {};

  /** What a file has: the version before the content. */
  private record Versioned(int version, @JsonUnwrapped WholeFile content) {}

  private RunFiles() {}

  // ---- writing -----------------------------------------------------------------------------

  /** The text of a file, with a line end. */
  public static String text(WholeFile file) {
    return pretty(new Versioned(FormatVersion.CURRENT, file));
  }

  /** A value over several lines, objects indented, with a line end. */
  public static String pretty(Object value) {
    return PRETTY.writeValueAsString(value) + "\n";
  }

  /** A record on one line, without a line end. {@link Document#line} is for other values. */
  public static String line(Object content) {
    return MAPPER.writeValueAsString(content);
  }

  /** The keys of a record with their values as JSON has them, without the version. */
  public static Map<String, @Nullable Object> toMap(Record content) {
    return MAPPER.convertValue(content, MAP);
  }

  private static DefaultPrettyPrinter printer() {
    var printer =
        new DefaultPrettyPrinter(
            Separators.createDefaultInstance()
                .withObjectNameValueSpacing(Separators.Spacing.AFTER)
                .withArrayElementSpacing(Separators.Spacing.AFTER));
    printer.indentObjectsWith(new DefaultIndenter("  ", "\n"));
    printer.indentArraysWith(null);
    return printer;
  }

  // ---- reading -----------------------------------------------------------------------------

  /**
   * Reads a file.
   *
   * @throws IOException if it cannot be read
   * @throws InvalidInputException with file and line, if it is missing, is not JSON, was written by
   *     a newer version, or breaks a rule of its record
   */
  public static <T extends WholeFile> T read(Path file, Class<T> type) throws IOException {
    String text = readText(file);
    if (text.isBlank()) {
      throw new InvalidInputException(
              "The file is empty.",
              type == OutcomeFile.class
                  ? "a full disk left it so: without it, `stackel resume` writes it again."
                  : "a full disk left it so: a copy of it helps.")
          .at(file.toString());
    }
    return bind(text, file.toString(), 1, type);
  }

  /** What becomes of the last line of a file that grows by whole lines. */
  public enum LastLine {
    /** It must be whole. */
    WHOLE,
    /** It may be cut off, and is then dropped: the process that wrote it was killed. */
    MAY_BE_CUT
  }

  /**
   * Reads a file of lines; blank ones do not count.
   *
   * @throws IOException if it cannot be read
   * @throws InvalidInputException with file and line, if it is missing or a line is wrong
   */
  public static <T extends FileLine> List<T> readLines(Path file, Class<T> type, LastLine last)
      throws IOException {
    return lines(file, type, last).stream().map(Line::content).toList();
  }

  /**
   * A line of a file.
   *
   * @param text as the file has it
   * @param content what it says
   */
  public record Line<T extends FileLine>(String text, T content) {}

  /** The same with the text of each line. */
  public static <T extends FileLine> List<Line<T>> lines(Path file, Class<T> type, LastLine last)
      throws IOException {
    String[] lines = readText(file).split("\n", -1);
    var read = new ArrayList<Line<T>>();
    for (int i = 0; i < lines.length; i++) {
      if (lines[i].isBlank()) {
        continue;
      }
      try {
        read.add(new Line<>(lines[i], bind(lines[i], file.toString(), i + 1, type)));
      } catch (InvalidInputException e) {
        if (last == LastLine.WHOLE || i < lines.length - 1) {
          throw e;
        }
      }
    }
    return read;
  }

  /**
   * The text of a file.
   *
   * @throws IOException if it cannot be read
   * @throws InvalidInputException if it is missing or not UTF-8
   */
  public static String readText(Path file) throws IOException {
    if (!Files.isRegularFile(file)) {
      Path directory = file.getParent();
      throw new InvalidInputException(
              "The file is missing.",
              directory != null && Files.isDirectory(directory)
                  ? "'%s' is not a run directory, or its run was stopped before it wrote anything."
                      .formatted(directory)
                  : "the directory's name is misspelled: it does not exist.")
          .at(file.toString());
    }
    return Document.text(file);
  }

  /**
   * Reads a record that {@link #line} wrote.
   *
   * @param source what to call the text in messages
   * @throws InvalidInputException if it is none
   */
  public static <T extends Record> T parse(String line, String source, Class<T> type) {
    return bind(line, source, 1, type);
  }

  private static <T> T bind(String text, String source, int firstLine, Class<T> type) {
    JacksonException refusal = null;
    try {
      T content = MAPPER.readValue(text, type);
      if (content != null) {
        return content;
      }
    } catch (JacksonException e) {
      refusal = e;
    }
    // Only now is it of interest where everything stands.
    Document document = Document.parse(text, source, firstLine);
    if (refusal == null || !(document.value() instanceof Map<?, ?> map)) {
      throw document.wrong(List.of(), "must be an object", "an opening { is missing.");
    }
    if (WholeFile.class.isAssignableFrom(type)) {
      try {
        FormatVersion.check(map);
      } catch (InvalidInputException e) {
        throw e.at(source + ":" + document.lines().getOrDefault(FormatVersion.KEY, firstLine));
      }
    }
    throw explained(document, refusal).causedBy(refusal);
  }

  /** A number that a file lacks would be 0: what cannot be null must be there. */
  private static final class Primitives extends JacksonAnnotationIntrospector {
    private static final long serialVersionUID = 1L;

    @Override
    public @Nullable Boolean hasRequiredMarker(MapperConfig<?> config, AnnotatedMember member) {
      boolean isPrimitive =
          member instanceof AnnotatedParameter && member.getRawType().isPrimitive();
      return isPrimitive ? Boolean.TRUE : super.hasRequiredMarker(config, member);
    }
  }

  /** Looks at the version; other keys that a record does not have are ignored. */
  private static final class Version extends DeserializationProblemHandler {
    @Override
    public boolean handleUnknownProperty(
        DeserializationContext context,
        JsonParser parser,
        ValueDeserializer<?> deserializer,
        Object content,
        String key) {
      if (!(content instanceof WholeFile) || !key.equals(FormatVersion.KEY)) {
        parser.skipChildren();
      } else if (!FormatVersion.isKnown(context.readValue(parser, Object.class))) {
        context.reportInputMismatch(deserializer, key); // bind says the rest
      }
      return true;
    }
  }

  // ---- messages ----------------------------------------------------------------------------

  /** What is wrong, for people who see the file and not the records. */
  private static InvalidInputException explained(Document document, JacksonException e) {
    var keys = new ArrayList<Object>();
    for (JacksonException.Reference reference : e.getPath()) {
      String name = reference.getPropertyName();
      keys.add(name == null ? (Object) reference.getIndex() : name);
    }
    BrokenRule broken;
    if (e.getCause() instanceof BrokenRule cause) {
      broken = cause;
      keys.addAll(List.of(cause.key().split("\\.")));
    } else if (document.value(keys) == null) {
      broken = BrokenRule.missing("");
    } else {
      Class<?> type = e instanceof MismatchedInputException m ? m.getTargetType() : long.class;
      broken = notOf(type, document.value(keys));
    }
    return document.wrong(keys, broken.rule(), broken.maybe());
  }

  /** What a value of another type breaks. */
  private static BrokenRule notOf(Class<?> type, @Nullable Object value) {
    String key = "";
    if (type.isEnum()) {
      List<String> words =
          Arrays.stream(type.getEnumConstants())
              .map(constant -> MAPPER.convertValue(constant, String.class))
              .toList();
      int last = words.size() - 1;
      String all = String.join(", ", words.subList(0, last)) + " or " + words.get(last);
      return new BrokenRule(key, "must be " + all, Options.meant(String.valueOf(value), words));
    }
    if (type == double.class || type == Double.class) {
      return new BrokenRule(
          key, "must be a number, \"NaN\", \"Infinity\" or \"-Infinity\"", "remove the quotes.");
    }
    if (type == boolean.class) {
      return new BrokenRule(key, "must be true or false", "remove the quotes.");
    }
    if (type.isPrimitive() || Number.class.isAssignableFrom(type)) {
      return new BrokenRule(
          key, "must be a whole number of at least 0", "the file was edited by hand.");
    }
    if (type == String.class) {
      return new BrokenRule(key, "must be a text", "the quotes around it are missing.");
    }
    return Collection.class.isAssignableFrom(type)
        ? new BrokenRule(key, "must be a list", "the [ ] around it are missing.")
        : new BrokenRule(key, "must be an object", "the { } around it are missing.");
  }
}
