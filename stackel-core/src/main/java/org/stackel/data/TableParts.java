package org.stackel.data;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.stackel.data.Dialect.Quotes;

/**
 * A file of records that is read a part at a time, so that it need not fit in memory.
 *
 * <p>A file of one part is read like a {@link Table}. A larger one is read twice: the first time
 * finds how all of it is written, the keys of its objects, and what keeps a record from being read.
 * Only the encoding is found from the first part.
 */
public final class TableParts {
  /** Bytes of a part, unpacked. */
  static final int BYTES = 1 << 24;

  private final Path source;

  /** What messages call it. */
  private final Path file;

  private final TableFormat format;
  private final @Nullable String encoding;
  private final int bytes;
  private final Set<String> remarks = new LinkedHashSet<>();
  private final Set<Dialect> refuted = new HashSet<>();
  private @Nullable Dialect dialect;
  private List<String> columns = List.of();
  private String charset = "";
  private int headerLine;
  private @Nullable Table only;
  private boolean isKnown;

  private TableParts(
      Path source, Path file, TableFormat format, @Nullable String encoding, int bytes) {
    this.source = source;
    this.file = file;
    this.format = format;
    this.encoding = encoding;
    this.bytes = bytes;
  }

  /**
   * Opens a file. It may have a header and no rows.
   *
   * @param encoding its encoding, such as {@code windows-1252}; found out if null
   * @throws org.stackel.config.InvalidInputException naming file and line, for whatever keeps a
   *     record from being read
   */
  public static TableParts open(Path file, TableFormat format, @Nullable String encoding) {
    return open(file, file, format, encoding, BYTES);
  }

  /**
   * Opens a file that messages call otherwise.
   *
   * @param shown what they call it
   */
  public static TableParts open(
      Path file, Path shown, TableFormat format, @Nullable String encoding) {
    return open(file, shown, format, encoding, BYTES);
  }

  static TableParts open(Path file, TableFormat format, @Nullable String encoding, int bytes) {
    return open(file, file, format, encoding, bytes);
  }

  private static TableParts open(
      Path file, Path shown, TableFormat format, @Nullable String encoding, int bytes) {
    var parts = new TableParts(file, shown, format, encoding, bytes);
    while (!parts.isKnown) {
      parts.look();
    }
    return parts;
  }

  /** What is done with a part. */
  @FunctionalInterface
  public interface Visitor {
    /**
     * Does it.
     *
     * @return whether to go on
     */
    boolean visit(Table part) throws IOException;
  }

  /** Names of the columns: those of all objects. */
  public List<String> columns() {
    return columns;
  }

  /** Line of the header, or of the first object. */
  public int headerLine() {
    return headerLine;
  }

  /** What a reader should know: a guessed encoding, separator or manner of quoting. */
  public List<String> remarks() {
    return List.copyOf(remarks);
  }

  /** Name of the encoding, such as UTF-8. */
  public String encoding() {
    return charset;
  }

  /** Hands over the parts, in order; all have the same columns. */
  public void forEach(Visitor visitor) throws IOException {
    if (only != null) {
      visitor.visit(only);
      return;
    }
    try (var pass = new Pass()) {
      Table part = pass.next();
      while (part != null && visitor.visit(part)) {
        part = pass.next();
      }
    }
  }

  /** Reads all parts, in the manner that is thought to be theirs, and finds whether it is. */
  private void look() {
    remarks.clear();
    try (var pass = new Pass()) {
      Table first = pass.next();
      Table part = first;
      while (part != null) {
        columns = part.columns();
        remarks.addAll(part.remarks());
        part = pass.next();
      }
      isKnown = !pass.isRefuted;
      headerLine = first == null ? 1 : first.headerLine();
      only = first != null && pass.parts == 1 ? first : null;
    } catch (IOException e) {
      throw InputFile.unreadable(file, e);
    }
  }

  /** One reading of the file. */
  private final class Pass implements AutoCloseable {
    private final InputStream in = InputFile.openUnpacked(source);
    private final LineBytes lines = new LineBytes(file, in, bytes, encoding);
    private @Nullable FileText begin;
    private @Nullable Table first;
    private String rest = "";
    private int line = 1;
    private int parts;
    private boolean isRefuted;

