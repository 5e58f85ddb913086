package org.stackel.cli;

import java.util.List;
import org.stackel.distributed.Ranks;

/**
 * The ranks of a run and what of them was started here.
 *
 * @param ranks the processes
 * @param started those of this machine, if this one started any
 */
record RankGroup(Ranks ranks, List<LocalRanks> started) implements AutoCloseable {
  /** Leaves the others, and waits until those are gone that were started here. */
  @Override
  public void close() {
    ranks.close();
    started.forEach(LocalRanks::close);
  }
}
