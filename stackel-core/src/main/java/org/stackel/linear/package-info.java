/** Linear models on tables of numbers. */
@NullMarked
package org.stackel.linear;

import org.jspecify.annotations.NullMarked;
