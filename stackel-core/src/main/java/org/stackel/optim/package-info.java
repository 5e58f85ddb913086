/** Update rules, schedules and projections that algorithms are made of. */
@NullMarked
package org.stackel.optim;

import org.jspecify.annotations.NullMarked;
