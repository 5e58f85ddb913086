/** The code of docs/own-data.md, and tests of all documents. */
@NullMarked
package org.stackel.example;

import org.jspecify.annotations.NullMarked;
