package org.stackel.problem;

/** A training that is no experiment has diverged: a number of its state is not finite. */
public final class TrainingDivergedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /**
   * @param problem what diverged, a sentence
   * @param maybe what could help, a sentence without its first word "Maybe"
   */
  public TrainingDivergedException(String problem, String maybe) {
    super(problem + "\nMaybe " + maybe);
  }
}
