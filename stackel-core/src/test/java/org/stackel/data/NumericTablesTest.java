package org.stackel.data;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.stackel.config.InvalidInputException;

class NumericTablesTest {
  @TempDir Path folder;

  private Path write(String name, String text) throws IOException {
    Path file = folder.resolve(name);
    if (name.endsWith(".gz")) {
      try (var out = new GZIPOutputStream(Files.newOutputStream(file))) {
        out.write(text.getBytes(UTF_8));
      }
      return file;
    }
    return Files.writeString(file, text);
  }

  private static NumericColumns columns(@Nullable String label, @Nullable String split) {
    return new NumericColumns(label, split, List.of(), List.of());
  }

  private NumericTable read(String name, String text) throws IOException {
    return NumericTables.read(write(name, text), NumericColumns.GUESSED, new FileRules());
  }

  @Test
  void readsCsv() throws IOException {
    NumericTable table = read("a.csv.gz", "a, Class ,\"b\"\n1,yes,-2.5e-3\n\n.5,no,7\n");
    assertThat(table.features()).containsExactly("a", "b");
    assertThat(table.rows()).isDeepEqualTo(new double[][] {{1, -.0025}, {.5, 7}});
    assertThat(table.labels()).containsExactly("yes", "no");
    assertThat(table.splits()).isNull();
    assertThat(table.lines()).containsExactly(2, 4);
    assertThat(table.place(1)).endsWith("a.csv.gz:4");
    assertThat(table.sha256()).isEqualTo(Sha256.of(table.path()));
    assertThat(table.remarks()).hasSize(2).first().asString().contains("'Class'");
    assertThat(table.remarks().get(1)).contains("2 features (a, b)");
  }

  @Test
  void readsTheSplitAndNamedColumns() throws IOException {
    NumericTable guessed = read("a.tsv", "split\ty\tx\ntrain\t1\t2\ntest\t0\t3\n");
    assertThat(guessed.splits()).containsExactly("train", "test");
    assertThat(guessed.features()).containsExactly("x");
    assertThat(guessed.remarks()).hasSize(3);
    NumericTable named =
        NumericTables.read(
            write("b.csv", "y,x,set\n1,2,val\n"), columns("x", "set"), new FileRules());
    assertThat(named.labels()).containsExactly("2");
    assertThat(named.splits()).containsExactly("val");
    assertThat(named.features()).containsExactly("y");
    assertThat(named.remarks()).hasSize(1);
  }

