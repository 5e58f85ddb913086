package org.stackel.compare;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.stackel.algorithm.Algorithms;
import org.stackel.config.InvalidInputException;
import org.stackel.config.Options;
import org.stackel.distributed.RankLostException;
import org.stackel.distributed.Ranks;
import org.stackel.experiment.Experiment;
import org.stackel.problem.Baselines;
import org.stackel.problem.Problems;
import org.stackel.problem.Property;
import org.stackel.problem.Start;
import org.stackel.run.Claim;
import org.stackel.run.RunDirectory;
import org.stackel.run.RunListener;
import org.stackel.runfile.ComparisonFile;
import org.stackel.runfile.FileErrors;
import org.stackel.runfile.Marker;
import org.stackel.runfile.MetricDirection;
import org.stackel.runfile.RunFiles;
import org.stackel.runfile.WholeFile;
import org.stackel.tensor.AtomicFile;
import org.stackel.tensor.Seed;
import org.stackel.tensor.StateScope;

/**
 * Several algorithms on several seeds: one run directory each, one table.
 *
 * <p>All runs of a seed share data, start and the minibatches that equal draws ask for: a draw is a
 * function of the seed, the step, its role (upper, lower, or lower in a loop of its own) and its
 * number in that role and step. What is not common: draws that one algorithm makes and another does
 * not, and what an equal draw is used for. Cleaning and AUC problems also get the baselines,
 * trained with the same seed, to their own end, and not tuned.
 *
 * @param title of the whole
 * @param notes remarks below the table
 * @param sections tables
 * @param terms on which methods are compared
 */
public record Comparison(String title, List<String> notes, List<Section> sections, Terms terms) {
  /** Name of the file with the tables. */
  public static final String FILE = ComparisonFile.NAME;

  private static final String OWN_FILES =
      "comparison\\.json|tune\\.json|report\\.html|(.+-)?baselines-seed\\d+\\.json|.*\\.tmp";

  private static final String BEGUN_FILES =
      "\\.stackel|\\.lock|checkpoints|(metrics|trace)\\.jsonl|(provenance|experiment)\\.json.*";

  /** A comparison on the plain terms: the experiments as they are. */
  public Comparison(String title, List<String> notes, List<Section> sections) {
    this(title, notes, sections, Terms.PLAIN);
  }

  /**
   * One table.
   *
   * @param name prefix of its run directories; empty if there is one section
   * @param title above the table
   * @param notes below the title
   * @param experiments one for every algorithm, in order; their seeds are not used
   * @param seeds what is run
   * @param baselines what else is in the table of a cleaning problem
   */
  public record Section(
      String name,
      String title,
      List<String> notes,
      List<Experiment> experiments,
      List<Long> seeds,
      Baselines baselines) {}

  /**
   * The result of a comparison.
   *
   * @param file what comparison.json has; null if there was nothing to compare
   * @param diverged descriptions of runs that diverged
   * @param stopped whether it was asked to stop
   */
  public record Result(@Nullable ComparisonFile file, List<String> diverged, boolean stopped) {}

  /** Runs everything, one run after the other. */
  public Result run(
      Path directory, RunDirectory.IfExists ifExists, Consumer<String> talk, BooleanSupplier stop) {
    return run(directory, ifExists, 1, talk, stop);
  }

  /**
   * Runs everything. Results apart from seconds do not depend on how many runs are made at once.
   *
   * @param directory of the comparison
   * @param jobs number of concurrent runs, at least 1
   * @param talk told what is about to run, from the threads of the runs
   * @param stop asked after every step
   * @throws InvalidInputException for wrong experiments, data or places
   */
  public Result run(
      Path directory,
      RunDirectory.IfExists ifExists,
      int jobs,
      Consumer<String> talk,
      BooleanSupplier stop) {
    return run(directory, ifExists, jobs, ComparisonListener.of(talk), stop);
  }

  /**
   * The same for a listener that is also told how far it is.
   *
   * @param ifExists with {@code CONTINUE}, runs in the directory that are complete are used, others
   *     resumed
   * @throws InvalidInputException also if a run in the directory is not one of this comparison
   */
  public Result run(
      Path directory,
      RunDirectory.IfExists ifExists,
      int jobs,
      ComparisonListener listener,
      BooleanSupplier stop) {
    return run(directory, ifExists, new Jobs(jobs), new Runs(Ranks.ONE), listener, stop);
  }

  /**
   * Runs everything, one run after the other, each shared by several processes, of which this is
   * the first. The others call {@link #follow}.
   *
   * @param ranks the processes; they stay connected
   * @throws RankLostException if one is lost; the run can be resumed
   */
  public Result run(
      Path directory,
      RunDirectory.IfExists ifExists,
      Ranks ranks,
      ComparisonListener listener,
      BooleanSupplier stop) {
    return ranks.telling(
        () -> {
          var runs = new Runs(ranks);
          Result result = run(directory, ifExists, new Jobs(1), runs, listener, stop);
          runs.end();
          return result;
        });
  }

  /**
   * Takes part in a comparison of the first rank, as another one, until it needs no more. All else
   * is known from the first rank.
   *
   * @param stop asked after every step; if so, all stop
   * @throws RankLostException if another rank is lost
   */
  public static void follow(Ranks ranks, BooleanSupplier stop) {
    ranks.telling(
        () -> {
          Runs.follow(ranks, stopping(stop));
          return null;
        });
  }

