package org.stackel.oracle;

import java.util.Objects;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;
import org.stackel.tensor.Tensors;

/**
 * A loss on one numbered block of a finite sum.
 *
 * @param number index of the block, from 0
 * @param weight the block's share of all examples
 * @param loss the mean loss of the block
 * @param own which numbers of x are its examples'; null where examples have none of their own
 */
public record SampledBlock(
    int number, double weight, SampledObjective loss, @Nullable OwnNumbers own) {

  /**
   * Numbers {@code first, first + every, …} of x, or of this process's part of it. Cross products
   * of the block are 0 in all others.
   */
  public record OwnNumbers(long first, long every) {
    private Tensor of(Tensor v) {
      return v.slice(0, new LongOptional(first), new LongOptional(), every);
    }
  }

  /**
   * A vector like x with 0 in place of all numbers but those of the block's examples. Takes one
   * pass.
   *
   * @throws NullPointerException if examples have no numbers of their own
   */
  public Tensor only(Tensor v) {
    OwnNumbers numbers = Objects.requireNonNull(own);
    Tensor only = Tensors.zerosLike(v);
    numbers.of(only).copy_(numbers.of(v));
    return only;
  }
}
