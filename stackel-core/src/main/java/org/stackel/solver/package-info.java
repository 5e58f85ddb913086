/** The loop around an algorithm: states, native memory, randomness and oracle calls. */
@NullMarked
package org.stackel.solver;

import org.jspecify.annotations.NullMarked;
