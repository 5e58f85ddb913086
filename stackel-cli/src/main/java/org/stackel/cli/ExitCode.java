package org.stackel.cli;

/** What a process ends with. */
final class ExitCode {
  static final int COMPLETED = 0;
  static final int DEFECT = 1;
  static final int INVALID = 2;
  static final int DIVERGED = 3;
  static final int CHECK_FAILED = 4;
  static final int RANK_LOST = 5;
  static final int RUNS_FAILED = 6;
  static final int INTERRUPTED = 130;

  private ExitCode() {}
}
