package org.stackel.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.stackel.config.InvalidInputException;

class LabelsTest {
  @ParameterizedTest
  @CsvSource(
      ignoreLeadingAndTrailingWhitespace = false,
      quoteCharacter = '|',
      value = {
        "good,good",
        " good\u00A0,good",
        "good\u200B,good",
        "\uFEFFgood\t,good",
        "\"good\",good",
        "\"good\" one,\"good\" one",
        "cafe\u0301,caf\u00E9",
        "1,1",
        "1.0,1",
        "+1,1",
        "-1.00,-1",
        "0,0",
        "-0,0",
        "1.000000000000000000e+00,1",
        "3.0e+00,3",
        "2.5,2.5",
        "1.50,1.50",
        "01,01",
        "1D,1D",
        "1F,1F",
        "1e5,1e5",
        "0x1,0x1",
        "1_000,1_000",
        "1 000,1 000",
        "12345678901234567890,12345678901234567890",
        "Infinity,Infinity"
      })
  void haveOneSpelling(String raw, String label) {
    assertThat(Labels.normal(raw)).isEqualTo(label);
  }

  @ParameterizedTest
  @CsvSource({
    "''", "' '", "NaN", "nan", "null", "NULL", "None", "N/A", "NA", "n/a", "<NA>", "\u200B"
  })
  void mayBeNone(String raw) {
    assertThat(new LabelReader(Path.of("a.csv"), new FileRules()).read(raw, 2)).isNull();
  }

  @ParameterizedTest
  @CsvSource({"none", "-", "-1", "no", "nano", "0"})
  void mayLookLikeNone(String raw) {
    assertThat(new LabelReader(Path.of("a.csv"), new FileRules()).read(raw, 2)).isEqualTo(raw);
  }

  @Test
  void whatIsLeftOutAndChangedIsSaid() {
    var labels = new LabelReader(Path.of("a.csv"), new FileRules());
    List.of("good", "1", "1.0", "nan", "good\u00A0", "").forEach(raw -> labels.read(raw, 7));
    assertThat(labels.remarks())
        .hasSize(3)
        .anyMatch(r -> r.startsWith("a.csv: 2 rows are left out, having no label"))
        .anyMatch(r -> r.contains("the first is in line 7"))
        .anyMatch(
            r ->
                r.equals(
                    "a.csv: 1 label is read without the blanks and invisible characters around."))
        .anyMatch(
            r -> r.contains("labels of several spellings are one class: '1' ('1' 1, '1.0' 1)"));
    assertThat(labels.spelling("good")).isEqualTo("good");
  }

  @Test
  void rulesAddAndKeepLabels() {
    var rules = new FileRules().withNoLabel("?", "unsure").withKeepLabel("None");
    var labels = new LabelReader(Path.of("a.csv"), rules);
    assertThat(labels.read("?", 1)).isNull();
    assertThat(labels.read("unsure ", 1)).isNull();
    assertThat(labels.read("None", 1)).isEqualTo("None");
    assertThatThrownBy(() -> new FileRules().withNoLabel("x").withKeepLabel("x"))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("The label 'x' stands in noLabel and in keepLabel.");
    assertThatThrownBy(() -> new FileRules().withEncoding("utf-88"))
        .hasMessageContaining("There is no encoding 'utf-88'.");
  }

  @Test
  void classesAreCountedAndThoseThatLookAlikeSaid() {
    List<String> labels = List.of("good", "Good", "good", "bad", "very bad", "very_bad", "1", "01");
    assertThat(LabelReader.classRemarks("a.csv", labels))
        .first()
        .asString()
        .startsWith("a.csv: 8 examples in 7 classes: good (2), ");
    assertThat(LabelReader.classRemarks("a.csv", labels))
        .anyMatch(
            r ->
                r.contains("'Good' (1) and 'good' (2) look alike")
                    && r.contains("--merge-classes case"))
        .anyMatch(r -> r.contains("'very bad' (1) and 'very_bad' (1) look alike"))
        .anyMatch(r -> r.contains("'01' (1) and '1' (1) look alike"));
    var merging =
        new LabelReader(
            Path.of("a.csv"), new FileRules().withMergeClasses(FileRules.MergeClasses.CASE));
    assertThat(merging.read("Good", 2)).isEqualTo(merging.read("good", 3)).isEqualTo("good");
  }

  @Test
  void aFileWithoutLabelsIsRefused() {
    var labels = new LabelReader(Path.of("a.csv"), new FileRules());
    labels.read("NaN", 5);
    assertThatThrownBy(labels::requireLabels)
        .hasMessageContaining("a.csv:5: No row has a label: 'NaN' 1.")
        .hasMessageContaining("\nMaybe ");
  }
}
