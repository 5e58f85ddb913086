package org.stackel.text;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.stackel.config.InvalidInputException;
import org.stackel.config.Options;
import org.stackel.data.FileRules;
import org.stackel.data.FileText;
import org.stackel.data.LabelReader;
import org.stackel.data.Labels;
import org.stackel.data.Table;
import org.stackel.data.TableFormat;

/**
 * Reads pairs of sentences with their relation: SNLI, MultiNLI and what has their keys, as JSON,
 * TSV or CSV. Published TSVs have the labels of single annotators before the last column, {@code
 * gold_label}, more of them in some rows: cells are found by their column's name, and that one from
 * the end.
 */
final class NliReader {
  private static final List<String> RELATIONS = List.of("entailment", "neutral", "contradiction");
  private static final Set<String> NUMBERS = Set.of("0", "1", "2");

  /** First sentence, second sentence, label: as SNLI calls them, and as others do. */
  private static final List<List<String>> KEYS =
      List.of(
          List.of("sentence1", "sentence2", "gold_label"),
          List.of("premise", "hypothesis", "label"),
          List.of("premise", "hypothesis", "gold_label"));

  private final Table table;
  private final LabelReader labels;

  private NliReader(Table table, FileRules rules) {
    this.table = table;
    labels = new LabelReader(table.file(), rules);
  }

  /** Whether the first line of a text names the columns of SNLI, with tabs between. */
  static boolean isHeader(List<String> cells) {
    return cells.containsAll(KEYS.get(0));
  }

  /** Whether columns have the names of a second sentence or of a label agreed on. */
  static boolean areNames(Columns columns) {
    return KEYS.stream().anyMatch(keys -> keys.get(1).equals(columns.text2()))
        || KEYS.get(0).get(2).equals(columns.label());
  }

  /**
   * Whether all rows have the keys and the known relations: words, or all of 0, 1 and 2. Somebody's
   * own pairs of two classes are others.
   */
  static boolean isPairs(Table table) {
    List<String> keys = keys(Set.copyOf(table.columns()));
    if (keys == null || keys.stream().anyMatch(key -> table.indexOf(key) < 0)) {
      return false;
    }
    var found = new TreeSet<String>();
    for (int row = 0; row < table.size(); row++) {
      String label = Objects.requireNonNullElse(table.cell(row, table.indexOf(keys.get(2))), "");
      found.add(Labels.normal(label));
    }
    found.remove("");
    found.removeAll(Labels.NO_RELATION);
    boolean areNumbers = found.equals(NUMBERS);
    boolean hasWords = RELATIONS.stream().anyMatch(found::contains);
    found.removeAll(RELATIONS);
    return areNumbers || (hasWords && NUMBERS.containsAll(found));
  }

  private static @Nullable List<String> keys(Set<String> columns) {
    for (List<String> keys : KEYS) {
      if (columns.containsAll(keys)) {
        return keys;
      }
    }
    return null;
  }

  static TextSet read(FileText text, FileRules rules) {
    boolean isJson = text.text().stripLeading().startsWith("{");
    boolean isCsv = !isJson && TableFormat.of(text.file()) == TableFormat.CSV;
    Table table =
        isJson
            ? Table.of(text, TableFormat.JSONL, Table.Header.FIRST_ROW)
            : isCsv ? Table.of(text, TableFormat.CSV, Table.Header.FIRST_ROW) : Table.ragged(text);
    return new NliReader(table, rules).read();
  }

  private TextSet read() {
    if (table.format() != TableFormat.JSONL && keys(Set.copyOf(table.columns())) == null) {
      throw new InvalidInputException(
              "The first line must name the columns %s, with tabs between."
                  .formatted(String.join(", ", KEYS.get(0))),
              "the header was cut off, or 'table' is the format.")
          .at(table.file() + ":" + table.headerLine());
    }
    var entries = new ArrayList<TextSet.Entry>();
    int missing = 0;
    for (int row = 0; row < table.size(); row++) {
      Example example = example(row);
      if (example == null) {
        missing++;
      } else {
        entries.add(new TextSet.Entry(example, table.file().toString(), table.line(row)));
      }
    }
    var remarks = new ArrayList<>(table.remarks());
    if (missing > 0) {
      remarks.add(
          "%s: %d pairs without an agreed label are left out.".formatted(table.file(), missing));
    }
    return new TextSet(entries, Map.of(), remarks, null);
  }

  private @Nullable Example example(int row) {
    Map<String, String> cells = cells(row);
    List<String> keys = keys(cells.keySet());
    String place = table.place(row);
    if (keys == null) {
      throw new InvalidInputException(
              "The pair must have %s or %s; it has %s."
                  .formatted(
                      String.join(", ", KEYS.get(0)),
                      String.join(", ", KEYS.get(1)),
                      String.join(", ", cells.keySet())),
              "the line is cut off, or 'table' is the format.")
          .at(place);
    }
    String label = Labels.normal(cells.getOrDefault(keys.get(2), ""));
    if (Labels.NO_RELATION.contains(label) || labels.read(label, table.line(row)) == null) {
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

  private @Nullable String relation(String label) {
    return switch (label) {
      case "0" -> RELATIONS.get(0);
      case "1" -> RELATIONS.get(1);
      case "2" -> RELATIONS.get(2);
      default -> RELATIONS.contains(label) ? label : null;
    };
  }

  /** The cells by column. A row may end early: the columns at the end are often left out. */
  private Map<String, String> cells(int row) {
    Map<String, String> cells = Examples.row(table, row);
    int last = table.columns().size() - 1;
    if (table.width(row) > table.columns().size()) {
      boolean hasAnnotators = last > 0 && table.columns().get(last - 1).matches("label[0-9]+");
      if (!hasAnnotators || !table.columns().get(last).equals(KEYS.get(0).get(2))) {
        throw new InvalidInputException(
                "The row has %d cells; the header has %d."
                    .formatted(table.width(row), table.columns().size()),
                "a tab inside a sentence is a character too many.")
            .at(table.place(row));
      }
      cells.put(
          table.columns().get(last), Objects.requireNonNull(table.cell(row, table.width(row) - 1)));
    }
    return cells;
  }
}
