package org.stackel.clean;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.IntFunction;
import org.stackel.optim.Iterations;

/** The same work for several numbers, at once where there are several processors. */
record Parallel(int threads) {

  /** The results in order; none depends on the number of threads. */
  <T> List<T> map(int count, IntFunction<T> work) {
    if (threads == 1 || count <= 1) {
      var results = new ArrayList<T>();
      for (int i = 0; i < count; i++) {
        results.add(work.apply(i));
      }
      return results;
    }
    Iterations.Watch watch = Iterations.watch();
    ExecutorService pool = Executors.newFixedThreadPool(Math.min(threads, count));
    try {
      var futures = new ArrayList<Future<T>>();
      for (int i = 0; i < count; i++) {
        int number = i;
        futures.add(pool.submit(() -> Iterations.watched(watch, () -> work.apply(number))));
      }
      var results = new ArrayList<T>();
      for (Future<T> future : futures) {
        results.add(future.get());
      }
      return results;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw new IllegalStateException(e.getCause());
    } finally {
      pool.shutdownNow();
    }
  }
}
