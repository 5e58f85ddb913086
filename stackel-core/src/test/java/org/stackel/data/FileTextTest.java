package org.stackel.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.stackel.config.InvalidInputException;

class FileTextTest {
  private static final Path FILE = Path.of("a.csv");
  private static final String TEXT = "text,label\ndon’t – café,ja\n";

  /** The encoding that the bytes show, whether or not a mark says it. */
  @ParameterizedTest
  @CsvSource({
    "UTF-8,false,UTF-8,0",
    "UTF-8,true,UTF-8,0",
    "UTF-16LE,true,UTF-16LE,0",
    "UTF-16BE,true,UTF-16BE,0",
    "UTF-16LE,false,UTF-16LE,1",
    "UTF-16BE,false,UTF-16BE,1",
    "UTF-32LE,true,UTF-32LE,0",
    "windows-1252,false,windows-1252,1"
  })
  void isFoundFromTheBytes(String charset, boolean isMarked, String found, int remarks) {
    byte[] bytes = ((isMarked ? "\uFEFF" : "") + TEXT).getBytes(Charset.forName(charset));
    FileText text = FileText.of(FILE, bytes, null);
    assertThat(text.text()).isEqualTo(TEXT);
    assertThat(text.encoding().name()).isEqualTo(found);
    assertThat(text.remarks()).hasSize(remarks);
    assertThat(text.encoding().bytes(text.text())).isEqualTo(bytes);
  }

  @ParameterizedTest
  @CsvSource({"Shift_JIS,日本語", "GB18030,中文", "windows-1251,да", "UTF-16,nein"})
  void isReadAsNamed(String charset, String word) {
    byte[] bytes = word.getBytes(Charset.forName(charset));
    assertThat(FileText.of(FILE, bytes, charset).text()).isEqualTo(word);
  }

  @Test
  void zerosInTextAreNoSignOfWideCharacters() {
    byte[] bytes = "a,b\nq\0uick,x\nslow,y\n".getBytes(StandardCharsets.UTF_8);
    assertThat(FileText.of(FILE, bytes, null).encoding().name()).isEqualTo("UTF-8");
  }

  @Test
  void aBrokenByteIsNotGuessedAround() {
    var bytes = new ByteArrayOutputStream();
    bytes.writeBytes("text\nä ö ü\n".getBytes(StandardCharsets.UTF_8));
    bytes.write(0xE9);
    assertThatThrownBy(() -> FileText.of(FILE, bytes.toByteArray(), null))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("a.csv:3: The byte 0xE9 is not UTF-8, but the rest of the file is")
        .hasMessageContaining("\nMaybe ");
    assertThatThrownBy(() -> FileText.of(FILE, bytes.toByteArray(), "UTF-8"))
        .hasMessageContaining("a.csv:3: The byte 0xE9 is not UTF-8.");
  }

  /** UTF-8 that some program took for windows-1252 and wrote as UTF-8 again. */
  @Test
  void otherKindsOfFilesAreCalledWhatTheyAre() {
    Map.of(
            "PK\u0003\u0004 more", "a ZIP archive, such as an Excel workbook",
            "\u00d0\u00cf\u0011\u00e0", "an old Excel workbook",
            "PAR1 more", "a Parquet file",
            "\n<!DOCTYPE html>\n", "a web page")
        .forEach(
            (start, what) ->
                assertThatThrownBy(
                        () -> FileText.of(FILE, start.getBytes(StandardCharsets.ISO_8859_1), null))
                    .isInstanceOf(InvalidInputException.class)
                    .hasMessageStartingWith("a.csv: The file is " + what + ";"));
  }

  @Test
  void mojibakeIsSaid() {
    Charset windows = Charset.forName("windows-1252");
    String twice = new String("café, naïve, it’s".getBytes(StandardCharsets.UTF_8), windows);
    FileText text = FileText.of(FILE, ("x\n" + twice).getBytes(StandardCharsets.UTF_8), null);
    assertThat(text.remarks())
        .singleElement()
        .asString()
        .startsWith("a.csv: 3 places look like UTF-8 that was once read as windows-1252")
        .contains("the first in line 2: 'cafÃ©");
    assertThat(
            FileText.of(FILE, "Ângela, SÃO, Çà".getBytes(StandardCharsets.UTF_8), null).remarks())
        .isEmpty();
  }
}
