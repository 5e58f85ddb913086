/** Trained models of every format, and what they say about the rows of a table. */
@NullMarked
package org.stackel.predict;

import org.jspecify.annotations.NullMarked;
