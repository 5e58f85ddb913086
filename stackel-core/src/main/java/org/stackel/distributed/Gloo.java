package org.stackel.distributed;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.function.Supplier;
import org.bytedeco.javacpp.chrono.Milliseconds;
import org.bytedeco.pytorch.ByteVector;
import org.bytedeco.pytorch.FileStore;
import org.bytedeco.pytorch.GlooDeviceVector;
import org.bytedeco.pytorch.ProcessGroupGloo;
import org.bytedeco.pytorch.StringVector;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.Work;
import org.jspecify.annotations.Nullable;

/**
 * libtorch's c10d with Gloo: sums over processes, by connections of each with each other. Every
 * process gets the same bits.
 *
 * <p>Gloo finds the addresses of the others in a store. Here that is a file of this process alone,
 * into which {@link Links} put what the others said: c10d's own store in the network would talk to
 * anybody.
 */
final class Gloo implements AutoCloseable {
  private static final Milliseconds GLANCE = new Milliseconds(200);
  private static final Milliseconds NO_LIMIT = new Milliseconds(Duration.ofDays(30).toMillis());
  private static final int MANY = 1 << 20; // users of the file, which then deletes nothing

  /** The group refers to it without owning it: it must not be collected before. */
  private final FileStore store;

  private final ProcessGroupGloo group;
  private final long limitMillis;
  private final Supplier<@Nullable String> lost;
  private boolean isBroken;

  /** How long the others may take. */
  enum Patience {
    /** The time limit. */
    LIMITED,
    /** As long as they give signs of life. */
    ALIVE
  }

  /** Where one process finds the addresses of the others. */
  static final class Book implements AutoCloseable {
    private final Path file;
    private final int rank;
    private final FileStore entries;
    private volatile boolean isClosed;

    Book(int rank) {
      this.rank = rank;
      try {
        file = Files.createTempDirectory("stackel-rank").resolve("addresses");
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      entries = new FileStore(file.toString(), MANY);
    }

    private static String key(int rank) {
      return "0/" + rank; // as Gloo has it
    }

    /** Notes the address of another process. */
    synchronized void put(int other, byte[] address) {
      if (!isClosed) {
        entries.set(key(other), new ByteVector(address));
      }
    }

    /** This process's address, once Gloo has noted it; null before. */
    private synchronized byte @Nullable [] own() {
      if (isClosed || !entries.check(new StringVector(key(rank)))) {
        return null;
      }
      ByteVector found = entries.get(key(rank));
      byte[] bytes = new byte[(int) found.size()];
      for (int i = 0; i < bytes.length; i++) {
        bytes[i] = found.get(i);
      }
      return bytes;
    }

    /** Tells the others this process's address as soon as it is there. */
    void tell(Links links) {
      while (!isClosed) {
        byte[] own = own();
        if (own != null) {
          links.sendAddress(own);
          return;
        }
        try {
          Thread.sleep(5);
        } catch (InterruptedException e) {
          return;
        }
      }
    }

    @Override
    public synchronized void close() {
      isClosed = true;
      entries.deallocate();
      try {
        Files.deleteIfExists(file);
        Files.deleteIfExists(file.getParent());
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  /**
   * Connects with all others.
   *
   * @param here the address of this process that the others can reach
   * @param lost why the run cannot go on; null if it can
   */
  Gloo(
      Book book,
      int rank,
      int count,
      InetAddress here,
      Duration limit,
      Supplier<@Nullable String> lost) {
    this.lost = lost;
    limitMillis = limit.toMillis();
    var options = ProcessGroupGloo.Options.create(new Milliseconds(limitMillis));
    var devices = new GlooDeviceVector();
    devices.push_back(ProcessGroupGloo.createDeviceForHostname(here.getHostAddress()));
    options.devices(devices);
    options.threads(1);
    try {
      store = new FileStore(book.file.toString(), MANY);
      group = new ProcessGroupGloo(store, rank, count, options);
      group.setTimeout(NO_LIMIT);
    } catch (RuntimeException e) {
      throw new RankLostException(
          "Rank %d could not connect with all others within %s: %s"
              .formatted(rank, Ranks.words(limitMillis), firstLine(e)));
    }
  }

  private static String firstLine(RuntimeException e) {
    return String.valueOf(e.getMessage()).lines().findFirst().orElse("");
  }

  /** Puts the sum over all processes in place of the numbers of each. */
  void sum(Tensor numbers, Patience patience) {
    wait(group.allreduce(new TensorVector(numbers)), patience);
  }

  /** Puts the numbers of the first process in place of those of each. */
  void copyFromFirst(Tensor numbers) {
    wait(group.broadcast(new TensorVector(numbers)), Patience.ALIVE);
  }

  private void wait(Work work, Patience patience) {
    long begin = System.nanoTime();
    while (true) {
      try {
        work._wait(GLANCE);
        return;
      } catch (RuntimeException e) {
        boolean isSlow = firstLine(e).contains("Operation timed out");
        long millis = (System.nanoTime() - begin) / 1_000_000;
        String why = isSlow ? lost.get() : reason();
        if (why != null) {
          isBroken = true;
          throw new RankLostException(why);
        }
        if (!isSlow) {
          isBroken = true;
          throw new RankLostException("The connection to another rank broke: " + firstLine(e));
        }
        if (patience == Patience.LIMITED && millis > limitMillis) {
          isBroken = true;
          throw new RankLostException(
              "Another rank did not answer within %s: it hangs, or its part of a step takes longer, for which --rank-timeout must be larger."
                  .formatted(Ranks.words(limitMillis)));
        }
      }
    }
  }

  /** A connection broke: who is gone is known a moment later. */
  private @Nullable String reason() {
    for (int i = 0; i < 40; i++) {
      String why = lost.get();
      if (why != null) {
        return why;
      }
      try {
        Thread.sleep(50);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return null;
      }
    }
    return null;
  }

  /** A group that waits for somebody would wait here too: it is left to the end of the process. */
  @Override
  public void close() {
    if (!isBroken) {
      group.deallocate();
      store.deallocate();
    }
  }
}
