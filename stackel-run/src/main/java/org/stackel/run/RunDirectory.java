package org.stackel.run;

import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;
import org.stackel.algorithm.BilevelAlgorithm;
import org.stackel.config.InvalidInputException;
import org.stackel.config.Options;
import org.stackel.experiment.Draft;
import org.stackel.experiment.Experiment;
import org.stackel.oracle.OracleCalls;
import org.stackel.problem.Artifacts;
import org.stackel.problem.BilevelProblem;
import org.stackel.problem.Metrics;
import org.stackel.problem.ProblemOptions;
import org.stackel.runfile.CheckFile;
import org.stackel.runfile.Descent;
import org.stackel.runfile.Document;
import org.stackel.runfile.ExperimentFile;
import org.stackel.runfile.FileErrors;
import org.stackel.runfile.Marker;
import org.stackel.runfile.MetricsLine;
import org.stackel.runfile.OutcomeFile;
import org.stackel.runfile.ProvenanceFile;
import org.stackel.runfile.RollbackLine;
import org.stackel.runfile.RunFiles;
import org.stackel.runfile.RunStatus;
import org.stackel.runfile.StepLine;
import org.stackel.runfile.TraceLine;
import org.stackel.runfile.WholeFile;
import org.stackel.tensor.AtomicFile;
import org.stackel.tensor.Device;
import org.stackel.tensor.StateScope;
import org.stackel.tensor.TensorFile;
import org.stackel.tensor.Tensors;

/**
 * The files of one run.
 *
 * <p>Whole files are there whole or not at all; metrics.jsonl and trace.jsonl grow by whole lines.
 * A process that is killed leaves a directory from which the run can go on.
 */
public final class RunDirectory implements RunListener, Artifacts, AutoCloseable {
  /** The complete experiment. */
  public static final String EXPERIMENT = ExperimentFile.NAME;

  /** Versions, machine, data. */
  public static final String PROVENANCE = ProvenanceFile.NAME;

  /** One line an evaluation. */
  public static final String METRICS = MetricsLine.NAME;

  /** One line a step, if asked for. */
  public static final String TRACE = TraceLine.NAME;

  /** The result of a check. */
  public static final String CHECK = CheckFile.NAME;

  /** How it ended; written last. */
  public static final String OUTCOME = OutcomeFile.NAME;

  private static final String CHECKPOINTS = "checkpoints";
  private static final int CHECKPOINTS_KEPT = 2;
  private static final long LARGEST_TRACE = 100_000;

  /** What to do about a run that is in the directory already. */
  public enum IfExists {
    /** Complain. */
    REFUSE,
    /** Set it aside, if it is Stackel's alone: see {@link Claim}. */
    REPLACE,
    /** Go on with it, where it is a comparison; complain about a run. */
    CONTINUE
  }

  /** Whether every iterate is written. */
  public enum Trace {
    /** No. */
    OFF,
    /** To trace.jsonl. */
    ON
  }

  private final Path directory;
  private Experiment experiment;
  private @Nullable Descent descent;
  private double stepSizes = 1;
  private int processes = 1;
  private final IfExists ifExists;
  private final Trace trace;
  private final boolean isNew;

  private @Nullable OracleCalls spent; // at the last evaluation

  /** Files of lines as they will be when the run goes on. */
  private final Map<Path, String> rewritten = new LinkedHashMap<>();

  private final List<Path> damaged = new ArrayList<>();
  private final List<String> remarks = new ArrayList<>();

  private @Nullable BufferedWriter metricsWriter;
  private @Nullable BufferedWriter traceWriter;
  private @Nullable Claim claim;

  private RunDirectory(
      Path directory, Experiment experiment, IfExists ifExists, Trace trace, boolean isNew) {
    this.directory = directory;
    this.experiment = experiment;
    this.ifExists = ifExists;
    this.trace = trace;
    this.isNew = isNew;
  }

