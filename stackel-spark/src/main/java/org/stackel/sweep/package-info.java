/**
 * Many runs of one experiment with other values: grids, random search, successive halving. Who
 * computes is behind {@link org.stackel.sweep.Workers}: threads of this process, or Spark.
 */
@NullMarked
package org.stackel.sweep;

import org.jspecify.annotations.NullMarked;
