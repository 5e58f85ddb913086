package org.stackel.config;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SpreadsheetTextTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "=cmd|' /C calc'!A0",
        "+1 555 0100",
        "-",
        "-2+3",
        "@SUM(A1)",
        "\tx",
        "\rx",
        "\n=1",
        " =1",
        "＝1",
        "'=1",
        "''-3.5",
        "'-3.5"
      })
  void formulasBecomeTextsAndComeBack(String text) {
    assertThat(SpreadsheetText.safe(text)).isEqualTo("'" + text);
    assertThat(SpreadsheetText.original("'" + text)).isEqualTo(text);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "'", "'tis", "a=1", "-3.5", "+1", "-.5e-10", "-1,5", "-Infinity", "x\n=1"})
  void othersStay(String text) {
    assertThat(SpreadsheetText.safe(text)).isEqualTo(text);
    assertThat(SpreadsheetText.original(text)).isEqualTo(text);
  }
}
