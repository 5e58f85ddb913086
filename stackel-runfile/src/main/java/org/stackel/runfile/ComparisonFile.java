package org.stackel.runfile;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.text.DecimalFormat;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.EnumNamingStrategies;
import tools.jackson.databind.annotation.EnumNaming;

/**
 * comparison.json: several algorithms on several seeds.
 *
 * @param title of the whole
 * @param notes remarks below the table
 * @param sections tables
 */
public record ComparisonFile(String title, List<String> notes, List<Section> sections)
    implements WholeFile {
  /** Name of the file. */
  public static final String NAME = "comparison.json";

  public ComparisonFile {
    Rule.given("title", title);
    notes = Rule.list("notes", notes);
    Rule.given("sections", sections);
    sections = Rule.list("sections", sections);
  }

  /**
   * One table and what was made of its numbers.
   *
   * @param title above the table
   * @param notes below the title
   * @param columns metrics and costs, the primary one first
   * @param rows one for each method
   * @param runs run directories, relative to that of the file
   * @param primary the metric by which methods are judged; null if the file does not say
   * @param tests every method against the best; null with fewer than three seeds
   * @param budget what every run may spend; null if the file does not say
   * @param target what it cost to reach a level; null without one
   * @param tuning how hyperparameters were chosen; null if they were not tuned
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record Section(
      String title,
      List<String> notes,
      List<Column> columns,
      List<Row> rows,
      List<String> runs,
      @Nullable String primary,
      @Nullable Tests tests,
      @Nullable Budget budget,
      @Nullable Target target,
      @Nullable Tuning tuning) {
    public Section {
      Rule.given("title", title);
      notes = Rule.list("notes", notes);
      columns = Rule.list("columns", columns);
      rows = Rule.list("rows", rows);
      runs = Rule.list("runs", runs);
    }

    /** The column of a metric; null if there is none. */
    public @Nullable Column column(String key) {
      return columns.stream().filter(column -> column.key().equals(key)).findFirst().orElse(null);
    }
  }

  /**
   * A column of the table.
   *
   * @param key of a metric, or {@code seconds} or {@code oracleCalls}
   * @param label for people; null for what the key says
   * @param better null if neither direction is
   * @param format a pattern of {@link DecimalFormat} such as 0.000; null for four significant
   *     digits
   */
  public record Column(
      String key,
      @Nullable String label,
      @Nullable MetricDirection better,
      @Nullable String format) {
    public Column {
      Rule.given("key", key);
      try {
        if (format != null) {
          new DecimalFormat(format).toPattern();
        }
      } catch (IllegalArgumentException e) {
        throw new BrokenRule(
            "format", "must be a pattern such as 0.000 or 0.0%", "a letter slipped in.");
      }
    }
  }

  /**
   * The numbers of one method.
   *
   * @param method name of an algorithm, of a variant of it, or of a baseline
   * @param kind what kind of method it is
   * @param values by column, over the seeds with which the run completed
   * @param seeds the same numbers one by one: by column, then by seed
   */
  public record Row(
      String method,
      Kind kind,
      Map<String, Summary> values,
      Map<String, Map<String, Double>> seeds) {
    /** What kind of method it is. */
    @EnumNaming(EnumNamingStrategies.KebabCaseStrategy.class)
    public enum Kind {
      /** Solves the bilevel problem. */
      BILEVEL,
      /** Does without a bilevel problem. */
      BASELINE,
      /** Knows what no method can know: an upper limit, never the best. */
      REFERENCE
    }

    public Row {
      Rule.given("method", method);
      kind = kind == null ? Kind.BILEVEL : kind;
      values = Rule.map(values);
      seeds = Rule.map(seeds);
    }
  }

  /**
   * Numbers {@code aᵢ} of n seeds. A plain number in a file is the mean of one.
   *
   * @param mean their mean
   * @param sd standard deviation {@code √(Σ(aᵢ - mean)² / (n-1))}, 0 for one number; null if the
   *     file does not say
   * @param se standard error of the mean, {@code sd / √n}; null for one number, and if the file
   *     does not say
   * @param n how many numbers; 1 if the file does not say
   */
  public record Summary(double mean, @Nullable Double sd, @Nullable Double se, Long n) {
    @JsonCreator
    public Summary {
      n = n == null ? Long.valueOf(1) : n;
      Rule.amount("n", n);
    }

    @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
    static Summary ofOne(double number) {
      return new Summary(number, null, null, 1L);
    }

    /** Of these numbers. */
    public static Summary of(double... numbers) {
      double mean = Arrays.stream(numbers).average().orElse(Double.NaN);
      double squares = Arrays.stream(numbers).map(v -> (v - mean) * (v - mean)).sum();
      int n = numbers.length;
      double sd = n < 2 ? 0 : Math.sqrt(squares / (n - 1));
      return new Summary(mean, sd, n < 2 ? null : Double.valueOf(sd / Math.sqrt(n)), (long) n);
    }

    /** Of these numbers. */
    public static Summary of(Collection<Double> numbers) {
      return of(numbers.stream().mapToDouble(Double::doubleValue).toArray());
    }

    /** The standard error, from the standard deviation if need be; NaN if neither is known. */
    public double error() {
      return se != null ? se : sd != null ? sd / Math.sqrt(n) : Double.NaN;
    }
  }

  /**
   * Paired t-tests of every method against the best bilevel one.
   *
   * @param metric that was tested
   * @param reference the method that the others are compared with
   * @param test which test it is, in words
   * @param rows one for each other method
   */
  public record Tests(String metric, String reference, String test, List<Difference> rows) {
    public Tests {
      Rule.given("metric", metric);
      Rule.given("reference", reference);
      Rule.given("test", test);
      rows = Rule.list("rows", rows);
    }
  }

  /**
   * A method against the reference on the seeds that both have.
   *
   * @param method the method
   * @param n pairs, at least 0
   * @param difference mean of method minus reference
   * @param se standard error of the difference, at least 0
   * @param p two-sided probability of a difference at least as large if the means are equal; null
   *     where the pairs do not vary
   */
  public record Difference(
      String method, long n, double difference, double se, @Nullable Double p) {
    public Difference {
      Rule.given("method", method);
      Rule.amount("n", n);
      Rule.amount("se", se);
      if (p != null) {
        Rule.amount("p", p);
      }
    }
  }

  /**
   * What every run may spend.
   *
   * @param kind what is counted
   * @param amount how much; null for the steps of the experiment
   * @param text the budget as a sentence
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record Budget(BudgetKind kind, @Nullable Double amount, String text) {
    public Budget {
      Rule.given("kind", kind);
      Rule.given("text", text);
    }
  }

  /**
   * What it cost to reach a level of a metric, up to the first evaluation that is at least as good.
   *
   * @param metric of the evaluations
   * @param label of the metric for people
   * @param better direction of the metric
   * @param value the level
   * @param source where the level comes from
   * @param rows one for each bilevel method
   */
  public record Target(
      String metric,
      String label,
      MetricDirection better,
      double value,
      Source source,
      List<Cost> rows) {
    /** Where the level comes from. */
    @EnumNaming(EnumNamingStrategies.KebabCaseStrategy.class)
    public enum Source {
      /** It was asked for. */
      GIVEN,
      /** The worst of the methods' means at the end. */
      @JsonProperty("reached by all")
      REACHED_BY_ALL
    }

    public Target {
      Rule.given("metric", metric);
      Rule.given("label", label);
      Rule.given("better", better);
      Rule.given("source", source);
      rows = Rule.list("rows", rows);
    }
  }

  /**
   * What it cost one method. Means are given only if all runs reached the level: a mean over those
   * that did would favour a method whose other runs never arrive. The median counts a run that did
   * not reach the level as dearer than all that did.
   *
   * @param method the method
   * @param reached runs that reached the level
   * @param runs all runs
   * @param diverged runs that diverged; null for none
   * @param steps steps of the upper level; null unless all runs reached the level
   * @param seconds in initialisation and steps; null unless all runs reached the level
   * @param oracleCalls of all kinds; null unless all runs reached the level
   * @param samples that oracle calls were computed on; null unless all runs reached the level
   * @param median over all runs; null if it is that of a run that did not reach the level, and in
   *     files of older versions
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record Cost(
      String method,
      long reached,
      long runs,
      @Nullable Long diverged,
      @Nullable Summary steps,
      @Nullable Summary seconds,
      @Nullable Summary oracleCalls,
      @Nullable Summary samples,
      @Nullable Median median) {
    public Cost {
      Rule.given("method", method);
      Rule.amount("reached", reached);
      Rule.amount("runs", runs);
      if (diverged != null) {
        Rule.amount("diverged", diverged);
      }
    }
  }

  /**
   * The run in the middle of all; between the two of an even number, halfway.
   *
   * @param steps steps of the upper level
   * @param seconds in initialisation and steps
   * @param oracleCalls of all kinds
   * @param samples that oracle calls were computed on
   */
  public record Median(double steps, double seconds, double oracleCalls, double samples) {
    public Median {
      Rule.amount("steps", steps);
      Rule.amount("seconds", seconds);
      Rule.amount("oracleCalls", oracleCalls);
      Rule.amount("samples", samples);
    }
  }

  /**
   * How hyperparameters were chosen: by the same random search for every method.
   *
   * @param metric by which points were judged
   * @param label of the metric for people
   * @param better direction of the metric
   * @param seeds of the search; none of them is compared
   * @param rows one for each method
   */
  public record Tuning(
      String metric, String label, MetricDirection better, List<Long> seeds, List<Tuned> rows) {
    public Tuning {
      Rule.given("metric", metric);
      Rule.given("label", label);
      Rule.given("better", better);
      seeds = Rule.list("seeds", seeds);
      rows = Rule.list("rows", rows);
    }
  }

  /**
   * What was chosen for one method.
   *
   * @param method the method
   * @param chosen number of the best point; 0 has the defaults
   * @param points how many there are
   * @param diverged points with which a run diverged
   * @param values hyperparameters of the best point
   * @param score of the best point: mean over the seeds, Infinity if a run diverged
   * @param defaults hyperparameters of point 0
   * @param scoreOfDefaults score of point 0
   */
  public record Tuned(
      String method,
      long chosen,
      long points,
      long diverged,
      Map<String, Object> values,
      double score,
      Map<String, Object> defaults,
      double scoreOfDefaults) {
    public Tuned {
      Rule.given("method", method);
      Rule.amount("chosen", chosen);
      Rule.amount("points", points);
      Rule.amount("diverged", diverged);
      Rule.given("values", values);
      values = Rule.map(values);
      defaults = Rule.map(defaults);
    }
  }
}
