/** Derivatives and estimators along a run, and the constants of a problem. */
@NullMarked
package org.stackel.check;

import org.jspecify.annotations.NullMarked;
