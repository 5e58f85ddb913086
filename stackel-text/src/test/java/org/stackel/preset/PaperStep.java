package org.stackel.preset;

import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.stackel.algorithm.AlgorithmState;
import org.stackel.algorithm.BilevelAlgorithm;
import org.stackel.experiment.Draft;
import org.stackel.experiment.Experiment;
import org.stackel.oracle.AutogradOracle;
import org.stackel.problem.BilevelProblem;
import org.stackel.problem.Shard;
import org.stackel.solver.Solver;
import org.stackel.tensor.Blas;
import org.stackel.tensor.PeakMemory;
import org.stackel.tensor.Seed;
import org.stackel.tensor.StateScope;

/**
 * One outer step of a preset at paper scale, in a process of its own, since the peak of memory is
 * the process's: {@code PaperStep PRESET DIRECTORY [key=value…]}. Texts are random words and word
 * vectors random numbers of the published sizes; the directory is for their files.
 *
 * <p>The step is number {@value #STEP}, in which periodic updates of y happen. Warm starts are left
 * out: they are lower steps, which need less memory.
 */
final class PaperStep {
  private static final int STEP = 6;
  private static final int WORDS = 5_000;
  private static final int WIDTH = 300;
  private static final List<String> DOMAINS =
      List.of(
          "automotive",
          "computer & video games",
          "office products",
          "outdoor living",
          "software",
          "sports & outdoors",
          "toys & games",
          "video",
          "apparel",
          "baby",
          "beauty",
          "books",
          "camera & photo",
          "cell phones",
          "dvd",
          "electronics");

  /** What a step took. */
  record Cost(boolean finite, double seconds, double gigabytes) {
    static Cost parse(String line) {
      String[] parts = line.split(" ");
      return new Cost(
          Boolean.parseBoolean(parts[1]),
          Double.parseDouble(parts[2]),
          Double.parseDouble(parts[3]));
    }
  }

  static final String MARK = "PAPER-STEP";

  private PaperStep() {}

  public static void main(String[] arguments) throws IOException {
    Preset preset = Presets.named(arguments[0]);
    Path directory = Path.of(arguments[1]);
    Draft draft = preset.draft(Scale.PAPER);
    put(draft, standIns(preset.name(), directory));
    IntStream.range(2, arguments.length).forEach(i -> draft.set(arguments[i]));
    Experiment experiment = withoutWarmStart(draft.experiment());
    Blas.setThreads(experiment.settings().threads());
    try (var scope = StateScope.open();
        var problem = experiment.open()) {
      System.out.printf(
          "%s %s: x %,d, y %,d, pieces %d%n",
          preset.name(),
          experiment.algorithmType(),
          problem.upperLayout().size(),
          problem.lowerLayout().size(),
          experiment.settings().pieces());
      Cost cost = step(experiment, experiment.algorithm(), problem);
      System.out.printf(
          Locale.ROOT, "%s %s %.1f %.2f%n", MARK, cost.finite, cost.seconds, cost.gigabytes);
    }
  }

  private static void put(Draft draft, Map<String, ?> options) {
    options.forEach((key, value) -> draft.set("problem." + key, value, "test"));
  }

  private static Experiment withoutWarmStart(Experiment experiment) {
    if (experiment.hyperparameters().contains("refinement")) {
      return experiment.withHyperparameters(Map.of("refinement", Map.of("epochs", 0)));
    }
    return experiment.withHyperparameters(Map.of("warmStartSteps", 0));
  }

  private static <S extends Record & AlgorithmState> Cost step(
      Experiment experiment, BilevelAlgorithm<S> algorithm, BilevelProblem<?> problem) {
    Seed seed = new Seed(0);
    S first =
        algorithm.init(problem.start(seed.child("start")), oracle(experiment, problem, "init"));
    long begin = System.nanoTime();
    try (var scope = StateScope.open()) {
      S next = algorithm.step(STEP, first, oracle(experiment, problem, "step"));
      boolean isFinite = Solver.notFinite(next) == null; // waits for the device
      return new Cost(isFinite, (System.nanoTime() - begin) / 1e9, peak());
    }
  }

