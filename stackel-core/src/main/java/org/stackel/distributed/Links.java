package org.stackel.distributed;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.net.SocketTimeoutException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BiConsumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The connections between rank 0 and each other rank: they carry the addresses that Gloo needs, a
 * sign of life now and then, and why somebody leaves. A rank that is silent for the time limit, or
 * whose connection ends without a word, is lost; rank 0 tells the others.
 */
final class Links implements AutoCloseable {
  private static final int ADDRESS = 0;
  private static final int ALIVE = 1;
  private static final int LEAVING = 2;

  /** The run cannot go on: why. */
  static final int LOST = 3;

  private final int rank;
  private final long limitMillis;
  private final Map<Integer, Link> links = new ConcurrentHashMap<>();
  private final AtomicReference<@Nullable String> lost = new AtomicReference<>();
  private final CountDownLatch closing = new CountDownLatch(1);
  private final BiConsumer<Integer, byte[]> addresses;
  private volatile Supplier<@Nullable String> watch = () -> null;

  /**
   * @param rank of this process
   * @param limitMillis how long a rank may be silent
   * @param addresses takes the address of another rank
   */
  Links(int rank, long limitMillis, BiConsumer<Integer, byte[]> addresses) {
    this.rank = rank;
    this.limitMillis = limitMillis;
    this.addresses = addresses;
  }

  /** Begins to listen and to give signs of life. */
  void start(List<Link> connected, Supplier<@Nullable String> alsoWatched) {
    watch = alsoWatched;
    connected.forEach(link -> links.put(link.peer(), link));
    for (Link link : connected) {
      background("rank-%d-hears-%d".formatted(rank, link.peer()), () -> listen(link));
    }
    background("rank-%d-alive".formatted(rank), this::signal);
  }

  static Thread background(String name, Runnable body) {
    var thread = new Thread(body, name);
    thread.setDaemon(true);
    thread.start();
    return thread;
  }

  private void signal() {
    long pause = Math.max(50, Math.min(2_000, limitMillis / 5));
    try {
      while (!closing.await(pause, TimeUnit.MILLISECONDS)) {
        tell(ALIVE, rank, new byte[0]);
        String seen = watch.get();
        if (seen != null) {
          lose(seen);
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void listen(Link link) {
    try {
      link.limit((int) (2 * limitMillis)); // rank 0 may wait for others before it speaks
      while (true) {
        Link.Frame frame = link.read();
        link.limit((int) limitMillis);
        switch (frame.word()) {
          case ADDRESS -> {
            addresses.accept(frame.about(), frame.content());
            links.values().stream()
                .filter(other -> other != link)
                .forEach(other -> write(other, ADDRESS, frame.about(), frame.content()));
          }
          case LEAVING -> {
            links.remove(link.peer());
            return;
          }
          case LOST -> {
            lose(new String(frame.content(), UTF_8));
            return;
          }
          case ALIVE -> {}
          default -> throw new IOException("no word of ours");
        }
      }
    } catch (SocketTimeoutException e) {
      lose(
          "Rank %d (%s) has been silent for %s: it hangs, or the network between is cut."
              .formatted(link.peer(), link.place(), Ranks.words(limitMillis)));
    } catch (IOException e) {
      if (closing.getCount() > 0) {
        // the process may say why it ended a moment later than its connection
        String seen = watch.get();
        lose(
            seen != null
                ? seen
                : "Rank %d (%s) is gone: its process has ended, or was killed."
                    .formatted(link.peer(), link.place()));
      }
    }
  }

  private void lose(String why) {
    if (lost.compareAndSet(null, why)) {
      tell(LOST, rank, why.getBytes(UTF_8));
    }
  }

  /** Why the run cannot go on; null if it can. */
  @Nullable String lost() {
    return lost.get();
  }

  /** Sends the address of a rank to the others. */
  void sendAddress(byte[] address) {
    tell(ADDRESS, rank, address);
  }

  /** Leaves because of an error, which the others are told. */
  void fail(String why) {
    lose("Rank %d failed: %s".formatted(rank, why));
  }

  private void tell(int word, int about, byte[] content) {
    links.values().forEach(link -> write(link, word, about, content));
  }

  private static void write(Link link, int word, int about, byte[] content) {
    try {
      link.write(word, about, content);
    } catch (IOException e) {
      // whoever reads from it notices
    }
  }

  @Override
  public void close() {
    closing.countDown();
    if (lost.get() == null) {
      tell(LEAVING, rank, new byte[0]);
    }
    links.values().forEach(Link::close);
  }
}
