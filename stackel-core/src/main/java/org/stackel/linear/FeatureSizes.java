package org.stackel.linear;

import java.util.List;
import java.util.Locale;
import org.bytedeco.pytorch.Tensor;
import org.stackel.tensor.Tensors;

/**
 * Root mean squares of features: whether they need scaling.
 *
 * @param least name of the smallest feature
 * @param most name of the largest feature
 * @param smallest its root mean square; features that are always 0 do not count
 * @param largest its root mean square
 */
record FeatureSizes(String least, String most, double smallest, double largest) {
  private static final double SMALL = 0.1;
  private static final double LARGE = 10;

  /**
   * Measures.
   *
   * @param a features, shape [examples, features]
   * @param names of the features
   */
  static FeatureSizes of(Tensor a, List<String> names) {
    double[] sizes = Tensors.toArray(a.mul(a).mean(0).sqrt());
    int least = -1;
    int most = 0;
    for (int i = 0; i < sizes.length; i++) {
      least = sizes[i] > 0 && (least < 0 || sizes[i] < sizes[least]) ? i : least;
      most = sizes[i] > sizes[most] ? i : most;
    }
    least = Math.max(least, 0);
    return new FeatureSizes(names.get(least), names.get(most), sizes[least], sizes[most]);
  }

  /** Whether a model with one penalty and one step size for all would suffer. */
  boolean differ() {
    return (smallest > 0 && smallest < SMALL) || largest > LARGE;
  }

  /** What is done by default, and how to do otherwise. */
  String remark() {
    String sizes =
        String.format(
            Locale.ROOT,
            "root mean squares from %.3g ('%s') to %.3g ('%s')",
            smallest,
            least,
            largest,
            most);
    return differ()
        ? "The features are standardised, to mean 0 and standard deviation 1 over the training examples: they have %s. The option scaling with the value none leaves them as they are."
            .formatted(sizes)
        : "The features are used as they are: they have %s. The option scaling with the value standard changes that."
            .formatted(sizes);
  }
}
