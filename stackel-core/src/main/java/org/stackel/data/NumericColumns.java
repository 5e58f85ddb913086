package org.stackel.data;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Which columns of a table of numbers hold what.
 *
 * @param label column of the label; guessed if null
 * @param split column that says which set a row belongs to; "split", if there is one, if null
 * @param features columns of the features; all others but an index if empty
 * @param ignore columns that are read for nothing
 */
public record NumericColumns(
    @Nullable String label, @Nullable String split, List<String> features, List<String> ignore) {

  /** Everything guessed. */
  public static final NumericColumns GUESSED = new NumericColumns(null, null, List.of(), List.of());

  public NumericColumns {
    features = List.copyOf(features);
    ignore = List.copyOf(ignore);
  }
}
