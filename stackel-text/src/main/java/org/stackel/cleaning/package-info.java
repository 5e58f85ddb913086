/** Data hyper-cleaning: a weight for each training example. */
@NullMarked
package org.stackel.cleaning;

import org.jspecify.annotations.NullMarked;
