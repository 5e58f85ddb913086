/** The code of README.md. */
@NullMarked
package org.stackel.example;

import org.jspecify.annotations.NullMarked;
