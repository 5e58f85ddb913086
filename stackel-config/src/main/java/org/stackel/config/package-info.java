/**
 * Options of records: reading, defaults, rules and the one exception for what a user got wrong.
 * Knows nothing else.
 */
@NullMarked
package org.stackel.config;

import org.jspecify.annotations.NullMarked;
