package org.stackel.problem;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class DetectionTest {
  @Test
  void aurocCountsTiesHalf() {
    double[] scores = {.9, .5, .5, .1};
    boolean[] positive = {true, true, false, false};
    assertThat(Detection.auroc(scores, positive)).isEqualTo(.875);
    assertThat(Detection.auroc(new double[] {0, -0.0}, new boolean[] {true, false})).isEqualTo(.5);
  }

  @Test
  void aurocOfOneGroupIsNoNumber() {
    assertThat(Detection.auroc(new double[] {1, 2}, new boolean[] {true, true})).isNaN();
    assertThat(Detection.auroc(new double[] {1, Double.NaN}, new boolean[] {true, false})).isNaN();
  }

  @Test
  void f1OfDecisions() {
    boolean[] decided = {true, true, false, false};
    boolean[] positive = {true, false, true, false};
    assertThat(Detection.f1(decided, positive)).isEqualTo(.5);
    assertThat(Detection.f1(new boolean[2], new boolean[2])).isNaN();
  }
}
