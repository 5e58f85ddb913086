package org.stackel.text;

import de.siegmar.fastcsv.reader.CsvParseException;
import de.siegmar.fastcsv.reader.CsvReader;
import de.siegmar.fastcsv.reader.CsvRecord;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.stackel.config.InvalidInputException;
import org.stackel.config.Options;
import org.stackel.config.Rules;
import org.stackel.data.Delimited;
import org.stackel.data.InputFile;
import org.stackel.data.Sha256;

/**
 * Where labelled texts are read from.
 *
 * @param path a file, or a directory of reviews
 * @param format how they are written; found out by {@link TextFormat#AUTO}
 * @param columns columns of a table; null components are guessed
 * @param only what a table's row must have to be read
 */
public record TextSource(Path path, TextFormat format, Columns columns, List<Only> only) {
  private static final int HEAD = 1 << 16;

  public TextSource {
    only = List.copyOf(only);
  }

  /**
   * Complains about options that say how a file is read where none is.
   *
   * @param rules of the problem
   * @param data a file, one of {@link WordNetText#NAMES}, or nothing yet
   * @param files others, or nothing
   */
  public static void checkUsed(
      Rules rules,
      TextFormat format,
      Columns columns,
      List<Only> only,
      String data,
      String... files) {
    if (!WordNetText.NAMES.contains(data) || !Arrays.stream(files).allMatch(String::isEmpty)) {
      return;
    }
    var given = new LinkedHashMap<String, Object>(columns.named());
    if (format != TextFormat.AUTO) {
      given.put("format", Options.kebab(format));
    }
    if (!only.isEmpty()) {
      given.put("only", only.stream().map(Only::toOption).toList());
    }
    given.forEach(
        (key, value) -> {
          throw rules.broken(
              key, value, "must be left out where no file is read", "data is to be a file.");
        });
  }

  /** Everything found out. */
  public static TextSource of(Path path) {
    return new TextSource(path, TextFormat.AUTO, Columns.GUESSED, List.of());
  }

  /**
   * Reads everything.
   *
   * @throws InvalidInputException naming file and line, for whatever keeps a text from being read
   */
  public TextSet read() {
    InputFile.requireThere(path, WordNetText.NAMES);
    if (format == TextFormat.TABLE || (format == TextFormat.AUTO && namesColumns())) {
      return Examples.read(path, columns, only).set();
    }
    if (Files.isDirectory(path) && (format == TextFormat.AUTO || isBlitzer(format))) {
      return checked(TextFormat.AMAZON_BLITZER).then(Reviews.blitzer(path));
    }
    byte[] bytes = InputFile.bytes(path);
    byte[] plain = InputFile.plain(path, bytes);
    TextFormat found = format == TextFormat.AUTO ? detect(path, plain) : format;
    if (found == TextFormat.TABLE) {
      return Examples.read(path, columns, only).set();
    }
    Reading reading = checked(found);
    TextSet set =
        switch (found) {
          case NLI -> NliReader.read(path, plain);
          case SENTIMENT140 -> HeaderlessReaders.sentiment140(path, plain);
          case AMAZON_MCAULEY -> Reviews.mcAuley(path, plain);
          case AG_NEWS -> HeaderlessReaders.agNews(path, plain);
          case TREC -> HeaderlessReaders.trec(path, plain);
          case AMAZON_BLITZER -> throw noDirectory();
          case AUTO, TABLE -> throw new AssertionError(found);
        };
    return reading.then(
        new TextSet(
            set.entries(),
            Map.of(path.toString(), Sha256.of(bytes)),
            set.remarks(),
            set.labelColumn()));
  }

  private boolean namesColumns() {
    return !columns.named().isEmpty() || !only.isEmpty();
  }

  private static boolean isBlitzer(TextFormat format) {
    return format == TextFormat.AMAZON_BLITZER;
  }

  private InvalidInputException noDirectory() {
    return new InvalidInputException(
        "'%s' is a file; the format amazon-blitzer must be a directory.".formatted(path),
        "the directory with a folder for every domain was meant.");
  }

  /** The format is known to fit the options; what was found out is said. */
  private Reading checked(TextFormat found) {
    if (namesColumns()) {
      throw new InvalidInputException(
              "The format %s says itself where text and label stand; columns must not be named."
                  .formatted(Options.kebab(found)),
              "the format 'table' was meant.")
          .at(path.toString());
    }
    String remark = "%s: read as %s.".formatted(path, Options.kebab(found));
    return set -> {
      if (set.entries().isEmpty()) {
        throw new InvalidInputException("The file has no labelled text.", "it is cut off.")
            .at(path.toString());
      }
      var remarks = new java.util.ArrayList<>(set.remarks());
      if (format == TextFormat.AUTO) {
        remarks.add(0, remark);
      }
      return new TextSet(set.entries(), set.sources(), remarks, set.labelColumn());
    };
  }

  private interface Reading {
    TextSet then(TextSet set);
  }

  // ---- detection -----------------------------------------------------------------------------

  private static TextFormat detect(Path path, byte[] plain) {
    String head =
        new String(plain, 0, Math.min(plain.length, HEAD), StandardCharsets.ISO_8859_1)
            .replaceFirst("^\u00EF\u00BB\u00BF", "");
    String line = head.lines().filter(l -> !l.isBlank()).findFirst().orElse("");
    String name = InputFile.name(path).toLowerCase(Locale.ROOT);
    if (HeaderlessReaders.isTrec(line)) {
      return TextFormat.TREC;
    }
    if (line.startsWith("{")) {
      return ofObject(path, line, head.length() == HEAD && head.indexOf('\n') < 0);
    }
    if (NliReader.isHeader(Arrays.asList(line.split("\t", -1)))) {
      return TextFormat.NLI;
    }
    return name.endsWith(".csv") || name.endsWith(".csv.gz") ? ofCsv(head) : TextFormat.TABLE;
  }

  private static TextFormat ofObject(Path path, String line, boolean isCut) {
    if (line.startsWith("{'") || line.startsWith("{u'")) {
      return line.contains("'reviewText'") ? TextFormat.AMAZON_MCAULEY : TextFormat.TABLE;
    }
    if (isCut) {
      return TextFormat.TABLE;
    }
    Map<String, String> first;
    try {
      first = Examples.object(path, 1, line);
    } catch (InvalidInputException e) {
      return TextFormat.TABLE; // which complains with the right line
    }
    if (Reviews.isMcAuley(first)) {
      return TextFormat.AMAZON_MCAULEY;
    }
    return NliReader.isPair(first) ? TextFormat.NLI : TextFormat.TABLE;
  }

  private static TextFormat ofCsv(String head) {
    try (CsvReader<CsvRecord> reader = Delimited.reader(head)) {
      List<String> first = reader.iterator().next().getFields();
      if (HeaderlessReaders.isSentiment140(first)) {
        return TextFormat.SENTIMENT140;
      }
      return HeaderlessReaders.isAgNews(first) ? TextFormat.AG_NEWS : TextFormat.TABLE;
    } catch (CsvParseException | java.util.NoSuchElementException e) {
      return TextFormat.TABLE; // which complains with the right line
    } catch (IOException e) {
      throw new UncheckedIOException(e); // a string does not fail
    }
  }
}
