package org.stackel.report;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.DoubleSummaryStatistics;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.stackel.report.Section.Value;
import org.stackel.runfile.ComparisonFile;
import org.stackel.runfile.MetricDirection;
import org.stackel.runfile.MetricsLine;

/**
 * The curves of a section.
 *
 * @param metrics what is drawn, one chart each
 * @param constants what is not drawn because it never changes
 * @param lines one for each configuration
 */
record Curves(List<Metric> metrics, List<Constant> constants, List<Line> lines) {
  private static final int POINTS = 1000;

  /** Numbers that differ by less than this share of their size differ by rounding. */
  private static final double ROUNDING = 1e-12;

  /** What a band shows around the mean over seeds. */
  enum Spread {
    /** From the least to the largest. */
    RANGE,
    /** A standard error to either side. */
    ERROR
  }

  /**
   * @param target a level to draw; null without one
   */
  record Metric(
      String key, String label, @Nullable MetricDirection better, @Nullable BigDecimal target) {}

  /** A metric with one value in all evaluations of all lines. */
  record Constant(String label, BigDecimal value) {}

  /**
   * The mean over seeds at the steps at which they were evaluated. Seconds, oracle calls and
   * samples are means over the same seeds.
   *
   * @param samples empty if files of an older version do not say
   * @param bands by metric
   * @param ends by metric: where a run that diverged was last seen
   */
  record Line(
      String label,
      int seeds,
      List<Long> step,
      List<BigDecimal> seconds,
      List<BigDecimal> calls,
      List<BigDecimal> samples,
      Map<String, Band> bands,
      Map<String, List<End>> ends) {}

  /** Null where no seed has a finite number: a gap. */
  record Band(
      List<@Nullable BigDecimal> mean,
      List<@Nullable BigDecimal> low,
      List<@Nullable BigDecimal> high) {}

  /** A place in a chart: the index of a step in its line, and a number. */
  record End(int index, BigDecimal value) {}

  static Curves of(Section section, Spread spread) {
    Set<String> keys = new LinkedHashSet<>();
    for (Group group : section.groups()) {
      for (Run run : group.runs()) {
        run.evaluations()
            .values()
            .forEach(evaluation -> keys.addAll(evaluation.metrics().keySet()));
      }
    }
    List<Line> lines = section.groups().stream().map(g -> line(g, keys, spread)).toList();
    List<Constant> constants =
        keys.stream().flatMap(key -> constant(section, key, lines).stream()).toList();
    List<Metric> metrics =
        keys.stream()
            .filter(key -> constant(section, key, lines).isEmpty())
            .map(section::column)
            .map(
                column ->
                    new Metric(
                        column.key(),
                        column.label(),
                        column.better(),
                        target(section, column.key())))
            .toList();
    return new Curves(metrics, constants, lines);
  }

  /** The one value of a metric; empty if it has several, or none. */
  private static Optional<Constant> constant(Section section, String key, List<Line> lines) {
    DoubleSummaryStatistics values =
        lines.stream()
            .map(line -> Objects.requireNonNull(line.bands.get(key)))
            .flatMap(band -> Stream.of(band.mean, band.low, band.high))
            .flatMap(List::stream)
            .filter(Objects::nonNull)
            .mapToDouble(BigDecimal::doubleValue)
            .summaryStatistics();
    double size = Math.max(Math.abs(values.getMin()), Math.abs(values.getMax()));
    return values.getCount() == 0 || values.getMax() - values.getMin() > ROUNDING * size
        ? Optional.empty()
        : Optional.of(new Constant(section.column(key).label(), short7(values.getMin())));
  }

  private static @Nullable BigDecimal target(Section section, String key) {
    ComparisonFile.Target target = section.fairness().target();
    return target != null && target.metric().equals(key) ? short7(target.value()) : null;
  }

