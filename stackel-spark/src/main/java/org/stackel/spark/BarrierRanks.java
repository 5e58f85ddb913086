package org.stackel.spark;

import java.net.InetSocketAddress;
import java.time.Duration;
import org.apache.spark.BarrierTaskContext;
import org.stackel.distributed.Ranks;
import org.stackel.distributed.Rendezvous;
import org.stackel.distributed.Token;
import org.stackel.tensor.Device;
import org.stackel.tensor.StateScope;
import org.stackel.tensor.Tensors;

/**
 * The tasks of a barrier stage as ranks. The first one listens where its executor is known to the
 * others and tells them the port.
 */
final class BarrierRanks {
  private static final Duration LIMIT = Duration.ofSeconds(60);

  private BarrierRanks() {}

  /** Waits until all tasks are here, and connects them. Threads of one process may be ranks. */
  static Ranks meet(BarrierTaskContext context, Token token) {
    int rank = context.partitionId();
    int count = context.getTaskInfos().length;
    loadNative();
    if (count == 1) {
      return Ranks.ONE;
    }
    if (rank == 0) {
      return first(context, count, token);
    }
    InetSocketAddress at = address(context.allGather("")[0]);
    return Rendezvous.join(at, rank, count, token, LIMIT);
  }

  /** Must come before other native work: threads that load libraries at once wait for ever. */
  static synchronized void loadNative() {
    try (var scope = StateScope.open()) {
      Tensors.zeros(Device.CPU64, 1);
    }
  }

  private static Ranks first(BarrierTaskContext context, int count, Token token) {
    String host = address(context.getTaskInfos()[0].address()).getHostString();
    try (var meeting = Rendezvous.listen(new InetSocketAddress(host, 0), count, token, LIMIT)) {
      String[] all = context.allGather(host + ":" + meeting.port());
      if (all.length != count) {
        throw new IllegalStateException("Of %d ranks %d are there.".formatted(count, all.length));
      }
      return meeting.await(() -> null);
    }
  }

  private static InetSocketAddress address(String text) {
    int colon = text.lastIndexOf(':');
    return InetSocketAddress.createUnresolved(
        text.substring(0, colon), Integer.parseInt(text.substring(colon + 1)));
  }
}
