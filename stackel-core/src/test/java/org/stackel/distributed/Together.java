package org.stackel.distributed;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Function;
import org.stackel.tensor.Device;
import org.stackel.tensor.Tensors;

/** Ranks that are threads of this process: the same connections as between processes. */
public final class Together {
  static final String TOKEN = "a token of these tests";
  static final Duration LIMIT = Duration.ofSeconds(30);

  private Together() {}

  /** What each rank makes, by rank. The first error of any is thrown. */
  public static <T> List<T> on(int count, Function<Ranks, T> each) {
    Tensors.zeros(Device.CPU64, 1); // threads that load the native libraries at once wait for ever
    if (count == 1) {
      return List.of(each.apply(Ranks.ONE));
    }
    var here = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    var pool = Executors.newFixedThreadPool(count);
    try (var rendezvous = Rendezvous.listen(here, count, Token.of(TOKEN), LIMIT)) {
      var all = new ArrayList<Future<T>>();
      for (int rank = 0; rank < count; rank++) {
        int number = rank;
        all.add(pool.submit(() -> as(number, count, rendezvous, each)));
      }
      var made = new ArrayList<T>();
      for (Future<T> one : all) {
        made.add(one.get());
      }
      return made;
    } catch (ExecutionException e) {
      if (e.getCause() instanceof Error error) {
        throw error;
      }
      throw new IllegalStateException(e.getCause().getMessage(), e.getCause());
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    } finally {
      pool.shutdownNow();
    }
  }

  private static <T> T as(int rank, int count, Rendezvous rendezvous, Function<Ranks, T> each) {
    var at = new InetSocketAddress(InetAddress.getLoopbackAddress(), rendezvous.port());
    try (Ranks ranks =
        rank == 0
            ? rendezvous.await(() -> null)
            : Rendezvous.join(at, rank, count, Token.of(TOKEN), LIMIT)) {
      try {
        return each.apply(ranks);
      } catch (RuntimeException | Error e) {
        ranks.fail(String.valueOf(e.getMessage()));
        throw e;
      }
    }
  }
}
