package org.stackel.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.stackel.config.InvalidInputException;

/** Files that are read a part at a time say what they say when they are read whole. */
class TablePartsTest {
  @TempDir Path folder;

  private static final String[] PLAIN = {"a tree", "Größe", "5", "", "say \"no\"", "木", "x\\y"};

  /** Cells as lines: where each stands and what it says. */
  private static List<String> cells(Table table) {
    var cells = new ArrayList<String>();
    for (int row = 0; row < table.size(); row++) {
      for (int column = 0; column < table.columns().size(); column++) {
        cells.add(
            table.line(row) + " " + table.columns().get(column) + " " + table.cell(row, column));
      }
    }
    return cells;
  }

  private static void requireSame(Path file, int bytes) throws IOException {
    Table whole = Table.read(file, null);
    TableParts parts = TableParts.open(file, TableFormat.of(file), null, bytes);
    var cells = new ArrayList<String>();
    var out = new ByteArrayOutputStream();
    parts.forEach(
        part -> {
          cells.addAll(cells(part));
          var edits = part.edits();
          if (part.format() != TableFormat.LIBSVM) {
            edits.append("more", row -> "m");
          }
          edits.write(out);
          return true;
        });
    assertThat(parts.columns()).isEqualTo(whole.columns());
    assertThat(parts.headerLine()).isEqualTo(whole.headerLine());
    assertThat(cells).as("%s by %d bytes", file, bytes).isEqualTo(cells(whole));
    var edits = whole.edits();
    if (whole.format() != TableFormat.LIBSVM) {
      edits.append("more", row -> "m");
    }
    assertThat(out.toByteArray()).isEqualTo(edits.bytes());
    assertThat(parts.remarks()).containsExactlyInAnyOrderElementsOf(whole.remarks());
  }

  private Path write(String name, String text, Charset charset) throws IOException {
    return Files.write(folder.resolve(name), text.getBytes(charset));
  }

  @ParameterizedTest
  @CsvSource({"UTF-8", "UTF-16LE", "UTF-32BE", "windows-1252"})
  void partsOfCsvAreTheWhole(String encoding) throws IOException {
    var random = new Random(1);
    for (int trial = 0; trial < 40; trial++) {
      String end = new String[] {"\n", "\r\n", "\r"}[trial % 3];
      var text = new StringBuilder(encoding.startsWith("UTF") ? "\uFEFF" : "");
      text.append("id,text,Größe").append(end);
      for (int row = 0; row < 30; row++) {
        String cell = PLAIN[random.nextInt(encoding.startsWith("UTF") ? 7 : 5)];
        boolean isQuoted = random.nextBoolean() || cell.indexOf('"') >= 0;
        String inner = random.nextInt(4) == 0 ? cell + "," + end + "next" : cell;
        boolean hasQuotes = isQuoted || !inner.equals(cell);
        text.append(row).append(',');
        text.append(hasQuotes ? '"' + inner.replace("\"", "\"\"") + '"' : inner);
        text.append(",up").append(random.nextInt(5) == 0 ? end + end : end);
      }
      Path file = write("t.csv", text.toString(), Charset.forName(encoding));
      requireSame(file, 64 + 4 * random.nextInt(60));
    }
  }

  @ParameterizedTest
  @CsvSource(
      value = {
        "blanks.csv; 1, plain| ; 2, \"a, b\"|",
        "backslash.csv; 1,plain| ; 2,\"say \\\"no\\\"\"|",
        "quoted.tsv; 1\tplain| ; 2\t\"a said \"\"b\"\"\"|",
        "characters.tsv; 1\t5\" pipe| ; 2\t\"open|3\tclosed\"|",
        "semicolon.csv; 1;plain| ; 2;\"a;b\"|",
        "numbers.svm; 1 1:2 # one| ; -1 2:3|",
        "objects.jsonl; {\"a\": 1}| ; {\"b\": \"x\", \"a\": null}|",
      },
      delimiterString = "; ",
      ignoreLeadingAndTrailingWhitespace = false)
  void whatOnlyALaterPartShowsCounts(String name, String usual, String late) throws IOException {
    String header =
        name.endsWith(".svm") || name.endsWith(".jsonl")
            ? ""
            : name.endsWith(".tsv") ? "a\tb|" : name.startsWith("semi") ? "a;b|" : "a,b|";
    String text = header + usual.strip().repeat(30) + late.strip() + usual.strip().repeat(30);
    Path file = write(name, text.replace('|', '\n'), StandardCharsets.UTF_8);
    for (int bytes = 100; bytes < 300; bytes += 20) {
      requireSame(file, bytes);
    }
  }

  @Test
  void mistakesInLaterPartsHaveTheirLine() throws IOException {
    String rows = "1,a\n".repeat(50);
    assertThatThrownBy(() -> open("a,b\n" + rows + "1,a,x\n" + rows, "wide.csv"))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("wide.csv:52: The row has 3 cells; it must have 2");
    assertThatThrownBy(() -> open("a,b\n" + rows + "1,\"a\n" + rows.repeat(20), "open.csv"))
        .hasMessageContaining("open.csv:52: The row is no CSV: a quote is opened");
    assertThatThrownBy(() -> open("{\"a\": 1}\n".repeat(50) + "{\"a\": }\n", "cut.jsonl"))
        .hasMessageContaining("cut.jsonl:51: The line is no JSON");
    Path mixed = folder.resolve("mixed.csv");
    byte[] text = ("a,b\n" + rows + "1,e\n").getBytes(StandardCharsets.UTF_8);
    text[text.length - 2] = (byte) 0xE9;
    Files.write(mixed, text);
    assertThatThrownBy(() -> TableParts.open(mixed, TableFormat.CSV, null, 100))
        .hasMessageContaining("mixed.csv:52: The bytes from here on are not UTF-8")
        .hasMessageContaining("\nMaybe --encoding windows-1252");
  }

  private void open(String text, String name) throws IOException {
    Path file = write(name, text, StandardCharsets.UTF_8);
    TableParts.open(file, TableFormat.of(file), null, 100);
  }

  @ParameterizedTest
  @CsvSource({"UTF-16LE", "utf_16le", "UTF-16", "utf16", "UTF_32BE", "cp1252"})
  void partsEndWithALineInWhateverEncodingIsNamed(String encoding) throws IOException {
    String rows = "1,tree\n".repeat(100);
    Path file = write("named.csv", "a,b\n" + rows, Charset.forName(encoding));
    for (int bytes = 100; bytes < 112; bytes += 4) {
      var cells = new ArrayList<String>();
      TableParts.open(file, TableFormat.CSV, encoding, bytes)
          .forEach(part -> cells.addAll(cells(part)));
      assertThat(cells).isEqualTo(cells(Table.read(file, encoding)));
    }
  }

  @Test
  void aHeaderWithoutRowsIsAFile() throws IOException {
    Path file = write("header.csv", "a,b\n", StandardCharsets.UTF_8);
    TableParts parts = TableParts.open(file, TableFormat.CSV, null);
    assertThat(parts.columns()).containsExactly("a", "b");
    var sizes = new ArrayList<Integer>();
    parts.forEach(part -> sizes.add(part.size()));
    assertThat(sizes).containsExactly(0);
  }
}