  /**
   * A place for a new run. The directory appears when the run has opened its data.
   *
   * @throws InvalidInputException if something else is there, or if it cannot be made
   */
  public static RunDirectory create(
      Path directory, Experiment experiment, IfExists ifExists, Trace trace) {
    Path place = Claim.plain(directory);
    Claim.check(place, Marker.Kind.RUN, ifExists);
    return new RunDirectory(place, experiment, ifExists, trace, true);
  }

  /**
   * The run in a directory, to go on with.
   *
   * @throws InvalidInputException if there is none
   */
  public static RunDirectory open(Path directory) {
    return open(directory, read(directory));
  }

  /**
   * The run of objects in a directory, to go on with.
   *
   * @param problem that of the run
   * @param algorithm that of the run, with its hyperparameters
   * @throws InvalidInputException if there is none, or if its names or options are others
   */
  public static RunDirectory open(
      Path directory, ProblemOptions problem, BilevelAlgorithm<?> algorithm) {
    Experiment given = draft(directory).experiment(problem, algorithm);
    checkSame(directory, given);
    return open(directory, given);
  }

  /**
   * What an experiment left in a directory, to be used or gone on with; null if there is no run.
   *
   * @throws InvalidInputException if it was another experiment, or its data have changed since
   */
  public static @Nullable RunDirectory earlier(Path directory, Experiment experiment) {
    if (!Files.exists(directory.resolve(EXPERIMENT))) {
      return null;
    }
    Experiment complete = experiment.completed();
    RunDirectory run = open(directory, complete.problem(), complete.algorithm());
    if (!run.experiment().settings().equals(complete.settings())) {
      throw new InvalidInputException(
              "The run in this directory has other settings: %s, not %s."
                  .formatted(run.experiment().settings(), complete.settings()),
              "the options are not those of the command that was stopped; --force starts it again.")
          .at(directory.resolve(EXPERIMENT).toString());
    }
    run.checkInputs();
    return run;
  }

  /** Whether no process works in a directory, now. */
  public static boolean isFree(Path directory) {
    try {
      DirectoryLock.checkFree(directory);
      return true;
    } catch (InvalidInputException e) {
      return false;
    } catch (IOException e) {
      throw FileErrors.reading(directory, e);
    }
  }

  private static RunDirectory open(Path directory, Experiment experiment) {
    Trace trace = Files.exists(directory.resolve(TRACE)) ? Trace.ON : Trace.OFF;
    return new RunDirectory(directory, experiment, IfExists.REFUSE, trace, false);
  }

  private static Draft draft(Path directory) {
    if (!Files.isDirectory(directory)) {
      throw new InvalidInputException(
              Files.exists(directory)
                  ? "This is a file, not the directory of a run."
                  : "There is no such directory.",
              "the path is misspelled; `stackel run` starts a new run.")
          .at(directory.toString());
    }
    if (!Files.exists(directory.resolve(EXPERIMENT))) {
      throw new InvalidInputException(
              "There is no run in this directory: %s is missing.".formatted(EXPERIMENT),
              "a directory in it was meant, or `stackel run`; a comparison goes on with `stackel compare … --resume`.")
          .at(directory.toString());
    }
    return Draft.read(directory.resolve(EXPERIMENT));
  }

  private static Experiment read(Path directory) {
    Draft draft = draft(directory);
    try {
      return draft.experiment();
    } catch (InvalidInputException e) {
      throw RunPlugins.missing(e, directory);
    }
  }

  /** Where the files are. */
  public Path path() {
    return directory;
  }

  /** The experiment of the run, complete once its problem has been opened. */
  public Experiment experiment() {
    return experiment;
  }

  /**
   * This run with more steps to do.
   *
   * @param steps in all
   * @throws InvalidInputException if they are fewer than those of the run
   */
  public RunDirectory withSteps(long steps) {
    long planned = experiment.settings().steps();
    if (steps < planned) {
      throw new InvalidInputException(
              String.format(
                  Locale.ROOT,
                  "The steps (%d) must be at least %d, the steps of the run.",
                  steps,
                  planned),
              String.format(
                  Locale.ROOT, "%d more steps were meant: %d in all.", steps, planned + steps))
          .atKey("steps");
    }
    return new RunDirectory(directory, experiment.withSteps(steps), ifExists, trace, isNew);
  }