    /** The next part; null behind the last. */
    @Nullable Table next() throws IOException {
      while ((!lines.isAtEnd() || !rest.isEmpty()) && !isRefuted) {
        // A row of many megabytes is a quote that is not closed.
        boolean isLast = lines.isAtEnd() || rest.length() > 4L * bytes;
        FileText text = text(isLast ? new byte[0] : lines.next());
        Table part = part(text, !isLast && !lines.isAtEnd());
        if (part != null && !isRefuted) {
          first = first == null ? part : first;
          parts++;
          return part;
        }
      }
      return null;
    }

    private FileText text(byte[] plain) {
      FileText before = begin;
      if (before == null) {
        begin = FileText.of(file, "", plain, encoding);
        Table.requireText(begin);
        charset = begin.encoding().name();
        return begin;
      }
      FileText text = FileText.later(file, plain, before.encoding(), line + count(rest));
      return (first == null ? before : text).withText(rest + text.text());
    }

    private @Nullable Table part(FileText text, boolean isCut) {
      if (format == TableFormat.CSV || format == TableFormat.TSV) {
        return delimited(text, isCut);
      }
      int from = line;
      line += count(text.text());
      if (format == TableFormat.LIBSVM) {
        if (first == null) {
          Table.requireLibsvm(text);
        }
        var layout = LibsvmLayout.scan(text.text(), from);
        return new Table(text, format, layout, LibsvmLayout.COLUMNS, 0, 1, text.remarks());
      }
      JsonLines.Objects found = JsonLines.scan(file, text.text(), columns, from);
      int begins = found.lines().length == 0 ? from : found.lines()[0];
      var layout = new JsonLayout(found, text.text());
      return new Table(text, format, layout, found.keys(), 0, begins, text.remarks());
    }

    // ---- rows of cells -----------------------------------------------------------------------

    private @Nullable Table delimited(FileText text, boolean isCut) {
      Table header = first;
      Dialect thought = dialect;
      var own = new ArrayList<>(text.remarks());
      Dialects dialects =
          header == null || thought == null
              ? new Dialects(text, format, isCut)
              : new Dialects(text, format, isCut, thought.separator(), line);
      CellScanner.Cells cells;
      if (thought == null) {
        cells = dialects.best(own, refuted);
        dialect = cells.dialect();
      } else {
        cells = dialects.as(thought, own);
        if (!isKnown) {
          judge(cells, dialects.best(new ArrayList<>(), refuted));
        }
      }
      if (cells.size() == 0 && isCut) {
        rest = text.text();
        return null;
      }
      rest = text.text().substring(cells.end());
      line = cells.nextLine();
      FileText whole = text.withText(text.text().substring(0, cells.end()));
      if (isRefuted) {
        return null;
      }
      return header == null
          ? Table.even(whole, format, Table.Header.FIRST_ROW, cells, own)
          : header.later(whole, cells, own);
    }

    /**
     * Compares the manner that is thought to be that of all parts with the best one of this part,
     * and has the file looked at again in another if it must be.
     */
    private void judge(CellScanner.Cells cells, CellScanner.Cells best) {
      Dialect thought = cells.dialect();
      boolean isOther = !best.dialect().equals(thought) && isRight(best);
      if (!isRight(cells)) {
        isRefuted = refuted.add(thought);
        dialect = !isRefuted ? thought : isOther ? best.dialect() : null;
      } else if (isOther && isUsual(thought)) {
        isRefuted = true; // no part before had what shows the other manner
        dialect = best.dialect();
      } else if (isOther && best.size() != cells.size()) {
        isRefuted = refuted.add(thought);
        dialect = best.dialect();
      }
    }

    private boolean isUsual(Dialect thought) {
      return thought.quotes() == (format == TableFormat.TSV ? Quotes.NONE : Quotes.DOUBLED);
    }

    private boolean isRight(CellScanner.Cells cells) {
      return cells.isEven()
          && (first == null || cells.size() == 0 || cells.width(0) == columns.size());
    }

    @Override
    public void close() throws IOException {
      in.close();
    }
  }

  /** Line ends in a text. */
  private static int count(String text) {
    int ends = 0;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      boolean isPair = c == '\r' && i + 1 < text.length() && text.charAt(i + 1) == '\n';
      ends += c == '\n' || (c == '\r' && !isPair) ? 1 : 0;
    }
    return ends;
  }
}
