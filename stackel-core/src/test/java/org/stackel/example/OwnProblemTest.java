package org.stackel.example;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.stackel.algorithm.Algorithms;
import org.stackel.bilevel.Bilevel;
import org.stackel.config.Options;
import org.stackel.oracle.ClosedFormsContract;
import org.stackel.problem.Problems;
import org.stackel.problem.Start;
import org.stackel.solver.Solver;
import org.stackel.tensor.Device;
import org.stackel.tensor.NativeObjects;
import org.stackel.tensor.Seed;
import org.stackel.tensor.StateScope;
import org.stackel.tensor.Tensors;

/** The code of docs/bilevel.md and docs/new-problem.md does what the pages say. */
class OwnProblemTest {
  private StateScope scope;
  private Tensor a;
  private Tensor b;
  private Tensor c;
  private Tensor d;

  @BeforeEach
  void makeData() {
    scope = StateScope.open();
    Tensor w = Tensors.randn(new Seed(1), Device.CPU64, 30);
    a = Tensors.randn(new Seed(2), Device.CPU64, 80, 30);
    b = a.mv(w).add(Tensors.randn(new Seed(3), Device.CPU64, 80));
    c = Tensors.randn(new Seed(4), Device.CPU64, 50, 30);
    d = c.mv(w);
  }

  @AfterEach
  void close() {
    scope.close();
  }

  private static double descent(Bilevel<?> problem, Device device) {
    var soba = Algorithms.create("soba", Map.of("upperLr", .05, "lowerLr", .05));
    try (var opened = problem.open(new Seed(0), device);
        var solver = Solver.start(soba, opened, new Seed(0))) {
      double before = solver.evaluate().get("upperLoss");
      while (solver.step() < 60) {
        solver.next();
      }
      return before - solver.evaluate().get("upperLoss");
    }
  }

  @Test
  void theSmallestExampleFindsItsSolution() {
    assertThat(TwoFunctions.solve()).isCloseTo(0.5, within(1e-6));
  }

  @Test
  void everyExampleDescends() {
    Bilevel<Tensor> ridge = OwnProblem.ridge(a, b, c, d);
    assertThat(descent(ridge, Device.CPU64)).isPositive();
    assertThat(descent(OwnProblem.handedOver(a, b, c, d), Device.CPU64)).isPositive();
    assertThat(descent(OwnProblem.handedOver(a, b, c, d), Device.CPU)).isPositive();
    assertThat(descent(OwnProblem.network(a, b, c, d, Device.CPU64), Device.CPU64)).isPositive();
    assertThat(descent(OwnProblem.judged(ridge, c, d), Device.CPU64)).isPositive();
  }

  @Test
  void closedFormsAreThoseOfTheRidge() {
    Bilevel<Tensor> ridge = OwnProblem.ridge(a, b, c, d);
    try (var problem = ridge.closedForms(new OwnProblem.RidgeForms(a, b)).open()) {
      Tensor y = Tensors.randn(new Seed(5), Device.CPU64, 30);
      ClosedFormsContract.check(problem, new Start(Tensors.of(Device.CPU64, .3), y));
    }
  }

  @Test
  void aRecordIsAPlugIn() {
    Problems.Entry entry = Problems.Entry.of(new Ridge());
    assertThat(entry.name()).isEqualTo("ridge");
    assertThat(entry.options()).containsOnlyKeys("features", "examples", "batch");
    Ridge small = Options.bind(new Ridge(), Map.of("features", 3, "batch", 0), "ridge");
    long before = 0;
    for (int i = 0; i < 2; i++) { // the first time loads what loads once
      before = NativeObjects.settled();
      try (var inner = StateScope.open();
          var problem = small.open(new Seed(3), Device.CPU)) {
        double first = Loop.run(new HeavyBall(), problem, new Seed(4), 1).get("upperLoss");
        assertThat(Loop.run(new HeavyBall(), problem, new Seed(4), 300).get("upperLoss"))
            .isLessThan(first / 10);
      }
    }
    assertThat(StateScope.livePointers()).isEqualTo(before);
  }
}