  private Result run(
      Path directory,
      RunDirectory.IfExists ifExists,
      Jobs jobs,
      Runs runs,
      ComparisonListener listener,
      BooleanSupplier stop) {
    for (Section section : sections) {
      checkTarget(section);
      Tuning.seeds(terms.tuningSeeds(), section.seeds());
      checkFits(section);
    }
    try (Claim claim = claim(directory, ifExists)) {
      boolean goesOn = ifExists == RunDirectory.IfExists.CONTINUE;
      if (goesOn) {
        deleteUnfinished(directory);
      }
      var earlier = new Earlier(goesOn ? directory : null);
      var work = new ComparisonWork(directory, claim, earlier, terms, jobs, runs, listener, stop);
      if (claim.replaced() != null) {
        listener.remarked(
            "The comparison that was in %s is in %s now.".formatted(directory, claim.replaced()));
      }
      listener.planned(sections.stream().mapToInt(work::pieces).sum());
      for (Section section : sections) {
        if (!work.section(section)) {
          return new Result(null, work.diverged(), work.isStopped());
        }
      }
      var file = new ComparisonFile(title, notes, work.tables());
      write(directory, FILE, file);
      return new Result(file, work.diverged(), false);
    } catch (IOException e) {
      throw FileErrors.writing(directory, e);
    }
  }

  static void write(Path directory, String name, WholeFile file) {
    try {
      AtomicFile.write(directory.resolve(name), RunFiles.text(file));
    } catch (IOException e) {
      throw FileErrors.writing(directory, e);
    }
  }

  /** A target that is asked for must be a metric, and one of its ends the better one. */
  private void checkTarget(Section section) {
    Target target = terms.target();
    if (target == null) {
      return;
    }
    Experiment experiment = section.experiments().get(0).withSeed(section.seeds().get(0));
    var seed = new Seed(experiment.settings().seed());
    Collection<String> known;
    try (var scope = StateScope.open();
        var problem = experiment.open()) {
      Start start = problem.start(seed.child("start"));
      known = problem.evaluate(start.x(), start.y()).values().keySet();
    }
    List<String> metrics = known.stream().filter(key -> MetricDirection.of(key) != null).toList();
    if (!metrics.contains(target.metric())) {
      throw new InvalidInputException(
              known.contains(target.metric())
                  ? "It is not known whether a larger or a smaller '%s' is better."
                      .formatted(target.metric())
                  : "%s has no metric '%s' in its evaluations."
                      .formatted(experiment.problemType(), target.metric()),
              Options.meant(target.metric(), metrics, "targets can be of"))
          .at("--target");
    }
  }

  /** What the first run refuses is refused at once; the others should not come after hours. */
  private static void checkFits(Section section) {
    for (Experiment experiment : section.experiments().stream().skip(1).toList()) {
      Set<Property> properties = Problems.properties(experiment.problem());
      if (!Algorithms.Entry.of(experiment.algorithm()).fit(properties).equals("yes")) {
        try (var scope = StateScope.open()) {
          experiment.withSeed(section.seeds().get(0)).open().close();
        }
      }
    }
  }

  static RunListener stopping(BooleanSupplier stop) {
    return new RunListener() {
      @Override
      public boolean stopRequested() {
        return stop.getAsBoolean();
      }
    };
  }

  private static Claim claim(Path directory, RunDirectory.IfExists ifExists) throws IOException {
    if (ifExists != RunDirectory.IfExists.CONTINUE || !isBegun(directory)) {
      return Claim.take(directory, Marker.Kind.COMPARISON, ifExists);
    }
    return Claim.goOn(directory, Marker.Kind.COMPARISON);
  }

  /** Deletes runs that were killed while they began. */
  private static void deleteUnfinished(Path directory) throws IOException {
    for (Path entry : entries(directory)) {
      if (isUnfinished(entry)) {
        RunDirectory.delete(entry);
      }
    }
  }

  /** Whether a directory is that of a comparison, which may be one of an earlier version. */
  private static boolean isBegun(Path directory) throws IOException {
    if (!Files.isDirectory(directory)) {
      return false;
    }
    Marker marker = Marker.read(directory);
    if (marker != null) {
      return marker.kind() == Marker.Kind.COMPARISON;
    }
    List<Path> entries = entries(directory);
    boolean isOurs = !entries.isEmpty();
    for (Path entry : entries) {
      isOurs &=
          Files.exists(entry.resolve(RunDirectory.EXPERIMENT))
              || isUnfinished(entry)
              || entry.getFileName().toString().matches(OWN_FILES);
    }
    return isOurs;
  }

  /** A directory in which a run has begun, but without its experiment. */
  private static boolean isUnfinished(Path entry) throws IOException {
    return Files.isDirectory(entry)
        && !Files.exists(entry.resolve(RunDirectory.EXPERIMENT))
        && entries(entry).stream()
            .allMatch(file -> file.getFileName().toString().matches(BEGUN_FILES));
  }

  private static List<Path> entries(Path directory) throws IOException {
    try (Stream<Path> list = Files.list(directory)) {
      return list.toList();
    }
  }
}
