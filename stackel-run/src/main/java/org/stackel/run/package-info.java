/** The loop around an algorithm, and the directory that it leaves. */
@NullMarked
package org.stackel.run;

import org.jspecify.annotations.NullMarked;
