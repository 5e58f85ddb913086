package org.stackel.text;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_16;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.stackel.config.InvalidInputException;
import org.stackel.data.Classes;
import org.stackel.data.Sha256;
import org.stackel.data.SharedData;

class ExamplesTest {
  @TempDir Path folder;

  // ---- what is read --------------------------------------------------------------------------

  @Test
  void readsQuotedCsv() {
    ExampleFile file =
        read("a.csv", "id,Text,label\n1,\"one, \"\"two\"\"\nthree\",pos\n\n2,plain,neg\n");
    assertThat(file.examples())
        .containsExactly(
            new Example("one, \"two\"\nthree", null, "pos", ""),
            new Example("plain", null, "neg", ""));
    assertThat(file.lines()).containsExactly(2, 5);
    assertThat(file.place(1)).endsWith("a.csv:5");
    assertThat(file.columns()).isEqualTo(new Columns("Text", null, "label", null));
    assertThat(file.guessed()).isEqualTo(file.columns());
  }

  @Test
  void readsTsvWithoutQuotes() {
    ExampleFile file =
        read("a.tsv", "sentence1\tsentence2\tgold_label\r\n\"a\tb, c\t1\r\n\"d\te\"\t2.50\r\n");
    assertThat(file.examples())
        .containsExactly(
            new Example("\"a", "b, c", "1", ""), new Example("\"d", "e\"", "2.50", ""));
    assertThat(file.lines()).containsExactly(2, 3);
  }

  @Test
  void readsJsonLines() {
    ExampleFile file =
        read(
            "a.jsonl",
            """
            {"text": "good \\u00e9", "label": 1, "domain": "books", "more": {"x": [1, 2]}}

            {"domain": "dvd", "label": -1.50, "text": "bad", "more": null}
            """);
    assertThat(file.examples())
        .containsExactly(
            new Example("good é", null, "1", "books"), new Example("bad", null, "-1.50", "dvd"));
    assertThat(file.lines()).containsExactly(1, 3);
  }

  @ParameterizedTest
  @CsvSource({"a.csv.gz,','", "a.TSV.GZ,'\t'"})
  void unpacksGzip(String name, String separator) throws IOException {
    Path path = write(name, gzip("text,label\nt,c\n".replace(",", separator).getBytes(UTF_8)));
    assertThat(Examples.read(path, Columns.GUESSED).examples())
        .containsExactly(new Example("t", null, "c", ""));
  }

  @Test
  void namedColumnsWinOverGuesses() {
    ExampleFile file =
        read(
            "a.csv",
            "text,hypothesis,label,kind,domain\na,b,c,d,e\n",
            new Columns("hypothesis", null, "kind", null));
    assertThat(file.examples()).containsExactly(new Example("b", null, "d", "e"));
    assertThat(file.guessed().named()).containsOnlyKeys("domain");
  }

  @Test
  void passesOverAByteOrderMarkAndSpacesAroundNames() {
    assertThat(read("a.csv", "\uFEFFtext, label \n a ,b\n").examples())
        .containsExactly(new Example("a", null, "b", ""));
  }

