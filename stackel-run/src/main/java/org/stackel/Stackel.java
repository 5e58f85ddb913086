package org.stackel;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.stackel.algorithm.BilevelAlgorithm;
import org.stackel.check.Check;
import org.stackel.check.CheckPlan;
import org.stackel.check.CheckResult;
import org.stackel.compare.Comparison;
import org.stackel.compare.Terms;
import org.stackel.config.InvalidInputException;
import org.stackel.experiment.Experiment;
import org.stackel.experiment.Settings;
import org.stackel.problem.Baselines;
import org.stackel.problem.ProblemOptions;
import org.stackel.run.ResumePoint;
import org.stackel.run.RunDirectory;
import org.stackel.run.RunDirectory.IfExists;
import org.stackel.run.RunDirectory.Trace;
import org.stackel.run.RunListener;
import org.stackel.run.RunOutcome;
import org.stackel.run.Runner;
import org.stackel.runfile.FileErrors;
import org.stackel.runfile.OutcomeFile;

/**
 * Bilevel optimization in one call:
 *
 * <pre>{@code
 * var ridge = Bilevel.problem(x0, y0)
 *     .lower((x, y, b) -> …)
 *     .upper((x, y, b) -> …)
 *     .batches(n, 64);
 * Result result = Stackel.run(ridge, Slip.builder().upperLr(0.05).build(), Settings.ofSteps(1_000));
 * double[] x = result.x();
 * }</pre>
 *
 * <p>Problems and algorithms are objects. They need no name, no file and no place in a catalogue:
 * any {@link ProblemOptions}, such as a {@link org.stackel.bilevel.Bilevel}, and any record that
 * implements {@link BilevelAlgorithm}.
 *
 * <p>A run leaves a directory with its experiment, metrics and checkpoints. {@code stackel report
 * DIRECTORY} makes a page of it, and so does {@code org.stackel.report.Report}. {@link #resume}
 * goes on with a run that was stopped or killed, bit for bit as if it had never stopped.
 *
 * <p>Several threads may run at once, in different directories. The number of threads of one
 * operation is one for the whole process: that of the run that started last.
 *
 * <p>For more than that: {@link Runner} with a {@link RunListener}, {@link Comparison}, {@link
 * Check}, and {@link org.stackel.solver.Solver} for single steps.
 */
public final class Stackel {
  private static final Path RUNS = Path.of("runs");
  private static final RunListener NOBODY = new RunListener() {};

  private Stackel() {}

  // ---- run ---------------------------------------------------------------------------------

  /**
   * Runs an algorithm on a problem, in a new directory {@code runs/PROBLEM-ALGORITHM-seedN}, with
   * another number behind if that exists.
   *
   * @param problem states the losses
   * @param algorithm with its hyperparameters
   * @param settings steps, seed and more
   * @throws InvalidInputException if the problem's data are wrong, or the two do not fit
   * @throws DivergedException if a number is not finite
   * @throws org.stackel.run.StepException if a step fails for another reason
   */
  public static Result run(
      ProblemOptions problem, BilevelAlgorithm<?> algorithm, Settings settings) {
    Experiment experiment = Experiment.of(problem, algorithm, settings);
    Path directory = unused(name(experiment));
    try {
      return run(experiment, directory, NOBODY);
    } finally {
      deleteIfEmpty(directory);
    }
  }

  /**
   * The same in a directory of this name.
   *
   * @throws InvalidInputException if something is there already, and as above
   * @throws DivergedException if a number is not finite
   */
  public static Result run(
      ProblemOptions problem, BilevelAlgorithm<?> algorithm, Settings settings, Path directory) {
    return run(Experiment.of(problem, algorithm, settings), directory, NOBODY);
  }

  /**
   * Runs an experiment, such as {@code Draft.read(file).experiment()} or {@code
   * Presets.named("quadratic-demo").draft(Scale.SMALL).experiment()}.
   *
   * @param directory must not exist, or be empty
   * @param listener is told of every step, and may stop the run
   * @return how it ended; {@link Result#isComplete} is false if the listener stopped it
   * @throws InvalidInputException if the experiment or its data are wrong
   * @throws DivergedException if a number is not finite
   */
  public static Result run(Experiment experiment, Path directory, RunListener listener) {
    checkPlace(directory);
    RunDirectory files = RunDirectory.create(directory, experiment, IfExists.REFUSE, Trace.OFF);
    return run(files, null, listener);
  }

