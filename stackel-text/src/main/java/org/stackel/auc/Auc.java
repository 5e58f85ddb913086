package org.stackel.auc;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;
import org.stackel.algorithm.Algorithms;
import org.stackel.config.Inline;
import org.stackel.config.InvalidInputException;
import org.stackel.config.OptionRecord;
import org.stackel.config.Rules;
import org.stackel.data.FileRules;
import org.stackel.model.Classifier;
import org.stackel.model.TextEncoder;
import org.stackel.optim.Iterations;
import org.stackel.problem.Artifacts;
import org.stackel.runfile.SheetFile;
import org.stackel.solver.Solver;
import org.stackel.tensor.Blas;
import org.stackel.tensor.DataTensors;
import org.stackel.tensor.Device;
import org.stackel.tensor.Seed;
import org.stackel.tensor.StateScope;
import org.stackel.text.Example;
import org.stackel.text.LabelledTexts;
import org.stackel.text.Reading;
import org.stackel.text.TextSet;

/**
 * A classifier of texts of two kinds for imbalanced data: trained for the area under the ROC curve
 * and by cross entropy, the better one on validation texts kept.
 *
 * @param data CSV, TSV or JSONL file of texts with labels, also with .gz
 * @param validation file with validation texts; 15 % of the data if left out
 * @param test file with test texts; 15 % of the data if left out
 * @param text column of the text; guessed if left out
 * @param text2 column of the second text of pairs; guessed together with the text if left out
 * @param label column of the label; guessed if left out
 * @param rules how files are read, whatever is in them
 * @param positive the positive class, all others are negative; the rarer one of two if left out
 * @param encoder encoder that turns a text into features
 * @param pretraining number of steps by cross entropy before those for the AUC, at least 1; if left
 *     out, as many as 20 passes over the training texts, from 300 to 3000
 * @param steps number of steps for the AUC, at least 1
 * @param seed random seed of the sets, the start and the minibatches, at least 0
 * @param threads CPU threads of one operation, from 1 to 1024
 */