  /** Notes how many processes begin the run, or go on with it. */
  public void sharedBy(int ranks) {
    processes = ranks;
  }

  /** Where the run is that was in the directory before; null if there was none. */
  public @Nullable Path replaced() {
    return claim == null ? null : claim.replaced();
  }

  /**
   * Remarks on going on, in sentences: damaged checkpoints, and plug-ins that are not those of the
   * run so far.
   */
  public List<String> remarks() {
    var all = new ArrayList<>(remarks);
    all.addAll(RunPlugins.changes(directory, experiment));
    return all;
  }

  /**
   * Whether nothing is left to do.
   *
   * @param ended result of {@link #ended}
   * @param steps that are wanted in all; null for those of the run
   */
  public boolean isComplete(@Nullable OutcomeFile ended, @Nullable Long steps) {
    long planned = experiment.settings().steps();
    return ended != null
        && ended.status() == RunStatus.COMPLETED
        && (steps == null || steps == planned || ended.step() < planned); // its budget is spent
  }

  /**
   * Refuses a run that diverged.
   *
   * @param ended result of {@link #ended}
   */
  public void checkNotDiverged(@Nullable OutcomeFile ended) {
    if (ended != null && ended.status() == RunStatus.DIVERGED) {
      throw new InvalidInputException(
              String.format(
                  Locale.ROOT,
                  "The run diverged after step %d; resuming it would diverge again.",
                  ended.step()),
              "a new run with smaller step sizes helps: `stackel run %s --out … --set …`, or --on-divergence rollback."
                  .formatted(directory.resolve(EXPERIMENT)))
          .at(directory.toString());
    }
  }

  /** Whether a directory has no entries. */
  public static boolean isEmpty(Path directory) {
    try (Stream<Path> entries = Files.list(directory)) {
      return entries.findAny().isEmpty();
    } catch (IOException e) {
      throw FileErrors.reading(directory, e);
    }
  }

  // ---- while it runs -----------------------------------------------------------------------

  @Override
  public void opened(Experiment complete, BilevelProblem<?> problem) {
    experiment = complete;
    long numbers = problem.upperLayout().size() + problem.lowerLayout().size();
    if (trace == Trace.ON && numbers > LARGEST_TRACE) {
      throw new InvalidInputException(
              String.format(
                  Locale.ROOT,
                  "--trace would write %,d values per step; the limit is %,d.",
                  numbers,
                  LARGEST_TRACE),
              "metrics.jsonl and the checkpoints are enough.")
          .at("--trace");
    }
    writing(
        directory,
        () -> {
          if (isNew) {
            claim = Claim.take(directory, Marker.Kind.RUN, ifExists);
          } else {
            RunInputs.checkRead(directory, problem.inputs());
          }
          dropLater();
          if (!Files.exists(directory.resolve(PROVENANCE))) {
            writeWhole(PROVENANCE, Provenance.of(experiment, problem.inputs(), processes));
          }
          ProvenanceFile updated = Provenance.updated(directory, experiment, processes);
          if (updated != null) {
            writeWhole(PROVENANCE, updated);
          }
          Files.createDirectories(directory.resolve(CHECKPOINTS));
          openWriters();
          writeWhole(EXPERIMENT, experiment.toFile());
        });
  }

  @Override
  public boolean looksAtStates() {
    return trace == Trace.ON;
  }

  @Override
  public void stepped(long step, Tensor x, Tensor y) {
    if (traceWriter != null) {
      append(TRACE, traceWriter, new TraceLine(step, numbers(x), numbers(y)));
    }
  }

  /** Drops what was written after the checkpoint that the run goes on from. */
  private void dropLater() throws IOException {
    if (!isNew) {
      Files.deleteIfExists(directory.resolve(OUTCOME));
      deleteUnfinished();
      rewrite();
      for (Path file : damaged) {
        Files.move(
            file,
            file.resolveSibling(file.getFileName() + ".broken"),
            StandardCopyOption.REPLACE_EXISTING);
      }
      damaged.clear();
    }
  }

