/**
 * Samples fixed first, evaluated afterwards: values, gradients and second-order products of the two
 * losses.
 */
@NullMarked
package org.stackel.oracle;

import org.jspecify.annotations.NullMarked;
