/** Texts: files, tokens, word vectors. */
@NullMarked
package org.stackel.text;

import org.jspecify.annotations.NullMarked;
