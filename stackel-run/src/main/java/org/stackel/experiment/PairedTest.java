package org.stackel.experiment;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.commons.statistics.distribution.TDistribution;
import org.jspecify.annotations.Nullable;

/**
 * A paired t-test: on n seeds two methods gave numbers {@code aᵢ} and {@code bᵢ}, {@code dᵢ = aᵢ -
 * bᵢ}, {@code t = d̄ / se(d̄)} with n-1 degrees of freedom, two-sided.
 *
 * @param n pairs
 * @param mean d̄
 * @param error standard error of d̄
 * @param p probability of a t at least as large if the means are equal; null where the pairs do not
 *     vary, as without noise: seeds then say nothing
 */
record PairedTest(int n, double mean, double error, @Nullable Double p) {
  private static final int LEAST = 3;

  /** Of differences at most this share of the numbers themselves, rounding is the cause. */
  private static final double ROUNDING = 1e-12;

  /** The test over the seeds that both have; null if they are fewer than three. */
  static @Nullable PairedTest of(Map<Long, Double> a, Map<Long, Double> b) {
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
    if (summary.error() <= ROUNDING * size) {
      return new PairedTest(n, summary.mean(), summary.error(), null);
    }
    double t = Math.abs(summary.mean()) / summary.error();
    double p = 2 * TDistribution.of(n - 1.0).survivalProbability(t);
    return new PairedTest(n, summary.mean(), summary.error(), p);
  }

  /** As comparison.json has it. */
  Map<String, @Nullable Object> toMap(String method) {
    var map = new LinkedHashMap<String, @Nullable Object>();
    map.put("method", method);
    map.put("n", n);
    map.put("difference", mean);
    map.put("se", error);
    map.put("p", p);
    return map;
  }
}
