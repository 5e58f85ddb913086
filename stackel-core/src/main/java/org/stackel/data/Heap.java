package org.stackel.data;

import org.stackel.config.InvalidInputException;

/** What fits into the memory of the Java virtual machine, asked before it is used up. */
public final class Heap {
  /** Bytes of a name of a feature: a text and its place in a list. */
  public static final long NAME = 64;

  private Heap() {}

  /**
   * Complains about what does not fit.
   *
   * @param bytes at least needed
   * @param what needs them, such as "The file"
   * @param place where it is
   */
  public static void require(long bytes, String what, String place) {
    long room = Runtime.getRuntime().maxMemory();
    if (bytes > room) {
      throw tooSmall(what, bytes, room).at(place);
    }
  }

  static InvalidInputException tooSmall(String what, long bytes, long room) {
    return new InvalidInputException(
        "%s needs at least %,d MB of memory; the Java virtual machine has %,d MB."
            .formatted(what, bytes >> 20, room >> 20),
        "STACKEL_JAVA_OPTIONS=-Xmx%dg helps, or less data."
            .formatted(Math.max((bytes >> 30) + 1, (room >> 30) + 2)));
  }
}
