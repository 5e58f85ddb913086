package org.stackel.cli;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which columns of a table hold what. */
final class ColumnOptions {
  @Option(
      names = "--text",
      paramLabel = "COLUMN",
      description = "Column of the text (default: guessed from its name).")
  @Nullable String text;

  @Option(
      names = "--label",
      paramLabel = "COLUMN",
      description = "Column of the label (default: guessed from its name).")
  @Nullable String label;
}
