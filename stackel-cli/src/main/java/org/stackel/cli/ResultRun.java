package org.stackel.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.stackel.config.Options;
import org.stackel.report.Report;
import org.stackel.run.ResultDirectory;
import org.stackel.runfile.Document;
import org.stackel.runfile.FileErrors;
import org.stackel.runfile.SheetFile;

/** What a command on somebody's data says while it works and when it is done. */
final class ResultRun {
  private static final long QUIET_NANOS = 500_000_000L;

  private final PrintWriter out;
  private final PrintWriter err;
  private final OutputOptions output;
  private final long begin = System.nanoTime();
  private long lastLine;

  ResultRun(PrintWriter out, PrintWriter err, OutputOptions output) {
    this.out = out;
    this.err = err;
    this.output = output;
  }

  /** Says a remark, which is a sentence, or how far it is. */
  void say(String what) {
    if (!what.endsWith(".")) {
      progress(what);
    } else if (!output.quiet) {
      err.println(what);
    }
  }

  /** Says how far it is, now and then. */
  private void progress(String what) {
    long now = System.nanoTime();
    if (!output.quiet && now - lastLine > QUIET_NANOS) {
      lastLine = now;
      err.println(String.format("%6.1f s  %s", (now - begin) / 1e9, what));
    }
  }

  /** Says that it was asked to stop. */
  int stopped() {
    return stopped(err);
  }

  /** Says that a command was asked to stop. */
  static int stopped(PrintWriter err) {
    err.println("Stopped; nothing was written. The same command starts again.");
    return ExitCode.INTERRUPTED;
  }

  /**
   * Writes sheet and page, and prints the tables.
   *
   * @param summary what {@code --json} prints besides the directory
   * @param stopped whether it was asked to stop, so that this is what was found until then
   */
  int done(ResultDirectory directory, SheetFile sheet, Map<String, ?> summary, boolean stopped) {
    directory.finish(sheet);
    Path report = directory.path().resolve("report.html");
    try {
      Report.write(List.of(directory.path()), report);
    } catch (IOException e) {
      throw FileErrors.writing(report, e);
    }
    out.println(sheet.result());
    for (SheetFile.Table table : sheet.tables()) {
      out.println();
      out.println(table.title());
      print(table);
    }
    out.println();
    out.println(report);
    if (output.json) {
      var all = new LinkedHashMap<String, @Nullable Object>(summary);
      all.put("directory", directory.path().toString());
      all.put("report", report.toString());
      all.put("stopped", stopped);
      out.println(Document.line(all));
    }
    out.flush();
    if (stopped) {
      err.println(
          "Stopped; what was found until then is written. The same command with --force starts again.");
      return ExitCode.INTERRUPTED;
    }
    return ExitCode.COMPLETED;
  }

  /** What {@code --json} prints of a command that compares results. */
  static Map<String, Object> summary(
      String key, Object value, Map<String, ? extends Record> results) {
    var all = new LinkedHashMap<String, Object>();
    results.forEach((name, result) -> all.put(name, Options.toMap(result)));
    var summary = new LinkedHashMap<String, Object>();
    summary.put(key, value);
    summary.put("results", all);
    return summary;
  }

  private void print(SheetFile.Table table) {
    int[] widths = new int[table.columns().size()];
    for (int i = 0; i < widths.length; i++) {
      widths[i] = table.columns().get(i).length();
      for (List<String> row : table.rows()) {
        widths[i] = Math.max(widths[i], row.get(i).length());
      }
    }
    line(table.columns(), widths);
    table.rows().forEach(row -> line(row, widths));
  }

  private void line(List<String> cells, int[] widths) {
    var line = new StringBuilder(cells.get(0));
    line.append(" ".repeat(widths[0] - cells.get(0).length()));
    for (int i = 1; i < widths.length; i++) {
      line.append(" ".repeat(2 + widths[i] - cells.get(i).length())).append(cells.get(i));
    }
    out.println(line.toString().stripTrailing());
  }
}
