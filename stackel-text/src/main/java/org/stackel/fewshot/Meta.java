package org.stackel.fewshot;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.stackel.algorithm.Algorithms;
import org.stackel.config.Inline;
import org.stackel.config.InvalidInputException;
import org.stackel.config.OptionRecord;
import org.stackel.config.Options;
import org.stackel.config.Rules;
import org.stackel.data.FileRules;
import org.stackel.model.TextEncoder;
import org.stackel.optim.Iterations;
import org.stackel.problem.Artifacts;
import org.stackel.problem.Metrics;
import org.stackel.problem.TrainingDivergedException;
import org.stackel.runfile.SheetFile;
import org.stackel.solver.Solver;
import org.stackel.tensor.Blas;
import org.stackel.tensor.Device;
import org.stackel.tensor.Seed;
import org.stackel.text.Example;
import org.stackel.text.TextSet;

/**
 * An encoder of texts that adapts to new domains, or to new classes, from a few examples of each:
 * hyper-representation with heads that are solved. {@link Adapt} puts a head for a new task on it.
 *
 * @param data CSV, TSV or JSONL file of texts with labels and domains, also with .gz
 * @param text column of the text; guessed if left out
 * @param text2 column of the second text of pairs; guessed together with the text if left out
 * @param label column of the label; guessed if left out
 * @param domain column of the domain; without one, tasks differ in their classes
 * @param rules how files are read, whatever is in them
 * @param heldOut domains, or classes, of the test tasks; chosen by the seed if empty
 * @param encoder encoder that turns a text into features
 * @param shots number of examples of a class to learn from, at least 1
 * @param steps number of steps, at least 1
 * @param seed random seed of tasks, start and minibatches, at least 0
 * @param threads CPU threads of one operation, from 1 to 1024
 */
