package org.stackel.check;

import java.util.List;

/**
 * The relaxed smoothness of Φ, {@code |∇Φ(x) - ∇Φ(x')| ≤ (L0 + L1 |∇Φ(x)|) |x - x'|}, fitted to
 * what was seen: of all lines that no observation is above, with {@code L0, L1 ≥ 0}, the one whose
 * heights at the observations have the least sum.
 *
 * @param l0 L0
 * @param l1 L1
 */
record Envelope(double l0, double l1) {
  /**
   * One observation.
   *
   * @param step the step before the move
   * @param gradient {@code |∇Φ(x)|}
   * @param smoothness {@code |∇Φ(x') - ∇Φ(x)| / |x' - x|}
   */
  record Observation(long step, double gradient, double smoothness) {}

  private static final double SLACK = 1e-12;

  /** The best line; of no observations, 0. */
  static Envelope of(List<Observation> seen) {
    double top = seen.stream().mapToDouble(Observation::smoothness).max().orElse(0);
    double gradients = seen.stream().mapToDouble(Observation::gradient).sum();
    Envelope best = new Envelope(top, 0);
    double least = seen.size() * top;
    // The least sum is at a corner: a flat line, one through zero, or one through two observations.
    for (Observation a : seen) {
      for (Observation b : seen) {
        double slope =
            a.equals(b)
                ? a.smoothness / a.gradient
                : (b.smoothness - a.smoothness) / (b.gradient - a.gradient);
        double height = a.equals(b) ? 0 : a.smoothness - slope * a.gradient;
        if (!(slope >= 0 && height >= 0) || Double.isInfinite(slope)) {
          continue;
        }
        double sum = seen.size() * height + slope * gradients;
        if (sum < least
            && seen.stream()
                .allMatch(o -> o.smoothness <= height + slope * o.gradient + SLACK * top)) {
          best = new Envelope(height, slope);
          least = sum;
        }
      }
    }
    return best;
  }
}
