package org.stackel.example;

import java.nio.file.Path;
import java.util.Map;
import org.stackel.clean.Clean;
import org.stackel.clean.CleanListener;
import org.stackel.clean.CleanModel;
import org.stackel.clean.CleanResult;
import org.stackel.predict.Prediction;

/** The code in docs/clean.md. */
final class CleaningFiles {
  private CleaningFiles() {}

  static String clean() {
    // ---- begin: clean
    Clean clean = Clean.builder().train("tickets.csv").trusted("checked.csv").build();
    CleanResult found = clean.to(Path.of("runs/tickets"), CleanListener.NONE);
    CleanModel model = CleanModel.load(found.directory());
    Prediction prediction = model.predict(Map.of("text", "where is my parcel"));
    // ---- end: clean
    return prediction.predicted();
  }
}
