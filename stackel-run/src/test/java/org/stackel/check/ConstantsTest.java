package org.stackel.check;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.stackel.experiment.Experiment;
import org.stackel.run.RunListener;
import org.stackel.tensor.Tensors;
import org.stackel.theory.Constants;

class ConstantsTest {
  private static ConstantsEstimate estimate(Map<String, ?> problem, long steps, int samples) {
    return estimate(problem, steps, samples, List.of());
  }

  private static ConstantsEstimate estimate(
      Map<String, ?> problem, long steps, int samples, List<Long> at) {
    var values = new HashMap<String, Object>();
    values.put("problem", problem);
    values.put("algorithm", Map.of("type", "slip", "upperLr", 0.1, "lowerLr", 0.2));
    values.put("steps", steps);
    var plan = new CheckPlan(3, at, samples, 4, 20, List.of());
    CheckResult result =
        Check.run(Experiment.of(values), plan, new RunListener() {}, sentence -> {}).result();
    return result.constants();
  }

  private static Map<String, Object> quadratic(double noise) {
    var problem = new HashMap<String, Object>();
    problem.put("type", "quadratic");
    problem.put("A", List.of(List.of(2, 1), List.of(1, 2))); // eigenvalues 1 and 3
    problem.put("B", List.of(List.of(3, 0), List.of(0, 4))); // norm 4
    problem.put("D", List.of(List.of(2, 0), List.of(0, 2)));
    problem.put("E", List.of(List.of(1, 0), List.of(0, 1)));
    problem.put("d", List.of(1, 1));
    problem.put("x0", List.of(1, -1));
    problem.put("noise", Map.of("gradient", noise, "hessian", noise / 2));
    return problem;
  }

  @Test
  void quadraticIsExact() {
    ConstantsEstimate estimate = estimate(quadratic(0), 30, 4);
    Constants c = estimate.constants();
    assertThat(c.mu()).isCloseTo(1, within(1e-9));
    assertThat(c.crossBound()).isCloseTo(4, within(1e-9));
    assertThat(c.lg1()).isCloseTo(4, within(1e-9)); // the cross derivative is the larger one
    assertThat(c.lg2()).isCloseTo(0, within(1e-9));
    assertThat(c.sigmaF1()).isZero();
    assertThat(c.sigmaG1()).isZero();
    assertThat(c.sigmaG2()).isZero();
    // Φ has a constant Hessian: no more than its norm is seen, and L1 is not needed.
    double[][] hessian = hessianOfPhi();
    double trace = hessian[0][0] + hessian[1][1];
    double root = Math.hypot(hessian[0][0] - hessian[1][1], 2 * hessian[0][1]);
    assertThat(estimate.scatter())
        .hasSize(20)
        .allSatisfy(
            o ->
                assertThat(o.smoothness())
                    .isBetween((trace - root) / 2 - 1e-6, (trace + root) / 2 + 1e-6));
    // y* = A⁻¹Bx at the start (1, -1) is (10, -11)/3; y starts at 0.
    assertThat(c.lowerDistance()).isCloseTo(Math.sqrt(221) / 3, within(1e-9));
    // g(y) - g(y*) = ½ (y - y*)ᵀA(y - y*)
    assertThat(c.lowerGap()).isCloseTo(0.5 * (2 * 100 - 2 * 110 + 2 * 121) / 9.0, within(1e-9));
    assertThat(c.delta()).isPositive();
    assertThat(c.L0()).isPositive();
  }

  /** E + BᵀA⁻¹DA⁻¹B with A⁻¹ = [[2, -1], [-1, 2]]/3. */
  private static double[][] hessianOfPhi() {
    // A⁻² = [[5, -4], [-4, 5]]/9; D is twice the identity.
    return new double[][] {
      {1 + 2 * 9 * 5 / 9.0, 2 * 12 * -4 / 9.0}, {2 * 12 * -4 / 9.0, 1 + 2 * 16 * 5 / 9.0}
    };
  }

  /** Each number of an answer has the noise; a gradient of f has four, of g two, a product four. */
  @Test
  void noiseIsThatOfTheOracle() {
    Constants c = estimate(quadratic(0.1), 1, 300, List.of(0L)).constants();
    assertThat(c.sigmaF1()).isCloseTo(0.2, within(0.02));
    assertThat(c.sigmaG1()).isCloseTo(Math.sqrt(0.02), within(0.02));
    assertThat(c.sigmaG2()).isCloseTo(0.1, within(0.01));
  }