  private static Result run(RunDirectory files, @Nullable ResumePoint from, RunListener listener) {
    Experiment experiment = files.experiment();
    RunOutcome outcome;
    try (files) {
      var all = RunListener.all(files, listener, RunListener.finishing(files));
      outcome = from == null ? Runner.run(experiment, all) : Runner.resume(experiment, from, all);
      files.finish(outcome);
    }
    Result result = Result.read(files.path());
    if (outcome instanceof RunOutcome.Diverged diverged) {
      throw new DivergedException(files.experiment(), diverged, result);
    }
    return result;
  }

  // ---- resume ------------------------------------------------------------------------------

  /**
   * Goes on with a run whose problem and algorithm are in the catalogues.
   *
   * @return as if the run had never stopped; of a run that is complete, what it gave
   * @throws InvalidInputException if there is no run in the directory, if it diverged, or if its
   *     problem or its algorithm was made in Java
   * @throws DivergedException if a number is not finite
   */
  public static Result resume(Path directory) {
    return resume(RunDirectory.open(directory), null);
  }

  /**
   * Goes on with a run.
   *
   * @param problem the same as that of the run; the losses cannot be compared, options are
   * @param algorithm the same as that of the run
   * @return as if the run had never stopped; of a run that is complete, what it gave
   * @throws InvalidInputException if there is no run in the directory, if it diverged, or if it is
   *     about another problem, or an algorithm with other hyperparameters
   * @throws DivergedException if a number is not finite
   */
  public static Result resume(
      Path directory, ProblemOptions problem, BilevelAlgorithm<?> algorithm) {
    return resume(RunDirectory.open(directory, problem, algorithm), null);
  }

  /**
   * The same with another number of steps.
   *
   * @param steps in all, at least those of the run
   * @throws InvalidInputException if they are fewer, and as above
   * @throws DivergedException if a number is not finite
   */
  public static Result resume(
      Path directory, ProblemOptions problem, BilevelAlgorithm<?> algorithm, long steps) {
    return resume(RunDirectory.open(directory, problem, algorithm), steps);
  }

  private static Result resume(RunDirectory files, @Nullable Long steps) {
    OutcomeFile ended = files.ended();
    files.checkNotDiverged(ended);
    RunDirectory longer = steps == null ? files : files.withSteps(steps);
    if (files.isComplete(ended, steps)) {
      return Result.read(files.path());
    }
    return run(longer, longer.prepareToResume(), NOBODY);
  }

  // ---- compare -----------------------------------------------------------------------------

  /**
   * Runs several algorithms on several seeds, in a new directory {@code runs/compare-PROBLEM}, with
   * another number behind if that exists. Runs of a seed share data, start and draws.
   *
   * @param algorithms with their hyperparameters; their names must differ
   * @param settings of every run; the seed is not used
   * @param seeds of the runs of every algorithm, at least one
   * @return the tables, as comparison.json has them
   * @throws InvalidInputException if two algorithms have one name, if an algorithm does not fit the
   *     problem, or if data are wrong
   */
  public static Compared compare(
      ProblemOptions problem,
      List<? extends BilevelAlgorithm<?>> algorithms,
      Settings settings,
      List<Long> seeds) {
    Path directory = unused("compare-" + fileName(problem.typeName()));
    try {
      return compare(problem, algorithms, settings, seeds, Terms.PLAIN, directory);
    } finally {
      deleteIfEmpty(directory);
    }
  }

