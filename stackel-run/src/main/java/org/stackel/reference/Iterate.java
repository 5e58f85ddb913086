package org.stackel.reference;

/**
 * A place on the way of a run.
 *
 * @param step steps done
 * @param x upper variable
 * @param y lower variable
 */
@SuppressWarnings("ArrayRecordComponent") // nobody compares them
public record Iterate(long step, double[] x, double[] y) {}
