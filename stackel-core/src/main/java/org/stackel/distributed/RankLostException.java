package org.stackel.distributed;

/** Another rank of the run is gone, or does not answer: this one cannot go on. */
public final class RankLostException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  RankLostException(String message) {
    super(message);
  }
}