@OptionRecord
public record Auc(
    String data,
    @Nullable String validation,
    @Nullable String test,
    @Nullable String text,
    @Nullable String text2,
    @Nullable String label,
    @Inline FileRules rules,
    @Nullable String positive,
    TextEncoder encoder,
    @Nullable Long pretraining,
    long steps,
    long seed,
    int threads)
    implements AucBuilder.With {
  private static final double SHARE = 0.15;
  private static final int LEAST = 2;
  private static final int MAX_THREADS = 1024;
  private static final int PASSES = 20;
  private static final int FEWEST = 300;
  private static final int MOST = 3_000;
  private static final String FOR_AUC = "trained for the AUC";
  private static final String BY_CROSS_ENTROPY = "cross entropy";

  public Auc {
    var limits = new Rules("auc");
    if (pretraining != null) {
      limits.atLeast("pretraining", pretraining, 1);
    }
    limits.atLeast("steps", steps, 1);
    limits.atLeast("seed", seed, 0);
    limits.atLeast("threads", threads, 1);
    if (threads > MAX_THREADS) {
      throw limits.broken(
          "threads", threads, "must be at most " + MAX_THREADS, "1 was meant, the default.");
    }
  }

  /** The problem's own network, of no data yet. */
  public Auc() {
    this(
        "",
        null,
        null,
        null,
        null,
        null,
        new FileRules(),
        null,
        new DeepAuc().network().encoder(),
        null,
        500,
        0,
        1);
  }

  /** Starts from the defaults. */
  public static AucBuilder builder() {
    return AucBuilder.of(new Auc());
  }

  /**
   * How one training did.
   *
   * @param validationAuc by which it was chosen
   * @param testAuc on texts that nothing was chosen by
   * @param low lower end of the test AUC's 95 % interval (DeLong)
   * @param high upper end
   * @param averagePrecision area under the precision–recall curve of the test texts
   * @param seconds of the training
   */
  public record Result(
      double validationAuc,
      double testAuc,
      double low,
      double high,
      double averagePrecision,
      double seconds) {}

  /**
   * What was found.
   *
   * @param kept name of the training that is kept
   * @param results of both trainings, by name
   * @param sheet what the page shows
   * @param stopped whether it was asked to stop, so that training was cut short
   */
  public record Trained(
      String kept,
      Map<String, Result> results,
      SheetFile sheet,
      DataTensors home,
      Model model,
      boolean stopped)
      implements AutoCloseable {
    /** Writes the model that is kept. */
    public void write(Artifacts artifacts) {
      model.write(artifacts);
    }

    @Override
    public void close() {
      home.close();
    }
  }

  /** What writes the model that is kept. */
  interface Model {
    void write(Artifacts artifacts);
  }

  /** Trains both. */
  public Trained run() {
    Trained trained = run(() -> false, said -> {});
    if (trained == null) {
      throw new IllegalStateException("Nobody asked it to stop.");
    }
    return trained;
  }

  /**
   * Trains both.
   *
   * @param stop asked between steps, of the pretraining too
   * @param talk told of remarks and progress
   * @return null if it was asked to stop before anything was trained
   * @throws InvalidInputException if the data are wrong
   */
  public @Nullable Trained run(BooleanSupplier stop, Consumer<String> talk) {
    Blas.setThreads(threads);
    try {
      return DataTensors.owning(home -> new Work(home, stop, talk).run());
    } catch (InvalidInputException e) {
      throw TextSet.inCommand(e);
    }
  }

  /** One network, and what it says about validation and test texts. */
  private record Candidate(
      String name, Ranking validation, Ranking test, double seconds, Model model) {}

  /** Both trainings on one set of texts. */
  private final class Work {
    private final DataTensors home;
    private final BooleanSupplier stop;
    private final Consumer<String> talk;
    private final Seed root = new Seed(seed);
    private final List<String> remarks = new ArrayList<>();
    private String wanted = "";
    private boolean[] held = new boolean[0];
    private int validated;
    private long before;
    private boolean isCut;

    Work(DataTensors home, BooleanSupplier stop, Consumer<String> talk) {
      this.home = home;
      this.stop = stop;
      this.talk = talk;
    }

    @Nullable Trained run() {
      DeepAuc options = options();
      DeepAuc.Opened problem = opened(options);
      remarks.forEach(talk);
      Candidate crossEntropy = crossEntropy(problem);
      if (crossEntropy == null) {
        home.close();
        return null;
      }
      Candidate forAuc = isCut() ? null : forAuc(problem);
      if (isCut) {
        remarks.add(
            0,
            "The command was stopped: this is what it had found until then, with less training.");
      }
      List<Candidate> both = forAuc == null ? List.of(crossEntropy) : List.of(forAuc, crossEntropy);
      Candidate kept = crossEntropy;
      for (Candidate each : both) {
        kept = each.validation().auc() > kept.validation().auc() ? each : kept;
      }
      var results = new LinkedHashMap<String, Result>();
      both.forEach(each -> results.put(each.name(), result(each)));
      return new Trained(
          kept.name(),
          results,
          new AucSheet(data, wanted, remarks).of(kept, both),
          home,
          kept.model(),
          isCut);
    }

    /** Asked where there is more to train: whether it is to end here. */
    private boolean isCut() {
      isCut = isCut || stop.getAsBoolean();
      return isCut;
    }

    private DeepAuc options() {
      DeepAuc defaults = new DeepAuc();
      Reading columns =
          new Reading().withText(text).withText2(text2).withLabel(label).withRules(rules);
      return defaults
          .withTexts(defaults.texts().withData(data).withReading(columns))
          .withSelection(defaults.selection().withPositive(positive).withTrainSize(0))
          .withNetwork(defaults.network().withEncoder(encoder));
    }

    // ---- texts -------------------------------------------------------------------------------

    private DeepAuc.Opened opened(DeepAuc options) {
      var read =
          LabelledTexts.read(
              data, test == null ? "" : test, options.texts().reading()::source, root);
      List<Example> checking =
          validation == null
              ? List.of()
              : LabelledTexts.read(validation, "", options.texts().reading()::source, root).data();
      wanted = positiveClass(options, read.data());
      List<Example> rest = read.data();
      List<Example> testing = read.test();
      if (test == null) {
        int[][] cut = cut(rest, root.child("test"));
        testing = take(rest, cut[0]);
        rest = take(rest, cut[1]);
      }
      if (validation == null) {
        int[][] cut = cut(rest, root.child("validation"));
        checking = take(rest, cut[0]);
        rest = take(rest, cut[1]);
      }
      requireBoth(checking, "validation");
      requireBoth(testing, "test");
      requireBoth(rest, "training");
      var others = new ArrayList<>(checking);
      others.addAll(testing);
      validated = checking.size();
      held = new boolean[others.size()];
      for (int i = 0; i < held.length; i++) {
        held[i] = others.get(i).label().equals(wanted);
      }
      before = pretraining == null ? usual(rest.size(), options.batches().batch()) : pretraining;
      DeepAuc.Opened problem =
          options
              .withPretraining(options.pretraining().withSteps(before))
              .opened(read, rest, others, wanted, root, Device.CPU, home);
      remarks.addAll(TextSet.inCommand(problem.remarks()));
      remarks.add(
          "%,d texts to train on, %,d for validation and %,d for the test."
              .formatted(rest.size(), validated, testing.size()));
      return problem;
    }

    private String positiveClass(DeepAuc options, List<Example> examples) {
      try {
        return options.positiveClass(examples);
      } catch (InvalidInputException e) {
        throw e.at(data);
      }
    }

    private static long usual(long texts, long batch) {
      return Math.min(MOST, Math.max(FEWEST, PASSES * texts / batch));
    }

    private static List<Example> take(List<Example> from, int[] numbers) {
      return Arrays.stream(numbers).mapToObj(from::get).toList();
    }

    /** A share of the texts, of either kind alike, and the others. */
    private int[][] cut(List<Example> from, Seed draw) {
      var taken = new ArrayList<Integer>();
      int[] order = draw.permutation(from.size());
      for (boolean kind : new boolean[] {true, false}) {
        int[] own =
            Arrays.stream(order).filter(i -> from.get(i).label().equals(wanted) == kind).toArray();
        Arrays.stream(own).limit(Math.round(SHARE * own.length)).forEach(taken::add);
      }
      int[] chosen = taken.stream().mapToInt(Integer::intValue).sorted().toArray();
      int[] rest =
          IntStream.range(0, from.size()).filter(i -> Arrays.binarySearch(chosen, i) < 0).toArray();
      return new int[][] {chosen, rest};
    }

    private void requireBoth(List<Example> set, String role) {
      long positives = set.stream().filter(each -> each.label().equals(wanted)).count();
      if (positives < LEAST || set.size() - positives < LEAST) {
        throw new InvalidInputException(
                "The %s texts have %,d of '%s' and %,d others; at least %d of either are needed."
                    .formatted(role, positives, wanted, set.size() - positives, LEAST),
                "more data help, or another --positive.")
            .at(data);
      }
    }

    // ---- trainings ---------------------------------------------------------------------------

    private int[] heldNumbers(DeepAuc.Opened problem) {
      return problem.examples(DeepAuc.Part.TEST);
    }

    private Candidate candidate(
        String name,
        DeepAuc.Opened problem,
        Classifier model,
        Tensor parameters,
        long begin,
        Model files) {
      double seconds = (System.nanoTime() - begin) / 1e9;
      double[] scores = problem.scores(model, parameters, heldNumbers(problem));
      return new Candidate(
          name,
          new Ranking(Arrays.copyOf(scores, validated), Arrays.copyOf(held, validated)),
          new Ranking(
              Arrays.copyOfRange(scores, validated, scores.length),
              Arrays.copyOfRange(held, validated, held.length)),
          seconds,
          files);
    }

    private @Nullable Candidate crossEntropy(DeepAuc.Opened problem) {
      long all = before + steps;
      long[] done = {0};
      long begin = System.nanoTime();
      try (var scope = StateScope.open()) {
        Classifier model = problem.classifier(2);
        Tensor found =
            home.keep(
                new Pretraining(all, problem.options().pretraining().lr())
                    .train(
                        problem,
                        model,
                        problem.trainingExamples(),
                        root.child("cross-entropy"),
                        step -> {
                          done[0] = step;
                          talk.accept(
                              "training by cross entropy: step %,d of %,d"
                                  .formatted(step + 1, all));
                          return !isCut();
                        }));
        if (done[0] == 0 && isCut) {
          return null;
        }
        return candidate(
            BY_CROSS_ENTROPY,
            problem,
            model,
            found,
            begin,
            artifacts -> writing(() -> problem.model(found).write(artifacts)));
      }
    }

    private @Nullable Candidate forAuc(DeepAuc.Opened problem) {
      talk.accept("training for the AUC: %,d steps by cross entropy first".formatted(before));
      long begin = System.nanoTime();
      var algorithm = Algorithms.usual().suitedTo(problem.scales(steps));
      try (var solver =
          Iterations.unless(
              this::isCut,
              this::trained,
              () -> Solver.start(algorithm, problem, root.child("auc")))) {
        if (solver == null) {
          return null;
        }
        while (solver.step() < steps && !isCut()) {
          solver.next();
          talk.accept("training for the AUC: step %,d of %,d".formatted(solver.step(), steps));
        }
        String quantity = Solver.notFinite(solver.state());
        if (quantity != null) {
          remarks.add(
              "Training for the AUC diverged (%s is not finite) and is left out."
                  .formatted(quantity));
          return null;
        }
        try (var scope = StateScope.open()) {
          Tensor x = home.keep(solver.x().clone());
          Tensor y = home.keep(solver.y().clone());
          return candidate(
              FOR_AUC,
              problem,
              problem.ranker(),
              problem.network(x),
              begin,
              artifacts -> writing(() -> problem.model(x, y).write(artifacts)));
        }
      }
    }

    private void trained(String part, long done, long most) {
      talk.accept("training for the AUC: %s, %,d of %,d".formatted(part, done, most));
    }

    private static void writing(Runnable body) {
      try (var scope = StateScope.open()) {
        body.run();
      }
    }

    private static Result result(Candidate each) {
      double[] interval = each.test().interval();
      return new Result(
          each.validation().auc(),
          each.test().auc(),
          interval[0],
          interval[1],
          each.test().averagePrecision(),
          each.seconds());
    }
  }

  /** The page of both trainings. */
  private record AucSheet(String data, String wanted, List<String> remarks) {
    SheetFile of(Candidate kept, List<Candidate> both) {
      var notes = new ArrayList<>(remarks);
      if (both.size() > 1) {
        Candidate one = both.get(0);
        Candidate other = both.get(1);
        notes.add(
            text(
                "Test AUC of the network %s minus that of %s: %.4f ± %.4f (standard error by DeLong, on the same texts).",
                one.name(),
                other.name(),
                one.test().auc() - other.test().auc(),
                one.test().differenceError(other.test())));
      }
      notes.add("The better one on validation texts is kept; thresholds are chosen there, too.");
      double[] interval = kept.test().interval();
      return new SheetFile(
          "'%s' against the rest: %s".formatted(wanted, java.nio.file.Path.of(data).getFileName()),
          text(
              "Test AUC %.4f (95 %% interval %.4f to %.4f) with the network %s.",
              kept.test().auc(), interval[0], interval[1], kept.name()),
          notes,
          List.of(trainings(kept, both), thresholds(kept)),
          List.of(
              chart("ROC curve", "false positive rate", "recall", both, Ranking::roc),
              chart(
                  "Precision and recall", "recall", "precision", both, Ranking::precisionRecall)));
    }

    private SheetFile.Table trainings(Candidate kept, List<Candidate> both) {
      var rows = new ArrayList<List<String>>();
      for (Candidate each : both) {
        double[] interval = each.test().interval();
        rows.add(
            List.of(
                each.name() + (each.name().equals(kept.name()) ? " (kept)" : ""),
                text("%.4f", each.validation().auc()),
                text("%.4f", each.test().auc()),
                text("%.4f to %.4f", interval[0], interval[1]),
                text("%.4f", each.test().averagePrecision()),
                text("%.1f", each.seconds())));
      }
      return new SheetFile.Table(
          "Trainings",
          List.of(
              "network",
              "validation AUC",
              "test AUC",
              "95 % interval",
              "average precision",
              "seconds"),
          rows,
          "Intervals of the test AUC are DeLong's, on the scale of the logit; where all or none are ranked right, a binomial bound on the smaller class.");
    }

    private SheetFile.Table thresholds(Candidate kept) {
      var chosen = new LinkedHashMap<String, Double>();
      List<Ranking.Decision> decisions = kept.validation().decisions();
      Ranking.Decision best = decisions.get(0);
      for (Ranking.Decision each : decisions) {
        best = each.f1() > best.f1() ? each : best;
      }
      chosen.put("best F1", best.threshold());
      for (double rate : new double[] {0.01, 0.05, 0.1}) {
        double threshold = Double.POSITIVE_INFINITY;
        for (Ranking.Decision each : decisions) {
          threshold = each.falsePositiveRate() <= rate ? each.threshold() : threshold;
        }
        chosen.put(text("false positive rate at most %.2f", rate), threshold);
      }
      for (double recall : new double[] {0.8, 0.9, 0.95}) {
        for (Ranking.Decision each : decisions) {
          if (each.recall() >= recall) {
            chosen.put(text("recall at least %.2f", recall), each.threshold());
            break;
          }
        }
      }
      var rows = new ArrayList<List<String>>();
      chosen.forEach(
          (rule, threshold) -> {
            Ranking.Decision test = kept.test().at(threshold);
            rows.add(
                List.of(
                    rule,
                    Double.isInfinite(threshold)
                        ? "—"
                        : text("%.4g", 1 / (1 + Math.exp(-threshold))),
                    text("%.3f", test.recall()),
                    text("%.3f", test.precision()),
                    text("%.4f", test.falsePositiveRate()),
                    text("%.3f", test.f1())));
          });
      return new SheetFile.Table(
          "Thresholds",
          List.of(
              "chosen on validation texts for",
              "probability from",
              "recall",
              "precision",
              "false positive rate",
              "F1"),
          rows,
          "The numbers behind a threshold are those of the test texts. The probability of a network that is trained for the AUC ranks texts but is not calibrated.");
    }

    private interface Curve {
      List<Ranking.Point> of(Ranking ranking);
    }

    private static SheetFile.Chart chart(
        String title, String x, String y, List<Candidate> both, Curve curve) {
      var lines = new ArrayList<SheetFile.Line>();
      for (Candidate each : both) {
        List<Ranking.Point> points = thinned(curve.of(each.test()));
        lines.add(
            new SheetFile.Line(
                each.name(),
                points.stream().map(Ranking.Point::x).toList(),
                points.stream().map(Ranking.Point::y).toList()));
      }
      return new SheetFile.Chart(title, x, y, SheetFile.Scale.LINEAR, lines);
    }

    private static List<Ranking.Point> thinned(List<Ranking.Point> points) {
      int stride = Math.max(1, points.size() / 400);
      return IntStream.range(0, points.size())
          .filter(i -> i % stride == 0 || i == points.size() - 1)
          .mapToObj(points::get)
          .toList();
    }

    private static String text(String format, Object... values) {
      return String.format(Locale.ROOT, format, values);
    }
  }
}
