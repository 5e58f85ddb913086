/** Several processes that share the work of one run: how they find each other and what they sum. */
@NullMarked
package org.stackel.distributed;

import org.jspecify.annotations.NullMarked;