  /** Φ = 2 cosh x + cos x: what is seen between two iterates is known, and so is the envelope. */
  @Test
  void unboundedSmoothnessIsTheClosedForm() {
    Map<String, Object> toy = Map.of("type", "toy", "name", "unbounded-exponential", "x0", 5.0);
    ConstantsEstimate estimate = estimate(toy, 60, 2);
    assertThat(estimate.constants().mu()).isCloseTo(1, within(1e-12));
    assertThat(estimate.constants().lg1()).isCloseTo(1, within(1e-12));
    var closed = new ArrayList<Envelope.Observation>();
    for (Envelope.Observation seen : estimate.scatter()) {
      // Normalised steps of 0.1 down from 5.
      double x = 5 - 0.1 * seen.step();
      if (x < 0.5) {
        continue;
      }
      double slope = slope(x);
      assertThat(seen.gradient()).isCloseTo(Math.abs(slope), within(1e-8));
      assertThat(seen.smoothness()).isCloseTo(Math.abs(slope - slope(x - 0.1)) / 0.1, within(1e-6));
      closed.add(seen);
    }
    assertThat(closed).hasSizeGreaterThan(10);
    Constants c = estimate.constants();
    // Φ'' = 2 cosh x - cos x is at most 2 + |Φ'| + 1 + 1.
    assertThat(c.L1()).isBetween(0.8, 1.0);
    assertThat(c.L0()).isBetween(0.5, 4.0);
    assertThat(estimate.scatter())
        .allSatisfy(
            o ->
                assertThat(o.smoothness())
                    .isLessThanOrEqualTo(c.L0() + c.L1() * o.gradient() + 1e-9));
  }

  private static double slope(double x) {
    return 2 * Math.sinh(x) - Math.sin(x);
  }

  @Test
  void aLevelThatIsNotConvexHasNoMu() {
    ConstantsEstimate estimate = estimate(Map.of("type", "pl-game"), 3, 2);
    assertThat(estimate.constants().mu()).isNull();
    assertThat(estimate.remarks()).anyMatch(r -> r.contains("not strongly convex"));
    assertThat(estimate.constants().given()).doesNotContainKey("mu");
  }

  /** 300 numbers: y* is not computed, and the run's y moves on its own. */
  @Test
  void smoothnessIsLeftOutWhereTheMinimiserIsUnknown() {
    for (double upperLr : new double[] {1e-2, 1e-6}) {
      ConstantsEstimate estimate = ofTwoLosses(300, upperLr);
      assertThat(estimate.scatter()).isEmpty();
      assertThat(estimate.constants().given()).doesNotContainKeys("L0", "L1").containsKey("lg2");
      assertThat(estimate.remarks())
          .anyMatch(r -> r.startsWith("L0 and L1 are left out: y* is computed only up to"));
    }
  }

  /** What Φ is does not depend on the steps of a run: Φ'' = 1 + sin y* of 50 numbers y* = x. */
  @ParameterizedTest
  @ValueSource(doubles = {1e-2, 1e-4, 1e-6})
  void smoothnessDoesNotDependOnTheStep(double upperLr) {
    ConstantsEstimate estimate = ofTwoLosses(50, upperLr);
    assertThat(estimate.scatter())
        .isNotEmpty()
        .allSatisfy(o -> assertThat(o.smoothness()).isBetween(0.0, 2.0 + 1e-6));
  }

  private static ConstantsEstimate ofTwoLosses(int size, double upperLr) {
    var problem =
        new TwoLosses(
            size,
            size,
            (x, y) -> y.cos().sum().add(Tensors.scale(0.5, x.dot(x))),
            (x, y) -> y.sub(x).dot(y.sub(x)));
    Experiment like = problem.experiment(4);
    Experiment own =
        Experiment.of(
            Map.of(
                "problem", Map.of("type", "toy"),
                "algorithm", Map.of("type", "slip", "lowerLr", 0.05, "upperLr", upperLr),
                "steps", 4));
    var experiment =
        new Experiment(
            like.problemType(), problem, "slip", own.algorithm(), like.settings(), null, null);
    var plan = new CheckPlan(1, List.of(4L), 2, 1, 4, List.of());
    return Check.run(experiment, plan, new RunListener() {}, s -> {}).result().constants();
  }

  @ParameterizedTest
  @CsvSource({"3, 0.5", "2, 0", "0, 1.5"})
  void envelopeOfALineIsTheLine(double l0, double l1) {
    var seen = new ArrayList<Envelope.Observation>();
    for (int i = 1; i <= 7; i++) {
      seen.add(new Envelope.Observation(i, i, l0 + l1 * i));
    }
    Envelope fit = Envelope.of(seen);
    assertThat(fit.l0()).isCloseTo(l0, within(1e-9));
    assertThat(fit.l1()).isCloseTo(l1, within(1e-9));
  }

  /** Smoothness that falls with the gradient is bounded by a constant. */
  @Test
  void envelopeHasNoNegativeSlope() {
    Envelope fit =
        Envelope.of(
            List.of(
                new Envelope.Observation(0, 1, 5),
                new Envelope.Observation(1, 2, 4),
                new Envelope.Observation(2, 3, 3)));
    assertThat(fit).isEqualTo(new Envelope(5, 0));
    assertThat(Envelope.of(List.of())).isEqualTo(new Envelope(0, 0));
  }

  /** Of (1,1), (2,4), (3,5), (4,8): the line through the second and the last has the least sum. */
  @Test
  void envelopeIsTheTightestLineAboveAll() {
    Envelope fit =
        Envelope.of(
            List.of(
                new Envelope.Observation(0, 1, 1),
                new Envelope.Observation(1, 2, 4),
                new Envelope.Observation(2, 3, 5),
                new Envelope.Observation(3, 4, 8)));
    assertThat(fit.l0()).isCloseTo(0, within(1e-12));
    assertThat(fit.l1()).isCloseTo(2, within(1e-12));
  }
}
