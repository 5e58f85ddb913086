package org.stackel.experiment;

import de.siegmar.fastcsv.writer.CsvWriter;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;
import org.stackel.baseline.Cleaning;
import org.stackel.problem.BilevelProblem;
import org.stackel.problem.CleaningData;
import org.stackel.problem.DataCleaning;
import org.stackel.problem.Metrics;
import org.stackel.tensor.AtomicFile;
import org.stackel.tensor.Seed;
import org.stackel.tensor.StateScope;
import org.stackel.tensor.Tensors;

/**
 * What a cleaning run leaves behind: the classifier trained from scratch with the weights found, in
 * {@code model/}, and every training example's weight in {@code weights.csv}. Other problems leave
 * nothing.
 */
public final class CleaningOutput implements RunListener {
  private final Path directory;
  private final Seed seed;
  private double seconds;

  /** Writes into the directory of a run. */
  public CleaningOutput(RunDirectory run) {
    directory = run.path();
    seed = new Seed(run.experiment().settings().seed());
  }

  /** What to say about weights that hardly differ; null if they do, or if there are none. */
  public static @Nullable String warning(String algorithm, Metrics metrics) {
    Double sd = metrics.values().get("lambdaSd");
    return sd == null ? null : ProblemDefaults.warning(algorithm, sd);
  }

  /** How long the training without trusted examples took. */
  double seconds() {
    return seconds;
  }

  /** The seed of retraining and of baselines: the same for all methods of a run's seed. */
  static Seed retraining(Seed run) {
    return run.child("retrain");
  }

  @Override
  public Metrics completed(BilevelProblem<?> problem, Tensor x, Tensor y) {
    if (!(problem instanceof DataCleaning.Opened cleaning)) {
      return Metrics.NONE;
    }
    double[] lambda = Tensors.toArray(x);
    double[] weights = Cleaning.weights(lambda);
    var after = new Cleaning(cleaning, retraining(seed), System::nanoTime);
    try (var scope = StateScope.open()) {
      long begin = System.nanoTime();
      Tensor parameters = after.retrain(weights, Cleaning.Trusted.APART);
      seconds = (System.nanoTime() - begin) / 1e9;
      ModelOutput.write(directory, cleaning.model(parameters));
      write(directory, cleaning, lambda, weights, parameters);
      CleaningData data = cleaning.examples();
      return Metrics.NONE
          .with("retrainAccuracy", cleaning.accuracy(parameters, data.testExamples()))
          .with("retrainTrustedAccuracy", after.retrainAccuracy(weights, Cleaning.Trusted.JOIN));
    }
  }

  private static void write(
      Path directory,
      DataCleaning.Opened problem,
      double[] lambda,
      double[] weights,
      Tensor parameters) {
    try {
      AtomicFile.write(
          directory.resolve("weights.csv"), weightsTable(problem, lambda, weights, parameters));
    } catch (IOException e) {
      throw DiskProblem.writing(directory, e);
    }
  }

  private static String weightsTable(
      DataCleaning.Opened problem, double[] lambda, double[] weights, Tensor parameters) {
    CleaningData data = problem.examples();
    long[] predicted = problem.predictions(parameters, data.trainExamples());
    boolean[] flipped = data.flipped();
    var header = new ArrayList<>(List.of("row", "label", "weight", "suspected", "suggested"));
    if (flipped != null) {
      header.add("flipped");
    }
    header.add("text");
    var text = new StringWriter();
    try (CsvWriter csv = CsvWriter.builder().build(text)) {
      csv.writeRecord(header);
      for (int i = 0; i < weights.length; i++) {
        boolean suspected = lambda[i] < problem.options().startWeight();
        boolean disagrees = predicted[i] != data.labels()[i];
        var row = new ArrayList<String>();
        row.add(Integer.toString(data.rows()[i]));
        row.add(data.classes().get(data.labels()[i]));
        row.add(Double.toString(weights[i]));
        row.add(Boolean.toString(suspected));
        row.add(suspected && disagrees ? data.classes().get((int) predicted[i]) : "");
        if (flipped != null) {
          row.add(Boolean.toString(flipped[i]));
        }
        row.add(data.texts().get(i));
        csv.writeRecord(row);
      }
    } catch (IOException e) {
      throw new AssertionError("a text in memory does not fail", e);
    }
    return text.toString();
  }
}
