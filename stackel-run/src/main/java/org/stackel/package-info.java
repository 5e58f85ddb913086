/** Where a Java program begins: run, resume, compare and check in one call each. */
@NullMarked
package org.stackel;

import org.jspecify.annotations.NullMarked;
