package org.stackel.distributed;

import org.bytedeco.pytorch.Tensor;
import org.stackel.problem.Shard;

/** One process: everything is its own mean. */
public record SoloCollective() implements Collective {
  @Override
  public Shard shard() {
    return Shard.ALL;
  }

  @Override
  public Tensor mean(Tensor tensor) {
    return tensor;
  }

  @Override
  public void close() {}
}
