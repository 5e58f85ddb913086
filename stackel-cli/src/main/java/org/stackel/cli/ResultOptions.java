package org.stackel.cli;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.stackel.config.InvalidInputException;
import org.stackel.config.Options;
import org.stackel.run.ResultDirectory;
import org.stackel.run.RunDirectory;
import picocli.CommandLine.Option;

/** Where the results of a command on somebody's data go. */
final class ResultOptions {
  @Option(
      names = "--out",
      paramLabel = "DIR",
      description = "Output directory (default: a directory in runs/, named after the data).")
  @Nullable String out;

  @Option(
      names = "--force",
      description = "Replace existing results in the output directory; they are kept as DIR.old.")
  boolean force;

  /** The options of a command, whose mistakes name it. */
  static <R extends Record> R bound(R defaults, Map<String, ?> given, String command) {
    try {
      return Options.bind(defaults, given, command);
    } catch (InvalidInputException e) {
      throw e.key() == null ? e : e.at("--" + Options.kebab(String.valueOf(e.key())));
    }
  }

  /**
   * The directory.
   *
   * @param command name of the command
   * @param data the file that its default name is made of
   */
  ResultDirectory directory(String command, String data) {
    try {
      Path file = Path.of(data).getFileName();
      String stem = file == null ? "data" : file.toString().replaceFirst("\\.[^.]+(\\.gz)?$", "");
      return ResultDirectory.create(
          out == null ? Path.of("runs", command + "-" + stem) : Path.of(out),
          force ? RunDirectory.IfExists.REPLACE : RunDirectory.IfExists.REFUSE);
    } catch (InvalidPathException e) {
      throw new InvalidInputException(
              "'%s' is not a valid path: %s.".formatted(e.getInput(), e.getReason()),
              "it is misspelled.")
          .at(out == null ? data : "--out");
    }
  }
}
