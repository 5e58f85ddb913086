/** Estimators of the inverse lower Hessian times the upper gradient. */
@NullMarked
package org.stackel.hypergradient;

import org.jspecify.annotations.NullMarked;
