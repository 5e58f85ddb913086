package org.stackel.preset;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.stackel.config.InvalidInputException;

/**
 * A file that a preset reads and that users must download, because it may not be redistributed.
 *
 * @param key the problem's option that names it
 * @param path where it is expected
 * @param what it is
 * @param standIn options of the problem, {@code key=value}, that replace the file
 */
public record NeededFile(String key, String path, String what, List<String> standIn) {
  public NeededFile {
    standIn = List.copyOf(standIn);
  }

  /**
   * Complains if the problem still asks for it and it is not there.
   *
   * @throws InvalidInputException at the problem's option, with what to set to do without
   */
  public void check(Map<?, ?> problem) {
    if (path.equals(problem.get(key)) && !Files.exists(Path.of(path))) {
      throw new InvalidInputException(
              "'%s' is missing: %s, which you must download yourself.".formatted(path, what),
              "--set problem.%s=PATH names it elsewhere; --set %s does without."
                  .formatted(
                      key,
                      String.join(" --set ", standIn.stream().map(NeededFile::quoted).toList())))
          .atKey("problem." + key);
    }
  }

  /** As a shell takes it: some expand brackets. */
  private static String quoted(String assignment) {
    String whole = "problem." + assignment;
    return whole.contains("[") ? "'" + whole + "'" : whole;
  }
}
