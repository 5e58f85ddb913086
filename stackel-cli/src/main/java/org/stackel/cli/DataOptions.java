package org.stackel.cli;

import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.stackel.config.InvalidInputException;
import org.stackel.config.Options;
import org.stackel.data.FileRules;
import org.stackel.experiment.Draft;
import picocli.CommandLine.Option;

/** Options about how files of examples are read, in every command that reads some. */
final class DataOptions {
  private static final List<String> MERGES = List.of("none", "case");

  @Option(
      names = "--encoding",
      paramLabel = "NAME",
      description =
          "Encoding of the data files, such as windows-1252 (default: found from their bytes).")
  @Nullable String encoding;

  @Option(
      names = "--no-label",
      paramLabel = "VALUE",
      description =
          "Leave out rows with this label, in addition to empty ones, NaN, null, None, N/A and the like. Repeatable.")
  @Nullable List<String> noLabel;

  @Option(
      names = "--keep-label",
      paramLabel = "VALUE",
      description = "Keep this label as a class, though it looks like none. Repeatable.")
  @Nullable List<String> keepLabel;

  @Option(
      names = "--merge-classes",
      paramLabel = "WHICH",
      description =
          "case: classes that differ only in upper and lower case are one (default: none).")
  @Nullable String mergeClasses;

  @Option(
      names = "--drop-duplicates",
      description =
          "Leave out examples that repeat others with the same label, and training examples that are in a trusted, validation or test set too.")
  boolean dropDuplicates;

  /** Puts the options into an experiment's problem. */
  void putInto(Draft draft) {
    put(draft, "encoding", encoding, "--encoding");
    put(draft, "noLabel", noLabel, "--no-label");
    put(draft, "keepLabel", keepLabel, "--keep-label");
    put(draft, "mergeClasses", mergeClasses, "--merge-classes");
    put(draft, "dropDuplicates", dropDuplicates ? true : null, "--drop-duplicates");
  }

  private static void put(Draft draft, String key, @Nullable Object value, String option) {
    if (value != null) {
      draft.set("problem." + key, value, option);
    }
  }

  /** The same as a record, for commands without an experiment. */
  FileRules rules() {
    if (mergeClasses != null && !MERGES.contains(mergeClasses.toLowerCase(Locale.ROOT))) {
      throw new InvalidInputException(
              "--merge-classes takes none or case, found '%s'.".formatted(mergeClasses),
              Options.meant(mergeClasses, MERGES))
          .at("--merge-classes");
    }
    try {
      return new FileRules(
          encoding,
          noLabel == null ? List.of() : noLabel,
          keepLabel == null ? List.of() : keepLabel,
          "case".equalsIgnoreCase(mergeClasses)
              ? FileRules.MergeClasses.CASE
              : FileRules.MergeClasses.NONE,
          dropDuplicates);
    } catch (InvalidInputException e) {
      throw e.at("encoding".equals(e.key()) ? "--encoding" : "--keep-label");
    }
  }
}
