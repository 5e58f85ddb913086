package org.stackel.data;

import java.util.List;

/**
 * Lines of a label and its features, as two columns. Comments and empty lines are no part of them.
 *
 * @param starts where the label of each record begins
 * @param splits where it ends
 * @param ends where the features end
 * @param lines line of each record
 */
@SuppressWarnings("ArrayRecordComponent") // compared nowhere
record LibsvmLayout(int[] starts, int[] splits, int[] ends, int[] lines) implements Layout {
  static final List<String> COLUMNS = List.of("label", "features");

  /**
   * The lines of a text.
   *
   * @param first line of the file with which it begins
   */
  static LibsvmLayout scan(String text, int first) {
    var starts = new Ints();
    var splits = new Ints();
    var ends = new Ints();
    var lines = new Ints();
    int line = first;
    for (int at = 0; at < text.length(); line++) {
      int end = at;
      int to = -1;
      for (; end < text.length() && "\n\r".indexOf(text.charAt(end)) < 0; end++) {
        to = to < 0 && text.charAt(end) == '#' ? end : to;
      }
      to = to < 0 ? end : to;
      while (to > at && Character.isWhitespace(text.charAt(to - 1))) {
        to--;
      }
      if (to > at) {
        while (Character.isWhitespace(text.charAt(at))) {
          at++;
        }
        int split = label(text, at, to);
        starts.add(at);
        splits.add(split);
        ends.add(to);
        lines.add(line);
      }
      at = end + (text.startsWith("\r\n", end) ? 2 : 1);
    }
    return new LibsvmLayout(starts.toArray(), splits.toArray(), ends.toArray(), lines.toArray());
  }

  /** Where the label ends; where it begins, if the line has none. */
  private static int label(String text, int from, int to) {
    int at = from;
    while (at < to && !Character.isWhitespace(text.charAt(at))) {
      if (text.charAt(at) == ':') {
        return from;
      }
      at++;
    }
    return at;
  }

  @Override
  public int size() {
    return lines.length;
  }

  @Override
  public int line(int row) {
    return lines[row];
  }

  @Override
  public int width(int row) {
    return COLUMNS.size();
  }

  @Override
  public int start(int row, int column) {
    return column == 0 ? starts[row] : splits[row];
  }

  @Override
  public int end(int row, int column) {
    return column == 0 ? splits[row] : ends[row];
  }

  @Override
  public int begin(int row) {
    return starts[row];
  }

  @Override
  public int end(int row) {
    return ends[row];
  }

  @Override
  public String decoded(String raw) {
    return raw.strip();
  }

  @Override
  public String encoded(String value, String inPlaceOf) {
    return value;
  }

  @Override
  public int appendAt(int row) {
    return ends[row];
  }

  @Override
  public String appended(String column, String value, boolean isFirst) {
    throw new UnsupportedOperationException("a LIBSVM file has no other columns");
  }
}
