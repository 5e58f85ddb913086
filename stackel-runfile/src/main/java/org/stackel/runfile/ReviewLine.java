package org.stackel.runfile;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A line of review.jsonl: a row of the data whose label may be wrong, the most suspicious first.
 *
 * @param record number of the record in the data file, from 1
 * @param line line of the file where the record begins, from 1
 * @param id cells of the columns that name a row, by column; empty without such columns
 * @param fields what the model saw, by column
 * @param label label in the file
 * @param suggested label that the row seems to have; null if none
 * @param probability of the suggested label, from 0 to 1; null if unknown
 * @param suspicion how likely the label is wrong, from 0 to 1
 * @param suspected whether the row is suspected; the others are those that come next
 * @param scores numbers that the suspicion combines, by name
 * @param neighbours rows that are most similar, the nearest first
 */
public record ReviewLine(
    long record,
    long line,
    Map<String, Object> id,
    Map<String, Object> fields,
    String label,
    @Nullable String suggested,
    @Nullable Double probability,
    double suspicion,
    boolean suspected,
    Map<String, Double> scores,
    List<Neighbour> neighbours)
    implements FileLine {
  /** Name of the file. */
  public static final String NAME = "review.jsonl";

  /**
   * A row that is similar.
   *
   * @param record number of the record in the data file, from 1
   * @param text what the model saw, as one text
   * @param label label in the file
   */
  public record Neighbour(long record, String text, String label) {
    public Neighbour {
      Rule.given("label", label);
    }
  }

  public ReviewLine {
    Rule.amount("record", record);
    Rule.amount("line", line);
    id = Rule.map(id);
    fields = Rule.map(fields);
    Rule.given("label", label);
    scores = Rule.map(scores);
    neighbours = Rule.list("neighbours", neighbours);
  }
}
