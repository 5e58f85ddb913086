/**
 * One self-contained web page from run directories. Reads files only: it touches no tensor and
 * loads no native library.
 *
 * <p>Java reads, averages over seeds, formats and fills a template; the script in the page builds
 * tables and charts from the data that the page carries.
 */
@NullMarked
package org.stackel.report;

import org.jspecify.annotations.NullMarked;
