package org.stackel.distributed;

import org.bytedeco.pytorch.Tensor;
import org.stackel.problem.Shard;

/** The ranks of a run, and what they do together. */
public interface Collective extends AutoCloseable {
  /** This rank's part of every batch. */
  Shard shard();

  /** The mean of the ranks' tensors, the same on all of them. */
  Tensor mean(Tensor tensor);

  @Override
  void close();
}
