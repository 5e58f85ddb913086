package org.stackel.text;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPOutputStream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.stackel.config.InvalidInputException;
import org.stackel.config.Options;
import org.stackel.config.Rules;
import org.stackel.data.FileRules;

/** The published sets as their authors write them. */
class TextSourceTest {
  private static final String SNLI =
      """
      {"annotator_labels": ["neutral"], "gold_label": "neutral", "pairID": "1", "sentence1": "A man inspects a uniform.", "sentence2": "The man is old."}
      {"annotator_labels": ["neutral", "entailment"], "gold_label": "-", "pairID": "2", "sentence1": "A man inspects.", "sentence2": "Nobody agrees."}

      {"annotator_labels": ["contradiction"], "gold_label": "contradiction", "pairID": "3", "sentence1": "A \\"man\\" inspects.", "sentence2": "He sleeps."}
      """;

  @TempDir Path folder;

  @ParameterizedTest
  @CsvSource({"wordnet,'',true", "wordnet-pairs,'',true", "wordnet,test.csv,false", "'','',false"})
  void optionsOfFilesNeedAFile(String data, String test, boolean isMistake) {
    var rules = new Rules("data-cleaning");
    var only = List.of(new Only("split", "train"));
    var column = new Columns("review", null, null, null);
    var none = new FileRules();
    for (var check :
        List.<ThrowingCallable>of(
            () ->
                TextSource.checkUsed(
                    rules, TextFormat.AUTO, Columns.GUESSED, only, none, data, "", test),
            () -> TextSource.checkUsed(rules, TextFormat.AUTO, column, List.of(), none, data, test),
            () ->
                TextSource.checkUsed(
                    rules, TextFormat.NLI, Columns.GUESSED, List.of(), none, data, test),
            () ->
                TextSource.checkUsed(
                    rules,
                    TextFormat.AUTO,
                    Columns.GUESSED,
                    List.of(),
                    none.withDropDuplicates(true),
                    data,
                    test))) {
      if (isMistake) {
        assertThatThrownBy(check)
            .isInstanceOf(InvalidInputException.class)
            .hasMessageContaining("must be left out where no file is read");
      } else {
        assertThatCode(check).doesNotThrowAnyException();
      }
    }
  }

  @Test
  void readsSnli() {
    TextSet set = read("snli_1.0_train.jsonl", SNLI);
    assertThat(set.examples())
        .containsExactly(
            new Example("A man inspects a uniform.", "The man is old.", "neutral", ""),
            new Example("A \"man\" inspects.", "He sleeps.", "contradiction", ""));
    assertThat(set.entries().get(1).place()).endsWith("snli_1.0_train.jsonl:4");
    assertThat(set.remarks())
        .anyMatch(remark -> remark.contains("read as nli;"))
        .anyMatch(remark -> remark.endsWith("1 pairs without an agreed label are left out."));
    assertThat(set.sources().values()).singleElement().asString().hasSize(64);
  }

  @Test
  void readsTheTableOfMultiNliWithoutQuotes() {
    TextSet set =
        read(
            "multinli_1.0_train.txt",
            "gold_label\tsentence1_parse\tsentence1\tsentence2\tgenre\tlabel1\tlabel2\n"
                + "neutral\t(ROOT)\t\"Well, I said.\tHe said \"no\"\tfiction\tneutral\n"
                + "-\t(ROOT)\tA.\tB.\tfiction\n"
                + "entailment\t(ROOT)\tC.\tD.\ttravel\tentailment\t\n");
    assertThat(set.examples())
        .containsExactly(
            new Example("\"Well, I said.", "He said \"no\"", "neutral", "fiction"),
            new Example("C.", "D.", "entailment", "travel"));
  }

  @Test
  void readsPremiseAndHypothesisWithWordsOrNumbers() {
    TextSet set =
        read(
            "train.jsonl",
            """
            {"premise": "a", "hypothesis": "b", "label": 2, "genre": "slate"}
            {"premise": "c", "hypothesis": "d", "label": -1}
            {"premise": "e", "hypothesis": "f", "label": "entailment"}
            """);
    assertThat(set.examples())
        .containsExactly(
            new Example("a", "b", "contradiction", "slate"),
            new Example("e", "f", "entailment", ""));
  }

