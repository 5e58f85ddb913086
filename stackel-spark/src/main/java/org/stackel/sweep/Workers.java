package org.stackel.sweep;

/** Those who make the runs of a sweep. */
public interface Workers extends AutoCloseable {
  /** How many runs may be asked for at the same time. */
  int atOnce();

  /**
   * Makes a run, and waits for its end. Called from many threads.
   *
   * @param task a line of JSON
   * @param ranks number of processes that share it
   * @return a line of JSON
   */
  String run(String task, int ranks);

  /** Asks all runs to stop and save their states; those that have not begun do not. */
  void stop();

  @Override
  void close();
}
