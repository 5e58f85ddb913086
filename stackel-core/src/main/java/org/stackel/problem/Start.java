package org.stackel.problem;

import org.bytedeco.pytorch.Tensor;

/**
 * Where a run starts.
 *
 * @param x upper variable
 * @param y lower variable, before any warm start
 */
public record Start(Tensor x, Tensor y) {}
