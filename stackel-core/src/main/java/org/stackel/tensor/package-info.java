/**
 * What Stackel adds to libtorch: scopes for native memory, layouts of flat vectors, seeds, files.
 */
@NullMarked
package org.stackel.tensor;

import org.jspecify.annotations.NullMarked;
