package org.stackel.distributed;

/** Another rank of the run is gone, or does not answer: this one cannot go on. */
public final class RankLostException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /**
   * @param message which rank, and why
   */
  public RankLostException(String message) {
    super(message);
  }
}
