package org.stackel.oracle;

import org.bytedeco.pytorch.Tensor;

/**
 * Both partial gradients of one loss at one point on one sample.
 *
 * @param x gradient in x
 * @param y gradient in y
 */
public record Gradient(Tensor x, Tensor y) {}
