/** Finding, showing and correcting wrong labels in data of a user's own. */
@NullMarked
package org.stackel.clean;

import org.jspecify.annotations.NullMarked;
