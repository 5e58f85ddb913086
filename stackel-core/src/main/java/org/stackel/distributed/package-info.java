/** Collectives: what ranks agree on. */
@NullMarked
package org.stackel.distributed;

import org.jspecify.annotations.NullMarked;
