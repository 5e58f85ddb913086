package org.stackel.predict;

import org.stackel.model.ModelFolder;

/** {@code linear}: what strengths of a linear model's penalty leave. */
public final class NumericModelFormat implements ModelFormat {
  @Override
  public String name() {
    return "linear";
  }

  @Override
  public Predictor load(ModelFolder folder) {
    return NumericModel.load(folder);
  }
}
