/**
 * Spark: sweeps on a cluster, and its data sets. Nobody else knows Spark, which is not on every
 * class path.
 */
@NullMarked
package org.stackel.spark;

import org.jspecify.annotations.NullMarked;
