package org.stackel.data;

import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.stackel.config.InvalidInputException;

/** How records are written down. The name of a file says it, whether or not {@code .gz} follows. */
public enum TableFormat {
  /** {@code .csv}: a header, then cells with commas between, quoted as in RFC 4180. */
  CSV(".csv"),
  /** {@code .tsv}: a header, then cells with tabs between. */
  TSV(".tsv"),
  /** {@code .jsonl}: one JSON object on each line. */
  JSONL(".jsonl"),
  /** Any other name: {@code label index:value …} on each line. */
  LIBSVM("");

  private static final List<String> PACKED = List.of(".bz2", ".xz", ".zip", ".zst", ".7z");

  private final String ending;

  TableFormat(String ending) {
    this.ending = ending;
  }

  /**
   * The format of a file.
   *
   * @throws InvalidInputException if it is packed otherwise than by gzip
   */
  public static TableFormat of(Path file) {
    String name = InputFile.name(file).toLowerCase(Locale.ROOT);
    if (PACKED.stream().anyMatch(name::endsWith)) {
      throw new InvalidInputException(
          "The file '%s' is packed; of packed files only .gz is read.".formatted(file),
          "unpacking it first helps.");
    }
    String plain = name.endsWith(".gz") ? name.substring(0, name.length() - 3) : name;
    for (TableFormat format : values()) {
      if (plain.endsWith(format.ending)) {
        return format;
      }
    }
    throw new AssertionError("every name ends in nothing");
  }
}
