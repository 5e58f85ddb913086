package org.stackel.clean;

import java.io.Serializable;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.stackel.config.InvalidInputException;
import org.stackel.data.FileText;
import org.stackel.data.LabelReader;
import org.stackel.data.NpyFile;
import org.stackel.data.Table;
import org.stackel.data.TableFormat;
import org.stackel.data.TextEncoding;

/**
 * Reads rows, each of them a line of JSON with all columns, as {@link Clean} reads a file {@code
 * .jsonl}. It can be sent to other processes.
 */
public final class JsonRows implements Serializable {
  private static final long serialVersionUID = 1L;

  private final String name;
  private final String label;
  private final Clean options;

  private JsonRows(String name, String label, Clean options) {
    this.name = name;
    this.label = label;
    this.options = options;
  }

  /**
   * A reader of rows with the columns of some row.
   *
   * @param name what messages call the rows
   * @param row a line with every column, whose values do not matter
   * @param options columns, and the rules by which labels are read
   * @throws InvalidInputException if a column that is named is missing, or none is known to hold
   *     the label; if the options ask for what needs all rows at once
   */
  public static JsonRows of(String name, String row, Clean options) {
    Table table = table(name, List.of(row));
    requirePlain(options);
    options.text().forEach(text -> table.column(text, "the text"));
    options.features().forEach(feature -> table.column(feature, "a feature"));
    return new JsonRows(name, Roles.label(table, options.label(), new ArrayList<>()), options);
  }

  /** Complains about options that mean nothing where no process has all rows. */
  private static void requirePlain(Clean options) {
    boolean namesFiles = !(options.train() + options.trusted() + options.test()).isEmpty();
    String unused =
        namesFiles
            ? "files (train, trusted, test)"
            : options.trustedRows() > 0
                ? "trustedRows"
                : !options.decisions().isEmpty()
                    ? "decisions"
                    : options.rules().dropDuplicates()
                        ? "dropDuplicates"
                        : options.features().stream().anyMatch(NpyFile::isNamed)
                            ? "features in .npy files"
                            : "";
    if (!unused.isEmpty()) {
      throw new InvalidInputException(
          "Rows that are weighed in parts are not read with %s.".formatted(unused),
          "the rows can be chosen, changed or joined before.");
    }
  }

  /** The labels of rows; null where there is none. */
  public List<@Nullable String> labels(List<String> lines) {
    var none = List.<String>of();
    return Arrays.asList(
        read(lines, new Roles(label, none, none, none, none, none, none)).labels());
  }

  /** The same for rows of another name, with the same columns. */
  public JsonRows named(String other) {
    return new JsonRows(other, label, options);
  }

  /** What the columns are for, as these rows show. */
  Roles roles(List<String> lines) {
    return Roles.of(
        table(name, lines),
        new Roles.Named(label, options.text(), options.features(), options.id()),
        true);
  }

  LabelledTable read(List<String> lines, Roles roles) {
    Table table = table(name, lines);
    return LabelledTable.of(table, roles, new LabelReader(table.file(), options.rules()));
  }

  private static Table table(String name, List<String> lines) {
    var encoding = new TextEncoding(StandardCharsets.UTF_8, new byte[0]);
    var text = new FileText(Path.of(name), "", String.join("\n", lines), encoding, List.of());
    return Table.of(text, TableFormat.JSONL, Table.Header.FIRST_ROW);
  }
}
