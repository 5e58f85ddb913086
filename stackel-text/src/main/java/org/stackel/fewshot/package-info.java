/** Hyper-representation: encoders from which tasks are learned from a few examples. */
@NullMarked
package org.stackel.fewshot;

import org.jspecify.annotations.NullMarked;
