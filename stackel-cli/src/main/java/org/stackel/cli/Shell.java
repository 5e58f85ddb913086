package org.stackel.cli;

/** Commands that are printed, to be copied into a shell. */
final class Shell {
  private Shell() {}

  /** A word as a shell takes it: in quotes if it has to be. */
  static String word(String word) {
    return word.matches("[\\w./:=+,@%~\\\\-]+") ? word : "'" + word.replace("'", "'\\''") + "'";
  }
}
