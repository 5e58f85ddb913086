/** Problems whose solutions are known: quadratic, games, matrix sensing, one-number toys. */
@NullMarked
package org.stackel.synthetic;

import org.jspecify.annotations.NullMarked;
