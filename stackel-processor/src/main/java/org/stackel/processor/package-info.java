/**
 * The annotation processor for option records: builders, withers, and descriptions for the command
 * line. Needs {@code javax.annotation.processing} alone, and works with any Java compiler.
 */
@NullMarked
package org.stackel.processor;

import org.jspecify.annotations.NullMarked;
