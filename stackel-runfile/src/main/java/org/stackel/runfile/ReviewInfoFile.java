package org.stackel.runfile;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * review-info.json: what the rows of {@link ReviewLine review.jsonl} are from.
 *
 * @param data path of the data file, as the user gave it
 * @param sha256 SHA-256 of the data file
 * @param classes names of all classes
 * @param rows number of rows in the data file, at least 0
 * @param suspected number of those that are suspected, at least 0
 * @param title of the review; null if it has none
 */
public record ReviewInfoFile(
    String data,
    String sha256,
    List<String> classes,
    long rows,
    long suspected,
    @Nullable String title)
    implements WholeFile {
  /** Name of the file. */
  public static final String NAME = "review-info.json";

  public ReviewInfoFile {
    Rule.given("data", data);
    Rule.given("sha256", sha256);
    classes = Rule.list("classes", classes);
    Rule.amount("rows", rows);
    Rule.amount("suspected", suspected);
  }
}
