/** The code of README.md and docs/adding.md. */
@NullMarked
package org.stackel.example;

import org.jspecify.annotations.NullMarked;
