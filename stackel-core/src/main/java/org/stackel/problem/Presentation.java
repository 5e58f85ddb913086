package org.stackel.problem;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How a comparison shows a problem's metrics.
 *
 * @param columns metrics in order; all if empty
 * @param rows rows of one method: variants of its result
 */
public record Presentation(List<Column> columns, List<Row> rows) {
  /** Every metric, and one row for a method. */
  public static final Presentation ALL =
      new Presentation(List.of(), List.of(new Row("", Map.of())));

  /**
   * A metric in a table.
   *
   * @param key the metric
   * @param label what the table calls it
   * @param format a pattern such as {@code 0.000}; four significant digits if left out
   */
  public record Column(String key, String label, @Nullable String format) {}

  /**
   * A row of a method.
   *
   * @param suffix appended to the method's name
   * @param metrics the run's metric that is shown for a key; all under their own names if empty
   */
  public record Row(String suffix, Map<String, String> metrics) {}
}
