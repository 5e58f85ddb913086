package org.stackel.sweep;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.stackel.runfile.RunFiles;

/**
 * What became of one run, as it comes back: a line of JSON.
 *
 * @param run its name
 * @param status how it ended
 * @param step steps done
 * @param seconds in steps
 * @param metrics at that step
 * @param cause why it diverged or failed; null if it did neither
 * @param errors of all attempts that failed
 * @param reused whether it had ended before
 */
record SweepResult(
    String run,
    Status status,
    long step,
    double seconds,
    Map<String, Double> metrics,
    @Nullable String cause,
    List<String> errors,
    boolean reused) {
  /** How a run ended. */
  enum Status {
    COMPLETED,
    DIVERGED,
    STOPPED,
    FAILED
  }

  static SweepResult failed(String run, List<String> errors) {
    return new SweepResult(
        run, Status.FAILED, 0, 0, Map.of(), errors.get(errors.size() - 1), errors, false);
  }

  static SweepResult parse(String line) {
    return RunFiles.parse(line, "the result", SweepResult.class);
  }

  String line() {
    return RunFiles.line(this);
  }

  SweepResult after(List<String> failures) {
    return new SweepResult(run, status, step, seconds, metrics, cause, failures, reused);
  }
}
