package org.stackel.report;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.stackel.runfile.ComparisonFile;
import org.stackel.runfile.ComparisonFile.Row.Kind;
import org.stackel.runfile.ComparisonFile.Summary;
import org.stackel.runfile.MetricDirection;

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
   * @param better null where neither direction is
   * @param format a pattern such as 0.000, or null for four significant digits
   */
  record Column(
      String key, String label, @Nullable MetricDirection better, @Nullable String format) {
    private static final Pattern CAPITALISED = Pattern.compile("\\b[A-Z](?=[a-z])");
    private static final Pattern SHORT = Pattern.compile("\\b(auc|auroc|f1)\\b");

    /** A column for a metric that only its name describes. */
    static Column named(String key) {
      return new Column(key, words(key), MetricDirection.of(key), null);
    }

    /** A column as comparison.json has it. */
    static Column of(ComparisonFile.Column column) {
      String label = column.label() == null ? words(column.key()) : column.label();
      return new Column(column.key(), label, column.better(), column.format());
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
      return better == MetricDirection.LOWER ? a < b : a > b;
    }

    /** {@code testAccuracy} becomes "test accuracy"; words in capitals and short names stay. */
    private static String words(String key) {
      String words = key.replaceAll("[_.-]+|(?<=[a-z0-9])(?=[A-Z])", " ");
      words = CAPITALISED.matcher(words).replaceAll(w -> w.group().toLowerCase(Locale.ROOT));
      return SHORT.matcher(words).replaceAll(w -> w.group().toUpperCase(Locale.ROOT));
    }
  }

  /**
   * @param kind what kind of method it is
   * @param remark what a reader must know about this row; empty if nothing
   * @param complete whether every seed counts; a row that lost seeds is never the best
   * @param seeds the numbers behind the means, by metric and seed; empty where nobody wrote them
   */
  record Row(
      String method,
      Kind kind,
      String remark,
      boolean complete,
      Map<String, Value> values,
      Map<String, Map<String, Double>> seeds) {
    private static final double ROUNDING = 1e-9;

    /**
     * The value of a column if it can stand beside others: there, finite, of all seeds, and not
     * below a known optimum.
     */
    @Nullable Value comparable(Column column) {
      Value value = values.get(column.key);
      return complete && value != null && Double.isFinite(value.mean) && !isTooGood(column)
          ? value
          : null;
    }

    /**
     * Whether this is an upper loss below the least that any x can reach, which is known where a
     * value function and its gap are: y then does not solve the lower level.
     */
    boolean isTooGood(Column column) {
      Value loss = values.get(column.key);
      Value reached = values.get("valueFunction");
      Value gap = values.get("optimalityGap");
      if (!column.key.equals("upperLoss") || loss == null || reached == null || gap == null) {
        return false;
      }
      double optimum = reached.mean - gap.mean;
      return loss.mean < optimum - ROUNDING * Math.max(Math.abs(optimum), Math.abs(loss.mean));
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
      return of(Summary.of(values));
    }

    static Value of(Summary summary) {
      return new Value(summary.mean(), summary.n() > 1 ? summary.error() : Double.NaN, summary.n());
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
