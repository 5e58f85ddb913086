/** What convergence analyses ask for: step sizes from a problem's constants. */
@NullMarked
package org.stackel.theory;

import org.jspecify.annotations.NullMarked;
