package org.stackel.optim;

import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What happens between the iterations of work that takes long: somebody is told how far it is, and
 * may stop it. Whoever begins the work on a thread says who that is; every loop calls {@link
 * #next}.
 */
public final class Iterations {
  private static final ThreadLocal<@Nullable Watch> WATCH = new ThreadLocal<>();

  private Iterations() {}

  /** Is told of iterations, on the thread that makes them. */
  @FunctionalInterface
  public interface Watch {
    /** Watches nothing. */
    Watch NOBODY = (part, done, most) -> {};

    /**
     * An iteration begins. An exception leaves the work, and is thrown where it was begun.
     *
     * @param part what is being done, in a few words
     * @param done number of iterations before it
     * @param most the most that there are
     */
    void next(String part, long done, long most);
  }

  /** Leaves work that was asked to stop. */
  public static final class Stopped extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private Stopped() {
      super("the work was asked to stop", null, false, false);
    }
  }

  /** Called before each iteration. */
  public static void next(String part, long done, long most) {
    watch().next(part, done, most);
  }

  /** Who watches this thread, for work that goes on on others. */
  public static Watch watch() {
    Watch watch = WATCH.get();
    return watch == null ? Watch.NOBODY : watch;
  }

  /** Does work of whose iterations somebody is told. */
  public static <T extends @Nullable Object> T watched(Watch watch, Supplier<T> work) {
    Watch before = WATCH.get();
    WATCH.set(watch);
    try {
      return work.get();
    } finally {
      if (before == null) {
        WATCH.remove();
      } else {
        WATCH.set(before);
      }
    }
  }

  /**
   * Does work that may be asked to stop between its iterations.
   *
   * @return null if it was
   */
  public static <T> @Nullable T unless(BooleanSupplier stop, Supplier<T> work) {
    return unless(stop, Watch.NOBODY, work);
  }

  /**
   * The same, and tells somebody of the iterations.
   *
   * @return null if it was asked to stop
   */
  public static <T> @Nullable T unless(BooleanSupplier stop, Watch watch, Supplier<T> work) {
    try {
      return watched(
          (part, done, most) -> {
            if (stop.getAsBoolean()) {
              throw new Stopped();
            }
            watch.next(part, done, most);
          },
          work);
    } catch (Stopped e) {
      return null;
    }
  }
}
