package org.stackel.report;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Clock;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.stackel.config.InvalidInputException;
import org.stackel.runfile.ComparisonFile;
import org.stackel.runfile.Marker;
import org.stackel.runfile.RunFiles;
import org.stackel.runfile.SheetFile;

/** Writes the report of one or more runs or comparisons. */
public final class Report {
  private static final String PAGE = "report.html";

  /** What `stackel clean` leaves. */
  private static final String CLEAN = "clean.json";

  private static final List<String> PAGES = List.of(PAGE, "review.html");
  private static final long LARGEST = 1L << 27;
  private static final String WRITTEN = "<!-- Written by `stackel report`. -->";

  /** What every page and document has, those of earlier versions too. */
  private static final List<String> SIGNS =
      List.of(
          "<meta name=\"generator\" content=\"Stackel",
          MarkdownPage.SOURCES + "\n",
          WRITTEN + "\n");

  private Report() {}

  /** A report of all there is, in the order of the directories. */
  public static void write(List<Path> directories, Path out) throws IOException {
    write(directories, out, (Path) null);
  }

  static void write(List<Path> directories, Path out, Clock clock) throws IOException {
    write(directories, out, null, clock);
  }

  /**
   * Reads the directories and writes one HTML file that needs nothing else: no network, no other
   * file; or, where its name ends in {@code .md}, the tables as Markdown, with figures in a
   * directory beside it. The file appears whole or not at all.
   *
   * @param directories run directories, and directories that hold a {@code comparison.json}; the
   *     runs that a comparison names are read too
   * @param out the file to write; a report that exists is replaced, a missing parent is made
   * @param template a Markdown text whose places are filled; null for all there is, in order
   * @return what a reader must be told, such as that figures could not be drawn; null if nothing
   * @throws InvalidInputException if a directory is neither, or a file in it is missing or
   *     malformed
   * @throws IOException if a file cannot be read or the report cannot be written
   */
  public static @Nullable String write(List<Path> directories, Path out, @Nullable Path template)
      throws IOException {
    return write(directories, out, template, Clock.system(ZoneId.systemDefault()));
  }

  private static @Nullable String write(
      List<Path> directories, Path out, @Nullable Path template, Clock clock) throws IOException {
    if (directories.isEmpty()) {
      throw new InvalidInputException(
          "A report needs at least one run directory.", "`ls runs` shows which there are.");
    }
    if (Files.isDirectory(out)) {
      throw new InvalidInputException(
              "The report cannot be written: it is a directory.",
              "'%s' was meant.".formatted(out.resolve(PAGE)))
          .at(out.toString());
    }
    for (Path directory : directories) {
      boolean hasSheet = Files.exists(directory.resolve(SheetFile.NAME));
      if (hasSheet || Files.exists(directory.resolve(CLEAN))) {
        if (directories.size() > 1 || out.toString().endsWith(".md")) {
          throw new InvalidInputException(
                  "The results of `stackel %s` have a page of their own, which stands alone."
                      .formatted(hasSheet ? "tune, auc, meta and adapt" : "clean"),
                  "'%s' was meant, or `stackel report %s`."
                      .formatted(directory.resolve(PAGE), directory))
              .at(directory.toString());
        }
        replace(out, hasSheet ? SheetPage.render(directory, clock) : ownPage(directory));
        return null;
      }
    }
    var comparisons = new ArrayList<Comparison>();
    var runs = new ArrayList<Run>();
    for (Path directory : new LinkedHashSet<>(directories)) {
      if (Files.isRegularFile(directory.resolve(ComparisonFile.NAME))) {
        comparisons.add(Comparison.read(directory));
      } else {
        runs.add(Run.read(directory));
      }
    }
    if (!out.toString().endsWith(".md")) {
      if (template != null) {
        throw new InvalidInputException(
                "A template makes a Markdown document, found '%s'.".formatted(out),
                "--out results.md was meant.")
            .at("--template");
      }
      replace(out, HtmlPage.render(Page.of(comparisons, runs, clock)));
      return null;
    }
    var figures = new Figures(out);
    replace(
        out,
        template == null
            ? MarkdownPage.render(comparisons, runs, figures)
            : Template.fill(
                    RunFiles.readText(template), template.toString(), comparisons, runs, figures)
                .replaceFirst("\\n*\\z", "\n\n" + WRITTEN + "\n"));
    return figures.warning();
  }

  /** The page of `stackel clean`, which only the data themselves could draw again. */
  private static String ownPage(Path directory) throws IOException {
    Path page = directory.resolve(PAGE);
    if (!Files.exists(page)) {
      throw new InvalidInputException(
              "%s is missing, which `stackel clean` writes.".formatted(PAGE),
              "the same `stackel clean` with --force writes it again.")
          .at(directory.toString());
    }
    return Files.readString(page);
  }

  /** Whether a file is one that a report may take the place of. */
  private static boolean isReport(Path file) throws IOException {
    if (PAGES.contains(String.valueOf(file.getFileName()))) {
      Marker marker = Marker.read(Objects.requireNonNull(file.getParent()));
      if (marker != null) {
        return true;
      }
    }
    if (!Files.isRegularFile(file) || Files.size(file) > LARGEST) {
      return false;
    }
    String text = new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
    return SIGNS.stream().anyMatch(text::contains);
  }

  /**
   * Writes a file whole or not at all.
   *
   * @throws InvalidInputException if something is there that is no report
   */
  static void replace(Path out, String text) throws IOException {
    Path file = out.toAbsolutePath().normalize();
    if (Files.exists(file) && !isReport(file)) {
      throw new InvalidInputException(
              "The file exists, and is not a report of Stackel: it is not replaced.",
              "--out with another file helps.")
          .at(out.toString());
    }
    Files.createDirectories(Objects.requireNonNull(file.getParent()));
    Marker.note(file);
    Path temporary =
        file.resolveSibling(
            String.format(
                Locale.ROOT, ".%s.%d.tmp", file.getFileName(), ProcessHandle.current().pid()));
    try {
      Files.writeString(temporary, text);
      try {
        Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);
      } catch (AtomicMoveNotSupportedException e) {
        Files.move(temporary, file, StandardCopyOption.REPLACE_EXISTING);
      }
    } finally {
      Files.deleteIfExists(temporary);
    }
  }
}
