/** The code of docs/new-preset.md. */
@org.jspecify.annotations.NullMarked
package org.stackel.example;
