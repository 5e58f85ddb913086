/**
 * Experiments: what stands in their files, the loop that runs them, and what a run leaves behind.
 */
@NullMarked
package org.stackel.experiment;

import org.jspecify.annotations.NullMarked;
