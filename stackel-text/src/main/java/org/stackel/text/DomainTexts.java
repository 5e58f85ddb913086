package org.stackel.text;

import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.stackel.config.Inline;
import org.stackel.config.OptionRecord;
import org.stackel.config.Rules;
import org.stackel.data.FileRules;

/**
 * Where labelled texts of several domains come from.
 *
 * @param data {@code wordnet}, {@code wordnet-pairs}, a file with texts and labels (CSV, TSV or
 *     JSONL, also with .gz, or one of the known formats), or a directory of reviews
 * @param test a file with test texts; taken from the data if empty
 * @param format format of the files; detected by default
 * @param text column of the text; guessed if left out
 * @param text2 column of the second text of pairs; guessed together with the text if left out
 * @param label column of the label; guessed if left out
 * @param domain column of the domain; guessed if left out
 * @param only rows of a table to read, as {@code column=value}: those with all of these values;
 *     empty for all rows
 * @param rules how files are read, whatever is in them
 */
@OptionRecord
public record DomainTexts(
    String data,
    String test,
    TextFormat format,
    @Nullable String text,
    @Nullable String text2,
    @Nullable String label,
    @Nullable String domain,
    List<Only> only,
    @Inline FileRules rules)
    implements DomainTextsBuilder.With {
  public DomainTexts {
    only = List.copyOf(only);
    TextSource.checkUsed(
        new Rules(), format, new Columns(text, text2, label, domain), only, rules, data, test);
  }

  /** WordNet's definitions. */
  public DomainTexts() {
    this("wordnet", "", TextFormat.AUTO, null, null, null, null, List.of(), new FileRules());
  }

  /** A file that is read as these options say. */
  public TextSource source(String file) {
    return new TextSource(
        Path.of(file), format, new Columns(text, text2, label, domain), only, rules);
  }
}
