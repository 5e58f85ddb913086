package org.stackel.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.stackel.experiment.Draft;
import org.stackel.fuzz.Fuzzer;
import org.stackel.fuzz.Fuzzer.End;
import org.stackel.fuzz.Fuzzer.Kind;
import org.stackel.preset.Presets;
import org.stackel.runfile.RunFiles;
import org.stackel.text.TextSource;
import org.stackel.text.WordVectors;

/** Damaged files of every kind that a command reads. */
class FuzzTest {
  private static final int CASES = 1_800;
  private static final int ROWS = 24;

  @TempDir Path temp;

  private final List<Kind> kinds = new ArrayList<>();

  @Test
  void damagedFilesAreReadOrRefused() throws Exception {
    experiments();
    tables();
    models();
    directories();
    Path damaged = Files.createDirectory(temp.resolve("damaged"));
    new Fuzzer(damaged).run("commands", CASES, kinds);
  }

  private void add(String name, String file, String whole, Fuzzer.Reading reading) {
    kinds.add(new Kind(name, file, whole, true, reading));
  }

  /** What costs little comes more often. */
  private void addCheap(String name, String file, String whole, Fuzzer.Reading reading) {
    for (int i = 0; i < 3; i++) {
      add(name, file, whole, reading);
    }
  }

  // ---- experiments -----------------------------------------------------------------------------

  private void experiments() throws IOException {
    // A size may be a wish to work for hours.
    kinds.add(
        new Kind(
            "experiment",
            "q.json",
            Cli.EXPERIMENT,
            false,
            file -> run("run", file, "--steps", 2, "--out", temp.resolve("q"), "--force")));
    for (String preset : List.of("quadratic-demo", "clean-wordnet", "hr-trec", "logistic")) {
      addCheap(
          "preset " + preset,
          preset + ".json",
          RunFiles.pretty(Presets.named(preset).scales().values().iterator().next()),
          file -> {
            Draft.read(file).experiment();
            return End.READ;
          });
    }
  }

  // ---- tables
  // ------------------------------------------------------------------------------------

  private void tables() {
    var csv = new StringBuilder("a,b,label\n");
    var json = new StringBuilder();
    var libsvm = new StringBuilder();
    var texts = new StringBuilder("id,text,label,domain\n");
    var vectors = new StringBuilder();
    for (int i = 0; i < ROWS; i++) {
      String a = i % 7 - 3 + (i % 2 == 0 ? ".3" : ".25");
      String label = i % 7 > 3 ? "yes" : "no";
      csv.append("%s,%d,%s%n".formatted(a, i % 5, label));
      json.append("{\"a\": %s, \"b\": %d, \"label\": \"%s\"}%n".formatted(a, i % 5, label));
      libsvm.append("%s 1:%s 3:%d # row%n".formatted(i % 7 > 3 ? "+1" : "-1", a, i % 5));
      texts.append(
          "%d,\"a %s tree, said \"\"he\"\"\",%s,d%d%n"
              .formatted(i, i % 2 == 0 ? "tall" : "caf\u00e9", label, i % 3));
      vectors.append("word%d %s %d.5 1e-3%n".formatted(i, a, i));
    }
    table("train.csv", csv);
    table("train.tsv", csv.toString().replace(',', '\t'));
    table("train.jsonl", json);
    table("train.libsvm", libsvm);
    table("train.csv.gz", csv);
    table("train.svm.gz", libsvm);
    String texted = latin(texts.toString());
    for (String name : List.of("t.csv", "t.csv.gz")) {
      addCheap("texts " + name, name, texted, file -> size(TextSource.of(file).read().examples()));
    }
    for (String name : List.of("v.txt", "v.txt.gz")) {
      addCheap("vectors " + name, name, vectors.toString(), file -> size(WordVectors.read(file)));
    }
  }

  private void table(String name, CharSequence whole) {
    add(
        "numbers " + name,
        name,
        whole.toString(),
        file ->
            run(
                "run",
                "logistic",
                "--steps",
                1,
                "--threads",
                1,
                "--force",
                "--out",
                temp.resolve("t"),
                "--set",
                "problem.data=" + file));
  }

  private static End size(Object read) {
    return Objects.requireNonNull(read).toString().isEmpty() ? End.REFUSED : End.READ;
  }

  // ---- models
  // ------------------------------------------------------------------------------------

