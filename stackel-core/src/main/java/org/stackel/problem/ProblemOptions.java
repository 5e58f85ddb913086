package org.stackel.problem;

import org.stackel.tensor.Device;
import org.stackel.tensor.Seed;

/**
 * From which a problem is opened. In the catalogue and in experiment files it is a record, whose
 * components are the problem's options.
 */
public interface ProblemOptions {
  /**
   * Reads or makes the data and opens the problem. The caller closes it.
   *
   * @param data the seed of everything drawn once: splits, noise
   * @param device where the problem's tensors are, and their type
   * @throws org.stackel.config.InvalidInputException for options or data that are wrong
   */
  BilevelProblem<?> open(Seed data, Device device);

  /** By which metrics runs are judged. */
  default Goal goal() {
    return Goal.UPPER_LOSS;
  }
}
