package org.stackel.clean;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.stackel.config.InvalidInputException;
import org.stackel.data.FileRules;
import org.stackel.data.Table;
import org.stackel.predict.Predict;
import org.stackel.predict.Prediction;
import org.stackel.tensor.Seed;

/** Cleaning of small files of every kind. */
class CleanTest {
  private static final List<String> CLASSES = List.of("billing", "login", "shipping");
  private static final String[][] WORDS = {
    {"invoice", "refund", "charge", "payment", "receipt", "price"},
    {"password", "account", "login", "email", "reset", "code"},
    {"parcel", "delivery", "courier", "address", "late", "box"}
  };

  @TempDir Path temp;
  private Path train;
  private Path trusted;
  private boolean[] wrong;

  /** 240 tickets of three classes; a sixth of the labels are moved to the next class. */
  @BeforeEach
  void writeTickets() throws IOException {
    wrong = new boolean[240];
    train = write("train.csv", 240, 1 / 6.0, 1);
    trusted = write("trusted.csv", 45, 0, 2);
  }

  private Path write(String name, int rows, double rate, long seed) throws IOException {
    SplittableRandom random = new Seed(seed).generator();
    var text = new StringBuilder("\uFEFFticket id;message;hours;label\r\n");
    for (int i = 0; i < rows; i++) {
      int truth = i % 3; // a pattern that no split of rows may follow
      var words = new ArrayList<String>();
      for (int k = 0; k < 6; k++) {
        int topic = random.nextDouble() < 0.85 ? truth : random.nextInt(3);
        words.add(WORDS[topic][random.nextInt(6)]);
      }
      boolean isWrong = random.nextDouble() < rate;
      if (rate > 0) {
        wrong[i] = isWrong;
      }
      text.append(
          "T-%d;\"%s; \"\"please\"\"\n%d\";%.1f;%s\r\n"
              .formatted(
                  i,
                  String.join(" ", words),
                  i,
                  10.0 * truth + random.nextDouble(),
                  CLASSES.get(isWrong ? (truth + 1) % 3 : truth)));
    }
    return Files.writeString(temp.resolve(name), text.toString());
  }

  private Clean options() {
    return new Clean()
        .withTrain(train.toString())
        .withTrusted(trusted.toString())
        .withTimeBudget(50); // without bilevel weights, which take seconds
  }

  private static List<String> column(Path file, String name) {
    Table table = Table.read(file, null);
    int column = table.column(name, "the test");
    return IntStream.range(0, table.size())
        .mapToObj(row -> String.valueOf(table.cell(row, column)))
        .toList();
  }

  private double recall(Path directory) {
    List<String> suspected = column(directory.resolve("weights.csv"), "suspected");
    int hits = 0;
    int all = 0;
    for (int i = 0; i < wrong.length; i++) {
      all += wrong[i] ? 1 : 0;
      hits += wrong[i] && suspected.get(i).equals("true") ? 1 : 0;
    }
    return (double) hits / all;
  }

  @Test
  void everyRowIsJudgedInItsOrderAndTheCopyKeepsTheRest() throws IOException {
    Path out = temp.resolve("with blank");
    CleanResult result = options().to(out, CleanListener.NONE);
    assertThat(result.rows()).isEqualTo(240);
    assertThat(column(out.resolve("weights.csv"), "ticket id"))
        .startsWith("T-0", "T-1")
        .endsWith("T-239");
    assertThat(column(out.resolve("weights.csv"), "record")).endsWith("240");
    assertThat(column(out.resolve("weights.csv"), "line")).startsWith("2", "4");
    assertThat(recall(out)).isGreaterThan(0.9);
    assertThat(result.suspected()).isBetween(25, 60);
    assertThat(result.verdict()).contains("trusted rows left out");
    assertThat(result.remarks()).anyMatch(each -> each.contains("'message' is taken for the text"));

    String before = Files.readString(train);
    String after = Files.readString(out.resolve("corrected.csv"));
    String[] old = before.split("\r\n");
    String[] now = after.split("\r\n");
    assertThat(now).hasSameSizeAs(old);
    assertThat(now[0]).isEqualTo(old[0]);
    int changed = 0;
    for (int i = 1; i < old.length; i++) {
      String kept = old[i].substring(0, old[i].lastIndexOf(';'));
      assertThat(now[i]).startsWith(kept);
      changed += now[i].equals(old[i]) ? 0 : 1;
    }
    assertThat(changed).isEqualTo(result.suspected());
    theSavedModelSaysTheSame(out);
  }

