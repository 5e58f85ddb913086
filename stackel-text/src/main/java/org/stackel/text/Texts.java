package org.stackel.text;

import org.stackel.config.Inline;
import org.stackel.config.OptionRecord;

/**
 * Where labelled texts come from.
 *
 * @param data {@code wordnet}, {@code wordnet-pairs}, a file with texts and labels (CSV, TSV or
 *     JSONL, also with .gz, or one of the known formats), or a directory of reviews
 * @param test a file with test examples; taken from the data if empty
 * @param reading how files are read
 */
@OptionRecord
public record Texts(String data, String test, @Inline Reading reading)
    implements TextsBuilder.With {
  public Texts {
    reading.checkUsed(data, test);
  }

  /** WordNet's definitions. */
  public Texts() {
    this("wordnet", "", new Reading());
  }
}
