package org.stackel.problem;

/**
 * What a method without a bilevel problem reached.
 *
 * @param method name as users read it
 * @param metrics by the names that the problem uses
 * @param seconds everything the method needed, shared work included
 */
public record BaselineResult(String method, Metrics metrics, double seconds) {}
