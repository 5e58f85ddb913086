package org.stackel.cli;

import java.io.PrintWriter;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.function.LongSupplier;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.jspecify.annotations.Nullable;
import org.stackel.compare.ComparisonListener;

/** Reports how far a comparison is: a bar on a terminal, else lines, with the time left. */
final class ComparisonProgress implements ComparisonListener, AutoCloseable {
  private static final long LINE_NANOS = 5_000_000_000L;
  private static final int PARTS = 100;
  private static final double ENOUGH = 0.02;

  private final PrintWriter talk;
  private final Progress.Style style;
  private final LongSupplier nanoTime;
  private final String command;
  private final long begin;
  private final Map<String, Double> running = new HashMap<>();
  private @Nullable ProgressBar bar;
  private int pieces;
  private int finished;
  private int reused;
  private long lastLine;

  ComparisonProgress(
      PrintWriter talk, Progress.Style style, LongSupplier nanoTime, String command) {
    this.talk = talk;
    this.style = style;
    this.nanoTime = nanoTime;
    this.command = command;
    begin = nanoTime.getAsLong();
    lastLine = begin;
  }

  @Override
  public synchronized void planned(int all) {
    pieces = all;
    if (style == Progress.Style.BAR) {
      bar =
          new ProgressBarBuilder()
              .setTaskName(command)
              .setInitialMax(PARTS)
              .setStyle(ProgressBarStyle.ASCII)
              .hideEta()
              .setConsumer(new ConsoleProgressBarConsumer(System.err, Progress.columns()))
              .build();
    }
  }

  @Override
  public synchronized void said(String sentence) {
    if (style == Progress.Style.LINES) {
      line(sentence);
    }
  }

  @Override
  public synchronized void remarked(String sentence) {
    if (style != Progress.Style.NONE) {
      talk.println(sentence);
    }
  }

  @Override
  public synchronized void advanced(String piece, double share) {
    running.put(piece, share);
    show();
  }

  @Override
  public synchronized void finished(String piece) {
    running.remove(piece);
    finished++;
    show();
  }

  @Override
  public synchronized void reused(String piece) {
    reused++;
    if (style == Progress.Style.LINES) {
      line(piece + " was done before");
    }
    show();
  }

  private void show() {
    if (bar != null) {
      bar.stepTo(Math.round(PARTS * share()));
      bar.setExtraMessage(" " + done() + left());
    } else if (style == Progress.Style.LINES && nanoTime.getAsLong() - lastLine > LINE_NANOS) {
      line(done() + String.format(Locale.ROOT, ", %.0f %%", Math.floor(100 * share())) + left());
    }
  }

  private void line(String text) {
    lastLine = nanoTime.getAsLong();
    talk.println(String.format(Locale.ROOT, "%6.1f s  %s", seconds(), text));
  }

  private double seconds() {
    return (nanoTime.getAsLong() - begin) / 1e9;
  }

  /** Of all pieces, those that are running in part; they may differ in size. */
  private double share() {
    return pieces == 0 ? 0 : Math.min(1, (reused + worked()) / pieces);
  }

  private double worked() {
    return finished + running.values().stream().mapToDouble(share -> share).sum();
  }

  private String done() {
    return "%d of %d done".formatted(reused + finished, pieces);
  }

  /** Such as ", about 2 min left"; empty if too little is done to tell. */
  private String left() {
    double worked = worked();
    double left = pieces - reused - worked;
    return worked < ENOUGH || left <= 0
        ? ""
        : ", about " + duration(seconds() * left / worked) + " left";
  }

  private static String duration(double seconds) {
    if (seconds < 90) {
      return "%d s".formatted(Math.max(1, Math.round(seconds)));
    }
    double minutes = seconds / 60;
    return minutes < 90
        ? "%d min".formatted(Math.round(minutes))
        : String.format(Locale.ROOT, "%.1f h", minutes / 60);
  }

  @Override
  public synchronized void close() {
    if (bar != null) {
      bar.close();
      bar = null;
    }
  }
}
