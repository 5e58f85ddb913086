package org.stackel.tune;

import de.siegmar.fastcsv.writer.CsvWriter;
import java.io.IOException;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;
import org.stackel.config.Options;
import org.stackel.config.SpreadsheetText;
import org.stackel.linear.LinearModelFiles;
import org.stackel.model.Classifier;
import org.stackel.model.EncodedTexts;
import org.stackel.model.Inputs;
import org.stackel.model.TextModel;
import org.stackel.model.TextReading;
import org.stackel.optim.Iterations;
import org.stackel.problem.Artifacts;
import org.stackel.runfile.SheetFile;
import org.stackel.tensor.Device;
import org.stackel.tensor.StateScope;
import org.stackel.tensor.Tensors;
import org.stackel.text.TfIdf;

/** Judges what was found, and puts it into words and files. */
final class TunedMaker {
  private static final String ONE = "one strength";
  private static final String RANDOM = "random search";

  /** The kept strengths once more, on the validation rows too. */
  static final String REFIT = "refit on validation rows too";

  private static final double REFITTED = 1e-5;

  private final Tune options;
  private final LinearLoss loss;
  private final TuneData data;
  private final String[] groups;
  private final int[] groupOf;

  TunedMaker(Tune options, LinearLoss loss, TuneData data, String[] groups, int[] groupOf) {
    this.options = options;
    this.loss = loss;
    this.data = data;
    this.groups = groups;
    this.groupOf = groupOf;
  }

  /** The best points. */
  record Found(
      StrengthSearch.Point one,
      StrengthSearch.@Nullable Point many,
      StrengthSearch.@Nullable Point random) {}

  /** What they cost. */
  record Costs(
      double secondsOfOne, double seconds, double searchSeconds, long products, long searched) {}

  /**
   * What is left of a search.
   *
   * @param stop asked while the kept strengths are refit
   * @param wasCut whether the search was to end before its end
   */
  Tuned make(
      Found found,
      Costs costs,
      List<List<StrengthSearch.Step>> steps,
      List<String> remarks,
      BooleanSupplier stop,
      boolean wasCut) {
    boolean stopped = wasCut;
    String many = "one strength for each " + Options.kebab(options.strengths());
    boolean isMany =
        found.many() != null && found.many().stoppingLoss() < found.one().stoppingLoss();
    StrengthSearch.Point kept = isMany && found.many() != null ? found.many() : found.one();
    var results = new LinkedHashMap<String, Tuned.Result>();
    long productsOfOne = steps.get(0).get(steps.get(0).size() - 1).products();
    results.put(ONE, result(found.one(), steps.get(0).size(), costs.secondsOfOne(), productsOfOne));
    if (found.many() != null) {
      results.put(
          many,
          result(
              found.many(),
              steps.get(0).size() + steps.get(1).size(),
              costs.seconds(),
              costs.products()));
    }
    StrengthSearch.Point random = found.random();
    if (random != null) {
      results.put(
          RANDOM, result(random, steps.get(2).size(), costs.searchSeconds(), costs.searched()));
    }
    String name = isMany ? many : ONE;
    double[] difference = random == null ? null : difference(kept, random);
    double[] w = kept.w();
    if (options.refit()) {
      long before = System.nanoTime();
      double[] refit =
          Iterations.unless(
              stop, () -> data.known().minimize(parameters(kept), kept.w(), REFITTED));
      double seconds = (System.nanoTime() - before) / 1e9;
      if (refit == null) {
        stopped = true;
        remarks.add(0, "The command was stopped: the model is not refit on validation rows too.");
      } else {
        w = refit;
        results.put(REFIT, result(w, kept.x().length, Double.NaN, 1, seconds, 0));
      }
    }
    double[] written = w;
    return new Tuned(
        name,
        data.features(),
        strengths(kept),
        results,
        sheet(name, results, difference, steps, remarks, found),
        stopped,
        artifacts -> write(kept, written, artifacts));
  }

  /** Strengths of all parameters, none of intercepts. */
  private double[] parameters(StrengthSearch.Point kept) {
    double[] strengths = strengths(kept);
    int outputs = data.training().outputs();
    double[] all = new double[data.training().size()];
    for (int j = 0; j < strengths.length; j++) {
      Arrays.fill(all, j * outputs, (j + 1) * outputs, strengths[j]);
    }
    return all;
  }

