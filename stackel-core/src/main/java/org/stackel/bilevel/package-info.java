/** Bilevel problems stated by two functions, without a class of their own. */
@NullMarked
package org.stackel.bilevel;

import org.jspecify.annotations.NullMarked;
