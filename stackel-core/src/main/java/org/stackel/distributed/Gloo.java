package org.stackel.distributed;

import static org.stackel.distributed.Watch.firstLine;

import java.net.InetAddress;
import java.time.Duration;
import org.bytedeco.javacpp.chrono.Milliseconds;
import org.bytedeco.pytorch.BroadcastOptions;
import org.bytedeco.pytorch.FileStore;
import org.bytedeco.pytorch.GlooDeviceVector;
import org.bytedeco.pytorch.ProcessGroupGloo;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.Work;

/**
 * libtorch's c10d with Gloo: sums over processes, by connections of each with each other. Every
 * process gets the same bits.
 */
final class Gloo implements AutoCloseable {
  private static final Milliseconds GLANCE = new Milliseconds(200);
  static final Milliseconds NO_LIMIT = new Milliseconds(Duration.ofDays(30).toMillis());

  private final FileStore store;
  private final ProcessGroupGloo group;
  private final Watch watch;
  private boolean isBroken;

  /** Where Gloo notes the address of a rank. */
  static String key(int rank) {
    return "0/" + rank;
  }

  /**
   * Connects with all others.
   *
   * @param book gets their addresses
   * @param here the address of this process that the others can reach
   */
  Gloo(Book book, int rank, int count, InetAddress here, Watch watch) {
    this.watch = watch;
    var options = ProcessGroupGloo.Options.create(new Milliseconds(watch.limitMillis()));
    var devices = new GlooDeviceVector();
    devices.push_back(ProcessGroupGloo.createDeviceForHostname(here.getHostAddress()));
    options.devices(devices);
    options.threads(1);
    try {
      store = book.open();
      group = new ProcessGroupGloo(store, rank, count, options);
      group.setTimeout(NO_LIMIT);
    } catch (RuntimeException e) {
      throw new RankLostException(
          "Rank %d could not connect with all others within %s: %s"
              .formatted(rank, Ranks.words(watch.limitMillis()), firstLine(e)));
    }
  }

  /** Puts the sum over all processes in place of the numbers of each. */
  void sum(Tensor numbers, Watch.Patience patience) {
    wait(group.allreduce(new TensorVector(numbers)), patience);
  }

  /** Puts the numbers of one process in place of those of each. */
  void copyFrom(Tensor numbers, int rank) {
    var options = new BroadcastOptions();
    options.rootRank(rank);
    wait(group.broadcast(new TensorVector(numbers), options), Watch.Patience.ALIVE);
  }

  private void wait(Work work, Watch.Patience patience) {
    long begin = System.nanoTime();
    while (true) {
      try {
        work._wait(GLANCE);
        return;
      } catch (RuntimeException e) {
        if (!firstLine(e).contains("Operation timed out")) {
          isBroken = true;
          throw watch.broken(firstLine(e));
        }
        String why = watch.reason(begin, patience);
        if (why != null) {
          isBroken = true;
          throw new RankLostException(why);
        }
      }
    }
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
