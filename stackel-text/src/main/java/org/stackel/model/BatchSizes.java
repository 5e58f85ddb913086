package org.stackel.model;

import org.stackel.config.OptionRecord;
import org.stackel.config.Rules;

/**
 * Sizes of minibatches.
 *
 * @param batch number of examples in a lower minibatch, at least 1
 * @param upperBatch number of examples in an upper minibatch, at least 0; 0 for all of the upper
 *     level's
 */
@OptionRecord
public record BatchSizes(int batch, int upperBatch) implements BatchSizesBuilder.With {
  public BatchSizes {
    var rules = new Rules();
    rules.atLeast("batch", batch, 1);
    rules.atLeast("upperBatch", upperBatch, 0);
  }
}
