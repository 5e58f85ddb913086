/** The command {@code stackel}: arguments become records, records are run, results are printed. */
@NullMarked
package org.stackel.cli;

import org.jspecify.annotations.NullMarked;
