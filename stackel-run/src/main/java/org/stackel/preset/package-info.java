/** Ready experiments with names. */
@NullMarked
package org.stackel.preset;

import org.jspecify.annotations.NullMarked;
