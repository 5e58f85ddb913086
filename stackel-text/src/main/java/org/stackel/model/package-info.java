/** Models as pure functions of a flat parameter vector and an input. */
@NullMarked
package org.stackel.model;

import org.jspecify.annotations.NullMarked;
