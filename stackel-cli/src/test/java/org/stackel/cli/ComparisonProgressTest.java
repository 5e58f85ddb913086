package org.stackel.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;

class ComparisonProgressTest {
  private long now;
  private final StringWriter text = new StringWriter();

  private void seconds(double seconds) {
    now = (long) (seconds * 1e9);
  }

  /** Of eight pieces two were done before; what they took is not in the time left. */
  @Test
  void saysHowFarItIs() {
    try (var progress =
        new ComparisonProgress(
            new PrintWriter(text, true), Progress.Style.LINES, () -> now, "compare")) {
      progress.planned(8);
      progress.reused("a");
      progress.reused("b");
      progress.said("c begins");
      seconds(2);
      progress.advanced("c", 0.2);
      seconds(10);
      progress.finished("c");
      progress.advanced("d", 0.5);
      seconds(20);
      progress.advanced("d", 0.5);
    }
    assertThat(text.toString().lines())
        .containsExactly(
            "   0.0 s  a was done before",
            "   0.0 s  b was done before",
            "   0.0 s  c begins",
            "  10.0 s  3 of 8 done, 37 %, about 50 s left",
            "  20.0 s  3 of 8 done, 43 %, about 60 s left");
  }

  @Test
  void isQuietWhenTold() {
    try (var progress =
        new ComparisonProgress(
            new PrintWriter(text, true), Progress.Style.NONE, () -> now, "compare")) {
      progress.planned(2);
      progress.said("begins");
      seconds(100);
      progress.finished("a");
    }
    assertThat(text.toString()).isEmpty();
  }
}
