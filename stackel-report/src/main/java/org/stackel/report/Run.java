package org.stackel.report;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.stackel.config.InvalidInputException;

/**
 * What a run directory says.
 *
 * @param name the directory's name
 * @param experiment the complete configuration
 * @param provenance where the run came from
 * @param evaluations by step
 * @param outcome how it ended
 * @param suspects the examples of lowest weight, where the run cleaned labels
 * @param checked what a check of the run found, where there was one
 */
record Run(
    String name,
    Json experiment,
    Json provenance,
    TreeMap<Long, Evaluation> evaluations,
    Outcome outcome,
    @Nullable Suspects suspects,
    @Nullable Checked checked) {

  /**
   * One line of metrics.jsonl.
   *
   * @param calls evaluations of any oracle, each on one minibatch
   */
  record Evaluation(long step, double seconds, double calls, Map<String, Double> metrics) {}

  /**
   * @param status completed, diverged, stopped, or unfinished where the run wrote no outcome
   * @param quantity what was no longer finite; empty if nothing or unknown
   */
  record Outcome(
      String status, long step, double seconds, String quantity, Map<String, Double> metrics) {}

  static Run read(Path directory) throws IOException {
    Json experiment = Json.read(directory.resolve("experiment.json"));
    experiment.member("algorithm").member("type").text();
    Json provenance = Json.read(directory.resolve("provenance.json"));
    boolean ended = Files.exists(directory.resolve("outcome.json"));
    var evaluations = evaluations(directory.resolve("metrics.jsonl"), ended);
    Outcome outcome =
        ended ? outcome(Json.read(directory.resolve("outcome.json"))) : unfinished(evaluations);
    Path weights = directory.resolve("weights.csv");
    Path check = directory.resolve("check.json");
    Path name = directory.toAbsolutePath().normalize().getFileName();
    return new Run(
        String.valueOf(name),
        experiment,
        provenance,
        evaluations,
        outcome,
        Files.exists(weights) ? Suspects.read(weights) : null,
        Files.exists(check) ? Checked.read(check) : null);
  }

  String algorithm() {
    return experiment.member("algorithm").member("type").text();
  }

  /** The seed as the experiment has it; a question mark where it has none. */
  String seed() {
    Json seed = experiment.find("seed");
    return seed == null ? "?" : seed.node().asString();
  }

  /** Such as "slip, seed 2". */
  String title() {
    return algorithm() + ", seed " + seed();
  }

  boolean completed() {
    return outcome.status.equals("completed");
  }

  /** The numbers at the end: those of the outcome, or of the last evaluation where it has none. */
  Map<String, Double> finalMetrics() {
    return outcome.metrics.isEmpty() && !evaluations.isEmpty()
        ? evaluations.lastEntry().getValue().metrics
        : outcome.metrics;
  }

  private static Outcome outcome(Json json) {
    Json status = json.member("status");
    if (!status.text().matches("completed|diverged|stopped")) {
      throw status.wrong(
          "must be completed, diverged or stopped", "another version of Stackel wrote the file.");
    }
    Json quantity = json.find("quantity");
    return new Outcome(
        status.text(),
        json.member("step").count(),
        json.member("seconds").amount(),
        quantity == null ? "" : quantity.text(),
        numbers(json.find("metrics")));
  }

  private static Outcome unfinished(TreeMap<Long, Evaluation> evaluations) {
    if (evaluations.isEmpty()) {
      return new Outcome("unfinished", 0, 0, "", Map.of());
    }
    Evaluation last = evaluations.lastEntry().getValue();
    return new Outcome("unfinished", last.step, last.seconds, "", last.metrics);
  }

  /** A step that is there twice, as after going on from a checkpoint, counts as it was last. */
  private static TreeMap<Long, Evaluation> evaluations(Path file, boolean ended)
      throws IOException {
    var evaluations = new TreeMap<Long, Evaluation>();
    String text = Json.text(file);
    String[] lines = text.split("\n", -1);
    for (int i = 0; i < lines.length; i++) {
      if (lines[i].isBlank()) {
        continue;
      }
      // A process that was killed while writing leaves half a line at the end.
      boolean mayBeCut = !ended && i == lines.length - 1;
      try {
        Evaluation evaluation = evaluation(Json.parse(lines[i], file.toString(), i + 1L));
        evaluations.put(evaluation.step, evaluation);
      } catch (InvalidInputException e) {
        if (!mayBeCut) {
          throw e;
        }
      }
    }
    return evaluations;
  }

  private static Evaluation evaluation(Json line) {
    double calls = 0;
    for (Json count : line.member("oracle").members().values()) {
      calls += count.amount();
    }
    return new Evaluation(
        line.member("step").count(),
        line.member("seconds").amount(),
        calls,
        numbers(line.member("metrics")));
  }

  static Map<String, Double> numbers(@Nullable Json object) {
    var numbers = new LinkedHashMap<String, Double>();
    if (object != null) {
      object.members().forEach((key, value) -> numbers.put(key, value.number()));
    }
    return numbers;
  }
}
