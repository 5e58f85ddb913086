package org.stackel.problem;

import org.stackel.tensor.Device;
import org.stackel.tensor.Seed;

/** What an experiment file says about a problem: a record from which the problem is opened. */
public interface ProblemOptions {
  /**
   * Reads or makes the data and opens the problem. The caller closes it.
   *
   * @param data the seed of everything drawn once: splits, noise
   * @throws org.stackel.config.InvalidInputException for options or data that are wrong
   */
  BilevelProblem<?> open(Seed data, Device device);

  /** By which metrics runs are judged. */
  default Goal goal() {
    return Goal.UPPER_LOSS;
  }
}
