package org.stackel.predict;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.stackel.Result;
import org.stackel.Stackel;
import org.stackel.config.InvalidInputException;
import org.stackel.experiment.Draft;
import org.stackel.model.TextClassifier;
import org.stackel.problem.Detection;
import org.stackel.run.RunListener;

/** Models loaded from their files against what their runs measured. */
class PredictTest {
  @TempDir Path folder;

  // ---- data ----------------------------------------------------------------------------------

  /** Words of either class, words of both, and now and then a wrong class. */
  private static List<String[]> texts(int count, long seed) {
    var random = new Random(seed);
    var texts = new ArrayList<String[]>();
    for (int i = 0; i < count; i++) {
      int kind = i % 2;
      var words = new StringBuilder("the number").append(i % 7);
      for (int k = 0; k <= i % 4; k++) {
        int own = random.nextInt(3) == 0 ? 1 - kind : kind;
        words.append(own == 1 ? " tree" : " river").append(k == 3 ? "" : " small");
      }
      texts.add(
          new String[] {words.toString(), "a leaf number" + i % 5, kind == 1 ? "up" : "down"});
    }
    return texts;
  }

  private Path file(String name, List<String[]> rows, String header) {
    var csv = new StringBuilder(header).append('\n');
    rows.forEach(row -> csv.append(String.join(",", row)).append('\n'));
    try {
      return Files.writeString(folder.resolve(name), csv);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Result run(Map<String, Object> problem, String dtype) {
    var experiment =
        Draft.of(
                "test",
                Map.of(
                    "problem",
                    problem,
                    "algorithm",
                    Map.of("type", "slip", "upperLr", .05),
                    "steps",
                    5,
                    "dtype",
                    dtype))
            .experiment();
    return Stackel.run(experiment, folder.resolve("run"), new RunListener() {});
  }

  // ---- texts ---------------------------------------------------------------------------------

  static Stream<Arguments> classifiers() {
    Map<String, Object> shared =
        Map.of(
            "heads",
            "shared",
            "split",
            "examples",
            "ways",
            2,
            "shots",
            2,
            "queries",
            2,
            "tasks",
            6,
            "testTasks",
            4,
            "taskBatch",
            3,
            "featureScale",
            .5);
    return Stream.of(
        Arguments.of("data-cleaning", Map.of(), "float32"),
        Arguments.of("data-cleaning", Map.of("vectors", "tfidf"), "float64"),
        Arguments.of("data-cleaning", Map.of("encoder", "mean-rnn"), "float64"),
        Arguments.of("data-cleaning", Map.of("encoder", "pair"), "float32"),
        Arguments.of("data-cleaning", Map.of("encoder", "transformer"), "float32"),
        Arguments.of("deep-auc", Map.of(), "float32"),
        Arguments.of("deep-auc", Map.of("logits", 2, "score", "difference"), "float64"),
        Arguments.of("regularization", Map.of("encoder", "gru"), "float32"),
        Arguments.of("hyper-representation", shared, "float32"));
  }

  @ParameterizedTest(name = "{0} {1}")
  @MethodSource("classifiers")
  void aModelIsWhatItsRunMeasured(String type, Map<String, Object> more, String dtype)
      throws IOException {
    List<String[]> held = texts(60, 2);
    var problem = new LinkedHashMap<String, Object>(Map.of("type", type));
    problem.put("data", file("data.csv", texts(120, 1), "text,text2,label").toString());
    Path test = file("test.csv", held, "text,text2,label");
    problem.put("test", test.toString());
    if (!type.equals("hyper-representation")) {
      problem.putAll(Map.of("batch", 16));
    }
    if (type.equals("data-cleaning")) {
      problem.put("retraining", Map.of("steps", 5, "lr", 1e-2, "batch", 16));
    }
    if (type.equals("deep-auc") || type.equals("regularization")) {
      problem.putAll(Map.of("trainSize", 80, "testSize", 0));
    }
    problem.putAll(more);
    Result result = run(problem, dtype);

    Path out = folder.resolve("out.csv");
    Predict.Predicted done =
        Predict.builder()
            .model(folder.resolve("run").toString())
            .file(test.toString())
            .label("label")
            .probabilities(true)
            .build()
            .to(out);
    assertThat(done.rows()).isEqualTo(60);
    assertThat(done.compared()).isEqualTo(60);
    List<String[]> rows =
        Files.readAllLines(out).stream().skip(1).map(line -> line.split(",")).toList();
    if (type.equals("deep-auc")) {
      boolean[] up = new boolean[60];
      double[] scores = new double[60];
      for (int i = 0; i < 60; i++) {
        up[i] = held.get(i)[2].equals(positive());
        scores[i] = Double.parseDouble(rows.get(i)[6]);
      }
      assertThat(Detection.auroc(scores, up))
          .isCloseTo(result.metrics().get("testAuc"), within(1e-3));
    } else if (!type.equals("hyper-representation")) {
      String key = type.equals("data-cleaning") ? "retrainAccuracy" : "testAccuracy";
      assertThat(done.accuracy()).isCloseTo(result.metrics().get(key), within(1e-9));
    }
    try (var classifier = TextClassifier.load(folder.resolve("run/model"))) {
      for (int i = 0; i < 60; i += 7) {
        double[] own = classifier.probabilities(held.get(i)[0], held.get(i)[1]);
        assertThat(own[0] + own[1]).isCloseTo(1, within(1e-6));
        assertThat(classifier.predict(held.get(i)[0], held.get(i)[1])).isEqualTo(rows.get(i)[3]);
        assertThat(Double.parseDouble(rows.get(i)[5])).isCloseTo(own[0], within(1e-6));
      }
    }
  }

  private String positive() {
    try {
      return Files.readString(folder.resolve("run/model/config.json"))
          .replaceAll("(?s).*\"positive\": \"(\\w+)\".*", "$1");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  // ---- files ---------------------------------------------------------------------------------

  private Predict cleaned(String file) {
    run(
        Map.of(
            "type",
            "data-cleaning",
            "data",
            file("data.csv", texts(120, 1), "text,other,label").toString()),
        "float32");
    return Predict.builder()
        .model(folder.resolve("run").toString())
        .file(folder.resolve(file).toString())
        .build();
  }

  @Test
  void theFileStaysAsItIs() throws IOException {
    Predict predict = cleaned("new.csv").withText("body");
    String head = "\uFEFFid;body;predicted";
    String first = "\r\n1;\"a \"\"small\"\" tree;\r\nor two\";x";
    String second = "\r\n2;;y";
    Files.writeString(Path.of(predict.file()), head + first + second + "\r\n");
    Path out = folder.resolve("out.csv");
    Predict.Predicted done = predict.to(out);
    assertThat(Files.readString(out))
        .matches(
            "(?s)\\Q%s\\E;predicted2;probability\\Q%s\\E;(up|down);0[.][0-9]+\\Q%s\\E;;\r\n"
                .formatted(head, first, second));
    assertThat(done.rows()).isEqualTo(2);
    assertThat(done.empty()).isEqualTo(1);
    assertThat(done.remarks())
        .anyMatch(remark -> remark.contains("column 'predicted' already"))
        .anyMatch(remark -> remark.matches(".*1 of 2 rows .*new.csv:4: The text is empty.*"));
  }

  @Test
  void objectsAndOtherEncodingsAreRead() throws IOException {
    Predict predict = cleaned("new.jsonl");
    Files.writeString(
        Path.of(predict.file()), "{\"n\": 1, \"text\": \"small tree\"}\n{\"text\":\"the river\"}");
    Path out = folder.resolve("out.jsonl");
    assertThat(predict.to(out).remarks()).anyMatch(remark -> remark.contains("--text names"));
    assertThat(Files.readString(out))
        .matches(
            "(?s)\\Q{\"n\": 1, \"text\": \"small tree\"\\E, \"predicted\": \"(up|down)\", \"probability\": [0-9.]+\\}\n"
                + "\\{\"text\":\"the river\", \"predicted\": \"(up|down)\", \"probability\": [0-9.]+\\}");

    Path latin = folder.resolve("latin.tsv");
    Files.write(
        latin, "text\tn\nun \u00E9l\u00E8ve tree\t1\n".getBytes(StandardCharsets.ISO_8859_1));
    Path written = folder.resolve("out.tsv");
    predict.withFile(latin.toString()).to(written);
    assertThat(Files.readString(written, StandardCharsets.ISO_8859_1))
        .startsWith("text\tn\tpredicted\tprobability\nun \u00E9l\u00E8ve tree\t1\t");
  }

  @Test
  void whatDoesNotFitIsRefused() throws IOException {
    Predict predict = cleaned("new.csv");
    Files.writeString(Path.of(predict.file()), "a,b\n1,2\n");
    assertThatThrownBy(() -> predict.to(folder.resolve("out.csv")))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("new.csv:1: No column is known to hold the text")
        .hasMessageContaining("Maybe --text");
    assertThatThrownBy(() -> TextClassifier.load(folder))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("There is no model here");
    Path config = folder.resolve("run/model/config.json");
    Files.writeString(config, Files.readString(config).replaceFirst("\"format\".*", ""));
    assertThatThrownBy(() -> predict.to(folder.resolve("out.csv")))
        .hasMessageContaining("an earlier version of Stackel wrote it");
  }

  @Test
  void encodersForNewTasksHaveNoClasses() {
    run(
        Map.of(
            "type",
            "hyper-representation",
            "split",
            "examples",
            "ways",
            2,
            "shots",
            2,
            "queries",
            2,
            "tasks",
            6,
            "testTasks",
            4,
            "data",
            file("data.csv", texts(120, 1), "text,text2,label").toString()),
        "float32");
    assertThatThrownBy(() -> TextClassifier.load(folder.resolve("run")))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("stackel adapt");
  }

  // ---- numbers -------------------------------------------------------------------------------

  @ParameterizedTest
  @MethodSource("losses")
  void linearModelsAreLoaded(String loss, String scaling) throws IOException {
    var random = new Random(3);
    var rows = new ArrayList<String[]>();
    for (int i = 0; i < 90; i++) {
      double a = random.nextGaussian();
      double b = 5 + 3 * random.nextGaussian();
      int kind = a + .3 * b + .3 * random.nextGaussian() > 1.5 ? 1 : 0;
      rows.add(new String[] {String.valueOf(a), String.valueOf(b), "1", String.valueOf(kind)});
    }
    Path train = file("train.csv", rows.subList(0, 60), "a,b,one,label");
    Path test = file("test.csv", rows.subList(60, 90), "a,b,one,label");
    Result result =
        run(
            Map.of(
                "type",
                "logistic-hpo",
                "data",
                train.toString(),
                "test",
                test.toString(),
                "loss",
                loss,
                "scaling",
                scaling),
            "float64");
    Path out = folder.resolve("out.csv");
    Predict.Predicted done =
        Predict.builder()
            .model(folder.resolve("run").toString())
            .file(test.toString())
            .label("label")
            .build()
            .to(out);
    if (loss.equals("squared")) {
      double sum = 0;
      for (String line : Files.readAllLines(out).subList(1, 31)) {
        String[] cells = line.split(",");
        sum += Math.pow(Double.parseDouble(cells[3]) - Double.parseDouble(cells[4]), 2) / 60;
      }
      assertThat(sum).isCloseTo(result.metrics().get("testLoss"), within(1e-12));
    } else {
      assertThat(done.accuracy()).isCloseTo(result.metrics().get("testAccuracy"), within(1e-12));
      try (var model = NumericModel.load(folder.resolve("run"))) {
        assertThat(model.features()).containsExactly("a", "b", "one");
        assertThat(model.classes()).containsExactly("0", "1");
      }
    }
  }

  static Stream<Arguments> losses() {
    return Stream.of(
        Arguments.of("logistic", "standard"),
        Arguments.of("softmax", "none"),
        Arguments.of("squared", "rows"));
  }

  @Test
  void cellsThatAreNoNumbersHaveNoPrediction() throws IOException {
    linearModelsAreLoaded("logistic", "none");
    Path file = Files.writeString(folder.resolve("new.csv"), "one,b,a,c\n1,2,3,x\n1,?,3,y\n");
    Path out = folder.resolve("new-out.csv");
    Predict predict =
        Predict.builder().model(folder.resolve("run").toString()).file(file.toString()).build();
    assertThat(predict.to(out).remarks())
        .anyMatch(remark -> remark.contains("new.csv:3: The column 'b' is '?'"));
    Files.writeString(file, "one,b\n1,2\n");
    assertThatThrownBy(() -> predict.to(out))
        .hasMessageContaining("new.csv:1: There is no column 'a'")
        .hasMessageContaining("--column 'a=NAME'");
    Files.writeString(file, "one,b,first\n");
    assertThat(predict.withColumns(Map.of("a", "first")).to(out).remarks())
        .contains("The file has a header and no rows.");
    assertThat(Files.readString(out)).isEqualTo("one,b,first,predicted,probability\n");
    Path sparse = Files.writeString(folder.resolve("new.svm"), "1 1:2\n");
    assertThatThrownBy(() -> predict.withFile(sparse.toString()).to(out))
        .hasMessageContaining("new.svm: The model reads the columns a");
  }
}