@OptionRecord
public record Meta(
    String data,
    @Nullable String text,
    @Nullable String text2,
    @Nullable String label,
    @Nullable String domain,
    @Inline FileRules rules,
    List<String> heldOut,
    TextEncoder encoder,
    int shots,
    long steps,
    long seed,
    int threads)
    implements MetaBuilder.With {
  private static final int MAX_THREADS = 1024;
  private static final int MAX_WAYS = 5;
  private static final int QUERIES = 10;
  private static final int TASKS = 600;
  private static final int TEST_TASKS = 100;
  private static final int TASK_BATCH = 6;
  private static final long EVALUATIONS = 6;

  public Meta {
    heldOut = List.copyOf(heldOut);
    var limits = new Rules("meta");
    limits.atLeast("shots", shots, 1);
    limits.atLeast("steps", steps, 1);
    limits.atLeast("seed", seed, 0);
    limits.atLeast("threads", threads, 1);
    if (threads > MAX_THREADS) {
      throw limits.broken(
          "threads", threads, "must be at most " + MAX_THREADS, "1 was meant, the default.");
    }
  }

  /** No data yet. */
  public Meta() {
    this(
        "",
        null,
        null,
        null,
        null,
        new FileRules(),
        List.of(),
        org.stackel.model.Encoders.MEAN_RNN,
        10,
        300,
        0,
        1);
  }

  /** Starts from the defaults. */
  public static MetaBuilder builder() {
    return MetaBuilder.of(new Meta());
  }

  /**
   * What was found.
   *
   * @param metrics of the encoder on test tasks: testAccuracy, testAccuracySe, startAccuracy,
   *     meanVectorAccuracy and more
   * @param sheet what the page shows
   * @param stopped whether it was asked to stop, so that training was cut short
   */
  public record Trained(Metrics metrics, SheetFile sheet, boolean stopped) {}

  /** A number of steps, and the accuracy on test tasks. */
  private record Evaluation(long step, double accuracy) {}

  /**
   * Trains, and writes the encoder.
   *
   * @param stop asked between steps
   * @param talk told of remarks and progress
   * @return null if it was asked to stop before the first step, in which case nothing is written
   * @throws InvalidInputException if the data are wrong
   * @throws TrainingDivergedException if a number is not finite at the end
   */
  public @Nullable Trained run(Artifacts artifacts, BooleanSupplier stop, Consumer<String> talk) {
    Blas.setThreads(threads);
    var remarks = new ArrayList<String>();
    HyperRepresentation options;
    try {
      options = options(remarks);
    } catch (InvalidInputException e) {
      throw TextSet.inCommand(e);
    }
    Seed root = new Seed(seed);
    try (var problem = options.open(root.child("data"), Device.CPU)) {
      remarks.addAll(TextSet.inCommand(problem.remarks()));
      remarks.forEach(talk);
      var algorithm = Algorithms.usual().suitedTo(problem.scales(steps));
      talk.accept("solving the heads of %,d tasks".formatted(TASKS));
      var evaluations = new ArrayList<Evaluation>();
      try (var solver =
          Iterations.unless(
              stop,
              (part, done, most) -> talk.accept("%s, %,d of %,d".formatted(part, done, most)),
              () -> Solver.start(algorithm, problem, root))) {
        if (solver == null) {
          return null;
        }
        while (solver.step() < steps && !stop.getAsBoolean()) {
          solver.next();
          if (solver.step() % Math.max(1, steps / EVALUATIONS) == 0) {
            Metrics now = Iterations.unless(stop, solver::evaluate);
            if (now != null) {
              evaluations.add(new Evaluation(solver.step(), now.get("testAccuracy")));
            }
          }
          talk.accept("step %,d of %,d".formatted(solver.step(), steps));
        }
        boolean isStopped = solver.step() < steps;
        if (isStopped && solver.step() == 0) {
          return null;
        }
        if (isStopped) {
          remarks.add(
              0,
              "The command was stopped: this is the encoder after %,d of %,d steps."
                  .formatted(solver.step(), steps));
        }
        String quantity = Solver.notFinite(solver.state());
        if (quantity != null) {
          throw new TrainingDivergedException(
              "The training diverged: %s is not finite.".formatted(quantity),
              "fewer --steps help, or another --encoder.");
        }
        Metrics metrics =
            solver
                .evaluate()
                .with(problem.finish(solver.x(), solver.y(), root, artifacts).metrics());
        return new Trained(metrics, sheet(metrics, evaluations, remarks), isStopped);
      }
    }
  }

  // ---- the problem ---------------------------------------------------------------------------

  private HyperRepresentation options(List<String> remarks) {
    HyperRepresentation defaults = new HyperRepresentation();
    var given = new LinkedHashMap<String, @Nullable Object>();
    given.put("data", data);
    given.put("text", text);
    given.put("text2", text2);
    given.put("label", label);
    given.put("domain", domain);
    given.putAll(rules.given());
    HyperRepresentation located = Options.bind(defaults, given, "meta");
    TextSet set = located.texts().source(data).read();
    set.requireTwoClasses();
    boolean hasDomains = domain != null;
    int ways = hasDomains ? ways(set.examples()) : Math.min(MAX_WAYS, classes(set.examples()));
    if (!hasDomains && classes(set.examples()) < 4) {
      throw new InvalidInputException(
              "The texts have %d classes; tasks with other classes need at least four."
                  .formatted(classes(set.examples())),
              "--domain with the name of a column was meant: then tasks differ in their domains.")
          .at(data);
    }
    int own = hasDomains ? ways : Math.min(ways, classes(set.examples()) / 2);
    given.put("split", hasDomains ? "domains" : "classes");
    given.put("heldOut", heldOut);
    given.put("encoder", encoder.toOption());
    given.put("ways", own);
    given.put("shots", shots);
    given.put("queries", QUERIES);
    given.put("tasks", TASKS);
    given.put("testTasks", TEST_TASKS);
    given.put("taskBatch", TASK_BATCH);
    given.put("hidden", 32);
    given.put("pooling", "mean");
    given.put("maxTokens", 40);
    given.put("featureScale", 0.5);
    given.put("testLr", 0.5);
    remarks.add(
        "Tasks of %d classes with %d texts of each to learn from%s."
            .formatted(
                own,
                shots,
                hasDomains
                    ? ", each task within one domain"
                    : "; test tasks have other classes, and --domain makes them differ in domains"));
    return Options.bind(defaults, given, "meta");
  }

  private static int classes(List<Example> examples) {
    return (int) examples.stream().map(Example::label).distinct().count();
  }

  /** Classes that most domains have enough texts of. */
  private int ways(List<Example> examples) {
    var byDomain = new TreeMap<String, TreeMap<String, Integer>>();
    examples.forEach(
        each ->
            byDomain
                .computeIfAbsent(each.domain(), d -> new TreeMap<>())
                .merge(each.label(), 1, Integer::sum));
    int[] enough =
        byDomain.values().stream()
            .mapToInt(
                counts -> (int) counts.values().stream().filter(n -> n >= shots + QUERIES).count())
            .filter(n -> n >= 2)
            .sorted()
            .toArray();
    if (enough.length < 2) {
      throw new InvalidInputException(
              "%d of %d domains have two classes with %d texts of each; at least two must."
                  .formatted(enough.length, byDomain.size(), shots + QUERIES),
              "fewer --shots fit, or another column holds the domain.")
          .at(data);
    }
    return Math.min(MAX_WAYS, enough[enough.length / 2]);
  }

  // ---- the page ------------------------------------------------------------------------------

  private SheetFile sheet(Metrics metrics, List<Evaluation> evaluations, List<String> remarks) {
    Map<String, Double> all = metrics.values();
    double own = all.getOrDefault("testAccuracy", Double.NaN);
    double error = all.getOrDefault("testAccuracySe", Double.NaN);
    double means = all.getOrDefault("meanVectorAccuracy", Double.NaN);
    double start = all.getOrDefault("startAccuracy", Double.NaN);
    var notes = new ArrayList<>(remarks);
    if (own <= means) {
      notes.add(
          "The encoder is no better than mean word vectors here; a linear model of them does as well.");
    }
    return new SheetFile(
        "An encoder for new tasks: " + Path.of(data).getFileName(),
        text(
            "Accuracy on %d test tasks %.3f ± %.3f; with mean word vectors %.3f.",
            TEST_TASKS, own, error, means),
        notes,
        List.of(
            new SheetFile.Table(
                "Accuracy on test tasks",
                List.of("features", "accuracy", "standard error"),
                List.of(
                    List.of("the encoder", text("%.3f", own), text("%.3f", error)),
                    List.of("the encoder at its start", text("%.3f", start), "—"),
                    List.of("mean word vectors", text("%.3f", means), "—")),
                "Each test task has a head of its own, learned from %d texts of each class. The error is over tasks."
                    .formatted(shots))),
        List.of(
            new SheetFile.Chart(
                "Accuracy on test tasks over steps",
                "step",
                "accuracy",
                SheetFile.Scale.LINEAR,
                List.of(
                    new SheetFile.Line(
                        "the encoder",
                        evaluations.stream().map(each -> (double) each.step()).toList(),
                        evaluations.stream().map(Evaluation::accuracy).toList())))));
  }

  private static String text(String format, Object... values) {
    return String.format(Locale.ROOT, format, values);
  }
}