  private void rewrite() throws IOException {
    for (Map.Entry<Path, String> file : rewritten.entrySet()) {
      AtomicFile.write(file.getKey(), file.getValue());
    }
    rewritten.clear();
  }

  private void openWriters() throws IOException {
    metricsWriter = appender(METRICS);
    traceWriter = trace == Trace.ON ? appender(TRACE) : null;
  }

  private void closeWriters() throws IOException {
    try (var metrics = metricsWriter;
        var lines = traceWriter) {
      metricsWriter = null;
      traceWriter = null;
    }
  }

  /** Objects must be those of the file. */
  private static void checkSame(Path directory, Experiment experiment) {
    ExperimentFile written = file(directory);
    ExperimentFile given = experiment.toFile();
    checkSame(directory, "problem", written.problem(), given.problem());
    checkSame(directory, "algorithm", written.algorithm(), given.algorithm());
  }

  private static void checkSame(
      Path directory, String part, Map<String, ?> written, Map<String, ?> given) {
    String key = Document.difference(written, given);
    if (key != null) {
      throw new InvalidInputException(
              "The run in this directory has %s.%s %s, not %s."
                  .formatted(
                      part, key, Document.line(written.get(key)), Document.line(given.get(key))),
              "a new run was meant, or the directory of another one.")
          .at(directory.resolve(EXPERIMENT).toString());
    }
  }

  private static ExperimentFile file(Path directory) {
    Path file = directory.resolve(EXPERIMENT);
    try {
      return RunFiles.read(file, ExperimentFile.class);
    } catch (IOException e) {
      throw FileErrors.reading(file, e);
    }
  }

  private static List<Double> numbers(Tensor tensor) {
    return Arrays.stream(Tensors.toArray(tensor)).boxed().toList();
  }

  @Override
  public void evaluated(MetricsRow row) {
    spent = row.oracle();
    append(METRICS, metricsWriter, row.toLine());
  }

  @Override
  public void checkpoint(long step, Map<String, Tensor> state, OracleCalls calls) {
    var label = new CheckpointLabel(experiment.algorithmType(), step, calls, stepSizes);
    Path file = directory.resolve(CHECKPOINTS).resolve(label.fileName());
    writing(
        file,
        () -> {
          TensorFile.write(file, state, label.metadata());
          List<Path> files = checkpoints();
          for (Path old : files.subList(0, Math.max(0, files.size() - CHECKPOINTS_KEPT))) {
            Files.delete(old);
          }
        });
  }

  @Override
  public void rolledBack(RollbackLine rollback) {
    stepSizes = rollback.stepSizes();
    writing(
        directory,
        () -> {
          closeWriters();
          keepRows(rollback.at() == 0 ? -1 : rollback.step(), OracleCalls.NONE);
          rewrite();
          openWriters();
          if (claim != null) {
            claim.add(RollbackLine.NAME);
          }
          try (BufferedWriter writer = appender(RollbackLine.NAME)) {
            append(RollbackLine.NAME, writer, rollback);
          }
        });
  }

  @Override
  public void judged(Descent judged) {
    descent = judged;
  }

  @Override
  public void text(String name, String content) {
    writing(directory, () -> AtomicFile.write(place(name), content));
  }

  @Override
  public void json(String name, Map<String, ?> content) {
    text(name, RunFiles.pretty(content));
  }

  @Override
  public void tensors(String name, Map<String, Tensor> tensors) {
    writing(directory, () -> TensorFile.write(place(name), tensors, Map.of()));
  }

  /** Where an artifact goes: inside the directory. */
  private Path place(String name) throws IOException {
    Path file = directory.resolve(name).normalize();
    if (!file.startsWith(directory.normalize()) || file.equals(directory.normalize())) {
      throw new IllegalArgumentException("An artifact must lie inside its run: " + name);
    }
    if (claim != null) {
      claim.add(directory.normalize().relativize(file).toString().replace('\\', '/'));
    }
    Files.createDirectories(file.getParent());
    return file;
  }

