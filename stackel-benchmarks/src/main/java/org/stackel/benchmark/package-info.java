/** Programs that measure: wall times, and orders of convergence. */
package org.stackel.benchmark;
