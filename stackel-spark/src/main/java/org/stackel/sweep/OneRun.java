package org.stackel.sweep;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.stackel.config.InvalidInputException;
import org.stackel.distributed.Ranks;
import org.stackel.distributed.Token;
import org.stackel.experiment.Experiment;
import org.stackel.plugin.Plugins;
import org.stackel.report.Report;
import org.stackel.run.MetricsRow;
import org.stackel.run.ResumePoint;
import org.stackel.run.RunDirectory;
import org.stackel.run.RunListener;
import org.stackel.run.RunOutcome;
import org.stackel.run.Runner;
import org.stackel.runfile.FileErrors;
import org.stackel.runfile.OutcomeFile;

/**
 * Makes one run of a sweep, wherever it is asked to. What the run has done before is used; what was
 * cut off goes on from its last checkpoint.
 */
public final class OneRun {
  private static final long PAUSE_MILLIS = 250;
  private static final int PAUSES = 240;

  private OneRun() {}

  /**
   * Makes a run in this process alone. A failure is tried again, and told in the result.
   *
   * @param task a line of JSON
   * @param stop asked after every step
   * @return a line of JSON
   */
  public static String make(String task, BooleanSupplier stop) {
    SweepTask known = SweepTask.parse(task);
    var errors = new ArrayList<String>();
    while (true) {
      try {
        return withPlugins(known, () -> made(known, Ranks.ONE, stop)).after(errors).line();
      } catch (InvalidInputException e) { // it would be refused again
        errors.add(Objects.requireNonNull(e.getMessage()));
        return SweepResult.failed(known.run(), errors).line();
      } catch (RuntimeException | LinkageError | OutOfMemoryError e) {
        errors.add(text(e));
        if (errors.size() >= known.attempts()) {
          return SweepResult.failed(known.run(), errors).line();
        }
      }
    }
  }

  /**
   * Makes a run as the first of several processes.
   *
   * @return a line of JSON
   */
  public static String asFirst(String task, Ranks ranks, BooleanSupplier stop) {
    SweepTask known = SweepTask.parse(task);
    try {
      return withPlugins(known, () -> made(known, ranks, stop)).line();
    } catch (InvalidInputException e) {
      return SweepResult.failed(known.run(), List.of(Objects.requireNonNull(e.getMessage())))
          .line();
    }
  }

  /** Computes for the first process, as another one, until it needs no more. */
  public static void asOther(String task, Ranks ranks, BooleanSupplier stop) {
    SweepTask known = SweepTask.parse(task);
    withPlugins(known, () -> Runner.run(known.open(), ranks, stopping(stop)));
  }

  /** What the processes of a run must know. */
  public static Token token(String task) {
    return Token.of(Objects.requireNonNull(SweepTask.parse(task).token()));
  }

  private static String text(Throwable e) {
    var text = new StringBuilder(e.toString().strip());
    Throwable cause = e.getCause();
    if (cause != null) {
      text.append("; ").append(cause.toString().strip());
    }
    return text.toString();
  }

  private interface Work<T> {
    T done();
  }

  private static <T> T withPlugins(SweepTask task, Work<T> work) {
    Thread thread = Thread.currentThread();
    ClassLoader before = thread.getContextClassLoader();
    try {
      if (!task.plugins().isEmpty()) {
        Plugins.add(task.plugins().stream().map(Path::of).toList());
      }
      return work.done();
    } finally {
      thread.setContextClassLoader(before);
    }
  }

  private static RunListener stopping(BooleanSupplier stop) {
    return new RunListener() {
      @Override
      public boolean stopRequested() {
        return stop.getAsBoolean();
      }
    };
  }