  private void theSavedModelSaysTheSame(Path out) throws IOException {
    CleanModel model = CleanModel.load(out);
    Map<String, String> row = Map.of("message", "parcel courier delivery late");
    Prediction once = model.predict(row);
    assertThat(once.predicted()).isEqualTo("shipping");
    Path again = temp.resolve("again");
    model.save(again);
    assertThat(CleanModel.load(again).predict(row).probabilities()).isEqualTo(once.probabilities());
  }

  @Test
  @Tag("slow")
  void resultsDependOnTheSeedAlone() throws IOException {
    options().withThreads(1).to(temp.resolve("a"), CleanListener.NONE);
    options().withThreads(3).to(temp.resolve("b"), CleanListener.NONE);
    assertThat(temp.resolve("a/weights.csv"))
        .hasSameTextualContentAs(temp.resolve("b/weights.csv"));
  }

  @Test
  @Tag("slow")
  void numbersAndCategoriesAndMixesAreRead() throws IOException {
    Path out = temp.resolve("out");
    CleanResult result =
        options()
            .withFeatures(List.of("hours"))
            .withFix(Clean.Fix.DROP)
            .to(out, CleanListener.NONE);
    assertThat(recall(out)).isGreaterThan(0.95);
    assertThat(column(out.resolve("corrected.csv"), "label")).hasSize(240 - result.suspected());
    assertThat(result.features()).startsWith("columns");
    CleanResult mixed =
        options()
            .withText(List.of("message"))
            .withFeatures(List.of("hours"))
            .withFix(Clean.Fix.MARK)
            .to(temp.resolve("mixed"), CleanListener.NONE);
    assertThat(mixed.remarks()).anyMatch(each -> each.contains("as numbers 'hours'"));
    assertThat(column(temp.resolve("mixed/corrected.csv"), "suspected"))
        .filteredOn("true"::equals)
        .hasSize(mixed.suspected());
  }

  @Test
  @Tag("slow")
  void withoutTrustedRowsThereIsAFileToCheck() {
    Path out = temp.resolve("out");
    CleanResult result = options().withTrusted("").to(out, CleanListener.NONE);
    assertThat(result.verdict()).contains("to-check.csv", "confident learning alone");
    assertThat(result.wrongShare()).isNull();
    assertThat(column(out.resolve("to-check.csv"), "message")).hasSize(100);
    assertThat(recall(out)).isGreaterThan(0.5);
  }

  @Test
  @Tag("slow")
  void decisionsAreAppliedAndTheFirstRowsMayBeTrusted() throws IOException {
    Path out = temp.resolve("out");
    Table table = Table.read(train, null);
    String label = table.cell(70, 3);
    String other = label.equals("login") ? "billing" : "login";
    Path decisions =
        Files.writeString(
            temp.resolve("decisions.csv"),
            "record,line,label,decision,new_label,sha256\n71,142,%s,change,%s,%s\n72,144,%s,unsure,,%s\n"
                .formatted(label, other, table.sha256(), table.cell(71, 3), table.sha256()));
    for (int i = 0; i < 60; i++) {
      wrong[i] = false;
    }
    CleanResult result =
        options()
            .withTrusted("")
            .withTrustedRows(60)
            .withDecisions(decisions.toString())
            .to(out, CleanListener.NONE);
    assertThat(result.trusted()).isEqualTo(61);
    assertThat(column(out.resolve("weights.csv"), "suspicion").subList(0, 60))
        .containsOnly("0.00000");
    assertThat(column(out.resolve("corrected.csv"), "label").get(70)).isEqualTo(other);

    Files.writeString(
        decisions, "record,line,label,decision,new_label,sha256\n71,142,login,keep,,0123\n");
    assertThatThrownBy(
            () -> options().withDecisions(decisions.toString()).to(out, CleanListener.NONE))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("about another file");
  }

