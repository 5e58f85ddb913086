package org.stackel.config;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ShownTest {
  @Test
  void aHugeValueIsCut() {
    String value = "x".repeat(10_000_000);
    String message =
        new InvalidInputException("The cell is '" + value + "'; it must be a number.", "a comma.")
            .getMessage();
    assertThat(message)
        .hasSizeLessThan(2_200)
        .startsWith("The cell is 'xxx")
        .contains(" … ")
        .endsWith("xx'; it must be a number.\nMaybe a comma.");
  }

  /** A value that turns a terminal red, or sets its title. */
  @Test
  void nothingCommandsTheTerminal() {
    assertThat(Shown.of("'\u001b[31mred\u0007\u009b', a\tb\nc\r"))
        .isEqualTo("'\\u001b[31mred\\u0007\\u009b', a\tb\nc\\u000d");
  }
}
