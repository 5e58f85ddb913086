package org.stackel.cli;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which columns of a table hold what, and how its bytes are read. */
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

  @Option(
      names = "--encoding",
      paramLabel = "NAME",
      description = "Encoding of the files, such as windows-1252 (default: detected).")
  @Nullable String encoding;
}
