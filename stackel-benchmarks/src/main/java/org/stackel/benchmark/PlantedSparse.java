package org.stackel.benchmark;

import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.random.RandomGenerator;
import org.stackel.tensor.Seed;

/**
 * Writes a sparse data set for two classes with a known structure, as a LIBSVM file: features as
 * frequent as words are, of which a few decide the class and the others say nothing. By default it
 * has the shape of the training set of rcv1: 20,242 × 47,236, 0.16 % filled, rows of length 1.
 *
 * <pre>
 *   java … org.stackel.benchmark.PlantedSparse FILE [ROWS FEATURES FILL SEED]
 * </pre>
 */
public final class PlantedSparse {
  private static final double INFORMATIVE = 0.03;
  private static final double STEEPNESS = 1.1;
  private static final double MARGIN = 6;

  private PlantedSparse() {}

  /** Writes the file. */
  public static void main(String[] args) throws IOException {
    int rows = args.length > 1 ? Integer.parseInt(args[1]) : 20_242;
    int features = args.length > 2 ? Integer.parseInt(args[2]) : 47_236;
    double fill = args.length > 3 ? Double.parseDouble(args[3]) : 0.0016;
    long seed = args.length > 4 ? Long.parseLong(args[4]) : 0;
    write(Path.of(args[0]), rows, features, fill, new Seed(seed));
  }

  /**
   * Writes a file.
   *
   * @param fill share of the numbers that are not zero, in the mean
   */
  static void write(Path file, int rows, int features, double fill, Seed seed) throws IOException {
    int[] order = seed.child("order").permutation(features);
    double[] cumulated = new double[features];
    double total = 0;
    for (int rank = 0; rank < features; rank++) {
      total += 1 / Math.pow(rank + 20, STEEPNESS);
      cumulated[rank] = total;
    }
    double[] weights = weights(features, seed.child("weights").generator());
    try (BufferedWriter out = Files.newBufferedWriter(file)) {
      for (int i = 0; i < rows; i++) {
        RandomGenerator random = seed.child("row").child(i).generator();
        var row = row(cumulated, order, fill * features, random);
        double score = 0;
        for (var entry : row.entrySet()) {
          score += entry.getValue() * weights[entry.getKey()];
        }
        boolean isPositive = random.nextDouble() < 1 / (1 + Math.exp(-MARGIN * score));
        var line = new StringBuilder(isPositive ? "+1" : "-1");
        row.forEach(
            (column, value) ->
                line.append(String.format(Locale.ROOT, " %d:%.5f", column + 1, value)));
        out.write(line.append('\n').toString());
      }
    }
  }

  private static double[] weights(int features, RandomGenerator random) {
    double[] weights = new double[features];
    for (int j = 0; j < features; j++) {
      weights[j] = random.nextDouble() < INFORMATIVE ? 3 * random.nextGaussian() : 0;
    }
    return weights;
  }

  /** Words of a text, rare ones with larger numbers, scaled to length 1. */
  private static Map<Integer, Double> row(
      double[] cumulated, int[] order, double mean, RandomGenerator random) {
    int distinct = (int) Math.max(1, Math.round(mean * (0.5 + random.nextDouble())));
    var row = new TreeMap<Integer, Double>();
    double total = cumulated[cumulated.length - 1];
    for (int tries = 0; row.size() < distinct && tries < 50 * distinct; tries++) {
      int found = Arrays.binarySearch(cumulated, random.nextDouble() * total);
      int rank = Math.min(cumulated.length - 1, found < 0 ? -found - 1 : found);
      row.putIfAbsent(order[rank], Math.log(3 + rank));
    }
    double squares = row.values().stream().mapToDouble(value -> value * value).sum();
    row.replaceAll((column, value) -> value / Math.sqrt(squares));
    return row;
  }
}
