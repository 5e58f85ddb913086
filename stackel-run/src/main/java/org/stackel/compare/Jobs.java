package org.stackel.compare;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.stackel.tensor.StateScope;

/**
 * Independent pieces of work, several at the same time, each on one thread from its beginning to
 * its end: scopes of native memory and the number of threads of an operation belong to a thread.
 *
 * <p>Randomness is a function of a run's seed alone, so the results do not depend on how many
 * pieces run at once; seconds do.
 *
 * @param atOnce number of concurrent jobs, at least 1
 */
record Jobs(int atOnce) {
  /** A piece of work; null if it was told to stop before its end. */
  interface Piece<T> {
    @Nullable T run(SameProblem problem, BooleanSupplier stop);
  }

  /**
   * Does all pieces, begun in order. A piece that fails ends the work: no other begins, those that
   * are running are told to stop, and the failure is thrown when they have.
   *
   * @param stop asked before and within every piece
   * @return what the pieces gave, in their order; null if the work was told to stop
   */
  <T> @Nullable List<T> all(List<Piece<T>> pieces, BooleanSupplier stop) {
    var work = new Work<>(pieces, stop);
    StateScope.open().close(); // native libraries are loaded once, before there are threads
    var threads = new ArrayList<Thread>();
    for (int i = 0; i < Math.min(atOnce, pieces.size()); i++) {
      var thread = new Thread(work::pieces, "job-" + (i + 1));
      threads.add(thread);
      thread.start();
    }
    threads.forEach(work::join);
    return work.results();
  }

  private static final class Work<T> {
    private final List<Piece<T>> pieces;
    private final BooleanSupplier stop;
    private final List<@Nullable T> results;
    private final List<@Nullable Throwable> failures;
    private final AtomicInteger next = new AtomicInteger();
    private final AtomicBoolean isOver = new AtomicBoolean();

    Work(List<Piece<T>> pieces, BooleanSupplier stop) {
      this.pieces = pieces;
      this.stop = stop;
      results = new ArrayList<>(Collections.nCopies(pieces.size(), null));
      failures = new ArrayList<>(Collections.nCopies(pieces.size(), null));
    }

    private boolean isStopped() {
      return isOver.get() || stop.getAsBoolean();
    }

    /** Body of a thread: takes jobs until none is left. */
    void pieces() {
      try (var problem = new SameProblem()) {
        pieces(problem);
      }
    }

    private void pieces(SameProblem problem) {
      for (int i = next.getAndIncrement(); i < pieces.size(); i = next.getAndIncrement()) {
        if (isStopped()) {
          return;
        }
        try {
          done(i, pieces.get(i).run(problem, this::isStopped));
        } catch (Throwable e) { // thrown again where the work was asked for
          failed(i, e);
        }
      }
    }

    /** A piece without a result was told to stop: perhaps by another rank, not by this process. */
    private synchronized void done(int i, @Nullable T result) {
      results.set(i, result);
      isOver.compareAndSet(false, result == null);
    }

    private synchronized void failed(int i, Throwable e) {
      isOver.set(true);
      failures.set(i, e);
    }

    void join(Thread thread) {
      boolean wasInterrupted = false;
      while (thread.isAlive()) {
        try {
          thread.join();
        } catch (InterruptedException e) {
          isOver.set(true);
          wasInterrupted = true;
        }
      }
      if (wasInterrupted) {
        Thread.currentThread().interrupt();
      }
    }

    synchronized @Nullable List<T> results() {
      for (Throwable failure : failures) {
        if (failure instanceof RuntimeException e) {
          throw e;
        }
        if (failure instanceof Error e) {
          throw e;
        }
      }
      var all = new ArrayList<T>();
      for (T result : results) {
        if (result == null) {
          return null;
        }
        all.add(result);
      }
      return all;
    }
  }
}
