package org.stackel.fewshot;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;
import org.stackel.config.Inline;
import org.stackel.config.InvalidInputException;
import org.stackel.config.OptionRecord;
import org.stackel.config.Rules;
import org.stackel.data.Classes;
import org.stackel.data.FileRules;
import org.stackel.model.AdaptableModel;
import org.stackel.model.Head;
import org.stackel.optim.Iterations;
import org.stackel.problem.Artifacts;
import org.stackel.runfile.SheetFile;
import org.stackel.tensor.Blas;
import org.stackel.tensor.DataTensors;
import org.stackel.tensor.Seed;
import org.stackel.tensor.StateScope;
import org.stackel.tensor.Tensors;
import org.stackel.text.Example;
import org.stackel.text.Reading;
import org.stackel.text.TextSet;

/**
 * A head for a new task or domain, from a few labelled texts, on an encoder that {@link Meta}, or
 * any run with an encoder, left. The encoder stays as it is.
 *
 * @param model folder of the encoder's model, or of the run that left it
 * @param data CSV, TSV or JSONL file with a few labelled texts of the new task
 * @param test file with test texts of the task; none if left out
 * @param text column of the text; guessed if left out
 * @param text2 column of the second text of pairs; guessed together with the text if left out
 * @param label column of the label; guessed if left out
 * @param rules how files are read, whatever is in them
 * @param regularization factor of the penalty on the head, greater than 0; that of the encoder's
 *     training if left out
 * @param seed random seed of the folds, at least 0
 */
