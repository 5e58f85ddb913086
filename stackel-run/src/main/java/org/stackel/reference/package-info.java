/**
 * What a check compares with: finite differences, and exact solutions of the lower level and of its
 * linear system.
 */
@NullMarked
package org.stackel.reference;

import org.jspecify.annotations.NullMarked;
