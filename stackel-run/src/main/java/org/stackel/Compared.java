package org.stackel;

import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.stackel.runfile.ComparisonFile;

/**
 * The result of a comparison.
 *
 * @param file the tables, as comparison.json has them; null if every method diverged before there
 *     was anything to compare
 * @param diverged descriptions of the runs that diverged
 * @param directory where comparison.json and the directories of the runs are
 */
public record Compared(@Nullable ComparisonFile file, List<String> diverged, Path directory) {
  @Override
  public String toString() {
    return String.format(
        Locale.ROOT, "comparison in %s, %d runs diverged", directory, diverged.size());
  }
}
