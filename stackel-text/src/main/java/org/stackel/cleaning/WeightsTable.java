package org.stackel.cleaning;

import de.siegmar.fastcsv.writer.CsvWriter;
import java.io.IOException;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.stackel.config.SpreadsheetText;

/** weights.csv: every training example with the weight found, as CSV. */
final class WeightsTable {
  private WeightsTable() {}

  /**
   * The table.
   *
   * @param weights σ(λ)
   * @param parameters of the model trained with them, which suggests other classes
   */
  static String of(
      DataCleaning.Opened problem, double[] lambda, double[] weights, Tensor parameters) {
    CleaningData data = problem.examples();
    long[] predicted = problem.predictions(parameters, data.trainExamples());
    boolean[] flipped = data.flipped();
    var header = new ArrayList<>(List.of("row", "label", "weight", "suspected", "suggested"));
    if (flipped != null) {
      header.add("flipped");
    }
    header.add("text");
    var text = new StringWriter();
    try (CsvWriter csv = CsvWriter.builder().build(text)) {
      csv.writeRecord(header);
      for (int i = 0; i < weights.length; i++) {
        boolean suspected = lambda[i] < problem.options().x0();
        boolean disagrees = predicted[i] != data.labels()[i];
        var row = new ArrayList<String>();
        row.add(Integer.toString(data.rows()[i]));
        row.add(data.classes().get(data.labels()[i]));
        row.add(Double.toString(weights[i]));
        row.add(Boolean.toString(suspected));
        row.add(suspected && disagrees ? data.classes().get((int) predicted[i]) : "");
        if (flipped != null) {
          row.add(Boolean.toString(flipped[i]));
        }
        row.add(data.texts().get(i));
        row.replaceAll(SpreadsheetText::safe);
        csv.writeRecord(row);
      }
    } catch (IOException e) {
      throw new AssertionError("a text in memory does not fail", e);
    }
    return text.toString();
  }
}
