package org.stackel.problem;

import org.stackel.config.OptionRecord;
import org.stackel.config.Rules;

/**
 * Independent Gaussian noise of mean zero that the oracle adds to each component of its answers.
 *
 * @param gradient standard deviation of the noise on gradients, at least 0
 * @param hessian standard deviation of the noise on Hessian and cross products, at least 0
 */
@OptionRecord
public record Noise(double gradient, double hessian) implements NoiseBuilder.With {
  /** No noise. */
  public static final Noise NONE = new Noise(0, 0);

  public Noise {
    var rules = new Rules("noise");
    rules.notNegative("gradient", gradient);
    rules.notNegative("hessian", hessian);
  }
}