  /** Other labels under these keys are someone's own. */
  @Test
  void leavesOtherPairsToTheTable() {
    TextSet set = read("own.jsonl", "{\"premise\":\"a\",\"hypothesis\":\"b\",\"label\":\"yes\"}\n");
    assertThat(set.examples()).containsExactly(new Example("a", "b", "yes", ""));
    assertThat(set.remarks()).noneMatch(remark -> remark.contains("read as"));
  }

  @Test
  void readsSentiment140() {
    TextSet set =
        read(
            "training.1600000.processed.noemoticon.csv",
            """
            "0","1467810369","Mon Apr 06 22:19:45 PDT 2009","NO_QUERY","_TheSpecialOne_","@switchfoot http://twitpic.com/2y1zl - Awww, that's a ""bummer"" &lt;3 &amp; caf\u00e9 &#33;&#x21; &zzz;"
            "2","3","Mon Apr 06 22:19:49 PDT 2009","kindle2","x","Reading."
            "4","1467810672","Mon Apr 06 22:19:49 PDT 2009","NO_QUERY","scotthamilton","I love @Health4UandPets u guys r the best!! "
            """,
            ISO_8859_1);
    assertThat(set.examples())
        .containsExactly(
            new Example(
                "@switchfoot http://twitpic.com/2y1zl - Awww, that's a \"bummer\" <3 & café !! &zzz;",
                null,
                "negative",
                ""),
            new Example("I love @Health4UandPets u guys r the best!!", null, "positive", ""));
    assertThat(set.remarks())
        .anyMatch(remark -> remark.contains("read as sentiment140;"))
        .anyMatch(remark -> remark.endsWith("1 neutral texts are left out."));
  }

