package org.stackel.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.stackel.config.InvalidInputException;

class VocabularyTest {
  private static final List<List<String>> TEXTS =
      List.of(List.of("b", "a", "a", "é"), List.of("c", "b", "a", "é", "d"));

  @TempDir Path folder;

  @Test
  void ordersByCountThenAlphabet() {
    Vocabulary vocabulary = Vocabulary.of(TEXTS, 1, 100);
    assertThat(vocabulary.words()).containsExactly("a", "b", "é", "c", "d");
    assertThat(vocabulary.size()).isEqualTo(7);
    assertThat(vocabulary.id("a")).isEqualTo(2);
    assertThat(vocabulary.id("d")).isEqualTo(6);
    assertThat(vocabulary.id("z")).isEqualTo(Vocabulary.UNKNOWN);
  }

  @Test
  void keepsToItsLimits() {
    assertThat(Vocabulary.of(TEXTS, 2, 100).words()).containsExactly("a", "b", "é");
    assertThat(Vocabulary.of(TEXTS, 1, 2).words()).containsExactly("a", "b");
    assertThatThrownBy(() -> Vocabulary.of(TEXTS, 0, 2)).hasMessageContaining("minCount (0)");
    assertThatThrownBy(() -> Vocabulary.of(TEXTS, 1, 0)).hasMessageContaining("maxWords (0)");
  }

  @Test
  void survivesAFile() throws IOException {
    Path file = folder.resolve("words.txt");
    Vocabulary vocabulary = Vocabulary.of(TEXTS, 1, 100);
    vocabulary.save(file);
    assertThat(Files.readString(file)).isEqualTo("a\nb\né\nc\nd\n");
    assertThat(Vocabulary.load(file).words()).isEqualTo(vocabulary.words());
    Vocabulary.of(List.of()).save(file);
    assertThat(Vocabulary.load(file).size()).isEqualTo(2);
  }

  @Test
  void refusesAnEditedFile() throws IOException {
    Path file = folder.resolve("words.txt");
    Files.writeString(file, "a\n\nb\n");
    assertThatThrownBy(() -> Vocabulary.load(file))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("words.txt:2: The word is empty");
    Files.writeString(file, "a\nb\na\n");
    assertThatThrownBy(() -> Vocabulary.load(file))
        .hasMessageContaining("words.txt:3: The word 'a' stands in line 1 already");
    assertThatThrownBy(() -> Vocabulary.load(folder.resolve("word.txt")))
        .hasMessageContaining("There is no file")
        .hasMessageContaining("words.txt' was meant");
  }

  @Test
  void refusesAFileThatIsNotUtf8() throws IOException {
    Path file = Files.write(folder.resolve("latin.txt"), new byte[] {'a', '\n', (byte) 0xE9, '\n'});
    assertThatThrownBy(() -> Vocabulary.load(file))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("latin.txt:2: The byte 0xE9");
  }
}
