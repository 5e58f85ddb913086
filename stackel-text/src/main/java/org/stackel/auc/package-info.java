/** Classifiers trained for the area under the ROC curve. */
@NullMarked
package org.stackel.auc;

import org.jspecify.annotations.NullMarked;
