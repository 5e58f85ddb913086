/** Bilevel problems. A problem owns data, writes its two losses once, and knows no algorithm. */
@NullMarked
package org.stackel.problem;

import org.jspecify.annotations.NullMarked;
