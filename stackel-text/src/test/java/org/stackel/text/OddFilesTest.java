package org.stackel.text;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.stackel.config.InvalidInputException;
import org.stackel.data.FileRules;

/**
 * Files as people have them: each is read as it was meant, or refused; never misread in silence.
 */
class OddFilesTest {
  @TempDir Path folder;

  private Path write(String name, String content) throws IOException {
    String text =
        content.replace('`', '"').replace("\\n", "\n").replace("\\t", "\t").replace("\\r", "\r");
    return Files.write(folder.resolve(name), text.getBytes(UTF_8));
  }

  private static List<String> said(TextSet set) {
    return set.examples().stream()
        .map(e -> e.label() + ":" + e.text() + (e.text2() == null ? "" : "/" + e.text2()))
        .toList();
  }

  /** What a file says, example by example, and a part of a remark. */
  @ParameterizedTest(name = "{0} {1}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      nullValues = "-",
      value = {
        // labels
        "a.csv|text,label\\na,x\\nb,\\nc, y\\nd,nan\\n|x:a y:c|2 rows are left out",
        "a.jsonl|{\"text\":\"a\",\"label\":1}\\n{\"text\":\"b\",\"label\":1.0}\\n{\"text\":\"c\",\"label\":\"2\"}|1:a 1:b 2:c|several spellings are one class: '1'",
        "a.csv|text,label\\na,Good\\nb,good\\nc,bad\\n|Good:a good:b bad:c|look alike",
        // pairs without an agreed relation
        "a.csv|gold_label,sentence1,sentence2\\nneutral,a,b\\n-,c,d\\ncontradiction,e,f\\n|neutral:a/b contradiction:e/f|1 pairs without an agreed label",
        "a.csv|premise,hypothesis,label\\na,b,0\\nc,d,1\\ne,f,2\\ng,h,-1\\n|entailment:a/b neutral:c/d contradiction:e/f|read as nli",
        "a.csv|premise,hypothesis,label\\na,b,0\\nc,d,1\\ng,h,-1\\n|0:a/b 1:c/d|1 row is left out, having no label ('-1' 1)",
        "a.csv|premise,hypothesis,label\\na,b,1\\nc,d,-1\\n|1:a/b -1:c/d|2 classes",
        "a.csv|text,label\\na,1\\nb,-1\\nc,0\\n|1:a -1:b 0:c|3 classes",
        // extra columns of annotators
        "a.tsv|id\\tsentence1\\tsentence2\\tlabel1\\tgold_label\\n1\\ta\\tb\\tneutral\\tneutral\\n2\\tc\\td\\tneutral\\tentailment\\tentailment\\tentailment\\n|neutral:a/b entailment:c/d|read as nli",
        // no header
        "a.csv|`1`,`bad one`,`poor`\\n`2`,`a good one`,`fine`\\n`1`,`c`,`not it`\\n`2`,`d`,`yes it is`\\n|1:bad one poor 2:a good one fine 1:c not it 2:d yes it is|read as class-first",
        // quotes
        "a.csv|text, label\\na, \"x\"\\n\"b, c\", \"y\"\\n|x:a y:b, c|read without them and the blanks around",
        "a.tsv|text\\tlabel\\r\\n\"a \"\"b\"\"\"\\tx\\r\\nc\\ty\\r\\n|x:a \"b\" y:c|cells in quotes are read without them",
        "a.tsv|text\\tlabel\\n\"a\\tx\\nb\"\\ty\\n|x:\"a y:b\"|-",
        "a.csv|text,label\\n\"a \\\"b\\\" c\",x\\nd,y\\n|x:a \"b\" c y:d|a backslash stands before quotes",
        "a.csv|text,label\\na,x\\n\"b,x\\nc,y\\n\",x\\ne,y\\n|x:a x:b,x\\nc,y y:e|a.csv:3: the text runs over 2 lines, of which one looks like a row",
        // separators
        "a.csv|text;label\\na, b;x\\nc;y\\n|x:a, b y:c|cells are separated by ';'",
        "a.csv|sep=;\\ntext;label\\na;x\\nb;y\\n|x:a y:b|-",
        // columns
        "a.csv|,text,x,x,label\\n0,a,1,1,p\\n1,b,2,2,q\\n|p:a q:b|-",
        "a.csv|text,label,\\na,x,\\nb,y,\\n|x:a y:b|-",
      })
  void isReadAsItWasMeant(String name, String content, String said, String remark)
      throws IOException {
    TextSet set = TextSource.of(write(name, content)).read();
    assertThat(String.join(" ", said(set))).isEqualTo(said.replace("\\n", "\n"));
    if (remark != null) {
      assertThat(set.remarks()).anyMatch(r -> r.contains(remark));
    }
  }

