package org.stackel.problem;

import org.bytedeco.pytorch.Tensor;

/**
 * The point where a run starts.
 *
 * @param x upper variable, a vector [dimension of x]
 * @param y lower variable before any warm start, a vector [dimension of y]
 */
public record Start(Tensor x, Tensor y) {}