  @Test
  void readsBlitzersReviews() throws IOException {
    String review =
        """
        <review>
        <unique_id>
        B0001:good
        </unique_id>
        <rating>
        5.0
        </rating>
        <review_text>
        Salt & pepper, 3 < 4.
        Second line.
        </review_text>
        </review>
        """;
    for (String domain : List.of("kitchen_&_housewares", "books")) {
      Files.createDirectories(folder.resolve("acl").resolve(domain));
      Files.writeString(
          folder.resolve("acl").resolve(domain).resolve("positive.review"), review + review);
      Files.writeString(
          folder.resolve("acl").resolve(domain).resolve("negative.review"),
          review.replace("Salt & pepper, 3 < 4.\n", "Bad."));
    }
    Files.writeString(folder.resolve("acl/books/unlabeled.review"), "anything");
    TextSet set = TextSource.of(folder.resolve("acl")).read();
    assertThat(set.examples()).hasSize(6);
    assertThat(set.examples().get(0))
        .isEqualTo(new Example("Bad.Second line.", null, "negative", "books"));
    assertThat(set.examples().get(5))
        .isEqualTo(
            new Example(
                "Salt & pepper, 3 < 4. Second line.", null, "positive", "kitchen_&_housewares"));
    assertThat(set.entries().get(5).place()).endsWith("positive.review:20");
    assertThat(set.sources()).hasSize(4);
    assertThat(TextSource.of(folder.resolve("acl/books")).read().examples())
        .hasSize(3)
        .allMatch(example -> example.domain().equals("books"));
  }

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '`',
      value = {
        "`{\"reviewerID\":\"A\",\"asin\":\"1\",\"reviewText\":\"%s\",\"overall\":%s}`",
        "`{\"rating\":%2$s,\"title\":\"t\",\"text\":\"%1$s\",\"asin\":\"1\",\"parent_asin\":\"2\"}`"
      })
  void readsMcAuleysReviews(String form) throws IOException {
    String lines =
        form.formatted("fine", "4.0")
            + "\n"
            + form.formatted("so so", "3.0")
            + "\n"
            + form.formatted("poor", "2.0")
            + "\n"
            + form.formatted("", "5.0")
            + "\n";
    Path file = folder.resolve("Office_Products.json.gz");
    Files.write(file, gzip(lines));
    TextSet set = TextSource.of(file).read();
    assertThat(set.examples())
        .containsExactly(
            new Example("fine", null, "positive", "Office_Products"),
            new Example("poor", null, "negative", "Office_Products"));
    assertThat(set.remarks())
        .anyMatch(remark -> remark.endsWith("1 reviews with three stars are left out."))
        .anyMatch(remark -> remark.endsWith("1 reviews without a text are left out."));
  }

  @Test
  void readsAgNews() {
    TextSet set =
        read(
            "train.csv",
            "\"3\",\"Wall St. Bears Claw Back\",\"Reuters - \"\"ultra-cynics\"\", again.\"\n"
                + "\"4\",\"A title\",\"Chips\"\n"
                + "\"1\",\"A title\",\"Votes\"\n\"2\",\"A title\",\"Goals\"\n");
    assertThat(set.examples())
        .containsExactly(
            new Example(
                "Wall St. Bears Claw Back Reuters - \"ultra-cynics\", again.",
                null,
                "Business",
                ""),
            new Example("A title Chips", null, "Sci/Tech", ""),
            new Example("A title Votes", null, "World", ""),
            new Example("A title Goals", null, "Sports", ""));
  }

  @Test
  void readsTrec() {
    TextSet set =
        read(
            "train_5500.label",
            "DESC:manner How did serfdom develop ?\nLOC:city Where is caf\u00e9 ?\n",
            ISO_8859_1);
    assertThat(set.examples())
        .containsExactly(
            new Example("How did serfdom develop ?", null, "DESC", "manner"),
            new Example("Where is café ?", null, "LOC", "city"));
  }

  @Test
  void namedColumnsAskForATable() {
    Path file = write("a.jsonl", SNLI.getBytes(UTF_8));
    var columns = new Columns("sentence1", null, "gold_label", null);
    TextSet set = new TextSource(file, TextFormat.AUTO, columns, List.of(), new FileRules()).read();
    assertThat(set.examples()).extracting(Example::label).doesNotContain("-");
  }

  @Test
  void readsSomeRowsOnly() {
    Path file = write("a.csv", "text,label,thr\na,x,t2\nb,y,t4\nc,y,t2\n".getBytes(UTF_8));
    var only = List.of(new Only("thr", "t2"));
    assertThat(
            new TextSource(file, TextFormat.AUTO, Columns.GUESSED, only, new FileRules())
                .read()
                .examples())
        .extracting(Example::text)
        .containsExactly("a", "c");
    assertThatThrownBy(
            () ->
                new TextSource(
                        file,
                        TextFormat.TABLE,
                        Columns.GUESSED,
                        List.of(new Only("thr", "T2")),
                        new FileRules())
                    .read())
        .hasMessageContaining("No row has 'T2' in the column 'thr'.\nMaybe ");
    assertThatThrownBy(
            () ->
                new TextSource(
                        file,
                        TextFormat.TABLE,
                        Columns.GUESSED,
                        List.of(new Only("thrs", "t2")),
                        new FileRules())
                    .read())
        .hasMessageContaining("There is no column 'thrs' for the rule 'only'")
        .hasMessageContaining("Maybe 'thr' was meant.");
    assertThat(Only.fromOption(new Rules("a"), "only", "thr=a=b").toOption()).isEqualTo("thr=a=b");
    assertThatThrownBy(() -> Only.fromOption(new Rules("a"), "only", "thr"))
        .hasMessageContaining("must have the form column=value");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "nli|a.jsonl|{\"sentence1\":\"a\",\"sentence2\":\"b\",\"gold_label\":\"neutrl\"}|a.jsonl:1: The label 'neutrl' must be one of|'neutral' was meant",
        "nli|a.jsonl|{\"sentence1\":\"a\"}|a.jsonl:1: The pair must have sentence1, sentence2, gold_label or premise|'table' is the format",
        "nli|a.txt|neutral no header|a.txt:1: The first line must name the columns|the header was cut off",
        "sentiment140|a.csv|\"1\",\"1\",\"d\",\"q\",\"u\",\"t\"|a.csv:1: The polarity '1' must be 0, 2 or 4.|another order",
        "sentiment140|a.csv|\"0\",\"1\",\"d\",\"q\",\"u\"|a.csv:1: The row has 5 cells; it must have 6.|not doubled",
        "sentiment140|a.csv|\"0\",\"1\",\"d\",\"q\",\"u\",\"t|a.csv:1: The row is no CSV|a quote is not closed",
        "ag-news|a.csv|Class Index,Title,Description|a.csv:1: The class 'Class Index' must be 1, 2, 3 or 4.|'table' is the format",
        "trec|a.label|LOK:city Where ?|a.label:1: The line must begin with a class such as|misspelt",
        "amazon-mcauley|a.json|{'reviewerID': 'A', 'reviewText': 'it\\'s', 'overall': 5.0}|a.json:1: The line is a Python literal with single quotes; it must be JSON.|ast.literal_eval",
        "auto|b.json|{'reviewerID': 'A', 'reviewText': 'fine', 'overall': 5.0}|b.json:1: The line is a Python literal|ast.literal_eval",
        "amazon-mcauley|a.json|{\"reviewText\":\"t\",\"overall\":\"six\"}|a.json:1: The review must have a rating from 1 to 5 under 'overall' or 'rating', found 'six'.|'table'",
        "amazon-blitzer|a.json|x|is a file; the format amazon-blitzer must be a directory|a folder for every domain",
      })
  void saysWhatIsWrongAndWhere(
      String format, String name, String content, String message, String maybe) {
    Path file = write(name, content.getBytes(UTF_8));
    TextFormat kind =
        java.util.Arrays.stream(TextFormat.values())
            .filter(f -> Options.kebab(f).equals(format))
            .findFirst()
            .orElseThrow();
    assertThatThrownBy(
            () -> new TextSource(file, kind, Columns.GUESSED, List.of(), new FileRules()).read())
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining(message)
        .hasMessageContaining("\nMaybe ")
        .hasMessageContaining(maybe);
  }

  @Test
  void brokenReviewsAreNamed() throws IOException {
    Path file = folder.resolve("books/positive.review");
    Files.createDirectories(folder.resolve("books"));
    Files.writeString(file, "<review>\n<review_text>\ncut off\n");
    assertThatThrownBy(() -> TextSource.of(folder.resolve("books")).read())
        .hasMessageContaining(
            "positive.review:2: The tag <review_text> must be followed by </review_text>.\nMaybe ");
    Files.writeString(file, "cut off\n</review_text>\n");
    assertThatThrownBy(() -> TextSource.of(folder.resolve("books")).read())
        .hasMessageContaining("positive.review:2: The tag </review_text> closes nothing.");
    Files.delete(file);
    assertThatThrownBy(() -> TextSource.of(folder.resolve("books")).read())
        .hasMessageContaining("has no folder with a positive.review or negative.review");
  }

  @Test
  void columnsDoNotGoWithAFormat() {
    Path file = write("a.jsonl", SNLI.getBytes(UTF_8));
    assertThatThrownBy(
            () ->
                new TextSource(
                        file,
                        TextFormat.NLI,
                        new Columns("sentence1", null, null, null),
                        List.of(),
                        new FileRules())
                    .read())
        .hasMessageContaining("The format nli says itself where text and label stand")
        .hasMessageContaining("Maybe the format 'table' was meant.");
  }

  /** A packed file of many pairs, some of them disputed. */
  @Test
  void readsManyPackedPairs() throws IOException {
    Path plain = OwnTexts.pairs(folder.resolve("plain.jsonl"));
    Path packed = write("snli.jsonl.gz", gzip(Files.readString(plain)));
    TextSet set = TextSource.of(packed).read();
    Map<String, Long> counts =
        set.examples().stream()
            .collect(
                java.util.stream.Collectors.groupingBy(
                    Example::label, java.util.stream.Collectors.counting()));
    long each = OwnTexts.PREMISES;
    assertThat(counts)
        .isEqualTo(Map.of("entailment", each, "neutral", each, "contradiction", each));
    assertThat(set.remarks())
        .anyMatch(
            remark ->
                remark.endsWith(
                    "%d pairs without an agreed label are left out.".formatted(OwnTexts.DISPUTED)));
  }

  private TextSet read(String name, String content) {
    return read(name, content, UTF_8);
  }

  private TextSet read(String name, String content, Charset charset) {
    return TextSource.of(write(name, content.getBytes(charset))).read();
  }

  private Path write(String name, byte[] content) {
    try {
      return Files.write(folder.resolve(name), content);
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private static byte[] gzip(String text) throws IOException {
    var bytes = new ByteArrayOutputStream();
    try (var out = new GZIPOutputStream(bytes)) {
      out.write(text.getBytes(UTF_8));
    }
    return bytes.toByteArray();
  }
}
