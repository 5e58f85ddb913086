/** Bilevel algorithms, one record each, and their catalogue. */
@NullMarked
package org.stackel.algorithm;

import org.jspecify.annotations.NullMarked;