  private static AutogradOracle<?> oracle(
      Experiment experiment, BilevelProblem<?> problem, String role) {
    return new AutogradOracle<>(
        problem,
        new Seed(0).child(role),
        experiment.algorithm().sampling(),
        Shard.ALL,
        experiment.settings().pieces());
  }

  /** The most memory that this process had, in gigabytes. */
  private static double peak() {
    OptionalLong megabytes = PeakMemory.megabytes();
    return megabytes.isPresent() ? megabytes.getAsLong() * (1 << 20) / 1e9 : Double.NaN;
  }

  // ---- what stands in for the data -----------------------------------------------------------

  private static Map<String, ?> standIns(String preset, Path directory) throws IOException {
    String vectors = vectors(directory).toString();
    return switch (preset) {
      case "auc-amazon", "auc-sentiment140" -> {
        String data = texts(directory, 20_000, 256, List.of("positive", "negative"), false);
        var options = Map.of("data", data, "vectors", vectors);
        yield preset.equals("auc-amazon")
            ? options
            : Map.of("data", data, "vectors", vectors, "test", "", "testSize", 500);
      }
      case "clean-sentiment140" ->
          Map.of(
              "data",
              texts(directory, 120_000, 64, List.of("positive", "negative"), false),
              "vectors",
              vectors);
      case "clean-snli" ->
          Map.of(
              "data",
              texts(directory, 12_000, 64, List.of("a", "b", "c"), true),
              "vectors",
              vectors,
              "trusted",
              "",
              "test",
              "");
      case "hr-snli" ->
          Map.of(
              "data",
              texts(directory, 12_000, 100, List.of("a", "b", "c"), true),
              "vectors",
              vectors,
              "test",
              "");
      case "ho-amazon", "hr-amazon" ->
          Map.of(
              "data",
              texts(directory, 20_000, 256, List.of("positive", "negative"), false),
              "vectors",
              vectors);
      case "hr-trec" -> Map.of("data", "wordnet", "split", "classes", "test", "");
      default -> Map.of("vectors", "glove"); // of WordNet, whose words the file has not
    };
  }

  private static Path vectors(Path directory) throws IOException {
    Path file = directory.resolve("vectors.txt");
    var random = new Random(1);
    try (BufferedWriter out = Files.newBufferedWriter(file)) {
      for (int i = 0; i < WORDS; i++) {
        String numbers =
            IntStream.range(0, WIDTH)
                .mapToObj(j -> String.format(Locale.ROOT, "%.3f", random.nextGaussian() / 2))
                .collect(Collectors.joining(" "));
        out.write("w%s %s%n".formatted(word(i), numbers));
      }
    }
    return file;
  }

  /** Letters alone, which no tokenizer takes apart. */
  private static String word(int number) {
    return Integer.toString(number, 10)
        .chars()
        .mapToObj(digit -> String.valueOf((char) ('a' + digit - '0')))
        .collect(Collectors.joining());
  }

  /** Lines of JSON, texts of up to so many words; three pairs a premise if there are two texts. */
  private static String texts(
      Path directory, int count, int longest, List<String> labels, boolean hasPairs)
      throws IOException {
    Path file = directory.resolve("texts.jsonl");
    var random = new Random(2);
    try (BufferedWriter out = Files.newBufferedWriter(file)) {
      String premise = "";
      for (int i = 0; i < count; i++) {
        String label = labels.size() == 2 ? labels.get(i % 5 == 0 ? 1 : 0) : labels.get(i % 3);
        String text = sentence(random, longest);
        premise = i % 3 == 0 ? sentence(random, longest) : premise;
        out.write(
            hasPairs
                ? "{\"sentence1\": \"%s\", \"sentence2\": \"%s\", \"label\": \"%s\"}%n"
                    .formatted(premise, text, label)
                : "{\"text\": \"%s\", \"label\": \"%s\", \"domain\": \"%s\"}%n"
                    .formatted(text, label, DOMAINS.get(random.nextInt(DOMAINS.size()))));
      }
    }
    return file.toString();
  }

  private static String sentence(Random random, int longest) {
    return IntStream.range(0, longest / 4 + random.nextInt(longest))
        .mapToObj(i -> "w" + word(random.nextInt(WORDS)))
        .collect(Collectors.joining(" "));
  }
}
