package org.stackel;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.stackel.problem.Metrics;
import org.stackel.run.BestPoint;
import org.stackel.run.RunDirectory;
import org.stackel.runfile.FileErrors;
import org.stackel.runfile.MetricsLine;
import org.stackel.runfile.OutcomeFile;
import org.stackel.runfile.RunFiles;
import org.stackel.runfile.RunStatus;

/** What a run gave, as its directory has it. All of it is on the Java heap. */
public final class Result {
  private final Path directory;
  private final OutcomeFile outcome;
  private final List<MetricsLine> history;
  private final Map<String, double[]> state;

  private Result(
      Path directory, OutcomeFile outcome, List<MetricsLine> history, Map<String, double[]> state) {
    this.directory = directory;
    this.outcome = outcome;
    this.history = history;
    this.state = state;
  }

  /**
   * Reads the directory of a run that ended.
   *
   * @throws org.stackel.config.InvalidInputException if there is none, or if it was cut off
   */
  public static Result read(Path directory) {
    try {
      Path metrics = directory.resolve(MetricsLine.NAME);
      return new Result(
          directory,
          RunFiles.read(directory.resolve(OutcomeFile.NAME), OutcomeFile.class),
          Files.exists(metrics)
              ? RunFiles.readLines(metrics, MetricsLine.class, RunFiles.LastLine.WHOLE)
              : List.of(),
          RunDirectory.lastState(directory));
    } catch (IOException e) {
      throw FileErrors.reading(directory, e);
    }
  }

  /**
   * The upper variable after the last step, or the best one if the run kept it, as a flat vector; a
   * copy.
   */
  public double[] x() {
    return part("x");
  }

  /** The lower variable that belongs to {@link #x}, as a flat vector; a copy. */
  public double[] y() {
    return part("y");
  }

  private double[] part(String name) {
    double[] kept = isComplete() ? state.get(BestPoint.PREFIX + name) : null;
    double @Nullable [] numbers = kept == null ? state.get(name) : kept;
    if (numbers == null) {
      throw new IllegalStateException(
          "The run in %s ended in its initialisation: there is no %s.\nMaybe resume goes on."
              .formatted(directory, name));
    }
    return numbers.clone();
  }

  /** How it ended. */
  public RunStatus status() {
    return outcome.status();
  }

  /** Whether all steps are done, or a budget is spent. */
  public boolean isComplete() {
    return outcome.status() == RunStatus.COMPLETED;
  }

  /** Number of steps done. */
  public long steps() {
    return outcome.step();
  }

  /** Seconds in initialisation and steps; evaluations and checkpoints do not count. */
  public double seconds() {
    return outcome.seconds();
  }

  /** Those of the last evaluation, or of the best one if the run kept it. */
  public Metrics metrics() {
    return new Metrics(outcome.metrics());
  }

  /** Every evaluation, with its step, seconds and oracle calls. */
  public List<MetricsLine> history() {
    return history;
  }

  /** The directory with the run's files. */
  public Path directory() {
    return directory;
  }

  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        "%s after %d steps in %s: %s",
        status(),
        steps(),
        directory,
        outcome.metrics());
  }
}
