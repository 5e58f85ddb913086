package org.stackel.clean;

import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.stackel.config.InvalidInputException;

/**
 * A cell of {@code index:value} pairs, as LIBSVM files have them; rows are divided by their norms.
 *
 * @param column the column
 * @param indices the indices that are features
 * @param numbers of the indices
 * @param factors of the indices
 */
@SuppressWarnings("ArrayRecordComponent") // compared nowhere
record IndexBlock(int column, List<String> indices, Map<String, Integer> numbers, float[] factors)
    implements SparseBlock {
  static IndexBlock of(int column, List<String> indices, float[] factors) {
    return new IndexBlock(
        column,
        indices,
        IntStream.range(0, indices.size())
            .boxed()
            .collect(Collectors.toUnmodifiableMap(indices::get, i -> i)),
        factors);
  }

  @Override
  public int width() {
    return indices.size();
  }

  @Override
  public void write(RowView row, EntryList to) {
    int from = to.size();
    String cell = row.cell(column);
    if (cell != null) {
      pairs(
          cell,
          row::place,
          (index, value) -> {
            Integer number = numbers.get(index);
            if (number != null) {
              to.add(number, (float) (value * factors[number]));
            }
          });
    }
    to.normalise(from);
  }

  /** Something to do with a pair. */
  interface Pair {
    void of(String index, double value);
  }

  static void pairs(String cell, Supplier<String> place, Pair work) {
    int at = 0;
    while (at < cell.length()) {
      if (Character.isWhitespace(cell.charAt(at))) {
        at++;
        continue;
      }
      int end = at;
      while (end < cell.length() && !Character.isWhitespace(cell.charAt(end))) {
        end++;
      }
      int colon = cell.indexOf(':', at);
      double value =
          colon < 0 || colon >= end ? Double.NaN : number(cell.substring(colon + 1, end));
      if (Double.isNaN(value)) {
        throw new InvalidInputException(
                "'%s' is no index:value with a finite number.".formatted(cell.substring(at, end)),
                "the line is cut off, or the file is not in LIBSVM format.")
            .at(place.get());
      }
      String index = cell.substring(at, colon);
      if (!index.equals("qid")) {
        work.of(index, value);
      }
      at = end;
    }
  }

  private static double number(String text) {
    return NumberBlock.number(text);
  }
}
