package org.stackel.check;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.stackel.oracle.Sampling;
import org.stackel.reference.ExactPoint;
import org.stackel.reference.LowerSystem;
import org.stackel.reference.Reference;
import org.stackel.run.RunListener;
import org.stackel.runfile.CheckFile;
import org.stackel.runfile.CheckFile.Verdict;
import org.stackel.tensor.Device;
import org.stackel.tensor.Seed;
import org.stackel.tensor.StateScope;
import org.stackel.tensor.Tensors;

/** What estimates are compared with: it must be about the same samples, and it must be solved. */
class ExactSolveTest {
  private static final CheckPlan START = new CheckPlan(1, List.of(0L), 8, 4, 0, List.of());

  private static Check.Checked check(org.stackel.experiment.Experiment experiment) {
    return Check.run(experiment, START, new RunListener() {}, sentence -> {});
  }

  // ---- one draw for both levels ----------------------------------------------------------------

  /**
   * A head's part of the hypergradient is {@code x + w_i cos y_i}, whatever its weight: the mean is
   * over the tasks of the upper minibatches, if the lower ones are about the same tasks.
   */
  @ParameterizedTest
  @ValueSource(ints = {7, 300})
  void bothLevelsAreAboutTheSameTasks(int tasks) {
    var options = new TaskHeads(tasks);
    try (var scope = StateScope.open();
        var problem = options.open(new Seed(0), Device.CPU64)) {
      var reference = Reference.of(problem, new Seed(3), 4);
      double[] x = {0.5};
      double[] y = Tensors.toArray(Tensors.randn(new Seed(1), Device.CPU64, tasks));
      var at = new ExactPoint(reference, Device.CPU64, x, y);
      LowerSystem.Solution solution = LowerSystem.solve(at, new Seed(2), null);
      double expected =
          x[0]
              + options.drawn().stream()
                  .flatMap(List::stream)
                  .mapToDouble(i -> TaskHeads.slope(i) * Math.cos(y[i]))
                  .average()
                  .orElseThrow();
      assertThat(options.drawn()).hasSize(4);
      assertThat(at.direction(solution.v())[0]).isCloseTo(expected, within(1e-9));
      // Heads of tasks in none of the minibatches have no curvature; they are no singularity.
      assertThat(solution.isHypergradient()).isTrue();
      assertThat(solution.curvature().smallest()).isGreaterThan(0.1);
      assertThat(solution.finding().verdict()).isEqualTo(Verdict.RIGHT);
    }
  }

  /** An estimate's upper gradient has a component exactly where its lower Hessian has one. */
  @Test
  void estimatesDrawTheSameTasksAtBothLevels() {
    try (var scope = StateScope.open();
        var problem = new TaskHeads(40).open(new Seed(0), Device.CPU64)) {
      var reference = Reference.of(problem, new Seed(3), 6);
      Tensor x = Tensors.of(Device.CPU64, new double[] {0.5});
      Tensor y = Tensors.randn(new Seed(1), Device.CPU64, 40);
      for (int i = 0; i < 10; i++) {
        var oracle = reference.draws(new Seed(i), Sampling.INDEPENDENT);
        assertThat(oracle.sharesSamples()).isTrue();
        double[] above = Tensors.toArray(oracle.upper().gradient(x, y).y());
        double[] below =
            Tensors.toArray(
                oracle.freshLower().hessianVector(x, y, Tensors.zerosLike(y).add(new Scalar(1))));
        for (int k = 0; k < 40; k++) {
          assertThat(above[k] != 0).isEqualTo(below[k] != 0);
        }
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {7, 300})
  void aCheckOfTasksPasses(int tasks) {
    CheckResult result = check(new TaskHeads(tasks).experiment(2)).result();
    assertThat(result.wrong()).isEmpty();
    assertThat(result.points().get(0).hypergradient()).isFinite().isPositive();
  }

  // ---- what was not solved fails ---------------------------------------------------------------

  /** |y|^1.5 has no second derivative at zero. */
  @ParameterizedTest
  @ValueSource(ints = {3, 300})
  void aCurvatureThatIsNoNumberFails(int size) {
    TwoLosses.Loss lower =
        (x, y) ->
            y.dot(y)
                .add(
                    Tensors.scale(
                        0.1, y.mul(Tensors.zerosLike(y)).abs().pow(new Scalar(1.5)).sum()));
    var problem = new TwoLosses(2, size, (x, y) -> y.sin().sum().add(x.dot(x)), lower);
    CheckResult result = check(problem.experiment(1)).result();
    assertThat(result.passed()).isFalse();
    assertThat(result.wrong()).anyMatch(each -> each.contains("exact solve: NaN (WRONG"));
    assertThat(CheckTable.lines(result)).anyMatch(line -> line.contains("exact solve"));
    CheckFile.LowerSystem saved = result.toFile().points().get(0).lowerSystem();
    assertThat(saved.solve().verdict()).isEqualTo(Verdict.WRONG);
  }

  @Test
  void aSolveThatDidNotConvergeFails() {
    var curvature = new LowerSystem.Curvature(1, 2, 0);
    assertThat(solution(LowerSystem.Method.CONJUGATE_GRADIENT, 1e-3, curvature))
        .isEqualTo(Verdict.WRONG);
    assertThat(solution(LowerSystem.Method.DAMPED, 1e-3, curvature)).isEqualTo(Verdict.WRONG);
    assertThat(solution(LowerSystem.Method.CONJUGATE_GRADIENT, 1e-9, curvature))
        .isEqualTo(Verdict.RIGHT);
    assertThat(solution(LowerSystem.Method.LEAST_SQUARES, 0.5, curvature)).isEqualTo(Verdict.TOLD);
    var none = new LowerSystem.Curvature(Double.NaN, 2, 0);
    assertThat(solution(LowerSystem.Method.CONJUGATE_GRADIENT, 1e-9, none))
        .isEqualTo(Verdict.WRONG);
    assertThat(solution(LowerSystem.Method.LEAST_SQUARES, 1e-9, none)).isEqualTo(Verdict.WRONG);
  }

  private static Verdict solution(
      LowerSystem.Method method, double residual, LowerSystem.Curvature curvature) {
    return new LowerSystem.Solution(new double[1], method, 0, residual, curvature)
        .finding()
        .verdict();
  }
}
