package org.stackel.runfile;

import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * baselines-seedN.json: what the baselines of a comparison gave on one seed, so that a comparison
 * that was stopped can go on.
 *
 * @param results one for each method
 */
public record BaselinesFile(List<Result> results) implements WholeFile {
  /** Names of the files of all seeds, as a pattern. */
  public static final String NAME = "baselines-seed*.json";

  /**
   * The result of one method.
   *
   * @param method its name
   * @param metrics by name
   * @param seconds that the method took, at least 0
   */
  public record Result(String method, Map<String, Double> metrics, double seconds) {
    public Result {
      Rule.given("method", method);
      metrics = Rule.map(metrics);
      Rule.amount("seconds", seconds);
    }
  }

  public BaselinesFile {
    results = Rule.list("results", results);
  }

  /** Name of the file of a seed. */
  public static String name(long seed) {
    return String.format(Locale.ROOT, "baselines-seed%d.json", seed);
  }
}