  @Test
  void fingerprintsTheBytesOnDisk() throws IOException {
    Path path = write("a.csv.gz", gzip("text,label\nt,c\n".getBytes(UTF_8)));
    ExampleFile file = Examples.read(path, Columns.GUESSED);
    assertThat(file.sha256())
        .isEqualTo(Sha256.of(path))
        .isEqualTo(Sha256.of(Files.readAllBytes(path)));
    Path empty = write("b.csv", new byte[0]);
    assertThat(Sha256.of(empty))
        .isEqualTo("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  }

  // ---- what is refused -----------------------------------------------------------------------

  @Test
  void namesTheNearestFile() throws IOException {
    write("train.csv", "text,label\n".getBytes(UTF_8));
    write("test.tsv", "text,label\n".getBytes(UTF_8));
    refuses(
        folder.resolve("trian.csv"), "There is no file", "Maybe '" + folder.resolve("train.csv"));
    refuses(
        folder.resolve("trian.txt"), "There is no file", "Maybe '" + folder.resolve("train.csv"));
    refuses(folder.resolve("no/train.csv"), "its directory does not exist", "another directory");
  }

  @Test
  void saysThatADirectoryIsEmpty() {
    refuses(folder.resolve("train.csv"), "There is no file", "the directory is empty");
  }

  @Test
  void refusesADirectory() throws IOException {
    Path directory = Files.createDirectory(folder.resolve("d.csv"));
    refuses(directory, "is a directory", "this directory holds none");
    Files.writeString(directory.resolve("in.csv"), "");
    refuses(directory, "is a directory", "such as '" + directory.resolve("in.csv"));
  }

  @Test
  void refusesAFileWithoutPermission() throws IOException {
    Path path = write("a.csv", "text,label\nt,c\n".getBytes(UTF_8));
    assumeThat(path.toFile().setReadable(false) && !Files.isReadable(path))
        .as("this user can read everything")
        .isTrue();
    refuses(path, "cannot be read: permission is denied");
  }

  @Test
  void refusesUnknownFormats() throws IOException {
    refuses(write("a.xlsx", new byte[1]), "The format of", ".csv, .tsv or .jsonl");
    refuses(write("a.json", new byte[1]), "The format of", "its name ends in .jsonl");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", " \n\n"})
  void refusesAnEmptyFile(String content) {
    refuses("a.csv", content, "a.csv: The file is empty.");
    refuses("a.tsv", content, "a.tsv: The file is empty.");
    refuses("a.jsonl", content, "a.jsonl: The file is empty.");
  }

  @Test
  void refusesAHeaderAlone() {
    refuses("a.csv", "text,label\n", "a.csv:1: The file has a header and no rows.");
    refuses("a.tsv", "\ntext\tlabel\n\n", "a.tsv:2: The file has a header and no rows.");
  }

  @Test
  void namesTheNearestColumn() {
    var columns = new Columns("reviwe", null, "label", null);
    refuses(
        "a.csv",
        "id,review,label\n1,t,c\n",
        columns,
        "a.csv:1: There is no column 'reviwe' for the text; the columns are id, review, label.",
        "Maybe 'review' was meant.");
    refuses(
        "a.jsonl",
        "\n{\"review\":\"t\",\"label\":\"c\"}\n",
        columns,
        "a.jsonl:2: There is no column 'reviwe' for the text; the columns are review, label.");
  }

  @Test
  void listsTheColumnsWhereNoGuessFits() {
    refuses(
        "a.csv",
        "id,words,label\n1,t,c\n",
        "a.csv:1: No column is known to hold the text; the columns are id, words, label.",
        "Maybe problem.text with the name");
    refuses("a.csv", "text,mark\nt,c\n", "to hold the label; the columns are text, mark.");
  }

  @Test
  void refusesAColumnTwice() {
    refuses("a.csv", "text,label,text\na,b,c\n", "a.csv:1: The column 'text' stands twice");
  }

  @Test
  void recognisesAnotherSeparator() {
    refuses(
        "a.csv", "text;label\na;b;c\n", "a.csv:1: The header has one cell", "Maybe ';' separates");
    assertThat(read("b.csv", "text;label\na;b\n").examples())
        .containsExactly(new Example("a", null, "b", ""));
    assertThat(read("c.csv", "text\tlabel\na\tb\n").remarks())
        .anyMatch(remark -> remark.endsWith("cells are separated by a tab."));
    refuses("a.tsv", "text,label\na,b\n", "separated by a tab", "Maybe a comma separates");
  }

  @Test
  void refusesRowsOfAnotherLength() {
    refuses(
        "a.csv",
        "text,label\na,b\n\"c\nd\",e\nf,g,h\n",
        "a.csv:5: The row has 3 cells; it must have 2",
        "Maybe a separator inside a text is not quoted.");
    refuses("a.csv", "text,label\na\n", "a.csv:2: The row has 1 cell", "Maybe the row is cut off");
    refuses("a.tsv", "text\tlabel\na\tb\nc\n", "a.tsv:3: The row has 1 cell");
    refuses("a.tsv", "text\tlabel\na\tb\tc\n", "a.tsv:2: The row has 3 cells");
  }

  @Test
  void refusesAnOpenQuote() {
    refuses(
        "a.csv",
        "text,label\na,b\n\"c,d\ne,f\n",
        "a.csv:3: The row is no CSV: a quote is opened and not closed",
        "Maybe a quote is not closed");
    refuses(
        "a.csv",
        "text,label\na,b\n\"c\"d,e\n",
        "a.csv:3: The row is no CSV: 'd' follows a closing quote");
  }

  @Test
  void readsOtherEncodings() throws IOException {
    Path latin = write("a.csv", "text,label\ncafé,c\n".getBytes(ISO_8859_1));
    ExampleFile file = Examples.read(latin, Columns.GUESSED);
    assertThat(file.examples()).containsExactly(new Example("café", null, "c", ""));
    assertThat(file.remarks())
        .anyMatch(remark -> remark.contains("read as windows-1252, for the byte 0xE9 in line 2"));
    Path wide = write("b.csv", "text,label\nt,c\n".getBytes(UTF_16));
    assertThat(Examples.read(wide, Columns.GUESSED).examples())
        .containsExactly(new Example("t", null, "c", ""));
    refuses(
        write(
            "cut.csv",
            Arrays.copyOf(
                "text,label\né ü,ö\né,é".getBytes(UTF_8),
                "text,label\né ü,ö\né,é".getBytes(UTF_8).length - 1)),
        "cut.csv:3: The byte 0xC3 is not UTF-8, but the rest of the file is");
  }

  @Test
  void refusesBrokenGzip() throws IOException {
    byte[] whole = gzip("text,label\nt,c\n".getBytes(UTF_8));
    refuses(
        write("cut.csv.gz", Arrays.copyOf(whole, whole.length - 9)),
        "cut.csv.gz: The gzip file is broken",
        "Maybe it was not copied to its end");
    refuses(
        write("no.csv.gz", "text,label\nt,c\n".getBytes(UTF_8)),
        "no.csv.gz: The file is not packed");
    byte[] flipped = whole.clone();
    flipped[whole.length - 6] ^= 1;
    refuses(write("sum.csv.gz", flipped), "sum.csv.gz: The gzip file is broken");
    refuses(
        write("packed.csv", whole), "packed.csv: The file is packed with gzip", "packed.csv.gz'");
  }

  @Test
  void refusesMalformedJson() {
    String good = "{\"text\":\"t\",\"label\":\"c\"}\n";
    refuses("a.jsonl", good + "{\"text\":\"t\",\n", "a.jsonl:2: The line is no JSON", "cut off");
    refuses(
        "a.jsonl",
        good + "{'text': 't'}\n",
        "a.jsonl:2: The line is a Python literal",
        "json.dumps");
    refuses(
        "a.jsonl",
        "{\n\"text\":\"t\"\n}\n",
        "a.jsonl:1: The line is only the beginning",
        "jq -c .");
    refuses(
        "a.jsonl",
        good + "{\"text\":\"t\",\"label\":NaN}\n",
        "a.jsonl:2: NaN (column 21) is not JSON");
    refuses(
        "a.jsonl",
        "{\"text\":\"t\",\"label\":1,}\n",
        "a.jsonl:1: A comma stands before the closing brace");
    refuses(
        "a.jsonl",
        "[{\"text\":\"t\"}]\n",
        "a.jsonl:1: The line must be a JSON object, found a list");
    refuses("a.jsonl", good + "3\n", "a.jsonl:2: The line must be a JSON object, found a value");
    refuses("a.jsonl", good.strip() + good, "a.jsonl:1: A second value follows");
    refuses(
        "a.jsonl",
        "{\"text\":\"t\",\"text\":\"u\",\"label\":1}",
        "a.jsonl:1: The key 'text' stands twice in the object.");
  }

  @Test
  void refusesAnObjectWithoutTheKey() {
    String good = "{\"text\":\"t\",\"label\":\"c\"}\n";
    refuses(
        "a.jsonl",
        good + "\n{\"txt\":\"t\",\"label\":\"c\"}\n",
        "a.jsonl:3: The object has no text or number under the key 'text' (the text).",
        "this object has label, txt.");
    assertThat(
            read("b.jsonl", good + "{\"text\":\"t\",\"label\":null}\n{\"text\":\"u\"}\n").remarks())
        .anyMatch(remark -> remark.contains("2 rows are left out, having no label (empty 2)"));
    refuses(
        "a.jsonl", good + "{\"text\":[1],\"label\":\"c\"}\n", "a.jsonl:2:", "'text' (the text)");
  }

  @Test
  void refusesEmptyCells() {
    refuses("a.csv", "text,label\na,b\n\" \",b\n", "a.csv:3: The text (column 'text') is empty.");
    refuses("a.csv", "text,class\na,\n", "a.csv:2: No row has a label: empty 1.");
    refuses("a.csv", "text,text2,label\na,,b\n", "a.csv:2: The text2 (column 'text2') is empty.");
    refuses(
        "a.jsonl", "{\"text\":\"\",\"label\":1}", "a.jsonl:1: The text (column 'text') is empty.");
  }

  // ---- classes -------------------------------------------------------------------------------

  @Test
  void acceptsTwoOfEachClass() {
    read("a.csv", "text,label\na,x\nb,y\nc,x\nd,y\n").set().requireClasses();
  }

  @Test
  void refusesASingleClass() {
    ExampleFile file = read("a.csv", "text,label\na,x\nb,x\n");
    assertThatThrownBy(file.set()::requireClasses)
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("a.csv: All 2 examples are labelled 'x'")
        .hasMessageContaining("Maybe another column than 'label'");
  }

  @Test
  void refusesAClassSeenOnce() {
    ExampleFile file = read("a.csv", "text,label\na,pos\nb,neg\nc,pos\nd,nag\ne,neg\n");
    assertThatThrownBy(file.set()::requireClasses)
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("a.csv:5: The class 'nag' is seen once (of 3 classes, 1 are)")
        .hasMessageContaining("'neg' is the nearest");
  }

  // ---- many examples -------------------------------------------------------------------------

  @Test
  void guessesTheColumnsOfLargeFiles() {
    ExampleFile reviews =
        Examples.read(OwnTexts.reviews(folder.resolve("r.jsonl")), Columns.GUESSED);
    assertThat(reviews.columns()).isEqualTo(new Columns("text", null, "label", "domain"));
    assertThat(reviews.examples()).hasSize(OwnTexts.DOMAINS.size() * 4 * OwnTexts.REVIEWS);
    assertThat(reviews.examples().stream().map(Example::domain).distinct())
        .containsExactlyElementsOf(OwnTexts.DOMAINS);
    ExampleFile intents =
        Examples.read(OwnTexts.intents(folder.resolve("i.csv"), 5, 1), Columns.GUESSED);
    intents.set().requireClasses();
    assertThat(intents.examples()).hasSize(5 * OwnTexts.INTENTS);
    assertThat(Classes.of(Example.labels(intents.examples())).size()).isEqualTo(OwnTexts.INTENTS);
    ExampleFile pairs = Examples.read(OwnTexts.pairs(folder.resolve("p.jsonl")), Columns.GUESSED);
    assertThat(pairs.columns())
        .isEqualTo(new Columns("sentence1", "sentence2", "gold_label", null));
  }

  // ---- real data -----------------------------------------------------------------------------

  @Test
  @Tag("slow")
  void readsSharedData() {
    ExampleFile amazon = Examples.read(SharedData.file("amazon-domains.jsonl.gz"), Columns.GUESSED);
    assertThat(amazon.examples()).hasSize(98_328);
    assertThat(amazon.examples().stream().map(Example::domain).distinct()).hasSize(25);
    ExampleFile clinc = Examples.read(SharedData.file("clinc150_train.jsonl.gz"), Columns.GUESSED);
    clinc.set().requireClasses();
    assertThat(clinc.examples()).hasSize(15_000);
    assertThat(Classes.of(Example.labels(clinc.examples())).size()).isEqualTo(150);
    ExampleFile snli = Examples.read(SharedData.file("snli-dev.jsonl.gz"), Columns.GUESSED);
    assertThat(snli.columns()).isEqualTo(new Columns("sentence1", "sentence2", "gold_label", null));
  }

  // ---- helpers -------------------------------------------------------------------------------

  private ExampleFile read(String name, String content) {
    return read(name, content, Columns.GUESSED);
  }

  private ExampleFile read(String name, String content, Columns columns) {
    return Examples.read(write(name, content.getBytes(UTF_8)), columns);
  }

  private void refuses(String name, String content, String... parts) {
    refuses(name, content, Columns.GUESSED, parts);
  }

  private void refuses(String name, String content, Columns columns, String... parts) {
    assertThatThrownBy(() -> read(name, content, columns))
        .isInstanceOf(InvalidInputException.class)
        .message()
        .contains(parts)
        .contains("\nMaybe ");
  }

  private static void refuses(Path path, String... parts) {
    assertThatThrownBy(() -> Examples.read(path, Columns.GUESSED))
        .isInstanceOf(InvalidInputException.class)
        .message()
        .contains(parts)
        .contains("\nMaybe ");
  }

  private Path write(String name, byte[] content) {
    try {
      return Files.write(folder.resolve(name), content);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static byte[] gzip(byte[] content) throws IOException {
    var bytes = new ByteArrayOutputStream();
    try (var out = new GZIPOutputStream(bytes)) {
      out.write(content);
    }
    return bytes.toByteArray();
  }
}
