package org.stackel.spark;

import java.io.Serializable;
import java.net.InetSocketAddress;
import java.time.Duration;
import org.apache.spark.BarrierTaskContext;
import org.stackel.distributed.Ranks;
import org.stackel.distributed.Rendezvous;
import org.stackel.sweep.OneRun;
import scala.collection.Iterator;
import scala.runtime.AbstractFunction1;

/**
 * A task of a barrier stage as a rank. The first one listens where its executor is known to the
 * others and tells them the port; the token is in the task. Only the first one has a result.
 */
final class RankFunction extends AbstractFunction1<Iterator<String>, Iterator<String>>
    implements Serializable {
  private static final long serialVersionUID = 1L;
  private static final Duration LIMIT = Duration.ofSeconds(60);

  @Override
  public Iterator<String> apply(Iterator<String> tasks) {
    String task = tasks.next();
    BarrierTaskContext context = BarrierTaskContext.get();
    int rank = context.partitionId();
    int count = context.getTaskInfos().length;
    if (rank == 0) {
      try (Ranks ranks = first(task, context, count)) {
        return Iterator.single(OneRun.asFirst(task, ranks, context::isInterrupted));
      }
    }
    InetSocketAddress at = address(context.allGather("")[0]);
    try (Ranks ranks = Rendezvous.join(at, rank, count, OneRun.token(task), LIMIT)) {
      OneRun.asOther(task, ranks, context::isInterrupted);
      return Iterator.<String>empty();
    }
  }

  private static Ranks first(String task, BarrierTaskContext context, int count) {
    String host = address(context.getTaskInfos()[0].address()).getHostString();
    try (var meeting =
        Rendezvous.listen(new InetSocketAddress(host, 0), count, OneRun.token(task), LIMIT)) {
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
