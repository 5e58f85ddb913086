package org.stackel.data;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The data of hypertorch's example of logistic regression, made anew by its recipe: with NumPy's
 * legacy generator and seed 1, {@code w = randn(20)}, {@code x = randn(1000, 20)}, {@code y = x w +
 * 0.1 randn(1000) > 0}, and a permutation whose first half is the validation set.
 */
public final class HypertorchData {
  public static final int EXAMPLES = 1000;
  public static final int FEATURES = 20;

  /** Rows of the validation set, then as many of the training set. */
  public final double[][] inputs = new double[EXAMPLES][];

  /** A 0 or a 1 for each row. */
  public final double[] labels = new double[EXAMPLES];

  public HypertorchData() {
    var random = new NumpyRandom(1);
    double[] weights = random.normal(FEATURES);
    var x = new double[EXAMPLES][];
    for (int i = 0; i < EXAMPLES; i++) {
      x[i] = random.normal(FEATURES);
    }
    double[] noise = random.normal(EXAMPLES);
    int[] order = random.permutation(EXAMPLES);
    for (int i = 0; i < EXAMPLES; i++) {
      int row = order[i];
      inputs[i] = x[row];
      labels[i] = dot(x[row], weights) + 0.1 * noise[row] > 0 ? 1 : 0;
    }
  }

  private static double dot(double[] a, double[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += a[i] * b[i];
    }
    return sum;
  }

  /** The data as a table with the columns {@code split, y, x0, x1, …}. */
  public Path write(Path file) {
    var csv = new StringBuilder("split,y");
    for (int j = 0; j < FEATURES; j++) {
      csv.append(",x").append(j);
    }
    csv.append('\n');
    for (int i = 0; i < EXAMPLES; i++) {
      csv.append(i < EXAMPLES / 2 ? "validation" : "train").append(',').append((int) labels[i]);
      for (double value : inputs[i]) {
        csv.append(',').append(value);
      }
      csv.append('\n');
    }
    try {
      return Files.writeString(file, csv);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
