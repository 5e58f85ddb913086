/** Algorithms on the same seeds, on stated terms, and tables of them. */
@NullMarked
package org.stackel.compare;

import org.jspecify.annotations.NullMarked;