  @Test
  @Tag("slow")
  void embeddingsAndSparsePairsAreRead() throws IOException {
    Table table = Table.read(train, null);
    var vectors = ByteBuffer.allocate(240 * 2 * 4).order(ByteOrder.LITTLE_ENDIAN);
    var libsvm = new StringBuilder();
    for (int row = 0; row < 240; row++) {
      double hours = Double.parseDouble(String.valueOf(table.cell(row, 2)));
      vectors.putFloat((float) Math.cos(hours / 5)).putFloat((float) Math.sin(hours / 5));
      libsvm.append(
          String.format(
              Locale.ROOT,
              "%d %d:1 9:%.2f%n",
              CLASSES.indexOf(table.cell(row, 3)),
              1 + (int) hours / 10,
              0.01 * row));
    }
    String header = "{'descr': '<f4', 'fortran_order': False, 'shape': (240, 2), }";
    var file = ByteBuffer.allocate(10 + header.length() + vectors.capacity());
    file.put(new byte[] {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0, (byte) header.length(), 0});
    file.put(header.getBytes(StandardCharsets.ISO_8859_1)).put(vectors.array());
    Files.write(temp.resolve("e.npy"), file.array());
    for (int i = 0; i < 60; i++) {
      wrong[i] = false;
    }
    Path clean = temp.resolve("clean.csv");
    Files.writeString(clean, rightAtTheStart());
    Clean both = options().withTrusted("").withTrustedRows(60);
    Path npy = temp.resolve("npy");
    both.withTrain(clean.toString())
        .withFeatures(List.of(temp.resolve("e.npy").toString()))
        .to(npy, CleanListener.NONE);
    assertThat(recall(npy)).isGreaterThan(0.9);
    theModelReadsEmbeddings(npy, table);
    Path sparse = Files.writeString(temp.resolve("train.libsvm"), libsvm.toString());
    CleanResult result =
        both.withTrain(sparse.toString()).to(temp.resolve("sparse"), CleanListener.NONE);
    assertThat(result.classes()).containsExactly("0", "1", "2");
    assertThat(temp.resolve("sparse/corrected.libsvm")).exists();
  }

  private void theModelReadsEmbeddings(Path run, Table table) {
    Path out = temp.resolve("predicted.csv");
    Predict.Predicted done =
        Predict.builder()
            .model(run.toString())
            .file(temp.resolve("e.npy").toString())
            .build()
            .to(out);
    assertThat(done.rows()).isEqualTo(240);
    assertThat(Table.read(out, null).columns())
        .containsExactly("e1", "e2", "predicted", "probability");
    List<String> predicted = column(out, "predicted");
    int right = 0;
    for (int row = 0; row < 240; row++) {
      int truth = (int) Double.parseDouble(String.valueOf(table.cell(row, 2))) / 10;
      right += predicted.get(row).equals(CLASSES.get(truth)) ? 1 : 0;
    }
    assertThat(right).isGreaterThan(216);
    CleanModel model = CleanModel.load(run);
    model.check(List.of("1.5", "NA"));
    assertThatThrownBy(() -> model.check(List.of("1,5", "NA")))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageStartingWith("The column 'e1' is '1,5'; it must be a number")
        .hasMessageContaining("Maybe the comma is a decimal comma");
  }

  /** The file with right labels in its first 60 rows, which the column of hours tells. */
  private String rightAtTheStart() throws IOException {
    Table table = Table.read(train, null);
    var edits = table.edits();
    for (int row = 0; row < 60; row++) {
      double hours = Double.parseDouble(String.valueOf(table.cell(row, 2)));
      edits.set(row, 3, CLASSES.get((int) hours / 10));
    }
    return new String(edits.bytes(), StandardCharsets.UTF_8);
  }

  /** A file of numbers, then the decisions on some of its records. */
  private Clean decided(String data, String decisions) throws IOException {
    Path file = Files.writeString(temp.resolve("repeated.csv"), data);
    String sha256 = Table.read(file, null).sha256();
    Path decided =
        Files.writeString(
            temp.resolve("decisions.csv"),
            "record,label,decision,new_label,sha256\n"
                + decisions.replaceAll("(?m)$", "," + sha256));
    return options()
        .withTrain(file.toString())
        .withTrusted("")
        .withDecisions(decided.toString())
        .withRules(new FileRules().withDropDuplicates(true));
  }

  @Test
  void ofEqualRowsTheDecidedOneStays() throws IOException {
    var rows = new StringBuilder("size,label\n7.5,small\n7.5,small\n7.5 ,small\n");
    var decisions = new StringBuilder("2,small,change,large\n3,small,keep,");
    for (int i = 0; i < 60; i++) {
      rows.append(i).append(i < 30 ? ",small\n" : ",large\n");
      if (i % 3 == 0) {
        decisions.append("\n%d,%s,keep,".formatted(i + 4, i < 30 ? "small" : "large"));
      }
    }
    CleanData data = CleanData.read(decided(rows.toString(), decisions.toString()));
    assertThat(data.repeated()).as("it repeats two that are decided").containsExactly(0);
    assertThat(data.knownRows()).contains(1, 2).hasSize(22);
  }

