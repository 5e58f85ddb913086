package org.stackel.report;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.stackel.config.InvalidInputException;
import org.stackel.runfile.ReviewInfoFile;
import org.stackel.runfile.ReviewLine;
import org.stackel.runfile.RunFiles;
import org.stackel.runfile.RunFiles.LastLine;
import tools.jackson.databind.json.JsonMapper;

/**
 * The page on which a person goes through suspected rows: what a run of {@code stackel clean}
 * found, and a file of decisions as the result.
 */
public final class Review {
  /** What a page holds at most if nothing else is said: browsers slow down beyond. */
  public static final int DEFAULT_LIMIT = 20_000;

  private static final int EXAMPLES = 3;

  private Review() {}

  /**
   * What the script in the page gets.
   *
   * @param left number of rows that are left out, because they are beyond the limit
   */
  private record Content(ReviewInfoFile info, List<ReviewLine> rows, int left) {}

  /**
   * Reads a run directory and writes one HTML file that needs nothing else: no network, no other
   * file. The file appears whole or not at all.
   *
   * @param directory of a run of {@code stackel clean}
   * @param out the file to write; one that exists is replaced, a missing parent is made
   * @param limit most rows on the page, the most suspicious first; at least 1
   * @return what a reader must be told, such as that rows are left out; null if nothing
   * @throws InvalidInputException if the run has nothing to review, or a file is malformed
   * @throws IOException if a file cannot be read or the page cannot be written
   */
  public static @Nullable String write(Path directory, Path out, int limit) throws IOException {
    Path lines = directory.resolve(ReviewLine.NAME);
    if (!Files.isRegularFile(lines)) {
      throw missing(directory);
    }
    if (Files.isDirectory(out)) {
      throw new InvalidInputException(
              "The page cannot be written: it is a directory.",
              "'%s' was meant.".formatted(out.resolve("review.html")))
          .at(out.toString());
    }
    ReviewInfoFile info =
        RunFiles.read(directory.resolve(ReviewInfoFile.NAME), ReviewInfoFile.class);
    List<ReviewLine> all = RunFiles.readLines(lines, ReviewLine.class, LastLine.WHOLE);
    List<ReviewLine> rows = all.subList(0, Math.min(limit, all.size()));
    int left = all.size() - rows.size();
    String title = info.title() == null ? info.data() : info.title();
    var titled =
        new ReviewInfoFile(
            info.data(), info.sha256(), info.classes(), info.rows(), info.suspected(), title);
    Report.replace(out, render(title, new Content(titled, rows, left)));
    return left == 0
        ? null
        : "%s of %s rows are on the page, the most suspicious ones; --limit changes that."
            .formatted(Numbers.count(rows.size()), Numbers.count(all.size()));
  }

  private static String render(String title, Content content) throws IOException {
    return HtmlPage.fill(
        "review.html",
        Map.of(
            "title", HtmlPage.escape(title),
            "tool", HtmlPage.escape(HtmlPage.wroteIt()),
            "style", HtmlPage.resource("report.css") + HtmlPage.resource("review.css"),
            "script", HtmlPage.resource("elements.js") + HtmlPage.resource("review.js"),
            "data", HtmlPage.inScript(JsonMapper.shared().writeValueAsString(content))));
  }

  private static InvalidInputException missing(Path directory) throws IOException {
    if (!Files.isDirectory(directory)) {
      return new InvalidInputException(
              Files.exists(directory)
                  ? "This is a file, not the directory of a run."
                  : "There is no such directory.",
              "the path is misspelled.")
          .at(directory.toString());
    }
    List<String> others = others(directory);
    return new InvalidInputException(
            "There is nothing to review: %s is missing. Only runs of `stackel clean` have it."
                .formatted(ReviewLine.NAME),
            others.isEmpty()
                ? "`stackel clean TRAIN --trusted FILE` was meant, whose run directory can be reviewed."
                : "%s was meant.".formatted(String.join(" or ", others)))
        .at(directory.toString());
  }

  /** Runs beside or inside the directory that can be reviewed. */
  private static List<String> others(Path directory) throws IOException {
    Path parent = directory.toAbsolutePath().normalize().getParent();
    List<Path> places = parent == null ? List.of(directory) : List.of(directory, parent);
    var found = new ArrayList<String>();
    for (Path place : places) {
      try (Stream<Path> entries = Files.list(place)) {
        entries
            .filter(entry -> Files.isRegularFile(entry.resolve(ReviewLine.NAME)))
            .map(
                entry ->
                    "'"
                        + directory
                            .resolve(directory.toAbsolutePath().relativize(entry.toAbsolutePath()))
                            .normalize()
                        + "'")
            .sorted()
            .limit(EXAMPLES)
            .forEach(found::add);
      }
    }
    return found.stream().limit(EXAMPLES).toList();
  }
}
