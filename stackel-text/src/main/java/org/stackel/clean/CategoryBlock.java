package org.stackel.clean;

import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * A column of words, each of which is a column of features. Others are none.
 *
 * @param column the column
 * @param values the words
 * @param numbers of the words
 * @param value the number that stands for a word
 */
record CategoryBlock(int column, List<String> values, Map<String, Integer> numbers, float value)
    implements SparseBlock {
  static CategoryBlock of(int column, List<String> values, float value) {
    return new CategoryBlock(
        column,
        values,
        IntStream.range(0, values.size())
            .boxed()
            .collect(Collectors.toUnmodifiableMap(values::get, i -> i)),
        value);
  }

  @Override
  public int width() {
    return values.size();
  }

  @Override
  public void write(RowView row, EntryList to) {
    String cell = row.cell(column);
    Integer number = numbers.get(cell == null ? "" : cell.strip());
    if (number != null) {
      to.add(number, value);
    }
  }
}
