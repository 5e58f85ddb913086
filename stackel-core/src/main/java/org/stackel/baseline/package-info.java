/** What bilevel cleaning is compared with, and the training that follows it. */
@NullMarked
package org.stackel.baseline;

import org.jspecify.annotations.NullMarked;
