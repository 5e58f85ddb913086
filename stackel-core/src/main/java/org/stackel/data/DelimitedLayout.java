package org.stackel.data;

import org.stackel.config.SpreadsheetText;

/**
 * Rows of cells with separators between.
 *
 * @param cells where they stand
 * @param header rows before the first record: 1 or 0
 */
record DelimitedLayout(CellScanner.Cells cells, int header) implements Layout {
  @Override
  public int size() {
    return cells.size() - header;
  }

  @Override
  public int line(int row) {
    return cells.lines()[row + header];
  }

  @Override
  public int width(int row) {
    return cells.width(row + header);
  }

  @Override
  public int start(int row, int column) {
    return column < width(row) ? cells.start(row + header, column) : -1;
  }

  @Override
  public int end(int row, int column) {
    return cells.start(row + header, column + 1) - 1;
  }

  @Override
  public int begin(int row) {
    return cells.start(row + header, 0);
  }

  @Override
  public int end(int row) {
    return end(row, width(row) - 1);
  }

  @Override
  public String decoded(String raw) {
    return cells.dialect().decoded(raw);
  }

  @Override
  public String encoded(String value, String inPlaceOf) {
    return cells.dialect().encoded(value, inPlaceOf);
  }

  @Override
  public int appendAt(int row) {
    return end(row);
  }

  @Override
  public String appended(String column, String value, boolean isFirst) {
    return cells.dialect().separator() + cells.dialect().encoded(SpreadsheetText.safe(value));
  }
}
