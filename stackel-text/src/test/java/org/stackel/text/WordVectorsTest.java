package org.stackel.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.stackel.config.InvalidInputException;
import org.stackel.tensor.Seed;

class WordVectorsTest {
  @TempDir Path folder;

  @Test
  void carriesGlove() {
    WordVectors vectors = WordVectors.builtIn();
    assertThat(vectors.dimension()).isEqualTo(100);
    // GloVe 6B 100d says -0.038194 -0.24487 0.72812 -0.39961 0.083172 of "the".
    assertThat(vectors.vector("the")).startsWith(0f, -0.25f, 0.75f, -0.375f, 0.125f);
    assertThat(cosine(vectors, "cat", "dog")).isBetween(0.85, 0.9); // GloVe: 0.88
    assertThat(cosine(vectors, "cat", "treaty")).isLessThan(0.2);
    assertThat(vectors.vector("qqzzx")).isNull();
    assertThat(vectors.known(List.of("a", "small", "qqzzx", "tree")))
        .containsExactly("small", "tree");
  }

  @Test
  void coversTheDefinitions() {
    WordVectors vectors = WordVectors.builtIn();
    List<List<String>> texts =
        WordNetText.topics(40, 200, new Seed(1)).stream()
            .map(example -> Tokenizer.words(example.text()))
            .toList();
    MeanVectors means = MeanVectors.of(texts, vectors);
    assertThat(means.coverage()).isBetween(0.91, 0.93); // "a" alone is 6 %
    assertThat(means.unknown()).isLessThan(20); // such as "(chemistry) pH > 7"
  }

  @Test
  void readsGloveFiles() throws IOException {
    Path file = write("glove.txt", "the 0.5 -1 2e-1\n. . . 1 2 3\ncat 4 5 6\ncat 7 8 9\n");
    WordVectors all = WordVectors.read(file);
    assertThat(all.dimension()).isEqualTo(3);
    assertThat(all.vector("the")).containsExactly(0.5f, -1f, 0.2f);
    assertThat(all.vector(". . .")).containsExactly(1, 2, 3);
    assertThat(all.vector("cat")).containsExactly(4, 5, 6);
    WordVectors some = WordVectors.read(file, Set.of("cat", "dog"));
    assertThat(some.known(List.of("the", "cat", "dog"))).containsExactly("cat");
  }

  /** Packed, it has a few kilobytes. */
  @Test
  void aLineThatFillsTheMemoryIsRefused() throws IOException {
    Path file = folder.resolve("w.txt.gz");
    try (var out = new GZIPOutputStream(Files.newOutputStream(file))) {
      out.write("cat 4 5 6\n".getBytes(java.nio.charset.StandardCharsets.UTF_8));
      byte[] zeros = new byte[1 << 16];
      for (int i = 0; i < 1 << 7; i++) {
        out.write(zeros);
      }
    }
    assertThatThrownBy(() -> WordVectors.read(file))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("There is no line end within 4,194,304 characters.\nMaybe ");
  }

  @Test
  void readsPackedFilesAndWord2vecHeaders() throws IOException {
    Path file = folder.resolve("w.txt.gz");
    try (var out = new GZIPOutputStream(Files.newOutputStream(file))) {
      out.write("2 2\na 1 2 \nb 3 4 \n".getBytes(java.nio.charset.StandardCharsets.UTF_8));
    }
    WordVectors vectors = WordVectors.read(file);
    assertThat(vectors.dimension()).isEqualTo(2);
    assertThat(vectors.vector("b")).containsExactly(3, 4);
    assertThat(vectors.vector("2")).isNull();
  }

  @Test
  void handsOutCopies() throws IOException {
    for (WordVectors vectors :
        List.of(WordVectors.builtIn(), WordVectors.read(write("g.txt", "the 1 2\n")))) {
      float[] vector = Objects.requireNonNull(vectors.vector("the"));
      float before = vector[0];
      vector[0] = 99;
      assertThat(vectors.vector("the")).startsWith(before);
    }
  }

