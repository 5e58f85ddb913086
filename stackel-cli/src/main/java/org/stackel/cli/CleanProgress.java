package org.stackel.cli;

import java.io.PrintWriter;
import java.util.Locale;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.jspecify.annotations.Nullable;
import org.stackel.clean.CleanListener;

/** Shows how far cleaning is, and in which part: a bar on a terminal, else a line now and then. */
final class CleanProgress implements CleanListener, AutoCloseable {
  private static final long LINE_NANOS = 5_000_000_000L;
  private static final int PARTS = 1000;

  private final PrintWriter talk;
  private final Progress.Style style;
  private final @Nullable ProgressBar bar;
  private String last = "";
  private long lastLine = System.nanoTime();

  CleanProgress(PrintWriter talk, Progress.Style style) {
    this.talk = talk;
    this.style = style;
    bar =
        style == Progress.Style.BAR
            ? new ProgressBarBuilder()
                .setTaskName("clean")
                .setInitialMax(PARTS)
                .setStyle(ProgressBarStyle.ASCII)
                .hideEta()
                .setConsumer(new ConsoleProgressBarConsumer(System.err, Progress.columns()))
                .build()
            : null;
  }

  @Override
  public synchronized void progressed(String part, double share) {
    if (bar != null) {
      bar.stepTo(Math.round(PARTS * share));
      bar.setExtraMessage(" " + part);
    } else if (style == Progress.Style.LINES
        && !part.equals(last)
        && System.nanoTime() - lastLine > LINE_NANOS) {
      lastLine = System.nanoTime();
      talk.println(String.format(Locale.ROOT, "%3.0f %% %s", 100 * share, part));
      talk.flush();
    }
    last = part;
  }

  @Override
  public void close() {
    if (bar != null) {
      bar.close();
    }
  }
}
