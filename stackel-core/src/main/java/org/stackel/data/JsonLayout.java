package org.stackel.data;

/**
 * JSON objects, one on each line.
 *
 * @param objects where they stand
 * @param text the text of the file
 */
record JsonLayout(JsonLines.Objects objects, String text) implements Layout {
  @Override
  public int size() {
    return objects.lines().length;
  }

  @Override
  public int line(int row) {
    return objects.lines()[row];
  }

  @Override
  public int width(int row) {
    return objects.keys().size();
  }

  @Override
  public int start(int row, int column) {
    return bound(row, column, 1);
  }

  @Override
  public int end(int row, int column) {
    return bound(row, column, 2);
  }

  private int bound(int row, int column, int which) {
    int[] values = objects.values()[row];
    for (int i = 0; i < values.length; i += 3) {
      if (values[i] == column) {
        return values[i + which];
      }
    }
    return -1;
  }

  @Override
  public int begin(int row) {
    int at = objects.ends()[row];
    while (at > 0 && "\n\r".indexOf(text.charAt(at - 1)) < 0) {
      at--;
    }
    return at;
  }

  @Override
  public int end(int row) {
    int at = objects.ends()[row];
    while (at < text.length() && "\n\r".indexOf(text.charAt(at)) < 0) {
      at++;
    }
    return at;
  }

  @Override
  public String decoded(String raw) {
    return JsonLines.decoded(raw);
  }

  @Override
  public String encoded(String value, String inPlaceOf) {
    return JsonLines.encoded(value, inPlaceOf);
  }

  @Override
  public int appendAt(int row) {
    int at = objects.ends()[row];
    while (Character.isWhitespace(text.charAt(at - 1))) {
      at--;
    }
    return at;
  }

  @Override
  public boolean isEmpty(int row) {
    return text.charAt(appendAt(row) - 1) == '{';
  }

  @Override
  public String appended(String column, String value, boolean isFirst) {
    return (isFirst ? "" : ", ") + JsonLines.encoded(column) + ": " + JsonLines.encoded(value, "0");
  }
}
