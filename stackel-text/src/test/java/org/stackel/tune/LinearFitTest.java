package org.stackel.tune;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.stackel.tensor.Seed;

/** Minimisers and hypergradients against finite differences. */
class LinearFitTest {
  private static final int WIDTH = 6;

  private static LinearFit fit(LinearLoss loss, int rows, long seed) {
    var random = new Random(seed);
    int[] offsets = new int[rows + 1];
    var columns = new ArrayList<Integer>();
    var values = new ArrayList<Float>();
    double[] targets = new double[rows];
    for (int i = 0; i < rows; i++) {
      double score = 0;
      for (int j = 0; j < WIDTH; j++) {
        if (random.nextInt(3) > 0) {
          float value = (float) random.nextGaussian();
          columns.add(j);
          values.add(value);
          score += (j < 2 ? 1 : 0) * value;
        }
      }
      offsets[i + 1] = columns.size();
      double noisy = score + random.nextGaussian();
      targets[i] =
          switch (loss) {
            case LOGISTIC -> noisy > 0 ? 1 : 0;
            case SOFTMAX -> noisy > .7 ? 2 : noisy > -.7 ? 1 : 0;
            case SQUARED -> noisy;
          };
    }
    float[] numbers = new float[values.size()];
    for (int k = 0; k < numbers.length; k++) {
      numbers[k] = values.get(k);
    }
    var matrix =
        new SparseMatrix(
            WIDTH, offsets, columns.stream().mapToInt(Integer::intValue).toArray(), numbers);
    return new LinearFit(matrix, targets, loss, 3, new AtomicLong());
  }

  private static double[] strengths(LinearFit fit, double strength) {
    double[] strengths = new double[fit.size()];
    Arrays.fill(strengths, 0, WIDTH * fit.outputs(), strength);
    return strengths;
  }

  @ParameterizedTest
  @EnumSource
  void theMinimiserHasNoSlope(LinearLoss loss) {
    LinearFit fit = fit(loss, 80, 1);
    double[] strengths = strengths(fit, .05);
    double[] w = fit.minimize(strengths, new double[fit.size()], 1e-9);
    double[] gradient = fit.gradient(fit.logits(w));
    for (int k = 0; k < w.length; k++) {
      assertThat(gradient[k] + strengths[k] * w[k]).isCloseTo(0, within(1e-8));
      double[] above = w.clone();
      double[] below = w.clone();
      above[k] += 1e-5;
      below[k] -= 1e-5;
      double slope = (fit.loss(fit.logits(above)) - fit.loss(fit.logits(below))) / 2e-5;
      assertThat(gradient[k]).isCloseTo(slope, within(1e-7));
    }
  }

  @ParameterizedTest
  @EnumSource
  void hypergradientsAreThoseOfTheLossOnValidationExamples(LinearLoss loss) {
    LinearFit training = fit(loss, 60, 1);
    LinearFit validation = fit(loss, 60, 2);
    double[] x = new double[WIDTH];
    Arrays.fill(x, Math.log(.1));
    double[] w = training.minimize(spread(training, x), new double[training.size()], 1e-11);
    double[] v =
        training.solve(
            training.logits(w),
            spread(training, x),
            validation.gradient(validation.logits(w)),
            new double[w.length],
            1e-11);
    for (int j = 0; j < WIDTH; j++) {
      double found = 0;
      for (int o = 0; o < training.outputs(); o++) {
        int k = j * training.outputs() + o;
        found -= Math.exp(x[j]) * w[k] * v[k];
      }
      double[] above = x.clone();
      double[] below = x.clone();
      above[j] += 1e-4;
      below[j] -= 1e-4;
      double slope =
          (phi(training, validation, above, w) - phi(training, validation, below, w)) / 2e-4;
      assertThat(found).isCloseTo(slope, within(1e-7));
    }
  }

  private static double[] spread(LinearFit fit, double[] x) {
    double[] strengths = new double[fit.size()];
    for (int j = 0; j < WIDTH; j++) {
      Arrays.fill(strengths, j * fit.outputs(), (j + 1) * fit.outputs(), Math.exp(x[j]));
    }
    return strengths;
  }

  private static double phi(LinearFit training, LinearFit validation, double[] x, double[] w) {
    double[] found = training.minimize(spread(training, x), w, 1e-11);
    return validation.loss(validation.logits(found));
  }

  @Test
  void manyStrengthsAreBetterWhereFeaturesDiffer() {
    var products = new AtomicLong();
    LinearFit training = fit(LinearLoss.LOGISTIC, 40, 3);
    var search =
        new StrengthSearch(
            training,
            fit(LinearLoss.LOGISTIC, 400, 4),
            fit(LinearLoss.LOGISTIC, 400, 5),
            new int[] {0, 1, 2, 3, 4, 5},
            products,
            () -> false,
            said -> {});
    List<StrengthSearch.Step> steps = new ArrayList<>();
    StrengthSearch.Point one = search.one(Math.log(1 / 40.0), steps);
    StrengthSearch.Point random = search.random(50, 0, new Seed(0), new ArrayList<>());
    assertThat(one.validationLoss()).isLessThan(random.validationLoss() + 1e-4);
    StrengthSearch.Point many = search.many(one, 40, steps);
    assertThat(many.stoppingLoss()).isLessThan(one.stoppingLoss());
    assertThat(many.x()[0]).as("of a feature that says much").isLessThan(many.x()[4]);
  }
}
