package org.stackel.theory;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.stackel.config.Options;
import org.stackel.config.Rules;

/**
 * Constants of a problem, as analyses use them. Any may be left out; a theory schedule says which
 * it needs.
 *
 * @param mu strong convexity of g in y
 * @param lg1 Lipschitz constant of ∇g
 * @param lg2 Lipschitz constant of the second derivatives of g
 * @param lf0 bound of {@code |∇y f|}
 * @param Lx0 relaxed smoothness of ∇x f: {@code Lx0 + Lx1 |∇x f|}
 * @param Lx1 see Lx0
 * @param Ly0 relaxed smoothness of ∇y f: {@code Ly0 + Ly1 |∇y f|}
 * @param Ly1 see Ly0
 * @param L0 relaxed smoothness of Φ: {@code L0 + L1 |∇Φ|}; from the constants above if left out. If
 *     those are left out, {@code L0/√(1 + lg1²/mu²)} must also bound how fast the hypergradient
 *     changes with y
 * @param L1 see L0
 * @param sigmaF1 standard deviation of ∇F
 * @param sigmaG1 standard deviation of ∇y G
 * @param sigmaG2 standard deviation of the second derivatives of G, times a vector of length 1
 * @param delta {@code Φ(x0) - inf Φ}
 * @param lowerDistance {@code |y0 - y*(x0)|} before a warm start
 * @param lowerGap {@code g(x0, y0) - min g(x0, ·)}
 * @param Lf Lipschitz constant of ∇f
 * @param crossBound bound of {@code |∇²xy g|}
 */
@SuppressWarnings("MemberName") // names of the formulas: capital L, small ℓ
public record Constants(
    @Nullable Double mu,
    @Nullable Double lg1,
    @Nullable Double lg2,
    @Nullable Double lf0,
    @Nullable Double Lx0,
    @Nullable Double Lx1,
    @Nullable Double Ly0,
    @Nullable Double Ly1,
    @Nullable Double L0,
    @Nullable Double L1,
    @Nullable Double sigmaF1,
    @Nullable Double sigmaG1,
    @Nullable Double sigmaG2,
    @Nullable Double delta,
    @Nullable Double lowerDistance,
    @Nullable Double lowerGap,
    @Nullable Double Lf,
    @Nullable Double crossBound) {

  /** None. */
  public static final Constants NONE =
      new Constants(
          null, null, null, null, null, null, null, null, null, null, null, null, null, null, null,
          null, null, null);

  public Constants {
    var rules = new Rules("the constants");
    rules.positiveIfGiven("mu", mu);
    rules.positiveIfGiven("lg1", lg1);
    notNegative(rules, "lg2", lg2);
    notNegative(rules, "lf0", lf0);
    notNegative(rules, "Lx0", Lx0);
    notNegative(rules, "Lx1", Lx1);
    notNegative(rules, "Ly0", Ly0);
    notNegative(rules, "Ly1", Ly1);
    notNegative(rules, "L0", L0);
    notNegative(rules, "L1", L1);
    notNegative(rules, "sigmaF1", sigmaF1);
    notNegative(rules, "sigmaG1", sigmaG1);
    notNegative(rules, "sigmaG2", sigmaG2);
    notNegative(rules, "delta", delta);
    notNegative(rules, "lowerDistance", lowerDistance);
    notNegative(rules, "lowerGap", lowerGap);
    notNegative(rules, "Lf", Lf);
    notNegative(rules, "crossBound", crossBound);
    if (mu != null && lg1 != null && mu > lg1 * (1 + 1e-9)) {
      throw rules.broken("mu", mu, "must be at most lg1 (" + lg1 + ")", "the two are swapped.");
    }
  }

  /** The given constants, by name. */
  public Map<String, Double> given() {
    var given = new LinkedHashMap<String, Double>();
    Options.toMap(this)
        .forEach(
            (name, value) -> {
              if (value instanceof Double number) {
                given.put(name, number);
              }
            });
    return given;
  }

  private static void notNegative(Rules rules, String name, @Nullable Double value) {
    if (value != null) {
      rules.notNegative(name, value);
    }
  }
}
