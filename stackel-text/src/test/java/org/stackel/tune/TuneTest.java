package org.stackel.tune;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.stackel.config.InvalidInputException;
import org.stackel.predict.Predict;
import org.stackel.run.ResultDirectory;
import org.stackel.run.RunDirectory.IfExists;

/** {@code Tune} on files of every kind. */
class TuneTest {
  @TempDir Path folder;

  private Path file(String name, String text) {
    try {
      return Files.writeString(folder.resolve(name), text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Rows of three numbers, of which the first decides the class, in the format of the name. */
  private Path rows(String name, int count, long seed) {
    var random = new Random(seed);
    var text = new StringBuilder();
    if (name.endsWith(".csv")) {
      text.append("id,a,b,c,label\n");
    } else if (name.endsWith(".tsv")) {
      text.append("a\tb\tc\tlabel\n");
    }
    for (int i = 0; i < count; i++) {
      double a = random.nextGaussian();
      double b = 100 * random.nextGaussian();
      double c = random.nextInt(4) == 0 ? 1 : 0;
      String label = a + .3 * random.nextGaussian() > 0 ? "yes" : "no";
      String format =
          name.endsWith(".csv")
              ? i + ",%1$.4f,%2$.4f,%3$.1f,%4$s\n"
              : name.endsWith(".tsv")
                  ? "%1$.4f\t%2$.4f\t%3$.1f\t%4$s\n"
                  : name.endsWith(".jsonl")
                      ? "{\"a\": %1$.4f, \"b\": %2$.4f, \"c\": %3$.1f, \"label\": \"%4$s\"}\n"
                      : "%4$s 1:%1$.4f 2:%2$.4f" + (c > 0 ? " 3:%3$.1f" : "") + "\n";
      text.append(String.format(Locale.ROOT, format, a, b, c, label));
    }
    return file(name, text.toString());
  }

  private Tuned tuned(Tune tune) {
    Tuned tuned = tune.withSearch(5).withSteps(8).withThreads(1).run();
    ResultDirectory directory = ResultDirectory.create(folder.resolve("out"), IfExists.REPLACE);
    tuned.write(directory);
    directory.finish(tuned.sheet());
    return tuned;
  }

  /** What the model that was left says about labelled rows. */
  private Predict.Predicted predicted(Path file) {
    return Predict.builder()
        .model(folder.resolve("out").toString())
        .file(file.toString())
        .label("label")
        .build()
        .to(folder.resolve("predicted-" + file.getFileName()));
  }

  @ParameterizedTest
  @ValueSource(strings = {"train.csv", "train.tsv", "train.jsonl", "train.svm"})
  void everyFormatIsRead(String name) throws IOException {
    Path test = rows("test-" + name, 60, 2);
    Tuned tuned =
        tuned(Tune.builder().data(rows(name, 200, 1).toString()).test(test.toString()).build());
    Tuned.Result kept = tuned.results().get(tuned.kept());
    assertThat(kept.testAccuracy()).isGreaterThan(.8);
    assertThat(tuned.strengths()).hasSize(3);
    assertThat(Files.readAllLines(folder.resolve("out/strengths.csv"))).hasSize(4);
    Predict.Predicted done = predicted(test);
    double left = tuned.results().get("refit on validation rows too").testAccuracy();
    assertThat(done.accuracy()).isCloseTo(left, within(1e-12));
  }

  @Test
  void theModelOfTheTrainingRowsCanBeLeft() {
    Path test = rows("test.csv", 60, 2);
    String data = rows("train.csv", 200, 1).toString();
    Tuned tuned = tuned(Tune.builder().data(data).test(test.toString()).refit(false).build());
    assertThat(tuned.results()).doesNotContainKey("refit on validation rows too");
    Predict.Predicted done = predicted(test);
    assertThat(done.accuracy())
        .isCloseTo(tuned.results().get(tuned.kept()).testAccuracy(), within(1e-12));
  }

  @Test
  void indicesMayCountFromZero() throws IOException {
    String rows = Files.readString(rows("train.svm", 200, 1));
    Path data = file("zero.svm", rows.replace(" 1:", " 0:").replace(" 2:", " 1:"));
    Tuned tuned = tuned(Tune.builder().data(data.toString()).build());
    assertThat(tuned.features()).containsExactly("0", "1", "2", "3");
    assertThat(tuned.sheet().notes()).anyMatch(note -> note.contains("--first-index 1"));
    Path test = file("test.svm", "yes 0:2 9:1 # more\nno 0:-2 qid:3\n");
    Path out = folder.resolve("predicted.csv");
    Predict predict =
        Predict.builder().model(folder.resolve("out").toString()).file(test.toString()).build();
    Predict.Predicted done = predict.withLabel("label").withProbabilities(true).to(out);
    assertThat(Files.readString(out).replace("\r", ""))
        .matches(
            "line,label,predicted,probability,probability no,probability yes\n"
                + "1,yes,yes,([0-9.]+),[0-9.E-]+,\\1\n2,no,,,,\n");
    assertThat(done.remarks())
        .anyMatch(remark -> remark.contains("1 numbers have an index above 3"))
        .anyMatch(remark -> remark.contains("test.svm:2: 'qid:3' is no index:value"));
    assertThatThrownBy(() -> Tune.builder().data(data.toString()).firstIndex(1).build().run())
        .hasMessageContaining("zero.svm:1: '0:")
        .hasMessageContaining("Maybe the file counts from 0: --first-index 0");
  }

  @Test
  void whatWouldBeMisreadIsRefused() {
    String doubled = file("doubled.csv", "a,label,label\n1,x,y\n2,y,x\n").toString();
    assertThatThrownBy(() -> Tune.builder().data(doubled).build().run())
        .hasMessageContaining("doubled.csv:1: The column 'label' stands twice in the header");
    String comma = file("comma.csv", "a;b;label\n1,5;1;x\n2;2;y\n").toString();
    assertThatThrownBy(() -> Tune.builder().data(comma).build().run())
        .hasMessageContaining("comma.csv:2: The column 'a' is '1,5'; it must be a number")
        .hasMessageContaining("Maybe the comma is a decimal comma");
  }

  /** It is asked within every fit. */
  @Test
  void onlyASearchThatIsCutShortIsStopped() {
    Tune tune = Tune.builder().data(rows("train.csv", 60, 1).toString()).steps(2).search(2).build();
    var asked = new java.util.concurrent.atomic.AtomicInteger();
    tune.run(() -> asked.incrementAndGet() < 0, said -> {});
    int all = asked.get();
    asked.set(0);
    Tuned whole = tune.run(() -> asked.incrementAndGet() > all, said -> {});
    assertThat(whole.stopped()).as("there was nothing more to search").isFalse();
    asked.set(0);
    Tuned cut = tune.run(() -> asked.incrementAndGet() > all - 1, said -> {});
    assertThat(cut.stopped()).isTrue();
    assertThat(cut.sheet().notes().get(0)).contains("is not refit on validation rows");
    var said = new java.util.ArrayList<String>();
    Tuned earlier =
        tune.run(() -> said.stream().anyMatch(each -> each.startsWith("random")), said::add);
    assertThat(earlier.stopped()).isTrue();
    assertThat(earlier.sheet().notes()).anyMatch(note -> note.contains("during the random search"));
    assertThat(tune.run(() -> true, each -> {})).as("nothing was found").isNull();
  }

  @Test
  void aStoppedSearchIsTheBestUntilThen() {
    var said = new java.util.ArrayList<String>();
    Tune tune = Tune.builder().data(rows("train.csv", 200, 1).toString()).build();
    Tuned tuned =
        tune.run(() -> said.stream().anyMatch(each -> each.startsWith("strength")), said::add);
    assertThat(tuned.stopped()).isTrue();
    assertThat(tuned.results()).containsKey("one strength").doesNotContainKey("random search");
    assertThat(tuned.sheet().notes().get(0)).startsWith("The command was stopped");
    assertThat(tuned.sheet().result()).doesNotContain("random search");
  }

  @Test
  void textsAreReadByTheirWords() {
    var text = new StringBuilder("text,label\n");
    var random = new Random(0);
    for (int i = 0; i < 160; i++) {
      boolean isTree = i % 2 == 0;
      text.append("word").append(random.nextInt(30)).append(isTree ? " leaf" : " stone");
      text.append(" word").append(random.nextInt(30)).append(isTree ? ",plant\n" : ",thing\n");
    }
    Path data = file("texts.csv", text.toString());
    Tuned tuned = tuned(Tune.builder().data(data.toString()).test(data.toString()).build());
    assertThat(tuned.features()).contains("leaf", "stone");
    Predict.Predicted done = predicted(data);
    assertThat(done.accuracy())
        .isCloseTo(
            tuned.results().get("refit on validation rows too").testAccuracy(), within(1e-12));
    assertThat(tuned.sheet().notes()).anyMatch(note -> note.contains("(TF-IDF)"));
  }

  @Test
  void groupsShareAStrength() {
    Path groups = file("groups.csv", "feature,group\na,first\nb,rest\nc,rest\n");
    Tune tune =
        Tune.builder()
            .data(rows("train.csv", 200, 1).toString())
            .strengths(Tune.Strengths.GROUP)
            .groups(groups.toString())
            .build();
    Tuned tuned = tuned(tune);
    assertThat(tuned.results().get("one strength for each group").strengths()).isEqualTo(2);
    assertThat(tuned.strengths()[1]).isEqualTo(tuned.strengths()[2]);
    file("groups.csv", "feature,group\na,first\nbb,rest\n");
    assertThatThrownBy(tune::run)
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("groups.csv:3: There is no feature 'bb'");
  }

  @Test
  void numbersThatHardlyRepeatAreNoClasses() {
    var csv = new StringBuilder("a,b,target\n");
    var random = new Random(0);
    for (int i = 0; i < 120; i++) {
      double a = random.nextGaussian();
      csv.append(
          String.format(Locale.ROOT, "%.4f,%.4f,%.4f\n", a, random.nextGaussian(), 3 * a + 1));
    }
    Tuned tuned =
        tuned(Tune.builder().data(file("numbers.csv", csv.toString()).toString()).build());
    assertThat(tuned.results().get(tuned.kept()).testLoss()).isLessThan(.01);
    assertThat(tuned.sheet().notes()).anyMatch(note -> note.contains("--loss softmax"));
  }

  /** Filled in, the rows would take 3.6 GB in single precision, more than the memory of tests. */
  @Test
  void sparseRowsStaySparse() {
    var text = new StringBuilder();
    for (int i = 0; i < 3_000; i++) {
      text.append(i % 2 == 0 ? "+1 " : "-1 ").append(1 + i % 2).append(":1 ");
      text.append(297_001 + i).append(":0.5\n");
    }
    Tuned tuned =
        tuned(
            Tune.builder()
                .data(file("wide.svm", text.toString()).toString())
                .strengths(Tune.Strengths.ONE)
                .build());
    assertThat(tuned.features()).hasSize(300_000);
    assertThat(tuned.results().get(tuned.kept()).testAccuracy()).isEqualTo(1);
  }

  @Test
  void wrongDataAreRefused() {
    assertThatThrownBy(
            () ->
                Tune.builder()
                    .data(file("a.csv", "x,y\n1,2\n").toString())
                    .label("z")
                    .build()
                    .run())
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("There is no column 'z' for the label");
    assertThatThrownBy(
            () ->
                Tune.builder().data(file("b.csv", "x,label\n1,a\n?,b\n").toString()).build().run())
        .hasMessageContaining("No column holds numbers");
    assertThatThrownBy(
            () -> Tune.builder().data(file("c.svm", "1 1:2 1:3\n").toString()).build().run())
        .hasMessageContaining("c.svm:1: The index 1 follows 1; indices must rise");
  }
}
