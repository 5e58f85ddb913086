package org.stackel.runfile;

import java.util.List;
import java.util.Map;

/**
 * tune.json: every point of the search for hyperparameters.
 *
 * @param sections those of the comparison
 */
public record TuneFile(List<Section> sections) implements WholeFile {
  /** Name of the file. */
  public static final String NAME = "tune.json";

  public TuneFile {
    Rule.given("sections", sections);
    sections = Rule.list("sections", sections);
  }

  /**
   * The search of one section.
   *
   * @param metric by which points were judged
   * @param label of the metric for people
   * @param better direction of the metric
   * @param seeds of the search
   * @param section title of the section in comparison.json
   * @param algorithms one for each method
   */
  public record Section(
      String metric,
      String label,
      MetricDirection better,
      List<Long> seeds,
      String section,
      List<Algorithm> algorithms) {
    public Section {
      Rule.given("metric", metric);
      Rule.given("label", label);
      Rule.given("better", better);
      seeds = Rule.list("seeds", seeds);
      Rule.given("section", section);
      algorithms = Rule.list("algorithms", algorithms);
    }
  }

  /**
   * The search of one method.
   *
   * @param algorithm its name
   * @param chosen number of the best point; the first of equals
   * @param points all of them; the first has the defaults
   */
  public record Algorithm(String algorithm, long chosen, List<Point> points) {
    public Algorithm {
      Rule.given("algorithm", algorithm);
      Rule.amount("chosen", chosen);
      points = Rule.list("points", points);
    }
  }

  /**
   * One point.
   *
   * @param values hyperparameters, as an experiment file has them
   * @param scores of the seeds; Infinity where the run diverged
   * @param score their mean
   */
  public record Point(Map<String, Object> values, List<Double> scores, double score) {
    public Point {
      Rule.given("values", values);
      values = Rule.map(values);
      scores = Rule.list("scores", scores);
    }
  }
}
