/** How problems, algorithms and presets are found, Stackel's own and those of users' jars. */
@NullMarked
package org.stackel.plugin;

import org.jspecify.annotations.NullMarked;
