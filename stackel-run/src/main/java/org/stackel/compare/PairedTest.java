package org.stackel.compare;

import java.util.List;
import java.util.Map;
import org.apache.commons.statistics.distribution.TDistribution;
import org.jspecify.annotations.Nullable;
import org.stackel.runfile.ComparisonFile.Difference;
import org.stackel.runfile.ComparisonFile.Summary;

/**
 * A paired t-test: on n seeds two methods gave {@code aᵢ} and {@code bᵢ}, {@code dᵢ = aᵢ - bᵢ},
 * {@code t = d̄ / se(d̄)} with n-1 degrees of freedom, two-sided.
 */
final class PairedTest {
  /** What comparison.json calls it. */
  static final String NAME = "paired t-test, two-sided, of method minus reference over seeds";

  private static final int LEAST = 3;

  /** Differences of at most this share of the numbers themselves are due to rounding. */
  private static final double ROUNDING = 1e-12;

  private PairedTest() {}

  /**
   * The test over the seeds that both have; null if they are fewer than three, or if a number or
   * their variance is not finite. Pairs that do not vary, as without noise, have no p: seeds then
   * say nothing.
   */
  static @Nullable Difference of(String method, Map<Long, Double> a, Map<Long, Double> b) {
    List<Long> seeds = a.keySet().stream().filter(b::containsKey).toList();
    int n = seeds.size();
    if (n < LEAST) {
      return null;
    }
    double[] differences = new double[n];
    double size = 0;
    for (int i = 0; i < n; i++) {
      double first = a.getOrDefault(seeds.get(i), Double.NaN);
      double second = b.getOrDefault(seeds.get(i), Double.NaN);
      if (!Double.isFinite(first) || !Double.isFinite(second)) {
        return null;
      }
      differences[i] = first - second;
      size = Math.max(size, Math.max(Math.abs(first), Math.abs(second)));
    }
    Summary summary = Summary.of(differences);
    double mean = summary.mean();
    double error = summary.error();
    if (!Double.isFinite(error)) {
      return null;
    }
    if (error <= ROUNDING * size) {
      return new Difference(method, n, mean, error, null);
    }
    double p = 2 * TDistribution.of(n - 1.0).survivalProbability(Math.abs(mean) / error);
    return new Difference(method, n, mean, error, p);
  }
}