  @Test
  void testRowsAreNotTrained() throws IOException {
    var rows = new ArrayList<String>();
    for (int i = 0; i < 60; i++) {
      rows.add(7 * i % 60 + (i % 2 == 0 ? ",small" : ",large"));
    }
    Path all = Files.writeString(temp.resolve("all.csv"), "size,label\n" + String.join("\n", rows));
    Path test = Files.writeString(temp.resolve("test.csv"), "size,label\n21 ,large\n8,small\n");
    Clean clean =
        options()
            .withTrain(all.toString())
            .withTrusted("")
            .withTrustedRows(20)
            .withTest(test.toString())
            .withRules(new FileRules().withDropDuplicates(true));
    CleanData data = CleanData.read(clean);
    assertThat(data.repeated()).containsExactlyInAnyOrder(3, 44);
    assertThat(data.knownRows()).hasSize(19).doesNotContain(3);
    Path other =
        Files.writeString(temp.resolve("other.csv"), "size,label\n9" + String.join("\n9", rows));
    Clean apart = clean.withTrain(other.toString()).withTrustedRows(0);
    CleanData both = CleanData.read(apart.withTrusted(all.toString()));
    assertThat(both.trustedRows()).hasSize(58).doesNotContain(3, 44);
    assertThat(both.remarks()).anyMatch(each -> each.contains("2 of 2 examples are in " + all));
  }

  @Test
  void mistakesAreExplained() throws IOException {
    assertThatThrownBy(
            () -> options().withLabel("labels").to(temp.resolve("out"), CleanListener.NONE))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("There is no column 'labels' for the label");
    Path few = write("few.csv", 4, 0, 3);
    assertThatThrownBy(
            () -> options().withTrusted(few.toString()).to(temp.resolve("out"), CleanListener.NONE))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("4 trusted rows");
    assertThat(temp.resolve("out")).doesNotExist();
  }

  private void refused(String data, String trusted, String why) throws IOException {
    Path file = Files.writeString(temp.resolve("data.csv"), data);
    Path right = Files.writeString(temp.resolve("right.csv"), trusted);
    Clean clean =
        options().withTrain(file.toString()).withTrusted(trusted.isEmpty() ? "" : right.toString());
    assertThatThrownBy(() -> CleanData.read(clean))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining(why);
  }

  @Test
  void whatWouldBeMisreadIsRefused() throws IOException {
    String rows = "size;label\n3,5;true\n4;false\n;true\nNA;false\n";
    refused(rows, "", "data.csv:2: The column 'size' is '3,5'; it must be a number with a decimal");
    String points = rows.replace(',', '.');
    refused(
        points,
        "size,label\n8,TRUE\n9,FALSE\n",
        "the first has 'TRUE', and the classes are 'true', 'false'.\nMaybe --merge-classes case");
    refused("size,label\n8,a\n9,b\n7,c\n5,a\n", "", "The 4 labels show 3 classes");
  }

  @Test
  void marksHaveColumnsOfTheirOwn() throws IOException {
    Path file = Files.writeString(temp.resolve("data.csv"), "text,suspected,label\na,,x\nb,,y\n");
    Table table = Table.read(file, null);
    var remarks = new ArrayList<String>();
    assertThat(CleanFiles.marks(table, remarks)).containsExactly("suspected2", "suggested");
    assertThat(remarks).hasSize(1);
    Path sparse = Files.writeString(temp.resolve("data.svm"), "1 1:2\n-1 1:3\n1 1:4\n-1 1:5\n");
    assertThatThrownBy(
            () -> CleanData.read(options().withTrain(sparse.toString()).withFix(Clean.Fix.MARK)))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("data.svm: --fix mark adds two columns");
  }

  @Test
  void trustedRowsThatDisagreeDecideNothing() throws IOException {
    Path file =
        Files.writeString(temp.resolve("data.csv"), "size,label\n10,a\n2,b\n3,a\n4,b\n5,a\n6,b\n");
    Path right =
        Files.writeString(
            temp.resolve("right.csv"), "size,label\n10,b\n10,a\n2,a\n2,a\n7,a\n8,b\n");
    Clean clean = options().withTrain(file.toString()).withTrusted(right.toString());
    CleanData data = CleanData.read(clean);
    assertThat(data.known()).containsOnly(Map.entry(1, "a"));
    assertThat(data.remarks())
        .anyMatch(each -> each.contains("1 example is there with different labels"));
    assertThat(data.trustedRows()).hasSize(6);
    clean = clean.withRules(new FileRules().withDropDuplicates(true));
    assertThat(CleanData.read(clean).trustedRows()).hasSize(5);
  }

  @Test
  void emptyRowsAreCounted() throws IOException {
    Path file = Files.writeString(temp.resolve("data.csv"), "text,label\na b,x\n,x\nc,y\n ,y\n");
    CleanData data = CleanData.read(options().withTrain(file.toString()).withTrusted(""));
    assertThat(data.remarks())
        .anyMatch(
            each -> each.contains("2 rows have nothing that the model reads, the first in line 3"));
  }
}
