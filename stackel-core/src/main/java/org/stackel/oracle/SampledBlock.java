package org.stackel.oracle;

/**
 * A loss on one numbered block of a finite sum.
 *
 * @param number index of the block, from 0
 * @param weight the block's share of all examples
 * @param loss the mean loss of the block
 */
public record SampledBlock(int number, double weight, SampledObjective loss) {}
