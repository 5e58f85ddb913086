package org.stackel.text;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.stackel.config.InvalidInputException;
import org.stackel.config.Options;
import org.stackel.config.Rules;
import org.stackel.data.Duplicates;
import org.stackel.data.FileRules;
import org.stackel.data.FileText;
import org.stackel.data.InputFile;
import org.stackel.data.LabelReader;
import org.stackel.data.Table;
import org.stackel.data.TableFormat;

/**
 * Where labelled texts are read from.
 *
 * @param path a file, or a directory of reviews
 * @param format how they are written; found out by {@link TextFormat#AUTO}
 * @param columns columns of a table; null components are guessed
 * @param only what a table's row must have to be read
 * @param rules how files are read
 */
public record TextSource(
    Path path, TextFormat format, Columns columns, List<Only> only, FileRules rules) {

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
      FileRules fileRules,
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
    given.putAll(fileRules.given());
    given.forEach(
        (key, value) -> {
          throw rules.broken(
              key, value, "must be left out where no file is read", "data is to be a file.");
        });
  }

  /** Everything found out. */
  public static TextSource of(Path path) {
    return new TextSource(path, TextFormat.AUTO, Columns.GUESSED, List.of(), new FileRules());
  }

  /**
   * Reads everything.
   *
   * @throws InvalidInputException naming file and line, for whatever keeps a text from being read
   */
  public TextSet read() {
    InputFile.requireThere(path, WordNetText.NAMES);
    TextSet set = readAll();
    Duplicates found = Duplicates.within(set.keyed(), handling());
    return set.rows(found.rows()).remarked(found.remarks());
  }

  /** What is done with repeated texts. */
  public Duplicates.Handling handling() {
    return Duplicates.Handling.of(rules);
  }

  private TextSet readAll() {
    if (format == TextFormat.TABLE || (format == TextFormat.AUTO && namesColumns())) {
      return Examples.read(path, columns, only, rules).set();
    }
    if (Files.isDirectory(path) && (format == TextFormat.AUTO || isBlitzer(format))) {
      return checked(TextFormat.AMAZON_BLITZER).then(Reviews.blitzer(path, rules));
    }
    FileText text = FileText.read(path, rules.encoding());
    TextFormat found = format == TextFormat.AUTO ? detect(text) : format;
    if (found == TextFormat.TABLE) {
      return Examples.read(text, columns, only, rules).set();
    }
    Reading reading = checked(found);
    TextSet set =
        switch (found) {
          case NLI -> NliReader.read(text, rules);
          case SENTIMENT140 -> HeaderlessReaders.sentiment140(text);
          case AMAZON_MCAULEY -> Reviews.mcAuley(text);
          case AG_NEWS -> HeaderlessReaders.agNews(text);
          case CLASS_FIRST -> HeaderlessReaders.classFirst(text, rules);
          case TREC -> HeaderlessReaders.trec(text);
          case AMAZON_BLITZER -> throw noDirectory();
          case AUTO, TABLE -> throw new AssertionError(found);
        };
    var remarks = new ArrayList<>(set.remarks());
    if (!set.entries().isEmpty()) {
      remarks.addAll(LabelReader.classRemarks(path.toString(), Example.labels(set.examples())));
    }
    return reading.then(
        new TextSet(
            set.entries(), Map.of(path.toString(), text.sha256()), remarks, set.labelColumn()));
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
    String remark =
        "%s: read as %s; problem.format names another format."
            .formatted(path, Options.kebab(found));
    return set -> {
      if (set.entries().isEmpty()) {
        throw new InvalidInputException("The file has no labelled text.", "it is cut off.")
            .at(path.toString());
      }
      var remarks = new ArrayList<>(set.remarks());
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

  private static TextFormat detect(FileText text) {
    String line = text.text().lines().filter(l -> !l.isBlank()).findFirst().orElse("");
    String name = InputFile.name(text.file()).toLowerCase(Locale.ROOT);
    if (HeaderlessReaders.isTrec(text)) {
      return TextFormat.TREC;
    }
    if (line.startsWith("{")) {
      return ofObjects(text, line);
    }
    if (NliReader.isHeader(Arrays.asList(line.split("\t", -1)))) {
      return TextFormat.NLI;
    }
    boolean isCsv = name.endsWith(".csv") || name.endsWith(".csv.gz");
    return isCsv ? ofCsv(text) : TextFormat.TABLE;
  }

  private static TextFormat ofObjects(FileText text, String line) {
    if (line.startsWith("{'") || line.startsWith("{u'")) {
      return line.contains("'reviewText'") ? TextFormat.AMAZON_MCAULEY : TextFormat.TABLE;
    }
    Table table;
    try {
      table = Table.of(text, TableFormat.JSONL, Table.Header.FIRST_ROW);
    } catch (InvalidInputException e) {
      return TextFormat.TABLE; // which complains with the right line
    }
    if (Reviews.isMcAuley(table)) {
      return TextFormat.AMAZON_MCAULEY;
    }
    return NliReader.isPairs(table) ? TextFormat.NLI : TextFormat.TABLE;
  }

  private static TextFormat ofCsv(FileText text) {
    Table table;
    try {
      table = Table.of(text, TableFormat.CSV, Table.Header.FIRST_ROW);
    } catch (InvalidInputException e) {
      return TextFormat.TABLE; // which complains with the right line
    }
    return NliReader.isPairs(table)
        ? TextFormat.NLI
        : HeaderlessReaders.format(text, table.columns());
  }
}
