package org.stackel.report;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.stackel.config.Options;
import org.stackel.runfile.CheckFile;
import org.stackel.runfile.Descent;
import org.stackel.runfile.ExperimentFile;
import org.stackel.runfile.MetricsLine;
import org.stackel.runfile.OutcomeFile;
import org.stackel.runfile.ProvenanceFile;
import org.stackel.runfile.RunFiles;
import org.stackel.runfile.RunFiles.LastLine;

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
    ExperimentFile experiment,
    ProvenanceFile provenance,
    TreeMap<Long, MetricsLine> evaluations,
    Outcome outcome,
    @Nullable Suspects suspects,
    @Nullable Checked checked) {

  /**
   * @param status completed, diverged, stopped, or unfinished where the run wrote no outcome
   * @param quantity what was no longer finite, or grew too much; empty if nothing or unknown
   * @param value what it grew to; null if it was not finite
   * @param stepSizes what the step sizes given were multiplied by at the end, after rollbacks
   * @param descent whether a further step would descend; null if that was not judged
   */
  record Outcome(
      String status,
      long step,
      double seconds,
      String quantity,
      @Nullable Double value,
      Map<String, Double> metrics,
      double stepSizes,
      @Nullable Descent descent) {
    static Outcome of(OutcomeFile file) {
      return new Outcome(
          Options.kebab(file.status()),
          file.step(),
          file.seconds(),
          file.quantity() == null ? "" : file.quantity(),
          file.value(),
          file.metrics(),
          file.stepSizes() == null ? 1 : file.stepSizes(),
          file.descent());
    }

    static Outcome unfinished(TreeMap<Long, MetricsLine> evaluations) {
      if (evaluations.isEmpty()) {
        return new Outcome("unfinished", 0, 0, "", null, Map.of(), 1, null);
      }
      MetricsLine last = evaluations.lastEntry().getValue();
      return new Outcome(
          "unfinished", last.step(), last.seconds(), "", null, last.metrics(), 1, null);
    }
  }

  static Run read(Path directory) throws IOException {
    ExperimentFile experiment =
        RunFiles.read(directory.resolve(ExperimentFile.NAME), ExperimentFile.class);
    ProvenanceFile provenance =
        RunFiles.read(directory.resolve(ProvenanceFile.NAME), ProvenanceFile.class);
    Path ending = directory.resolve(OutcomeFile.NAME);
    boolean ended = Files.exists(ending);
    var evaluations = new TreeMap<Long, MetricsLine>();
    // A step that is there twice, as after going on from a checkpoint, counts as it was last.
    RunFiles.readLines(
            directory.resolve(MetricsLine.NAME),
            MetricsLine.class,
            ended ? LastLine.WHOLE : LastLine.MAY_BE_CUT)
        .forEach(line -> evaluations.put(line.step(), line));
    Outcome outcome =
        ended
            ? Outcome.of(RunFiles.read(ending, OutcomeFile.class))
            : Outcome.unfinished(evaluations);
    Path weights = directory.resolve("weights.csv");
    Path check = directory.resolve(CheckFile.NAME);
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
    return experiment.algorithmType();
  }

  /** The seed as the experiment has it; a question mark where it has none. */
  String seed() {
    return experiment.seed() == null ? "?" : experiment.seed().toString();
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
        ? evaluations.lastEntry().getValue().metrics()
        : outcome.metrics;
  }
}
