package org.stackel.data;

import org.jspecify.annotations.Nullable;

/**
 * Finds the cells of a delimited text, quotes and blanks around them included. A library that reads
 * CSV does not say where a cell stands, which a file that is written again with a few other cells
 * needs.
 *
 * <p>Rows end at {@code \n}, {@code \r} or {@code \r\n}; empty lines are no rows.
 */
final class CellScanner {
  private final String text;
  private final Dialect dialect;
  private final boolean isCut;

  /** Where cells begin; behind the last cell of a row, one more than where that ends. */
  private final Ints starts = new Ints();

  /** Number of the first start of each row, and how many starts there are. */
  private final Ints rows = new Ints();

  private final Ints lines = new Ints();
  private int line;
  private int at;
  private boolean hasBlanksAroundQuotes;
  private @Nullable Broken broken;

  /** Where a row begins that goes on behind the text; -1 without one. */
  private int open = -1;

  private CellScanner(String text, int from, int line, Dialect dialect, boolean isCut) {
    this.text = text;
    this.dialect = dialect;
    this.line = line;
    this.isCut = isCut;
    at = from;
  }

  /**
   * Where a row cannot be read.
   *
   * @param line where it begins
   * @param why the reason
   */
  record Broken(int line, String why) {}

  /**
   * The cells of a text.
   *
   * @param starts where cells begin; behind the last of a row, one more than where that ends
   * @param rows number of the first start of each row, and at the end the number of all
   * @param lines line where each row begins
   * @param hasBlanksAroundQuotes whether some cell has
   * @param broken the first row that cannot be read, where reading ended; null without one
   * @param end where the rows end: behind the text, unless it is cut within a row
   * @param nextLine line that begins there
   */
  @SuppressWarnings("ArrayRecordComponent") // compared nowhere
  record Cells(
      Dialect dialect,
      int[] starts,
      int[] rows,
      int[] lines,
      boolean hasBlanksAroundQuotes,
      @Nullable Broken broken,
      int end,
      int nextLine) {
    int size() {
      return lines.length;
    }

    int width(int row) {
      return rows[row + 1] - rows[row] - 1;
    }

    /** Where a cell begins; for the number behind the last, one more than where that ends. */
    int start(int row, int column) {
      return starts[rows[row] + column];
    }

    /** Whether everything is read, and all rows have as many cells as the first. */
    boolean isEven() {
      if (broken != null) {
        return false;
      }
      for (int row = 1; row < size(); row++) {
        if (width(row) != width(0)) {
          return false;
        }
      }
      return true;
    }
  }

  static Cells scan(String text, int from, int line, Dialect dialect) {
    return scan(text, from, line, dialect, false);
  }

  /**
   * The cells of a text.
   *
   * @param line line of the file with which it begins
   * @param isCut whether the file goes on behind the text, which ends with a line: a row whose
   *     quote is still open is then no row yet
   */
  static Cells scan(String text, int from, int line, Dialect dialect, boolean isCut) {
    return new CellScanner(text, from, line, dialect, isCut).scan();
  }

  private Cells scan() {
    while (at < text.length() && broken == null && open < 0) {
      if (isLineEnd(at)) {
        skipLineEnd();
      } else {
        row();
      }
    }
    rows.add(starts.size());
    return new Cells(
        dialect,
        starts.toArray(),
        rows.toArray(),
        lines.toArray(),
        hasBlanksAroundQuotes,
        broken,
        open < 0 ? text.length() : open,
        line);
  }

  private void row() {
    rows.add(starts.size());
    lines.add(line);
    int begin = at;
    int first = line;
    boolean isLast = false;
    while (!isLast) {
      starts.add(at);
      String why = cell();
      if (why != null && isCut && at >= text.length()) {
        starts.cut(rows.removeLast());
        lines.removeLast();
        line = first;
        open = begin;
        return;
      }
      if (why != null) {
        broken = new Broken(first, why);
        return;
      }
      isLast = at == text.length() || isLineEnd(at);
      at++;
    }
    starts.add(at);
    at--;
    skipLineEnd();
  }

  /** Moves behind a cell; the reason, if it cannot be read. */
  private @Nullable String cell() {
    int begin = at;
    if (dialect.hasQuotes()) {
      while (begin < text.length() && dialect.isBlank(text.charAt(begin))) {
        begin++;
      }
      if (begin < text.length() && text.charAt(begin) == '"') {
        hasBlanksAroundQuotes |= begin > at;
        at = begin + 1;
        return quoted();
      }
    }
    while (at < text.length() && text.charAt(at) != dialect.separator() && !isLineEnd(at)) {
      at++;
    }
    return null;
  }

  private @Nullable String quoted() {
    while (true) {
      if (at >= text.length()) {
        return "a quote is opened and not closed";
      }
      char c = text.charAt(at);
      if (c == '\n' || (c == '\r' && !isFollowedBy('\n'))) {
        line++;
      }
      boolean isEscaping = c == '\\' && dialect.quotes() == Dialect.Quotes.BACKSLASH;
      boolean isPair = (isEscaping || c == '"') && isFollowedBy('"');
      if (isPair || (isEscaping && isFollowedBy('\\'))) {
        at += 2;
      } else if (c == '"') {
        at++;
        return behindQuote();
      } else {
        at++;
      }
    }
  }

  private @Nullable String behindQuote() {
    while (at < text.length() && dialect.isBlank(text.charAt(at))) {
      at++;
    }
    boolean isEnd = at == text.length() || isLineEnd(at) || text.charAt(at) == dialect.separator();
    return isEnd ? null : "'%s' follows a closing quote".formatted(text.charAt(at));
  }

  private boolean isFollowedBy(char c) {
    return at + 1 < text.length() && text.charAt(at + 1) == c;
  }

  private boolean isLineEnd(int position) {
    char c = text.charAt(position);
    return c == '\n' || c == '\r';
  }

  private void skipLineEnd() {
    if (at < text.length()) {
      at += text.charAt(at) == '\r' && isFollowedBy('\n') ? 2 : 1;
      line++;
    }
  }
}