  @Test
  void refusesOtherFiles() throws IOException {
    refuses(write("short.txt", "a 1 2 3\nb 1 2\n"), "short.txt:2: The line has 2 numbers");
    refuses(write("word.txt", "a 1 2\nb 1 x\n"), "word.txt:2: Number 2 of the vector is 'x'");
    refuses(write("nan.txt", "a 1 NaN\n"), "nan.txt:1: Number 2 of the vector is 'NaN'");
    refuses(write("one.txt", "a\n"), "one.txt:1: The line has no number after its word.");
    refuses(write("empty.txt", ""), "empty.txt: The file is empty");
    refuses(write("blank.txt", "a 1 2\n\nb 1 2\n"), "blank.txt:2: The line has 0 numbers");
    refuses(
        write("w.txt.gz", "a 1 2\n"), "w.txt.gz: The file is not packed; its name ends in .gz.");
    refuses(folder.resolve("blink.txt"), "There is no file", "blank.txt' was meant");
  }

  @Test
  void findsTheFormOfTheFile() throws IOException {
    WordVectors tabs = WordVectors.read(write("tabs.txt", "a\t1\t2\nb\t3\t4\n"));
    assertThat(tabs.vector("b")).containsExactly(3, 4);
    assertThat(tabs.remarks()).singleElement().asString().contains("separated by tabs");
    WordVectors commas = WordVectors.read(write("commas.txt", "a,1,2\n,,3,4\n"));
    assertThat(commas.vector(",")).containsExactly(3, 4);
    WordVectors blanks = WordVectors.read(write("blanks.txt", ". . 1 2\na 3 4\nb 5 6\n"));
    assertThat(blanks.vector(". .")).containsExactly(1, 2);
    refuses(
        write("wide.txt", "2 300\na 1 2\nb 3 4\n"), "says that a word has 300 numbers; it has 2");
    refuses(write("cut.txt", "9 2\na 1 2\nb 3 4\n"), "says that the file has 9 words; it has 2");
    refuses(write("nameless.txt", "a 1 2\n 3 4\n"), "nameless.txt:2: The line has no word");
    refuses(
        write("w.bin", "2 2\na \u0001\u0002\u0003\nb \u0004\n"), "The file is binary", "gensim");
  }

  @Test
  void findsWordsInOtherForms() throws IOException {
    Path file = write("forms.txt", "Good 1 2\ngood 3 4\nCafe\u0301 5 6\nParis 7 8\nPARIS 9 9\n");
    WordVectors vectors = WordVectors.read(file, Set.of("good", "caf\u00e9", "paris"));
    assertThat(vectors.vector("good")).as("its own form wins").containsExactly(3, 4);
    assertThat(vectors.vector("caf\u00e9")).containsExactly(5, 6);
    assertThat(vectors.vector("paris")).containsExactly(7, 8);
    assertThat(vectors.remarks())
        .singleElement()
        .asString()
        .contains("2 words are there in another");
    assertThat(Tokenizer.words("Cafe\u0301")).containsExactly("caf\u00e9");
  }

  @Test
  void drawsRandomVectors() {
    WordVectors vectors = WordVectors.random(new Seed(7), 1000);
    assertThat(vectors.vector("a")).hasSize(1000).isEqualTo(vectors.vector("a"));
    assertThat(vectors.vector("a")).isNotEqualTo(vectors.vector("b"));
    assertThat(vectors.vector("a")).isNotEqualTo(WordVectors.random(new Seed(8), 1000).vector("a"));
    double squares = 0;
    for (float x : Objects.requireNonNull(vectors.vector("a"))) {
      squares += x * x / 1000;
    }
    assertThat(Math.sqrt(squares)).isBetween(0.45, 0.55);
    assertThatThrownBy(() -> WordVectors.random(new Seed(7), 0)).hasMessageContaining("(0)");
  }

  private static double cosine(WordVectors vectors, String a, String b) {
    float[] x = Objects.requireNonNull(vectors.vector(a));
    float[] y = Objects.requireNonNull(vectors.vector(b));
    double xy = 0;
    double xx = 0;
    double yy = 0;
    for (int d = 0; d < x.length; d++) {
      xy += x[d] * y[d];
      xx += x[d] * x[d];
      yy += y[d] * y[d];
    }
    return xy / Math.sqrt(xx * yy);
  }

  private static void refuses(Path file, String... parts) {
    assertThatThrownBy(() -> WordVectors.read(file))
        .isInstanceOf(InvalidInputException.class)
        .message()
        .contains(parts)
        .contains("\nMaybe ");
  }

  private Path write(String name, String content) throws IOException {
    return Files.writeString(folder.resolve(name), content);
  }
}
