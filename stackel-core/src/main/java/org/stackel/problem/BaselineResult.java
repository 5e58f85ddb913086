package org.stackel.problem;

/**
 * The result of a method without a bilevel formulation.
 *
 * @param method name for people
 * @param metrics by the names that the problem uses
 * @param seconds total time of the method, including shared work
 */
public record BaselineResult(String method, Metrics metrics, double seconds) {}