  /** Writes how the run ended. */
  public void finish(RunOutcome outcome) {
    Long calls = spent == null ? null : (Long) spent.total();
    Long samples = spent == null ? null : (Long) spent.samples();
    OutcomeFile file = outcome.toFile().ending(calls, samples, stepSizes, descent);
    writing(directory, () -> writeWhole(OUTCOME, file));
  }

  /** Writes the result of a check of the run. */
  public void finish(CheckFile result) {
    writing(directory, () -> writeWhole(CHECK, result));
  }

  private void append(String name, @Nullable BufferedWriter writer, StepLine line) {
    if (writer != null) {
      writing(
          directory.resolve(name),
          () -> {
            writer.write(RunFiles.line(line) + "\n");
            writer.flush();
          });
    }
  }

  private BufferedWriter appender(String name) throws IOException {
    return Files.newBufferedWriter(
        directory.resolve(name),
        StandardCharsets.UTF_8,
        StandardOpenOption.CREATE,
        StandardOpenOption.APPEND);
  }

  private void writeWhole(String name, WholeFile file) throws IOException {
    AtomicFile.write(directory.resolve(name), RunFiles.text(file));
  }

  /**
   * Deletes a file, or a directory with everything in it; follows no links.
   *
   * @throws IOException if something cannot be deleted
   */
  public static void delete(Path path) throws IOException {
    List<Path> inside;
    try (Stream<Path> walk = Files.walk(path)) { // follows no links
      inside = walk.sorted(Comparator.reverseOrder()).toList();
    }
    for (Path each : inside) {
      Files.delete(each);
    }
  }

  @Override
  public void close() {
    writing(
        directory,
        () -> {
          try (Claim held = claim) { // a writer that fails keeps no lock
            claim = null;
            closeWriters();
          }
        });
  }

  // ---- going on ----------------------------------------------------------------------------

  /**
   * The evaluations so far, as the file has them.
   *
   * @throws InvalidInputException if a line is wrong
   */
  public List<MetricsRow> rows() {
    Path file = directory.resolve(METRICS);
    try {
      return RunFiles.readLines(file, MetricsLine.class, RunFiles.LastLine.MAY_BE_CUT).stream()
          .map(MetricsRow::of)
          .toList();
    } catch (IOException e) {
      throw FileErrors.reading(file, e);
    }
  }

  /**
   * Compares the files that the run has read with their present content.
   *
   * @throws InvalidInputException if one was changed
   */
  public void checkInputs() {
    RunInputs.checkFiles(directory);
  }

  /** How the run ended, or null if it was cut off. */
  public @Nullable OutcomeFile ended() {
    Path file = directory.resolve(OUTCOME);
    if (!Files.exists(file)) {
      return null;
    }
    try {
      return RunFiles.read(file, OutcomeFile.class);
    } catch (IOException e) {
      throw FileErrors.reading(file, e);
    }
  }

  /**
   * Prepares for going on: finds the last whole checkpoint. What was written after it, and with it
   * rows that no longer are due, is dropped once the run is {@link #opened}: until then the files
   * are as they were. Null if there is no checkpoint: the run starts anew.
   *
   * @throws InvalidInputException if an input file was changed, or no checkpoint is whole
   */
  public @Nullable ResumePoint prepareToResume() {
    OutcomeFile ended = ended();
    RunInputs.checkFiles(directory);
    try {
      return resumePoint(ended);
    } catch (RuntimeException e) {
      close();
      throw e;
    }
  }

  private @Nullable ResumePoint resumePoint(@Nullable OutcomeFile ended) {
    try {
      claim = Claim.goOn(directory, Marker.Kind.RUN);
      ResumePoint point = lastCheckpoint();
      long step = point == null ? -1 : point.step();
      double seconds = ended != null && ended.step() == step ? ended.seconds() : Double.NaN;
      OracleCalls calls = point == null ? OracleCalls.NONE : point.calls();
      MetricsLine row = keepRows(step, calls);
      stepSizes = point == null ? 1 : point.stepSizes();
      keepRollbacks();
      if (point == null) {
        return null;
      }
      double noted = row == null ? 0 : row.seconds();
      return new ResumePoint(
          point.checkpoint(),
          step,
          point.calls(),
          Double.isNaN(seconds) ? noted : seconds,
          row == null ? Metrics.NONE : new Metrics(row.metrics()),
          point.stepSizes());
    } catch (IOException e) {
      throw FileErrors.writing(directory, e);
    }
  }

