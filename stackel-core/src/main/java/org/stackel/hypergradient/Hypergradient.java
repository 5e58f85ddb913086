package org.stackel.hypergradient;

import org.bytedeco.pytorch.Tensor;

/**
 * An estimate of {@code ∇Φ(x)} at some (x, y).
 *
 * @param direction {@code ∇x f - ∇²xy g · v}, of the size of x
 * @param solution the estimate v of {@code [∇²yy g]⁻¹ ∇y f}, of the size of y
 */
public record Hypergradient(Tensor direction, Tensor solution) {}
