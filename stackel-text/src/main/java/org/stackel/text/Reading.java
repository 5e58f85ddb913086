package org.stackel.text;

import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.stackel.config.Inline;
import org.stackel.config.OptionRecord;
import org.stackel.config.Rules;
import org.stackel.data.FileRules;

/**
 * How files of labelled texts are read.
 *
 * @param format format of the files; detected by default
 * @param text column of the text; guessed if left out
 * @param text2 column of the second text of pairs; guessed together with the text if left out
 * @param label column of the label; guessed if left out
 * @param only rows of a table to read, as {@code column=value}: those with all of these values;
 *     empty for all rows
 * @param rules how files are read, whatever is in them
 */
@OptionRecord
public record Reading(
    TextFormat format,
    @Nullable String text,
    @Nullable String text2,
    @Nullable String label,
    List<Only> only,
    @Inline FileRules rules)
    implements ReadingBuilder.With {
  public Reading {
    only = List.copyOf(only);
  }

  /** Everything found out. */
  public Reading() {
    this(TextFormat.AUTO, null, null, null, List.of(), new FileRules());
  }

  private Columns columns() {
    return new Columns(text, text2, label, null);
  }

  /** A file that is read in this way. */
  public TextSource source(String file) {
    return new TextSource(Path.of(file), format, columns(), only, rules);
  }

  /**
   * Complains about options that say how a file is read where none is.
   *
   * @param data a file, one of {@link WordNetText#NAMES}, or nothing yet
   * @param files others, or nothing
   */
  public void checkUsed(String data, String... files) {
    TextSource.checkUsed(new Rules(), format, columns(), only, rules, data, files);
  }
}