  private static Line line(Group group, Set<String> keys, Spread spread) {
    List<Long> steps = steps(group.runs());
    var seconds = new ArrayList<BigDecimal>();
    var calls = new ArrayList<BigDecimal>();
    var samples = new ArrayList<BigDecimal>();
    boolean countsSamples =
        group.runs().stream()
            .flatMap(run -> run.evaluations().values().stream())
            .allMatch(evaluation -> evaluation.samples() != null);
    var bands = new LinkedHashMap<String, Band>();
    for (String key : keys) {
      bands.put(key, new Band(new ArrayList<>(), new ArrayList<>(), new ArrayList<>()));
    }
    for (long step : steps) {
      List<MetricsLine> here =
          group.runs().stream()
              .map(run -> run.evaluations().get(step))
              .filter(Objects::nonNull)
              .toList();
      seconds.add(mean(here.stream().map(MetricsLine::seconds).toList()));
      calls.add(mean(here.stream().map(line -> (double) line.oracle().total()).toList()));
      if (countsSamples) {
        samples.add(mean(here.stream().map(Curves::samples).toList()));
      }
      bands.forEach((key, band) -> add(band, here, key, spread));
    }
    var ends = new LinkedHashMap<String, List<End>>();
    for (String key : keys) {
      ends.put(key, ends(group.runs(), steps, key));
    }
    return new Line(
        group.label(), group.runs().size(), steps, seconds, calls, samples, bands, ends);
  }

  private static double samples(MetricsLine line) {
    Long samples = line.samples();
    return samples == null ? Double.NaN : (double) samples;
  }

  /**
   * The steps of a line, thinned to what a screen can show. A step that only an interrupted seed
   * has, between steps that more seeds have, would be a jump in the mean: it is left out. So is the
   * end of a run behind the last step that all seeds made, where a budget of seconds ended them.
   */
  private static List<Long> steps(List<Run> runs) {
    var seeds = new TreeMap<Long, Integer>();
    runs.forEach(run -> run.evaluations().keySet().forEach(s -> seeds.merge(s, 1, Integer::sum)));
    var kept = new TreeSet<Long>();
    int most = 0;
    for (Map.Entry<Long, Integer> step : seeds.descendingMap().entrySet()) {
      if (step.getValue() >= most) {
        most = step.getValue();
        kept.add(step.getKey());
      }
    }
    if (runs.stream().allMatch(Run::completed)) {
      long common = seeds.values().stream().filter(n -> n == runs.size()).count();
      if (common > 1) {
        kept.removeIf(step -> seeds.getOrDefault(step, 0) < runs.size());
      }
    }
    var steps = List.copyOf(kept);
    int stride = (steps.size() + POINTS - 1) / POINTS;
    var thinned = new ArrayList<Long>();
    for (int i = 0; i < steps.size(); i++) {
      if (i % stride == 0 || i == steps.size() - 1) {
        thinned.add(steps.get(i));
      }
    }
    return thinned;
  }

  private static void add(Band band, List<MetricsLine> here, String key, Spread spread) {
    List<Double> finite =
        here.stream()
            .map(evaluation -> evaluation.metrics().get(key))
            .filter(value -> value != null && Double.isFinite(value))
            .toList();
    if (finite.isEmpty()) {
      band.mean.add(null);
      band.low.add(null);
      band.high.add(null);
      return;
    }
    BigDecimal mean = mean(finite);
    band.mean.add(mean);
    if (spread == Spread.ERROR) {
      double error = Value.of(finite).error();
      double half = Double.isFinite(error) ? error : 0;
      band.low.add(short7(mean.doubleValue() - half));
      band.high.add(short7(mean.doubleValue() + half));
    } else {
      band.low.add(short7(finite.stream().mapToDouble(v -> v).min().orElseThrow()));
      band.high.add(short7(finite.stream().mapToDouble(v -> v).max().orElseThrow()));
    }
  }

  private static List<End> ends(List<Run> runs, List<Long> steps, String key) {
    var ends = new ArrayList<End>();
    for (Run run : runs) {
      if (!run.outcome().status().equals("diverged")) {
        continue;
      }
      for (int i = steps.size() - 1; i >= 0; i--) {
        MetricsLine evaluation = run.evaluations().get(steps.get(i));
        Double value = evaluation == null ? null : evaluation.metrics().get(key);
        if (value != null && Double.isFinite(value)) {
          ends.add(new End(i, short7(value)));
          break;
        }
      }
    }
    return ends;
  }

  /** Divided before they are summed: the mean of huge numbers is finite. */
  private static BigDecimal mean(List<Double> values) {
    return short7(values.stream().mapToDouble(v -> v / values.size()).sum());
  }

  private static BigDecimal short7(double value) {
    return Numbers.rounded(value, 7);
  }
}