  /** The last one that is whole; those after it are noted as damaged. */
  private @Nullable ResumePoint lastCheckpoint() throws IOException {
    List<Path> files = checkpoints();
    damaged.clear();
    remarks.clear();
    InvalidInputException complaint = null;
    for (int i = files.size() - 1; i >= 0; i--) {
      try {
        ResumePoint point = point(files.get(i));
        for (Path file : damaged) {
          remarks.add(
              "%s is damaged: going on from step %s instead."
                  .formatted(file, Long.toString(point.step())));
        }
        return point;
      } catch (InvalidInputException e) { // the one before it may be whole
        complaint = complaint == null ? e : complaint;
        damaged.add(files.get(i));
      }
    }
    if (complaint != null) {
      throw complaint.withAdvice(
          "a copy of %s was kept elsewhere; `stackel run %s --out …` starts again."
              .formatted(directory.resolve(CHECKPOINTS), directory.resolve(EXPERIMENT)));
    }
    return null;
  }

  /**
   * The state in the last checkpoint of a run, by name; empty if there is none.
   *
   * @throws InvalidInputException if the checkpoint is broken
   */
  public static Map<String, double[]> lastState(Path directory) throws IOException {
    List<Path> files = checkpoints(directory);
    if (files.isEmpty()) {
      return Map.of();
    }
    try (var scope = StateScope.open()) {
      var state = new LinkedHashMap<String, double[]>();
      boolean isDouble = Options.kebab(Device.Precision.FLOAT64).equals(file(directory).dtype());
      TensorFile.read(files.get(files.size() - 1), isDouble ? Device.CPU64 : Device.CPU)
          .tensors()
          .forEach((name, tensor) -> state.put(name, Tensors.toArray(tensor)));
      return state;
    }
  }

  /** What a checkpoint says, if nothing in it disagrees. */
  private ResumePoint point(Path file) throws IOException {
    try (var scope = StateScope.open()) {
      TensorFile.Content content = TensorFile.read(file, experiment.device());
      CheckpointLabel label = CheckpointLabel.of(file, content);
      label.checkStep(file, stepOf(file));
      if (content.isVerified()) { // algorithms of earlier versions may have had other names
        label.checkAlgorithm(file, experiment.algorithmType());
      } else {
        remarks.add(
            "%s has no checksum, since an earlier version wrote it: damage cannot be noticed."
                .formatted(file));
      }
      return new ResumePoint(file, label.step(), label.calls(), 0, Metrics.NONE, label.stepSizes());
    }
  }

  private List<Path> checkpoints() throws IOException {
    return checkpoints(directory);
  }