  private Tuned.Result result(
      StrengthSearch.Point point, int points, double seconds, long products) {
    return result(point.w(), point.x().length, point.validationLoss(), points, seconds, products);
  }

  /**
   * How a model does on the test rows.
   *
   * @param validationLoss NaN if no validation row is left for it
   */
  private Tuned.Result result(
      double[] w, int strengths, double validationLoss, int points, double seconds, long products) {
    double[] logits = data.test().logits(w);
    return new Tuned.Result(
        strengths,
        validationLoss,
        data.test().loss(logits),
        loss == LinearLoss.SQUARED ? Double.NaN : data.test().accuracy(logits),
        points,
        seconds,
        products);
  }

  /** Mean difference of test losses, kept minus random search, and its standard error. */
  private double[] difference(StrengthSearch.Point kept, StrengthSearch.Point random) {
    double[] own = data.test().losses(data.test().logits(kept.w()));
    double[] other = data.test().losses(data.test().logits(random.w()));
    double mean = 0;
    for (int i = 0; i < own.length; i++) {
      mean += (own[i] - other[i]) / own.length;
    }
    double squares = 0;
    for (int i = 0; i < own.length; i++) {
      squares += Math.pow(own[i] - other[i] - mean, 2);
    }
    return new double[] {mean, Math.sqrt(squares / (own.length - 1.0) / own.length)};
  }

  private double[] strengths(StrengthSearch.Point kept) {
    double[] strengths = new double[data.features().size()];
    for (int j = 0; j < strengths.length; j++) {
      strengths[j] = Math.exp(kept.x()[kept.x().length == 1 ? 0 : groupOf[j]]);
    }
    return strengths;
  }

  // ---- the page ------------------------------------------------------------------------------

  private SheetFile sheet(
      String kept,
      Map<String, Tuned.Result> results,
      double @Nullable [] difference,
      List<List<StrengthSearch.Step>> steps,
      List<String> remarks,
      Found found) {
    String left = results.containsKey(REFIT) ? REFIT : kept;
    var rows = new ArrayList<List<String>>();
    results.forEach(
        (name, result) ->
            rows.add(
                List.of(
                    name.equals(left) ? name + " (model/)" : name,
                    String.format(Locale.ROOT, "%,d", result.strengths()),
                    number(result.validationLoss()),
                    number(result.testLoss()),
                    Double.isNaN(result.testAccuracy())
                        ? "—"
                        : String.format(Locale.ROOT, "%.4f", result.testAccuracy()),
                    String.valueOf(result.points()),
                    String.format(Locale.ROOT, "%.1f", result.seconds()),
                    result.products() == 0
                        ? "—"
                        : String.format(Locale.ROOT, "%,d", result.products()))));
    var notes = new ArrayList<>(remarks);
    if (found.many() != null && kept.equals(ONE)) {
      notes.add(
          "Many strengths do not help here: on the validation examples that say when to stop, they are no better than one.");
    }
    Tuned.Result own = results.get(kept);
    String result =
        String.format(
            Locale.ROOT,
            "Test loss %s with %s%s.",
            own == null ? "" : number(own.testLoss()),
            kept,
            difference == null
                ? ""
                : String.format(
                    Locale.ROOT,
                    "; minus random search %.4f ± %.4f",
                    difference[0],
                    difference[1]));
    if (left.equals(REFIT)) {
      notes.add(
          "The model that is left has the kept strengths and was fitted once more, to the training and validation rows together; --no-refit leaves the one of the training rows.");
    }
    var lines = new ArrayList<SheetFile.Line>();
    List<String> names = List.of("one strength", "many strengths", "random search");
    for (int k = 0; k < steps.size(); k++) {
      if (!steps.get(k).isEmpty()) {
        lines.add(
            new SheetFile.Line(
                names.get(k),
                steps.get(k).stream().map(step -> (double) step.products()).toList(),
                steps.get(k).stream().map(StrengthSearch.Step::validationLoss).toList()));
      }
    }
    return new SheetFile(
        "Strengths of the penalty: " + java.nio.file.Path.of(options.data()).getFileName(),
        result,
        notes,
        List.of(
            new SheetFile.Table(
                "Searches",
                List.of(
                    "search",
                    "strengths",
                    "validation loss",
                    "test loss",
                    "test accuracy",
                    "points",
                    "seconds",
                    "products"),
                rows,
                "A product is one of the examples' matrix, or of its transpose, with a vector or, of several classes, a matrix. ± is a standard error over test examples.")),
        List.of(
            new SheetFile.Chart(
                "Validation loss over cost",
                "products",
                "validation loss",
                SheetFile.Scale.LOG,
                lines)));
  }

