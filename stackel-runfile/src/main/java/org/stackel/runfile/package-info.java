/**
 * The JSON files of runs and comparisons: a record for each, and {@link
 * org.stackel.runfile.RunFiles}, which reads and writes them. docs/files.md describes every key.
 *
 * <p>A file that breaks a rule of its record is refused with file, line and path. Unknown keys are
 * ignored. Loads no native library.
 */
@NullMarked
package org.stackel.runfile;

import org.jspecify.annotations.NullMarked;
