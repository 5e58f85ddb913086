/** Text and tables: readers, tokens, vocabularies, word vectors, label noise, batches. */
@NullMarked
package org.stackel.data;

import org.jspecify.annotations.NullMarked;
