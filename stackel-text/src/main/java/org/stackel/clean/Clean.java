package org.stackel.clean;

import java.io.Serializable;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.stackel.config.Inline;
import org.stackel.config.OptionRecord;
import org.stackel.config.Rules;
import org.stackel.data.FileRules;

/**
 * Finds wrong labels in a table of a user's own, corrects them, and trains a classifier:
 *
 * <pre>{@code
 * CleanResult found = Clean.builder().train("train.csv").trusted("checked.csv").build()
 *     .to(Path.of("cleaned"), CleanListener.NONE);
 * }</pre>
 *
 * @param train file whose labels may be wrong: CSV, TSV, JSONL or LIBSVM, also with .gz
 * @param trusted file whose labels are right, with the same columns; none if empty
 * @param trustedRows how many rows at the beginning of the file are right, at least 0
 * @param test file whose labels are right, on which the final model is measured; none if empty
 * @param text columns of texts; guessed if empty
 * @param label column of the label; guessed if left out
 * @param features further columns to read, or .npy files with a row for each record; guessed if
 *     empty
 * @param id columns that name a row and are copied to the results; guessed if empty
 * @param fix what corrected.csv does with suspected labels
 * @param decisions decisions.csv of the review page; none if empty
 * @param timeBudget time that may be used, in seconds, greater than 0; it decides how much is
 *     computed, by a fixed estimate, so that results do not depend on the machine
 * @param seed random seed
 * @param threads number of threads, at least 1
 * @param rules how the files are read; repeated rows that are dropped are still judged, but not
 *     trained on and not in the corrected file
 */
@OptionRecord
public record Clean(
    String train,
    String trusted,
    int trustedRows,
    String test,
    List<String> text,
    @Nullable String label,
    List<String> features,
    List<String> id,
    Fix fix,
    String decisions,
    double timeBudget,
    long seed,
    int threads,
    @Inline FileRules rules)
    implements CleanBuilder.With, Serializable {
  /** Time that may be used unless another is given, in seconds. */
  public static final double TIME_BUDGET = 300;

  /** What becomes of suspected labels. */
  @OptionRecord
  public enum Fix {
    /** The suggested label takes its place. */
    REPLACE,
    /** The row is left out. */
    DROP,
    /** Two columns, suspected and suggested, say so; labels stay. */
    MARK
  }

  public Clean {
    var checks = new Rules("clean");
    checks.atLeast("trustedRows", trustedRows, 0);
    checks.positive("timeBudget", timeBudget);
    checks.atLeast("threads", threads, 1);
    text = List.copyOf(text);
    features = List.copyOf(features);
    id = List.copyOf(id);
  }

  /** No file yet; two threads. */
  public Clean() {
    this(
        "",
        "",
        0,
        "",
        List.of(),
        null,
        List.of(),
        List.of(),
        Fix.REPLACE,
        "",
        TIME_BUDGET,
        0,
        2,
        new FileRules());
  }

  /** Starts from the defaults. */
  public static CleanBuilder builder() {
    return CleanBuilder.of(new Clean());
  }

  /**
   * Does it, and writes all files.
   *
   * @param directory where they go; it exists
   * @param listener is told how far it is
   * @throws org.stackel.config.InvalidInputException if a file cannot be used
   */
  public CleanResult to(Path directory, CleanListener listener) {
    return new CleanWork(this, directory, listener).run();
  }
}