  private static List<Path> checkpoints(Path directory) throws IOException {
    Path checkpoints = directory.resolve(CHECKPOINTS);
    if (!Files.isDirectory(checkpoints)) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(checkpoints)) {
      return files
          .filter(f -> f.getFileName().toString().matches("step-[0-9]{1,18}\\.safetensors"))
          .sorted(Comparator.comparingLong(RunDirectory::stepOf))
          .toList();
    }
  }

  private static long stepOf(Path checkpoint) {
    String name = checkpoint.getFileName().toString();
    return Long.parseLong(name.substring("step-".length(), name.indexOf('.')));
  }

  private void deleteUnfinished() throws IOException {
    List<Path> unfinished;
    try (Stream<Path> files = Files.walk(directory)) {
      unfinished = files.filter(f -> f.toString().endsWith(AtomicFile.UNFINISHED)).toList();
    }
    for (Path file : unfinished) {
      Files.delete(file);
    }
  }

  /**
   * Clears what a process left that was killed after its run was complete.
   *
   * @throws InvalidInputException if another process works in the directory
   */
  public void tidy() {
    writing(
        directory,
        () -> {
          try (var tidied = Claim.goOn(directory, Marker.Kind.RUN)) {
            deleteUnfinished();
          }
        });
  }

  /** Keeps the due rows of all files up to a step, and returns the last evaluation. */
  private @Nullable MetricsLine keepRows(long step, OracleCalls calls) throws IOException {
    keepRows(TraceLine.class, TRACE, step, 1, calls);
    return keepRows(MetricsLine.class, METRICS, step, experiment.settings().evaluateEvery(), calls);
  }

  /** Drops rollbacks after the checkpoint: the run repeats them. */
  private void keepRollbacks() throws IOException {
    Path file = directory.resolve(RollbackLine.NAME);
    if (Files.exists(file)) {
      var kept = new StringBuilder();
      for (var line : lines(file, RollbackLine.class)) {
        if (line.content().stepSizes() >= stepSizes) {
          kept.append(line.text()).append('\n');
        }
      }
      rewritten.put(file, kept.toString());
    }
  }

  /**
   * Keeps the due rows up to a step, and returns the last of them.
   *
   * @throws InvalidInputException if evaluations before the step are missing at the end of the file
   */
  private <T extends StepLine> @Nullable T keepRows(
      Class<T> type, String name, long step, long every, OracleCalls calls) throws IOException {
    Path file = directory.resolve(name);
    if (!Files.exists(file)) {
      return null;
    }
    var kept = new ArrayList<String>();
    var steps = new HashSet<Long>();
    T last = null;
    for (var line : lines(file, type)) {
      T row = line.content();
      double seconds = row instanceof MetricsLine metrics ? metrics.seconds() : 0;
      boolean isEnd = row.step() == step && experiment.settings().isSpent(step, seconds, calls);
      if (row.step() <= step && (row.step() % every == 0 || isEnd)) {
        kept.add(line.text() + "\n");
        steps.add(row.step());
        last = row;
      }
    }
    if (type == MetricsLine.class
        && step >= 0
        && (last == null || last.step() < step - step % every)) {
      throw new InvalidInputException(
              last == null
                  ? "The file has no evaluation, but the checkpoint is of step %s.".formatted(step)
                  : "The file ends at step %s, but the checkpoint is of step %s."
                      .formatted(last.step(), step),
              "it was cut: a copy of it helps, or removing it, and the run goes on without its earlier evaluations.")
          .at(file.toString());
    }
    rewritten.put(file, String.join("", kept));
    tellMissing(name, every, steps, step);
    return last;
  }

  /** Remarks on lines that are not there: reports would go without them in silence. */
  private void tellMissing(String name, long every, Set<Long> steps, long last) {
    long first = -1;
    long missing = 0;
    for (long step = 0; step <= last; step += every) {
      if (!steps.contains(step)) {
        first = first < 0 ? step : first;
        missing++;
      }
    }
    if (missing > 0) {
      remarks.add(
          String.format(
              Locale.ROOT,
              "%s has no line for step %d%s: the file was edited or damaged. The run goes on, and reports lack what is not there.",
              directory.resolve(name),
              first,
              switch ((int) Math.min(missing, 3)) {
                case 1 -> "";
                case 2 -> " and another";
                default -> String.format(Locale.ROOT, " and %,d others", missing - 1);
              }));
    }
  }

  /**
   * The lines of a file and what they say, but for a last one that was cut off.
   *
   * @throws InvalidInputException if another is wrong: those behind it would be lost
   */
  private static <T extends StepLine> List<RunFiles.Line<T>> lines(Path file, Class<T> type)
      throws IOException {
    try {
      return RunFiles.lines(file, type, RunFiles.LastLine.MAY_BE_CUT);
    } catch (InvalidInputException e) {
      throw e.withAdvice(
          "the file was edited or damaged: a copy of it helps, or removing the line, which is then missing in reports.");
    }
  }

  private interface DiskAction {
    void run() throws IOException;
  }

  private static void writing(Path where, DiskAction action) {
    try {
      action.run();
    } catch (IOException e) {
      throw FileErrors.writing(where, e);
    }
  }
}
