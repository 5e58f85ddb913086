/** Strengths of the penalty of a network on texts. */
@NullMarked
package org.stackel.regularization;

import org.jspecify.annotations.NullMarked;
