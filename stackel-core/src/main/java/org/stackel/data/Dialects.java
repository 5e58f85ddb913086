package org.stackel.data;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.stackel.data.Dialect.Quotes;

/** Finds out how the cells of a text are separated and quoted, from all rows. */
final class Dialects {
  private static final char[] OTHERS = {';', '\t', '|'};

  private final FileText source;
  private final TableFormat format;
  private final int from;
  private final int line;
  private final char separator;
  private final boolean isSaid;
  private final boolean isCut;
  private final Map<Dialect, CellScanner.Cells> scanned = new HashMap<>();

  Dialects(FileText source, TableFormat format) {
    this(source, format, false);
  }

  /**
   * @param isCut whether the file goes on behind the text
   */
  Dialects(FileText source, TableFormat format, boolean isCut) {
    this.source = source;
    this.format = format;
    this.isCut = isCut;
    String text = source.text();
    isSaid = text.regionMatches(true, 0, "sep=", 0, 4) && text.length() > 5 && isLineEnd(5);
    separator = isSaid ? text.charAt(4) : format == TableFormat.TSV ? '\t' : ',';
    from = isSaid ? 5 + (text.startsWith("\r\n", 5) ? 2 : 1) : 0;
    line = isSaid ? 2 : 1;
  }

  /** Of a later part of a file, whose separator is known. */
  Dialects(FileText source, TableFormat format, boolean isCut, char separator, int line) {
    this.source = source;
    this.format = format;
    this.isCut = isCut;
    this.separator = separator;
    this.line = line;
    isSaid = true;
    from = 0;
  }

  private boolean isLineEnd(int at) {
    return source.text().charAt(at) == '\n' || source.text().charAt(at) == '\r';
  }

  /**
   * The cells in the first manner in which all rows can be read and are of one width; in the usual
   * one, if there is none.
   */
  CellScanner.Cells best(List<String> remarks) {
    return best(remarks, Set.of());
  }

  /**
   * The same without some manners.
   *
   * @param refuted manners in which another part of the file cannot be read
   */
  CellScanner.Cells best(List<String> remarks, Set<Dialect> refuted) {
    CellScanner.Cells usual = scan(separator, usualQuotes());
    for (CellScanner.Cells cells : candidates(usual)) {
      if (!refuted.contains(cells.dialect()) && cells.isEven()) {
        remark(cells, remarks);
        return cells;
      }
    }
    return usual;
  }

  /** The cells in a known manner. */
  CellScanner.Cells as(Dialect dialect, List<String> remarks) {
    CellScanner.Cells cells = scan(dialect);
    remark(cells, remarks);
    return cells;
  }

  private Quotes usualQuotes() {
    return format == TableFormat.TSV ? Quotes.NONE : Quotes.DOUBLED;
  }

  private CellScanner.Cells scan(char by, Quotes quotes) {
    return scan(new Dialect(by, quotes));
  }

  private CellScanner.Cells scan(Dialect dialect) {
    return scanned.computeIfAbsent(
        dialect, by -> CellScanner.scan(source.text(), from, line, by, isCut));
  }

  private List<CellScanner.Cells> candidates(CellScanner.Cells usual) {
    var candidates = new ArrayList<CellScanner.Cells>();
    String text = source.text();
    boolean hasQuotes = text.indexOf('"') >= 0;
    if (format == TableFormat.TSV && hasQuotes) {
      CellScanner.Cells quoted = scan(separator, Quotes.DOUBLED);
      // Where every line is a row, quotes that join lines are characters of texts.
      if (!usual.isEven() || quoted.size() == usual.size()) {
        candidates.add(quoted);
      }
    }
    if (format == TableFormat.CSV && hasQuotes && hasBlankBeforeQuote(text)) {
      candidates.add(scan(separator, Quotes.AFTER_BLANKS));
    }
    candidates.add(usual);
    if (format == TableFormat.CSV && text.contains("\\\"")) {
      candidates.add(scan(separator, Quotes.BACKSLASH));
    }
    if (usual.size() > 0 && usual.width(0) == 1 && !isSaid) {
      for (char other : OTHERS) {
        if (other != separator) {
          CellScanner.Cells cells = scan(other, Quotes.DOUBLED);
          if (cells.size() > 0 && cells.width(0) > 1) {
            candidates.add(0, cells);
          }
        }
      }
    }
    return candidates;
  }

  private boolean hasBlankBeforeQuote(String text) {
    int at = text.indexOf(separator + " \"");
    return at >= 0 || text.contains("\n \"");
  }

  private void remark(CellScanner.Cells cells, List<String> remarks) {
    Dialect dialect = cells.dialect();
    if (dialect.separator() != separator) {
      remarks.add(
          "%s: cells are separated by %s.".formatted(source.file(), dialect.separatorName()));
    }
    if (format == TableFormat.TSV && dialect.hasQuotes() && hasQuotedCell(cells)) {
      remarks.add("%s: cells in quotes are read without them.".formatted(source.file()));
    }
    if (cells.hasBlanksAroundQuotes()) {
      remarks.add(
          "%s: cells in quotes are read without them and the blanks around."
              .formatted(source.file()));
    }
    if (dialect.quotes() == Quotes.BACKSLASH) {
      remarks.add(
          "%s: a backslash stands before quotes inside cells, and is not read."
              .formatted(source.file()));
    }
  }

  private boolean hasQuotedCell(CellScanner.Cells cells) {
    for (int row = 0; row < cells.size(); row++) {
      for (int column = 0; column < cells.width(row); column++) {
        int at = cells.start(row, column);
        if (at < source.text().length() && source.text().charAt(at) == '"') {
          return true;
        }
      }
    }
    return false;
  }
}