  private static String number(double value) {
    return Double.isNaN(value) ? "—" : String.format(Locale.ROOT, "%.5f", value);
  }

  // ---- the files -----------------------------------------------------------------------------

  private void write(StrengthSearch.Point kept, double[] w, Artifacts artifacts) {
    artifacts.text("strengths.csv", table(kept, w));
    try (var scope = StateScope.open()) {
      TfIdf tfIdf = data.tfIdf();
      if (tfIdf == null) {
        numbers(w, artifacts);
      } else {
        texts(w, tfIdf, artifacts);
      }
    }
  }

  private String table(StrengthSearch.Point kept, double[] w) {
    double[] strengths = strengths(kept);
    int outputs = data.training().outputs();
    var text = new StringWriter();
    try (CsvWriter csv = CsvWriter.builder().build(text)) {
      csv.writeRecord("feature", "group", "strength", "weight");
      for (int j = 0; j < strengths.length; j++) {
        double squares = 0;
        for (int o = 0; o < outputs; o++) {
          squares += Math.pow(w[j * outputs + o], 2);
        }
        double weight = outputs == 1 ? w[j] : Math.sqrt(squares);
        csv.writeRecord(
            SpreadsheetText.safe(data.features().get(j)),
            options.groups() == null ? "" : SpreadsheetText.safe(groups[j]),
            Double.toString(strengths[j]),
            Double.toString(weight));
      }
    } catch (IOException e) {
      throw new AssertionError("a text in memory does not fail", e);
    }
    return text.toString();
  }

  private void numbers(double[] w, Artifacts artifacts) {
    int outputs = data.training().outputs();
    int width = data.features().size();
    var tensors = new LinkedHashMap<String, Tensor>();
    tensors.put(
        "weight", Tensors.of(Device.CPU64, Arrays.copyOf(w, width * outputs), width, outputs));
    tensors.put(
        "bias",
        Tensors.of(Device.CPU64, Arrays.copyOfRange(w, width * outputs, w.length), (long) outputs));
    new LinearModelFiles(
            data.features(),
            data.classes(),
            data.scale().mean(),
            data.scale().deviation(),
            data.scale().mean().isEmpty() ? "none" : "standard",
            Options.kebab(loss),
            Device.Precision.FLOAT64)
        .write(tensors, artifacts);
  }

  private void texts(double[] w, TfIdf tfIdf, Artifacts artifacts) {
    int classes = data.classes().size();
    double[] both = w;
    if (loss == LinearLoss.LOGISTIC) {
      both = new double[2 * w.length];
      for (int k = 0; k < w.length; k++) {
        both[2 * k + 1] = w[k];
      }
    }
    int inputs = tfIdf.words().size() + 1;
    Map<String, Tensor> weights =
        Map.of("wordWeights", Tensors.of(Device.CPU64, tfIdf.weights(), tfIdf.words().size()));
    var facts = new LinkedHashMap<String, Object>();
    facts.put("task", "classification");
    facts.put("classifier", new TreeMap<>(Map.of("inputs", inputs, "outputs", classes)));
    facts.put("classes", data.classes());
    facts.put("columns", List.of(data.textColumn()));
    new TextModel(
            new Classifier.Linear(inputs, classes),
            Tensors.of(Device.CPU64, both),
            EncodedTexts.vectors(
                new Inputs.Tokens(List.of(), Device.CPU64),
                tfIdf.words(),
                weights,
                TextReading.of(TextReading.Kind.WEIGHTED_COUNTS, "", 0, false)),
            facts)
        .write(artifacts);
  }
}
