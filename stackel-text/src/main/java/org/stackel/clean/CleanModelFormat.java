package org.stackel.clean;

import org.stackel.model.ModelFolder;
import org.stackel.predict.ModelFormat;
import org.stackel.predict.Predictor;

/** {@code cleaned}: what cleaning trains. */
public final class CleanModelFormat implements ModelFormat {
  @Override
  public String name() {
    return CleanModel.FORMAT;
  }

  @Override
  public Predictor load(ModelFolder folder) {
    return CleanModel.load(folder);
  }
}
