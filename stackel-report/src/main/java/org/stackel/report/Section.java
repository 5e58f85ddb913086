package org.stackel.report;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.stackel.config.Options;
import org.stackel.problem.Direction;

/**
 * One setting in which methods are compared: a table, and curves where there are runs.
 *
 * @param groups the runs of this setting, by line of the charts
 * @param fairness what a comparison says beside the table
 */
record Section(
    String title,
    List<String> notes,
    List<Column> columns,
    List<Row> rows,
    List<Group> groups,
    Fairness fairness) {

  /**
   * @param better "higher", "lower", or null where neither is
   * @param format a pattern such as 0.000, or null for four significant digits
   */
  record Column(String key, String label, @Nullable String better, @Nullable String format) {
    private static final Pattern CAPITALISED = Pattern.compile("\\b[A-Z](?=[a-z])");
    private static final Pattern SHORT = Pattern.compile("\\b(auc|auroc|f1)\\b");

    /** A column for a metric that only its name describes. */
    static Column named(String key) {
      return new Column(key, words(key), direction(key), null);
    }

    String show(double value) {
      return format == null ? Numbers.plain(value) : Numbers.format(format, value);
    }

    /** The mean and, where there are several seeds, its standard error; a count may have none. */
    String show(Value value) {
      boolean isFixed = value.error == 0 && Numbers.COUNT.equals(format);
      if (value.n < 2 || Double.isNaN(value.error) || isFixed) {
        return show(value.mean);
      }
      return format == null
          ? Numbers.measured(value.mean, value.error)
          : show(value.mean) + " ± " + show(value.error);
    }

    boolean isBetter(double a, double b) {
      return "lower".equals(better) ? a < b : a > b;
    }

    /** {@code testAccuracy} becomes "test accuracy"; words in capitals and short names stay. */
    private static String words(String key) {
      String words = key.replaceAll("[_.-]+|(?<=[a-z0-9])(?=[A-Z])", " ");
      words = CAPITALISED.matcher(words).replaceAll(w -> w.group().toLowerCase(Locale.ROOT));
      return SHORT.matcher(words).replaceAll(w -> w.group().toUpperCase(Locale.ROOT));
    }

    private static @Nullable String direction(String key) {
      Direction direction = Direction.of(key);
      return direction == null ? null : Options.kebab(direction);
    }
  }

  /**
   * @param kind "bilevel", "baseline" or "reference"
   * @param remark what a reader must know about this row; empty if nothing
   * @param complete whether every seed counts; a row that lost seeds is never the best
   * @param seeds the numbers behind the means, by metric and seed; empty where nobody wrote them
   */
  record Row(
      String method,
      String kind,
      String remark,
      boolean complete,
      Map<String, Value> values,
      Map<String, Map<String, Double>> seeds) {
    /** The value of a column if it can stand beside others: there, finite, of all seeds. */
    @Nullable Value comparable(Column column) {
      Value value = values.get(column.key);
      return complete && value != null && Double.isFinite(value.mean) ? value : null;
    }
  }

  /**
   * A mean over seeds.
   *
   * @param error its standard error, the standard deviation over √n; NaN if there is none
   * @param n the number of seeds
   */
  record Value(double mean, double error, long n) {
    static Value of(List<Double> values) {
      double mean = values.stream().mapToDouble(v -> v).average().orElse(Double.NaN);
      double squares = values.stream().mapToDouble(v -> (v - mean) * (v - mean)).sum();
      int n = values.size();
      return new Value(mean, n > 1 ? Math.sqrt(squares / (n - 1) / n) : Double.NaN, n);
    }
  }

  /** The column of this key, or what its name says where there is none. */
  Column column(String key) {
    return columns.stream()
        .filter(column -> column.key.equals(key))
        .findFirst()
        .orElseGet(() -> Column.named(key));
  }

  /** The best of the allowed rows in a column, or null where nothing can be compared. */
  @Nullable Row best(Column column, Predicate<Row> allowed) {
    Row best = null;
    if (column.better == null) {
      return null;
    }
    for (Row row : rows) {
      Value value = row.comparable(column);
      if (value == null || !allowed.test(row)) {
        continue;
      }
      Value least = best == null ? null : best.comparable(column);
      if (least == null || column.isBetter(value.mean, least.mean)) {
        best = row;
      }
    }
    return best;
  }
}
