/** The code of README.md and of the guides in docs. */
@NullMarked
package org.stackel.example;

import org.jspecify.annotations.NullMarked;
