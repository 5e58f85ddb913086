package org.stackel.spark;

import java.io.Serializable;
import org.apache.spark.BarrierTaskContext;
import org.stackel.distributed.Ranks;
import org.stackel.sweep.OneRun;
import scala.collection.Iterator;
import scala.runtime.AbstractFunction1;

/** A task of a barrier stage as a rank of a run. Only the first one has a result. */
final class RankFunction extends AbstractFunction1<Iterator<String>, Iterator<String>>
    implements Serializable {
  private static final long serialVersionUID = 1L;

  @Override
  public Iterator<String> apply(Iterator<String> tasks) {
    String task = tasks.next();
    BarrierTaskContext context = BarrierTaskContext.get();
    try (Ranks ranks = BarrierRanks.meet(context, OneRun.token(task))) {
      if (ranks.isFirst()) {
        return Iterator.single(OneRun.asFirst(task, ranks, context::isInterrupted));
      }
      OneRun.asOther(task, ranks, context::isInterrupted);
      return Iterator.<String>empty();
    }
  }
}
