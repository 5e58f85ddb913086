package org.stackel.predict;

import org.stackel.model.ModelFolder;
import org.stackel.model.TextClassifier;

/** {@code text-classifier}: what problems with texts leave. */
public final class TextClassifierFormat implements ModelFormat {
  @Override
  public String name() {
    return "text-classifier";
  }

  @Override
  public Predictor load(ModelFolder folder) {
    return new TextPredictor(TextClassifier.load(folder));
  }
}