@OptionRecord
public record Adapt(
    String model,
    String data,
    @Nullable String test,
    @Nullable String text,
    @Nullable String text2,
    @Nullable String label,
    @Inline FileRules rules,
    @Nullable Double regularization,
    long seed)
    implements AdaptBuilder.With {
  private static final int FOLDS = 5;
  private static final String ENCODER = "encoder";
  private static final String MEANS = "mean word vectors";

  public Adapt {
    var limits = new Rules("adapt");
    limits.positiveIfGiven("regularization", regularization);
    limits.atLeast("seed", seed, 0);
  }

  /** No model and no data yet. */
  public Adapt() {
    this("", "", null, null, null, null, new FileRules(), null, 0);
  }

  /** Starts from the defaults. */
  public static AdaptBuilder builder() {
    return AdaptBuilder.of(new Adapt());
  }

  /**
   * How a head did.
   *
   * @param foldAccuracy share of right answers over five folds of the few texts; NaN if a class has
   *     one text only
   * @param testAccuracy share of right answers on the test texts; NaN without any
   */
  public record Result(double foldAccuracy, double testAccuracy) {}

  /**
   * What was found.
   *
   * @param classes of the task
   * @param results of the encoder and, where it reads word vectors, of their means, by name
   * @param sheet what the page shows
   */
  public record Adapted(List<String> classes, Map<String, Result> results, SheetFile sheet) {}

  /**
   * Fits the head and writes its model.
   *
   * @param stop asked between iterations
   * @param talk told of remarks
   * @return null if it was asked to stop, in which case nothing is written
   * @throws InvalidInputException if model or data are wrong
   */
  public @Nullable Adapted run(Artifacts artifacts, BooleanSupplier stop, Consumer<String> talk) {
    return Iterations.unless(stop, () -> fitted(artifacts, talk));
  }

  private Adapted fitted(Artifacts artifacts, Consumer<String> talk) {
    Blas.setThreads(1); // a few texts
    try (AdaptableModel encoder = AdaptableModel.load(Path.of(model));
        var scope = StateScope.open();
        var home = new DataTensors()) {
      var remarks = new ArrayList<String>();
      List<Example> few = read(data, encoder, remarks);
      List<Example> tested = test == null ? List.of() : read(test, encoder, remarks);
      Classes classes = Classes.of(Example.labels(few));
      int[] labels = classes.ids(Example.labels(few));
      int[] answers = answers(classes, tested);
      remarks.add(counts(few));
      remarks.forEach(talk);
      var results = new LinkedHashMap<String, Result>();
      double own = regularization == null ? encoder.regularization() : regularization;
      var fit = new HeadFit(encoder.head(classes.size()), own);
      Tensor features = encoder.features(few);
      Tensor head = fit.of(features, Tensors.indices(encoder.device(), labels), encoder.device());
      results.put(
          ENCODER,
          judged(
              fit,
              features,
              labels,
              head,
              tested.isEmpty() ? null : encoder.features(tested),
              answers,
              encoder));
      Tensor means = encoder.meanVectors(few);
      if (means != null) {
        int width = Math.toIntExact(means.size(1));
        var plain = new HeadFit(new Head(width, List.of(), classes.size()), own);
        Tensor plainHead =
            plain.of(means, Tensors.indices(encoder.device(), labels), encoder.device());
        results.put(
            MEANS,
            judged(
                plain,
                means,
                labels,
                plainHead,
                tested.isEmpty() ? null : encoder.meanVectors(tested),
                answers,
                encoder));
      }
      encoder.write(head, classes.names(), artifacts);
      return new Adapted(classes.names(), results, sheet(results, remarks, few.size()));
    }
  }

  private List<Example> read(String file, AdaptableModel encoder, List<String> remarks) {
    TextSet set = read(file);
    set.requireTwoClasses();
    remarks.addAll(TextSet.inCommand(set.remarks()));
    boolean isPair = set.examples().get(0).text2() != null;
    if (encoder.readsPairs() && !isPair) {
      throw new InvalidInputException(
              "The encoder reads pairs of texts; the file has single ones.",
              "--text2 with the name of a column says where the second one is.")
          .at(file);
    }
    return set.examples();
  }

  private TextSet read(String file) {
    try {
      return new Reading()
          .withText(text)
          .withText2(text2)
          .withLabel(label)
          .withRules(rules)
          .source(file)
          .read();
    } catch (InvalidInputException e) {
      throw TextSet.inCommand(e);
    }
  }

  private int[] answers(Classes classes, List<Example> tested) {
    try {
      return classes.ids(Example.labels(tested));
    } catch (InvalidInputException e) {
      throw e.at(String.valueOf(test));
    }
  }

  private static String counts(List<Example> few) {
    var counts = new TreeMap<String, Integer>();
    few.forEach(each -> counts.merge(each.label(), 1, Integer::sum));
    List<String> all =
        counts.entrySet().stream()
            .map(entry -> "%s (%,d)".formatted(entry.getKey(), entry.getValue()))
            .toList();
    return "%,d texts of %d classes: %s."
        .formatted(few.size(), counts.size(), String.join(", ", all));
  }

  // ---- accuracy ------------------------------------------------------------------------------

  private Result judged(
      HeadFit fit,
      Tensor features,
      int[] labels,
      Tensor head,
      @Nullable Tensor tested,
      int[] answers,
      AdaptableModel encoder) {
    double onTest = tested == null ? Double.NaN : accuracy(fit.predictions(head, tested), answers);
    return new Result(overFolds(fit, features, labels, encoder), onTest);
  }

  private static double accuracy(long[] predicted, int[] answers) {
    int right = 0;
    for (int i = 0; i < answers.length; i++) {
      right += predicted[i] == answers[i] ? 1 : 0;
    }
    return (double) right / answers.length;
  }

  /** Each text by a head that has not seen it; folds have the classes alike. */
  private double overFolds(HeadFit fit, Tensor features, int[] labels, AdaptableModel encoder) {
    int[] fold = folds(labels);
    if (fold.length == 0) {
      return Double.NaN;
    }
    int right = 0;
    for (int k = 0; k < FOLDS; k++) {
      int[] out = where(fold, k, true);
      int[] in = where(fold, k, false);
      if (out.length == 0) {
        continue;
      }
      try (var scope = StateScope.open()) {
        Tensor known = Tensors.indices(encoder.device(), in);
        int[] own = Arrays.stream(in).map(i -> labels[i]).toArray();
        Tensor head =
            fit.of(
                features.index_select(0, known),
                Tensors.indices(encoder.device(), own),
                encoder.device());
        long[] predicted =
            fit.predictions(head, features.index_select(0, Tensors.indices(encoder.device(), out)));
        for (int i = 0; i < out.length; i++) {
          right += predicted[i] == labels[out[i]] ? 1 : 0;
        }
      }
    }
    return (double) right / labels.length;
  }

  private int[] folds(int[] labels) {
    int[] fold = new int[labels.length];
    var seen = new TreeMap<Integer, Integer>();
    for (int i : new Seed(seed).child("folds").permutation(labels.length)) {
      fold[i] = (seen.merge(labels[i], 1, Integer::sum) - 1) % FOLDS;
    }
    return seen.containsValue(1) ? new int[0] : fold;
  }

  private static int[] where(int[] fold, int k, boolean isIn) {
    return java.util.stream.IntStream.range(0, fold.length)
        .filter(i -> (fold[i] == k) == isIn)
        .toArray();
  }

  // ---- the page ------------------------------------------------------------------------------

  private SheetFile sheet(Map<String, Result> results, List<String> remarks, int texts) {
    var rows = new ArrayList<List<String>>();
    results.forEach(
        (name, result) ->
            rows.add(List.of(name, number(result.foldAccuracy()), number(result.testAccuracy()))));
    Result own = results.getOrDefault(ENCODER, new Result(Double.NaN, Double.NaN));
    boolean isTested = !Double.isNaN(own.testAccuracy());
    return new SheetFile(
        "A head for a new task: " + Path.of(data).getFileName(),
        isTested
            ? "Test accuracy %s from %,d texts.".formatted(number(own.testAccuracy()), texts)
            : "Accuracy %s over five folds of %,d texts."
                .formatted(number(own.foldAccuracy()), texts),
        remarks,
        List.of(
            new SheetFile.Table(
                "Accuracy",
                List.of("features", "over five folds", "on test texts"),
                rows,
                "The model that is written is the head on the encoder, fitted to all of the texts. Folds of few texts are a rough measure.")),
        List.of());
  }

  private static String number(double accuracy) {
    return Double.isNaN(accuracy) ? "—" : String.format(Locale.ROOT, "%.3f", accuracy);
  }
}