  @ParameterizedTest(name = "{0} {1}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "a.csv|text,label\\na,x\\nb,y,z\\n|a.csv:3: The row has 3 cells; it must have 2",
        "a.csv|text,label\\na,x\\nb\\n|a.csv:3: The row has 1 cell; it must have 2",
        "a.csv|text,label,label\\na,x,y\\n|a.csv:1: The column 'label' stands twice",
        "a.tsv|id\\tsentence1\\tsentence2\\tgold_label\\n1\\ta\\tb\\tneutral\\tentailment\\n|a.tsv:2: The row has 5 cells; the header has 4.",
        "a.jsonl|{\"text\":\"a\",\"label\":1}\\n{\"text\":\"b\",\"text2\":\"c\",\"label\":2}\\n|a.jsonl:1: The object has no text or number under the key 'text2' (the text2).\\nMaybe problem.text=text reads that text alone.",
        "a.csv|good,fine\\nbad,poor\\n|a.csv:1: No column is known to hold the text; the columns are good, fine.",
        "a.csv|1,good one\\n2,bad one\\n|a.csv:1: No column is known to hold the text",
      })
  void isRefused(String name, String content, String message) throws IOException {
    Path file = write(name, content);
    assertThatThrownBy(() -> TextSource.of(file).read())
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining(message.replace("\\n", "\n"))
        .hasMessageContaining("\nMaybe ");
  }

  @Test
  void rulesChangeWhatIsRead() throws IOException {
    Path file = write("r.csv", "text,label\\na,X\\na,x\\na,x\\nb,?\\nc,None\\n");
    var rules =
        new FileRules()
            .withMergeClasses(FileRules.MergeClasses.CASE)
            .withDropDuplicates(true)
            .withNoLabel("?")
            .withKeepLabel("None");
    TextSet set = new TextSource(file, TextFormat.AUTO, Columns.GUESSED, List.of(), rules).read();
    assertThat(said(set)).containsExactly("x:a", "none:c");
    assertThat(set.remarks())
        .anyMatch(r -> r.contains("2 examples repeat others with the same label and are left out"))
        .anyMatch(r -> r.contains("1 row is left out, having no label ('?' 1)"));
  }

  @Test
  void leaksIntoTheTestSetAreSaid() throws IOException {
    Path data = write("d.csv", "text,label\\na,x\\nb,y\\nc,z\\nd,x\\n");
    Path test = write("t.csv", "text,label\\nA ,x\\ne,y\\n");
    var rules = new FileRules();
    LabelledTexts counted = read(data, test, rules);
    assertThat(counted.data()).hasSize(4);
    assertThat(counted.remarks())
        .anyMatch(r -> r.contains("t.csv: 1 of 2 examples are in") && r.contains("d.csv:2"))
        .anyMatch(r -> r.contains("t.csv: no example of the class 'z' (1)"));
    assertThat(read(data, test, rules.withDropDuplicates(true)).data())
        .extracting(Example::text)
        .containsExactly("b", "c", "d");
  }

  private static LabelledTexts read(Path data, Path test, FileRules rules) {
    return LabelledTexts.read(
        data.toString(),
        test.toString(),
        file -> new TextSource(Path.of(file), TextFormat.AUTO, Columns.GUESSED, List.of(), rules),
        new org.stackel.tensor.Seed(0));
  }
}