  private static SweepResult made(SweepTask task, Ranks ranks, BooleanSupplier stop) {
    Path place = Path.of(task.directory());
    checkSeen(Objects.requireNonNull(place.getParent()));
    awaitFree(place);
    Experiment experiment = task.open();
    long steps = experiment.settings().steps();
    RunDirectory before = earlier(place, experiment);
    OutcomeFile ended = before == null ? null : before.ended();
    if (before != null && ended != null && isEnough(before, ended, steps)) {
      List<MetricsRow> rows = before.rows();
      return result(task, RunOutcome.of(ended), rows, steps, true);
    }
    RunDirectory run =
        before == null
            ? RunDirectory.create(
                place, experiment, RunDirectory.IfExists.REPLACE, RunDirectory.Trace.OFF)
            : before.experiment().settings().steps() < steps ? before.withSteps(steps) : before;
    run.sharedBy(ranks.count());
    RunOutcome outcome;
    List<MetricsRow> rows;
    try (run) {
      ResumePoint from = before == null ? null : run.prepareToResume();
      var listener = RunListener.all(run, stopping(stop));
      if (task.end()) {
        listener = RunListener.all(listener, RunListener.finishing(run));
      }
      outcome =
          from == null
              ? Runner.run(run.experiment(), ranks, listener)
              : Runner.resume(run.experiment(), from, ranks, listener);
      run.finish(outcome);
      rows = run.rows();
    }
    if (outcome instanceof RunOutcome.Stopped stopped && stopped.lost() != null) {
      throw new IllegalStateException(stopped.lost());
    }
    if (!(outcome instanceof RunOutcome.Stopped)) {
      report(place);
    }
    return result(task, outcome, rows, steps, false);
  }

  /** Who shares no files with the others would leave its results where nobody looks. */
  private static void checkSeen(Path sweep) {
    if (!Files.exists(sweep.resolve(SweepDirectory.PLAN))) {
      throw new InvalidInputException(
          "The directory of the sweep, %s, is not seen where the run is to be made."
              .formatted(sweep),
          "--out with a directory on a file system that all workers share was meant.");
    }
  }

  /** A process that was lost may need a while to notice. */
  private static void awaitFree(Path place) {
    try {
      for (int i = 0; i < PAUSES && Files.isDirectory(place) && !RunDirectory.isFree(place); i++) {
        Thread.sleep(PAUSE_MILLIS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  /** The run in the directory, whose steps may have been others. */
  private static @Nullable RunDirectory earlier(Path place, Experiment experiment) {
    if (!Files.exists(place.resolve(RunDirectory.EXPERIMENT))) {
      return null;
    }
    long steps = RunDirectory.open(place).experiment().settings().steps();
    return RunDirectory.earlier(place, experiment.withSteps(steps));
  }

  private static boolean isEnough(RunDirectory run, OutcomeFile ended, long steps) {
    return switch (ended.status()) {
      case COMPLETED -> run.experiment().settings().steps() >= steps;
      case DIVERGED -> true;
      case STOPPED -> false;
    };
  }

  private static SweepResult result(
      SweepTask task, RunOutcome outcome, List<MetricsRow> rows, long steps, boolean isReused) {
    boolean wentFurther =
        outcome instanceof RunOutcome.Diverged diverged
            ? diverged.at() > steps
            : outcome.step() > steps;
    if (wentFurther) { // what it was judged by when it came to these steps
      MetricsRow row =
          rows.stream()
              .filter(each -> each.step() == steps)
              .findFirst()
              .orElseThrow(() -> unjudged(task, steps));
      return new SweepResult(
          task.run(),
          SweepResult.Status.COMPLETED,
          steps,
          row.seconds(),
          row.metrics().values(),
          null,
          List.of(),
          isReused);
    }
    return new SweepResult(
        task.run(),
        SweepResult.Status.valueOf(outcome.status().name()),
        outcome.step(),
        outcome.seconds(),
        outcome.metrics().values(),
        outcome instanceof RunOutcome.Diverged diverged ? diverged.cause() : null,
        List.of(),
        isReused);
  }

  private static InvalidInputException unjudged(SweepTask task, long steps) {
    return new InvalidInputException(
            "There is no evaluation of step %d, by which the run was judged.".formatted(steps),
            "metrics.jsonl was edited; --force starts the sweep again.")
        .at(task.directory());
  }

  private static void report(Path place) {
    Path page = place.resolve("report.html");
    try {
      Report.write(List.of(place), page);
    } catch (IOException e) {
      throw FileErrors.writing(page, e);
    }
  }
}
