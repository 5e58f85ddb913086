package org.stackel.cli;

import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;
import org.stackel.experiment.Experiment;
import org.stackel.experiment.Settings;
import org.stackel.problem.BilevelProblem;
import org.stackel.reference.Finding;
import org.stackel.run.MetricsRow;
import org.stackel.run.RunListener;

/** Reports the progress of a run: a bar on a terminal, else a line now and then. */
final class Progress implements RunListener, AutoCloseable {
  private static final long LINE_NANOS = 5_000_000_000L;
  private static final int SHOWN_METRICS = 3;
  private static final String COLUMNS = "stackel.terminal";
  private static final int MIN_COLUMNS = 80;

  private Experiment experiment;
  private final PrintWriter talk;
  private final Style style;
  private @Nullable ProgressBar bar;
  private long lastLine = System.nanoTime();

  /** How progress is shown. */
  enum Style {
    /** Not at all. */
    NONE,
    /** A line now and then. */
    LINES,
    /** A bar that is drawn over itself. */
    BAR
  }

  Progress(Experiment experiment, PrintWriter talk, Style style) {
    this.experiment = experiment;
    this.talk = talk;
    this.style = style;
  }

  /** The launcher knows whether stderr is a terminal, and how wide; Java does not. */
  static Style style(OutputOptions output) {
    if (output.quiet) {
      return Style.NONE;
    }
    return Integer.getInteger(COLUMNS) != null ? Style.BAR : Style.LINES;
  }

  @Override
  public void opened(Experiment complete, BilevelProblem<?> problem) {
    experiment = complete;
    if (style != Style.NONE) {
      talk.println(
          "%s on %s: dimension of x %,d, of y %,d; %s"
              .formatted(
                  experiment.algorithmType(),
                  experiment.problemType(),
                  problem.upperLayout().size(),
                  problem.lowerLayout().size(),
                  experiment.settings().length()));
      experiment.remarks().forEach(talk::println);
      problem.remarks().forEach(talk::println);
      problem.remarks(experiment.lowerLr()).forEach(talk::println);
    }
    if (style == Style.BAR) {
      bar =
          new ProgressBarBuilder()
              .setTaskName(experiment.algorithmType())
              .setInitialMax(isOpen(experiment) ? -1 : experiment.settings().steps())
              .setStyle(ProgressBarStyle.ASCII)
              .setUnit(" steps", 1)
              .showSpeed()
              .setConsumer(new ConsoleProgressBarConsumer(System.err, columns()))
              .build();
    }
  }

  @Override
  public void stepped(long step, Tensor x, Tensor y) {
    if (bar != null) {
      bar.stepTo(step);
    }
  }

  @Override
  public void working(String part, long done, long most) {
    if (style == Style.LINES && System.nanoTime() - lastLine > LINE_NANOS) {
      lastLine = System.nanoTime();
      talk.println("%s, %,d of %,d".formatted(part, done, most));
    } else if (bar != null) {
      bar.setExtraMessage(" %s, %,d of %,d".formatted(part, done, most));
    }
  }

  @Override
  public void evaluated(MetricsRow row) {
    if (bar != null) {
      bar.setExtraMessage(" " + text(row, 1));
    } else if (style == Style.LINES && System.nanoTime() - lastLine > LINE_NANOS) {
      lastLine = System.nanoTime();
      talk.println(
          "%s, %.1f s: %s"
              .formatted(
                  at("step", row.step(), experiment), row.seconds(), text(row, SHOWN_METRICS)));
    }
  }

  @Override
  public void checked(List<Finding> findings) {
    close();
  }

  /** Whether nobody knows the number of steps, because a budget ends the run. */
  private static boolean isOpen(Experiment experiment) {
    return experiment.settings().steps() >= Settings.NO_LIMIT;
  }

  /** Such as "step 3 of 100". */
  static String at(String what, long step, Experiment experiment) {
    return isOpen(experiment)
        ? "%s %d".formatted(what, step)
        : "%s %d of %d".formatted(what, step, experiment.settings().steps());
  }

  /** Width of the terminal. */
  static int columns() {
    return Math.max(MIN_COLUMNS, Integer.getInteger(COLUMNS, 0)) - 1;
  }

  private static String text(MetricsRow row, int shown) {
    return row.metrics().values().entrySet().stream()
        .limit(shown)
        .map(e -> "%s %s".formatted(e.getKey(), number(e.getValue())))
        .collect(Collectors.joining(", "));
  }

  /** Six digits, as a person reads them. */
  static String number(double value) {
    return String.format(Locale.ROOT, "%.6g", value);
  }

  @Override
  public void close() {
    if (bar != null) {
      bar.close();
      bar = null;
    }
  }
}
