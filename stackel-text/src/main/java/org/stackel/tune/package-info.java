/** Strengths of the penalty of a linear model on sparse or dense data, by hypergradients. */
@NullMarked
package org.stackel.tune;

import org.jspecify.annotations.NullMarked;
