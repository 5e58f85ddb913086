package org.stackel.data;

/** Where the records and cells of a text stand, and how cells are written. */
interface Layout {
  /** Number of records. */
  int size();

  /** Line of the file, counted from 1, where a record begins. */
  int line(int row);

  /** How many cells a record has. */
  int width(int row);

  /** Where a cell begins; -1 where a record has none in a column. */
  int start(int row, int column);

  /** Where a cell ends. */
  int end(int row, int column);

  /** Where a record begins. */
  int begin(int row);

  /** Where a record ends: before the end of its line. */
  int end(int row);

  /** What a cell says. */
  String decoded(String raw);

  /** How a value is written in the place of a cell. */
  String encoded(String value, String inPlaceOf);

  /** Where new cells of a record are put in. */
  int appendAt(int row);

  /**
   * How a new cell is written behind the last one.
   *
   * @param isFirst whether the record has no cell before it
   */
  String appended(String column, String value, boolean isFirst);

  /** Whether a record has no cell. */
  default boolean isEmpty(int row) {
    return false;
  }
}