  /**
   * The same on stated terms: a budget, a target, tuning.
   *
   * @param directory must not exist, or be empty
   * @throws InvalidInputException as above
   */
  public static Compared compare(
      ProblemOptions problem,
      List<? extends BilevelAlgorithm<?>> algorithms,
      Settings settings,
      List<Long> seeds,
      Terms terms,
      Path directory) {
    checkPlace(directory);
    List<Experiment> experiments =
        algorithms.stream().map(each -> Experiment.of(problem, each, settings)).toList();
    List<String> names = experiments.stream().map(Experiment::algorithmType).toList();
    for (String name : names) {
      if (names.stream().filter(name::equals).count() > 1) {
        throw new InvalidInputException(
            "Two of the algorithms are called '%s'.".formatted(name),
            "two comparisons were meant, or a record of another name.");
      }
    }
    if (experiments.isEmpty() || seeds.isEmpty()) {
      throw new InvalidInputException(
          String.format(
              Locale.ROOT,
              "A comparison needs algorithms and seeds; found %d and %d.",
              experiments.size(),
              seeds.size()),
          "List.of(slip, soba) and List.of(0L, 1L, 2L) were meant.");
    }
    if (seeds.stream().distinct().count() < seeds.size()) {
      throw new InvalidInputException(
          "The seeds of a comparison must differ; found %s.".formatted(seeds),
          "List.of(0L, 1L, 2L) was meant.");
    }
    String title = problem.typeName() + ": " + String.join(", ", names);
    var section = new Comparison.Section("", title, List.of(), experiments, seeds, Baselines.ALL);
    Comparison.Result result =
        new Comparison(title, List.of(), List.of(section), terms)
            .run(directory, IfExists.REFUSE, said -> {}, () -> false);
    return new Compared(result.file(), result.diverged(), directory);
  }

  // ---- check -------------------------------------------------------------------------------

  /**
   * Runs an algorithm and looks closely at three of its iterates: derivatives against finite
   * differences, estimators of the hypergradient against their formulas and exact solves. Writes no
   * file.
   *
   * @return what was found; {@link CheckResult#passed} says whether all is right
   * @throws InvalidInputException if the problem's data are wrong, or the two do not fit
   * @throws DivergedException if the run diverged before there was anything to look at
   */
  public static CheckResult check(
      ProblemOptions problem, BilevelAlgorithm<?> algorithm, Settings settings) {
    return check(problem, algorithm, settings, CheckPlan.DEFAULTS);
  }

  /**
   * The same with a plan: which iterates, how many samples.
   *
   * @throws InvalidInputException as above
   */
  public static CheckResult check(
      ProblemOptions problem, BilevelAlgorithm<?> algorithm, Settings settings, CheckPlan plan) {
    plan.checkWithin(settings.steps());
    Experiment experiment = Experiment.of(problem, algorithm, settings);
    Check.Checked checked = Check.run(experiment, plan, NOBODY, said -> {});
    CheckResult result = checked.result();
    if (result == null) {
      throw new IllegalStateException("A check was stopped that nobody can stop.");
    }
    if (result.points().isEmpty() && checked.outcome() instanceof RunOutcome.Diverged diverged) {
      throw new DivergedException(experiment, diverged, null);
    }
    return result;
  }

  // ---- directories -------------------------------------------------------------------------

  private static String name(Experiment experiment) {
    return String.format(
        Locale.ROOT,
        "%s-%s-seed%d",
        fileName(experiment.problemType()),
        fileName(experiment.algorithmType()),
        experiment.settings().seed());
  }

  /** A name that every file system takes. */
  private static String fileName(String name) {
    String plain = name.replaceAll("[^A-Za-z0-9._-]+", "-").replaceAll("^[.-]+", "");
    return plain.isEmpty() ? "problem" : plain;
  }

  private static Path unused(String name) {
    return unused(RUNS, name);
  }

  /** Makes the directory, so that nobody else takes the name. */
  static Path unused(Path runs, String name) {
    try {
      Files.createDirectories(runs);
      for (int number = 1; ; number++) {
        Path directory = runs.resolve(number == 1 ? name : name + "-" + number);
        try {
          return Files.createDirectory(directory);
        } catch (FileAlreadyExistsException taken) {
          // the next number may be free
        }
      }
    } catch (IOException e) {
      throw FileErrors.writing(runs, e);
    }
  }

  /** A run that was refused leaves nothing. */
  private static void deleteIfEmpty(Path directory) {
    try {
      if (Files.isDirectory(directory) && RunDirectory.isEmpty(directory)) {
        Files.deleteIfExists(directory);
      }
    } catch (IOException e) {
      throw FileErrors.writing(directory, e);
    }
  }

  private static void checkPlace(Path directory) {
    if (Files.exists(directory)
        && !(Files.isDirectory(directory) && RunDirectory.isEmpty(directory))) {
      throw new InvalidInputException(
          Files.isDirectory(directory)
              ? "The directory %s exists and is not empty.".formatted(directory)
              : "There is a file where the directory %s would be.".formatted(directory),
          "another one was meant, or Stackel.resume, which goes on with the run in it.");
    }
  }
}
