package org.stackel.cleaning;

import org.stackel.config.Inline;
import org.stackel.config.OptionRecord;
import org.stackel.text.Reading;
import org.stackel.text.WordNetText;

/**
 * Where labelled texts come from, some of them trusted.
 *
 * @param data {@code wordnet}, {@code wordnet-pairs}, a file with texts and labels (CSV, TSV or
 *     JSONL, also with .gz, or one of the known formats), or a directory of reviews
 * @param trusted a file with trusted examples; taken from the data if empty
 * @param test a file with test examples; taken from the data if empty
 * @param reading how files are read
 */
@OptionRecord
public record TrustedTexts(String data, String trusted, String test, @Inline Reading reading)
    implements TrustedTextsBuilder.With {
  public TrustedTexts {
    reading.checkUsed(data, trusted, test);
  }

  /** WordNet's definitions. */
  public TrustedTexts() {
    this("wordnet", "", "", new Reading());
  }

  /** Whether the data are some that Stackel carries. */
  boolean isEmbedded() {
    return WordNetText.NAMES.contains(data);
  }
}
