package org.stackel.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.stackel.config.InvalidInputException;

class TableTest {
  private static final Charset WINDOWS = Charset.forName("windows-1252");
  private static final String ODD =
      "\uFEFFid,\"text\",label\r\n1,\"tasty, \"\"really\"\"\r\nsecond line\",good\r\n\r\n2,plain , bad\r\n3,\"\",good";

  @TempDir Path directory;

  /** Names and contents of files that people have. */
  static Stream<Arguments> files() {
    return Stream.of(
        Arguments.of("bom-crlf-quotes.csv", ODD.getBytes(StandardCharsets.UTF_8)),
        Arguments.of("lf.csv", utf8("text,label\nfine,good\npoor,bad\n")),
        Arguments.of("no-last-line-end.csv", utf8("text,label\nfine,good\npoor,bad")),
        Arguments.of("cr.csv", utf8("text,label\rfine,good\rpoor,bad\r")),
        Arguments.of("mixed-ends.csv", utf8("text,label\r\nfine,good\npoor,bad\r\n\n")),
        Arguments.of("trailing.csv", utf8("text,label,\nfine,good,\npoor,bad,\n")),
        Arguments.of("semicolons.csv", utf8("text;label\n\"fine; so\";good\npoor;bad\n")),
        Arguments.of("said.csv", utf8("sep=;\ntext;label\nfine;good\npoor;bad\n")),
        Arguments.of("blanks.csv", utf8("text, label\nfine, \"good\" \npoor, \"bad\"\n")),
        Arguments.of("backslashes.csv", utf8("text,label\n\"a \\\"fine\\\", one\",good\nb,bad\n")),
        Arguments.of("lone-quote.csv", utf8("text,label\na 12\" pan,good\nb,bad\n")),
        Arguments.of("plain.tsv", utf8("text\tlabel\na \"b\" c\tgood\n\"open\tbad\n")),
        Arguments.of("quoted.tsv", utf8("text\tlabel\r\n\"a \"\"b\"\"\tc\"\tgood\r\nd\tbad\r\n")),
        Arguments.of("utf16le.csv", marked("text,label\nfein,gut\nö,schlecht\n", "UTF-16LE")),
        Arguments.of("utf16be.csv", marked("text,label\nfein,gut\nö,schlecht\n", "UTF-16BE")),
        Arguments.of(
            "utf16-unmarked.csv", "text,label\nfein,gut\n".getBytes(StandardCharsets.UTF_16LE)),
        Arguments.of("windows.csv", "text,label\ncafé – “ok”,good\n".getBytes(WINDOWS)),
        Arguments.of(
            "windows-free-bytes.csv",
            new byte[] {'a', ',', 'b', '\n', (byte) 0x81, ',', (byte) 0xE9, '\n'}),
        Arguments.of("objects.jsonl", utf8("{\"text\": \"a \\u00e9\", \"label\": 1.0}\n\n{}\n")),
        Arguments.of("packed.csv.gz", packed(ODD.getBytes(StandardCharsets.UTF_8))),
        Arguments.of("rows.libsvm", utf8("# head\n+1 1:2 3:4 # note\n\n-1 2:1e-3\n")));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("files")
  void writesWhatItReads(String name, byte[] bytes) throws IOException {
    Path file = Files.write(directory.resolve(name), bytes);
    Table table = Table.read(file, null);
    assertArrayEquals(plain(name, bytes), table.edits().bytes());

    // Every cell replaced by what it says: read again, all cells say the same.
    TableEdits edits = table.edits();
    for (int row = 0; row < table.size(); row++) {
      for (int column = 0; column < table.columns().size(); column++) {
        String cell = table.cell(row, column);
        if (cell != null && table.format() != TableFormat.LIBSVM) {
          edits.set(row, column, cell);
        }
      }
    }
    Path copy = directory.resolve("copy-" + name);
    edits.write(copy, Files.newOutputStream(copy));
    Table read = Table.read(copy, null);
    assertEquals(cells(table), cells(read));
    assertEquals(table.columns(), read.columns());
  }

  private static List<List<String>> cells(Table table) {
    return Stream.iterate(0, row -> row < table.size(), row -> row + 1)
        .map(
            row ->
                Stream.iterate(0, column -> column < table.columns().size(), column -> column + 1)
                    .map(column -> String.valueOf(table.cell(row, column)))
                    .toList())
        .toList();
  }

  @Test
  void changesOnlyTheCellsThatAreNamed() throws IOException {
    Path file = Files.write(directory.resolve("odd.csv"), ODD.getBytes(StandardCharsets.UTF_8));
    Table table = Table.read(file, null);
    assertEquals(List.of("id", "text", "label"), table.columns());
    assertEquals("tasty, \"really\"\r\nsecond line", table.cell(0, 1));
    assertEquals(List.of(2, 5, 6), List.of(table.line(0), table.line(1), table.line(2)));
    assertEquals(2, table.number(1));
    byte[] written = table.edits().set(1, 2, "good").set(0, 2, "bad, or \"so\"").drop(2).bytes();
    assertEquals(
        ODD.replace(",good\r\n\r\n", ",\"bad, or \"\"so\"\"\"\r\n\r\n")
            .replace(" bad\r\n3,\"\",good", " good\r\n"),
        new String(written, StandardCharsets.UTF_8));
  }

  @Test
  void appendsColumns() throws IOException {
    Table csv = table("a.csv", "text,label\r\nfine,good\r\npoor,bad");
    assertEquals(
        "text,label,mark,why\r\nfine,good,0,\"a,b\"\r\npoor,bad,1,\"a,b\"",
        text(csv.edits().append("mark", String::valueOf).append("why", row -> "a,b")));
    Table json = table("a.jsonl", "{\"text\": \"x\", \"label\": 1 }\n{\"label\": 2}");
    assertEquals(
        "{\"text\": \"x\", \"label\": 3, \"p\": 0.5 }\n{\"label\": \"two\", \"p\": 0.5}",
        text(json.edits().set(0, 1, "3").set(1, 1, "two").append("p", row -> "0.5")));
    assertNull(json.cell(1, 0));
    Table odd = table("b.jsonl", "{\"ok\": true}\n{ }\n");
    assertEquals(
        "{\"ok\": false, \"p\": true, \"q\": \"\"}\n{\"p\": true, \"q\": \"\" }\n",
        text(odd.edits().set(0, 0, "false").append("p", row -> "true").append("q", row -> "")));
  }

  @Test
  void replacesLabelsOfLibsvm() {
    Table table = table("a.libsvm", "+1 1:2 # x\n 1:3 2:4\n-1 2:1\n");
    assertEquals("", table.cell(1, 0));
    assertEquals("1:3 2:4", table.cell(1, 1));
    assertEquals("+1 1:2 # x\n 1:3 2:4\n+1 2:1\n", text(table.edits().set(2, 0, "+1")));
  }

  @Test
  void keepsTheEncoding() {
    Path file = write("w.csv", "text,label\nnaïve,é\n".getBytes(WINDOWS));
    Table table = Table.read(file, null);
    assertEquals("é", table.cell(0, 1));
    assertTrue(table.remarks().get(0).contains("read as windows-1252"), table.remarks().toString());
    assertArrayEquals(
        "text,label\nnaïve,è\n".getBytes(WINDOWS), table.edits().set(0, 1, "è").bytes());
    TableEdits impossible = table.edits().set(0, 1, "好");
    assertThrows(InvalidInputException.class, impossible::bytes);
  }

  @Test
  void columnsMayRepeatUnlessTheyAreWanted() {
    Table table = table("d.csv", ",text,x,x\n1,fine,2,3\n");
    assertEquals(List.of("", "text", "x", "x"), table.columns());
    assertEquals(1, table.column("text", "the text"));
    assertEquals(List.of("x"), table.doubled());
    var e = assertThrows(InvalidInputException.class, () -> table.column("x", "the label"));
    assertTrue(e.getMessage().contains("twice"), e.getMessage());
  }

  @Test
  void refusesRowsOfAnotherWidth() {
    var e = assertThrows(InvalidInputException.class, () -> table("w.csv", "a,b\n1,2\n\n1,2,3\n"));
    assertTrue(e.getMessage().contains("w.csv:4"), e.getMessage());
    e = assertThrows(InvalidInputException.class, () -> table("q.csv", "a,b\n1,2\n\"1,2\n3,4\n"));
    assertTrue(e.getMessage().contains("q.csv:3"), e.getMessage());
  }

  @Test
  void keysAreThoseOfAllObjects() {
    Table table = table("k.jsonl", "{\"a\": 1}\n{\"b\": [1], \"a\": null, \"c\": true}\n");
    assertEquals(List.of("a", "b", "c"), table.columns());
    assertNull(table.cell(1, 0));
    assertNull(table.cell(1, 1));
    assertEquals("true", table.cell(1, 2));
  }

  private Table table(String name, String content) {
    return Table.read(write(name, utf8(content)), null);
  }

  @Test
  void aSecondHeaderIsNoRow() {
    Path file = write("joined.csv", utf8("text,label\nfine,good\ntext,label \npoor,bad\n"));
    InvalidInputException error =
        assertThrows(InvalidInputException.class, () -> Table.read(file, null));
    assertTrue(error.getMessage().contains("joined.csv:3: The row repeats the header."));
    assertEquals(2, Table.read(write("one.csv", utf8("text\nfine\ntext\n")), null).size());
  }

  @Test
  void aListOfObjectsIsNoLibsvm() {
    Path file = write("list.json", utf8("[\n {\"text\": \"fine\", \"label\": \"good\"}\n]\n"));
    InvalidInputException error =
        assertThrows(InvalidInputException.class, () -> Table.read(file, null));
    assertTrue(error.getMessage().contains("list.json: The file is JSON;"), error.getMessage());
  }

  private Path write(String name, byte[] bytes) {
    try {
      return Files.write(directory.resolve(name), bytes);
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private static String text(TableEdits edits) {
    return new String(edits.bytes(), StandardCharsets.UTF_8);
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static byte[] marked(String text, String charset) {
    return ("\uFEFF" + text).getBytes(Charset.forName(charset));
  }

  private static byte[] packed(byte[] bytes) {
    var out = new ByteArrayOutputStream();
    try (var gzip = new GZIPOutputStream(out)) {
      gzip.write(bytes);
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
    return out.toByteArray();
  }

  private static byte[] plain(String name, byte[] bytes) throws IOException {
    return name.endsWith(".gz")
        ? new GZIPInputStream(new ByteArrayInputStream(bytes)).readAllBytes()
        : Arrays.copyOf(bytes, bytes.length);
  }
}