  private void models() throws IOException {
    var rows = new StringBuilder("e1,e2,label\n");
    for (int i = 0; i < 5 * ROWS; i++) {
      rows.append("%d.%d,%d,%s%n".formatted(i % 7 - 3, i % 10, i % 5, i % 7 > 3 ? "yes" : "no"));
    }
    Path data = Cli.write(temp.resolve("rows.csv"), rows.toString());
    Path tuned = temp.resolve("tuned");
    run(
        "tune",
        data,
        "--out",
        tuned,
        "--search",
        1,
        "--steps",
        1,
        "--threads",
        1,
        "--strengths",
        "one");
    Path texts = Cli.write(temp.resolve("texts.csv"), "text,label\na tall tree,x\nto run,y\n");
    Path text = temp.resolve("text");
    run(
        "run",
        "clean-wordnet",
        "--scale",
        "tiny",
        "--steps",
        1,
        "--set",
        "problem.trainSize=80",
        "--set",
        "problem.testSize=40",
        "--out",
        text);
    Path cleaned = temp.resolve("clean");
    run(
        "clean",
        data,
        "--trusted-rows",
        30,
        "--time-budget",
        "1s",
        "--threads",
        1,
        "--out",
        cleaned);
    model("tune", tuned, data);
    model("text", text, texts);
    model("clean", cleaned, data);
    for (String name : List.of("review-info.json", "review.jsonl")) {
      inPlace(name, cleaned.resolve(name), () -> run("review", cleaned));
    }
    add(
        "predict csv",
        "p.csv",
        rows.substring(0, rows.indexOf("\n", 200) + 1),
        file -> run("predict", tuned, file));
    add(
        "predict gz",
        "p.csv.gz",
        rows.substring(0, rows.indexOf("\n", 200) + 1),
        file -> run("predict", tuned, file));
    String header =
        "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 2), }                 \n";
    add(
        "matrix npy",
        "p.npy",
        "\u0093NUMPY\u0001\u0000" + (char) header.length() + "\u0000" + header + "abc?def?gh1?ij2?",
        file -> run("predict", tuned, file));
    inPlace("report of tune", tuned.resolve("sheet.json"), () -> report(tuned));
  }

  private void model(String kind, Path run, Path data) throws IOException {
    Path folder = run.resolve("model");
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.sorted().toList()) {
        inPlace(kind + " " + file.getFileName(), file, () -> run("predict", run, data, "--quiet"));
      }
    }
  }

  // ---- directories
  // -------------------------------------------------------------------------------

  private void directories() throws IOException {
    Path experiment = Cli.write(temp.resolve("noisy.json"), Cli.NOISY);
    Path run = temp.resolve("run");
    run("run", experiment, "--steps", 30, "--set", "checkpointEvery=10", "--out", run);
    Path checkpoint = run.resolve("checkpoints/step-000030.safetensors");
    var files = new ArrayList<Path>(List.of(checkpoint));
    for (String name :
        List.of(
            "experiment.json", "provenance.json", "metrics.jsonl", "outcome.json", ".stackel")) {
      files.add(run.resolve(name));
    }
    Path copy = temp.resolve("copy");
    for (Path file : files) {
      String name = run.relativize(file).toString();
      add(
          "resume " + file.getFileName(),
          file.getFileName().toString(),
          content(file),
          damaged -> {
            copy(run, copy);
            Files.copy(damaged, copy.resolve(name), StandardCopyOption.REPLACE_EXISTING);
            return run("resume", copy, "--steps", 32);
          });
      if (!file.equals(checkpoint)) {
        inPlace("report " + name, file, () -> report(run));
      }
    }
    Path compared = temp.resolve("compared");
    run("compare", experiment, "--algorithms", "slip,stocbio", "--steps", 3, "--out", compared);
    Path comparison = compared.resolve("comparison.json");
    inPlace("report comparison", comparison, () -> report(compared));
  }

  private End report(Path directory) {
    return run("report", directory, "--out", temp.resolve("report.html"));
  }

  private interface Fuzzed {
    End run() throws IOException;
  }

  /** Damages a file of a directory for the time of a command. */
  private void inPlace(String name, Path file, Fuzzed command) throws IOException {
    byte[] whole = Files.readAllBytes(file);
    add(
        name,
        file.getFileName().toString(),
        content(file),
        damaged -> {
          try {
            Files.copy(damaged, file, StandardCopyOption.REPLACE_EXISTING);
            return command.run();
          } finally {
            Files.write(file, whole);
          }
        });
  }

  private static void copy(Path from, Path to) throws IOException {
    delete(to);
    try (Stream<Path> all = Files.walk(from)) {
      for (Path each : all.toList()) {
        Files.copy(each, to.resolve(from.relativize(each).toString()));
      }
    }
  }

  private static void delete(Path directory) throws IOException {
    if (Files.exists(directory)) {
      try (Stream<Path> all = Files.walk(directory)) {
        for (Path each : all.sorted((a, b) -> b.compareTo(a)).toList()) {
          Files.delete(each);
        }
      }
    }
  }

  private static String content(Path file) throws IOException {
    return Files.readString(file, StandardCharsets.ISO_8859_1);
  }

  /** The bytes of a text as characters. */
  private static String latin(String text) {
    return new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
  }

  // ---- commands
  // ----------------------------------------------------------------------------------

  private static End run(Object... args) {
    Cli.Result result = Cli.run(args);
    assertThat(result.code()).as(() -> defect(result)).isIn(0, 2, 3);
    if (result.code() == ExitCode.INVALID) {
      Fuzzer.requireWayOut(result.err());
    }
    return result.code() == ExitCode.INVALID ? End.REFUSED : End.READ;
  }

  /** What the command left in a file about its defect. */
  private static String defect(Cli.Result result) {
    var file = java.util.regex.Pattern.compile("details are in (\\S+)\\.\\s").matcher(result.err());
    if (!file.find()) {
      return result.err();
    }
    Path details = Path.of(file.group(1));
    String text = Cli.read(details);
    assertThat(details.toFile().delete()).isTrue();
    return text.lines().filter(line -> line.contains("stackel")).limit(8).toList().toString();
  }
}