  @ParameterizedTest
  @CsvSource({"ijcnn1.tr", "a.libsvm", "a.svm.gz", "covtype"})
  void readsLibsvm(String name) throws IOException {
    NumericTable table = read(name, "# a comment\n-1 2:0.5 4:-1e2\n\n+1.0 1:1 # qid\n1\n2.5 3:4\n");
    assertThat(table.labels()).containsExactly("-1", "1", "1", "2.5");
    assertThat(table.rows())
        .isDeepEqualTo(new double[][] {{0, .5, 0, -100}, {1, 0, 0, 0}, {0, 0, 0, 0}, {0, 0, 4, 0}});
    assertThat(table.features()).containsExactly("1", "2", "3", "4");
    assertThat(table.lines()).containsExactly(2, 4, 5, 6);
    assertThat(table.row(1, 6)).containsExactly(1, 0, 0, 0, 0, 0);
    assertThat(table.target(3)).isEqualTo(2.5);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "a.csv | y,x\\n1,2\\n1,two\\n | :3: | The column 'x' is 'two'; it must be a number.",
        "a.csv | y,x\\n1,\\n | :2: | The column 'x' is empty; it must be a number.",
        "a.csv | y,x\\n1,NaN\\n | :2: | must be a finite number",
        "a.csv | y,x\\n,1\\n | :2: | No row has a label: empty 1.",
        "a.csv | y,x\\n1,2,3\\n | :2: | The row has 3 cells; it must have 2",
        "a.csv | y,x\\n1,\"2\\n | :2: | The row is no CSV",
        "a.csv | y,x,x\\n1,2,3\\n | :1: | The column 'x' stands twice",
        "a.csv | y,x\\n | :1: | a header and no rows",
        "a.csv | u,x\\n1,2\\n | :1: | No column is known to hold the label; the columns are u, x.",
        "a.csv | y;x\\n1;2\\n3\\n | :1: | The header has one cell",
        "a.csv | \\n | a.csv: | The file is empty.",
        "a.bz2 | y | a.bz2 | of packed files only .gz is read",
        "a.txt | y,x one\\n1,2\\n | :1: | The line is no row of a LIBSVM file",
        "a.svm | 1 1:2\\n1 2\\n | :2: | '2' is no index:value",
        "a.svm | 1 0:2\\n | :1: | '0:2' is no index:value with an index of at least 1.",
        "a.svm | 1 2:2 2:3\\n | :1: | The index 2 follows 2; indices must rise.",
        "a.svm | 1 2:x\\n | :1: | The value of index 2 is 'x'; it must be a number.",
        "a.svm | 1\\n2\\n | a.svm: | The file has no numbers, only labels.",
        "a.svm | 1 1:2\\n1:2 2:3\\n | :2: | The row has no label: it begins with '1:2'.",
        "a.svm | 1 1:2\\n1,3 1:2\\n | :2: | The label '1,3' is several labels",
        "a.svm | 1 1:2\\n1 99999999999:2\\n | :2: | and at most 2147483647",
        "a.csv | y,x\\n1,1D\\n | :2: | The column 'x' is '1D'; it must be a number.",
        "a.csv | y;x\\n1;2,5\\n | :2: | The column 'x' is '2,5'; it must be a number.",
        "a.csv | y,x\\n | :1: | a header and no rows",
        "a.jsonl | {\"y\": 1, \"x\": 2}\\n{\"y\": 1, \"x\": null} | :2: | The column 'x' is empty"
      })
  void saysWhereAFileIsWrong(String name, String text, String place, String message)
      throws IOException {
    Path file = write(name, text.replace("\\n", "\n"));
    assertThatThrownBy(() -> NumericTables.read(file, NumericColumns.GUESSED, new FileRules()))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining(place)
        .hasMessageContaining(message)
        .hasMessageContaining("\nMaybe ");
  }

  @Test
  void labelsHaveOneSpelling() throws IOException {
    NumericTable codes = read("c.csv", "y,x\n1D,1\n1F,2\n01,3\n1,4\n1.0,5\n 1 ,6\n");
    assertThat(codes.labels()).containsExactly("1D", "1F", "01", "1", "1", "1");
    NumericTable some = read("n.csv", "y,x\nNaN,1\na,2\n,3\nnull,4\nb,x\n".replace("x\n", "5\n"));
    assertThat(some.labels()).containsExactly("a", "b");
    assertThat(some.lines()).containsExactly(3, 6);
    assertThat(some.remarks()).anyMatch(r -> r.contains("3 rows are left out, having no label"));
    var rules = new FileRules().withNoLabel("?").withKeepLabel("None");
    assertThat(
            NumericTables.read(
                    write("k.csv", "y,x\nNone,1\n?,2\na,3\n"), NumericColumns.GUESSED, rules)
                .labels())
        .containsExactly("None", "a");
  }

  @Test
  void anIndexIsNoFeature() throws IOException {
    NumericTable unnamed = read("i.csv", ",a,label\n0,5,x\n1,6,y\n2,7,x\n");
    assertThat(unnamed.features()).containsExactly("a");
    assertThat(unnamed.remarks()).anyMatch(r -> r.contains("numbers the rows and is no feature"));
    NumericTable time = read("t.csv", "day,a,label\n1,5,x\n2,6,y\n3,7,x\n");
    assertThat(time.features()).containsExactly("day", "a");
    assertThat(time.remarks()).anyMatch(r -> r.contains("'day' numbers the rows but is read"));
    Path file = write("m.csv", "id,a,b,label\n7,1,2,x\n9,3,4,y\n");
    var ignoring = new NumericColumns(null, null, List.of(), List.of("id"));
    assertThat(NumericTables.read(file, ignoring, new FileRules()).features())
        .containsExactly("a", "b");
    var named = new NumericColumns(null, null, List.of("b"), List.of());
    assertThat(NumericTables.read(file, named, new FileRules()).rows())
        .isDeepEqualTo(new double[][] {{2}, {4}});
  }

  @Test
  void queriesAreNotRead() throws IOException {
    NumericTable table = read("q.svm", "1 qid:3 1:2\n0 qid:3 2:1\n");
    assertThat(table.rows()).isDeepEqualTo(new double[][] {{2, 0}, {0, 1}});
    assertThat(table.remarks()).anyMatch(r -> r.contains("query numbers (qid) of 2 rows"));
  }

  @Test
  void namesTheNearestColumn() throws IOException {
    Path file = write("a.csv", "target,x\n1,2\n");
    assertThatThrownBy(() -> NumericTables.read(file, columns("targt", null), new FileRules()))
        .hasMessageContaining("There is no column 'targt' for the label")
        .hasMessageContaining("Maybe 'target' was meant.");
    assertThatThrownBy(() -> NumericTables.read(file, columns(null, "set"), new FileRules()))
        .hasMessageContaining("There is no column 'set' for the split");
    assertThatThrownBy(
            () ->
                NumericTables.read(
                    folder.resolve("b.csv"), NumericColumns.GUESSED, new FileRules()))
        .hasMessageContaining("There is no file")
        .hasMessageContaining("a.csv' was meant.");
  }

  @Test
  void labelsThatAreWordsAreNoTargets() throws IOException {
    NumericTable table = read("a.csv", "y,x\n1.50,2\ncat,3\n");
    assertThat(table.target(0)).isEqualTo(1.5);
    assertThat(table.labels()).containsExactly("1.50", "cat");
    assertThatThrownBy(() -> table.target(1))
        .hasMessageContaining("a.csv:3: The label 'cat' must be a number.");
  }

  /** The index of one wide row decides about the memory of all. */
  @Test
  void refusesWhatDoesNotFitInMemory() throws IOException {
    Path file = write("a.svm", "1 1:1\n0 2000000000:1\n");
    assertThatThrownBy(() -> NumericTables.read(file, NumericColumns.GUESSED, new FileRules()))
        .hasMessageContaining("must fit in memory");
  }

  /** 25 bytes; dense, with a name for each column, they are gigabytes. */
  @Test
  void aTableThatDoesNotFitIsRefusedBeforeItIsMade() {
    assertThatThrownBy(() -> read("a.libsvm", "1 1:1\n-1 90000000:1\n"))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining(":2: A table of 90,000,000 columns, zeros included, needs at least")
        .hasMessageContaining("\nMaybe STACKEL_JAVA_OPTIONS=-Xmx9g helps, or less data.");
  }

  /** A packed file is not read to its end: what it needs is not known. */
  @Test
  void moreMemoryThanThereIsIsAdvised() {
    long room = 1979L << 20; // of -Xmx2g
    assertThat(Heap.tooSmall("The file", room + 3, room))
        .hasMessageContaining("\nMaybe STACKEL_JAVA_OPTIONS=-Xmx3g helps, or less data.");
  }

  @Test
  void rowsOfThousandsOfWordsAreNoDefect() throws IOException {
    var row = new StringBuilder("1");
    for (int i = 1; i <= 20_000; i++) {
      row.append(' ').append(i).append(":1");
    }
    assertThat(read("a.libsvm", row + "\n-1 1:1\n").features()).hasSize(20_000);
    assertThatThrownBy(() -> read("b.libsvm", "1" + ",1".repeat(20_000) + " 1:1\n"))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("is several labels");
  }

  @Test
  void aPackedFileIsUnpackedAsFarAsMemoryGoes() throws IOException {
    Path file = write("a.csv.gz", "a,label\n" + "0".repeat(1 << 20));
    try (var in = InputFile.openUnpacked(file)) {
      assertThatThrownBy(() -> InputFile.limited(file, in, 2L << 20))
          .isInstanceOf(InvalidInputException.class)
          .hasMessageContaining(file + ": The file needs at least 2 MB of memory");
    }
  }

  @Test
  void aJsonLineMayBeCutOffWithinAText() {
    assertThatThrownBy(
            () -> read("a.jsonl", "{\"a\": 1, \"label\": \"y\"}\n{\"a\": 1, \"label\": \"n"))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("a.jsonl:2: ");
  }

  /** Its text is read in several parts; lines and complaints are those of the whole file. */
  @Test
  void aLargeLibsvmFileIsReadInParts() throws IOException {
    Path file = folder.resolve("large.svm");
    String comment = " # " + "x".repeat(2_000) + "\n";
    int rows = 3 * TableParts.BYTES / comment.length();
    try (var out = Files.newBufferedWriter(file)) {
      for (int i = 0; i < rows; i++) {
        out.write((i % 2) + " 1:" + i + " 3:0.5" + comment);
      }
    }
    NumericTable table = NumericTables.read(file, NumericColumns.GUESSED, new FileRules());
    assertThat(table.size()).isEqualTo(rows);
    assertThat(table.rows()[rows - 1]).containsExactly(rows - 1, 0, 0.5);
    assertThat(table.lines()[rows - 1]).isEqualTo(rows);
    assertThat(table.sha256()).isEqualTo(Sha256.of(file));

    Files.writeString(file, "1 x\n", StandardOpenOption.APPEND);
    assertThatThrownBy(() -> NumericTables.read(file, NumericColumns.GUESSED, new FileRules()))
        .hasMessageContaining("large.svm:" + (rows + 1) + ": 'x' is no index:value");
  }
}
