package org.stackel.sweep;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.stackel.config.InvalidInputException;
import org.stackel.experiment.Experiment;
import org.stackel.report.Report;
import org.stackel.run.Claim;
import org.stackel.run.RunDirectory;
import org.stackel.runfile.Document;
import org.stackel.runfile.FileErrors;
import org.stackel.runfile.Marker;
import org.stackel.runfile.RunFiles;
import org.stackel.runfile.SheetFile;
import org.stackel.tensor.AtomicFile;

/** The directory of a sweep, with one of each run in it. */
final class SweepDirectory implements AutoCloseable {
  /** The sweep's own file. */
  static final String PLAN = "sweep.json";

  private static final String TABLE = "sweep.csv";
  private static final String FAILURES = "failures.jsonl";
  private static final String PAGE = "report.html";

  private final Path directory;
  private final Claim claim;

  private SweepDirectory(Path directory, Claim claim) {
    this.directory = directory;
    this.claim = claim;
  }

  /**
   * Takes a directory.
   *
   * @throws org.stackel.config.InvalidInputException if something is there that may not be replaced
   *     or gone on with
   */
  static SweepDirectory take(Path directory, RunDirectory.IfExists ifExists) {
    try {
      Marker marker = Files.isDirectory(directory) ? Marker.read(directory) : null;
      boolean goesOn =
          ifExists == RunDirectory.IfExists.CONTINUE
              && marker != null
              && marker.kind() == Marker.Kind.SWEEP;
      Claim claim =
          goesOn
              ? Claim.goOn(directory, Marker.Kind.SWEEP)
              : Claim.take(directory, Marker.Kind.SWEEP, ifExists);
      return new SweepDirectory(directory.toAbsolutePath().normalize(), claim);
    } catch (IOException e) {
      throw FileErrors.writing(directory, e);
    }
  }

  Path of(String run) {
    return directory.resolve(run);
  }

  private interface Body {
    void write() throws IOException;
  }

  private void writing(String name, Body body) {
    try {
      body.write();
    } catch (IOException e) {
      throw FileErrors.writing(directory.resolve(name), e);
    }
  }

  /**
   * Writes the sweep's file, and that these runs have directories.
   *
   * @param check of what was there, before anything is written
   * @throws InvalidInputException if another file was begun here
   */
  void begin(SweepFile sweep, List<String> runs, Runnable check) {
    checkSame(sweep);
    check.run();
    writing(
        PLAN,
        () -> {
          for (String run : runs) {
            claim.add(run + "/");
          }
          Object plan = Objects.requireNonNull(sweep.document().value());
          AtomicFile.write(directory.resolve(PLAN), RunFiles.pretty(plan));
        });
  }

  /** What a run was begun with; null if it was not, or if that is for the run to tell. */
  @Nullable Experiment begun(String run) {
    try {
      return Files.exists(of(run).resolve(RunDirectory.EXPERIMENT))
          ? RunDirectory.open(of(run)).experiment()
          : null;
    } catch (InvalidInputException e) {
      return null;
    }
  }

  /** Points have their directories by number: with other values they would be others' runs. */
  private void checkSame(SweepFile sweep) {
    Path plan = directory.resolve(PLAN);
    try {
      if (Files.exists(plan)
          && !Objects.equals(Document.read(plan).value(), sweep.document().value())) {
        throw new InvalidInputException(
                "The sweep in %s was begun with another file: its %s says what was in it."
                    .formatted(directory, PLAN),
                "the file has been edited since; --out with another directory, or --force, begins anew.")
            .at(sweep.document().source());
      }
    } catch (IOException e) {
      throw FileErrors.reading(plan, e);
    }
  }

  /** Notes that an attempt at a run failed. */
  void failed(Failure failure) {
    writing(
        FAILURES,
        () ->
            Files.writeString(
                directory.resolve(FAILURES),
                RunFiles.line(failure) + "\n",
                StandardOpenOption.CREATE,
                StandardOpenOption.APPEND));
  }

  /**
   * A line of failures.jsonl.
   *
   * @param run its name
   * @param attempt from 1 on
   * @param error what happened
   */
  record Failure(String run, int attempt, String error) {}

  /** Writes table, sheet and page. */
  void finish(String table, SheetFile sheet) {
    writing(TABLE, () -> AtomicFile.write(directory.resolve(TABLE), table));
    writing(
        SheetFile.NAME,
        () -> AtomicFile.write(directory.resolve(SheetFile.NAME), RunFiles.text(sheet)));
    writing(PAGE, () -> Report.write(List.of(directory), directory.resolve(PAGE)));
  }

  @Override
  public void close() {
    writing("", claim::close);
  }
}
