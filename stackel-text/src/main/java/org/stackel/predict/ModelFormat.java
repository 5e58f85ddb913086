package org.stackel.predict;

import org.stackel.model.ModelFolder;

/**
 * A format of trained models. {@link Predictor#load} finds public classes with a public constructor
 * without parameters that {@code META-INF/services/org.stackel.predict.ModelFormat} names.
 */
public interface ModelFormat {
  /** What {@code config.json} has under {@code format}. */
  String name();

  /**
   * Loads a model of this format.
   *
   * @throws org.stackel.config.InvalidInputException if it cannot predict
   */
  Predictor load(ModelFolder folder);
}
