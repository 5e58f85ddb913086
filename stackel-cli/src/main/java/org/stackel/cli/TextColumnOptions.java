package org.stackel.cli;

import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which columns of a table hold texts and labels. */
final class TextColumnOptions {
  @Option(
      names = "--text",
      paramLabel = "COLUMN",
      description = "Column of the text (default: guessed from its name).")
  @Nullable String text;

  @Option(
      names = "--text2",
      paramLabel = "COLUMN",
      description = "Column of the second text of pairs (default: guessed from its name).")
  @Nullable String text2;

  @Option(
      names = "--label",
      paramLabel = "COLUMN",
      description = "Column of the label (default: guessed from its name).")
  @Nullable String label;

  void put(Map<String, @Nullable Object> given) {
    given.put("text", text);
    given.put("text2", text2);
    given.put("label", label);
  }
}
