/**
 * Algorithms as their authors' published scripts have them, where these differ from the papers.
 * They are for comparisons with published runs; for everything else there are the papers'
 * algorithms.
 *
 * <p>The repositories, all on GitHub, with the commits that were read:
 *
 * <ul>
 *   <li>BO-REP: {@code MingruiLiu-ML-Lab/Bilevel-Optimization-under-Unbounded-Smoothness}, 1b06bcf
 *   <li>SLIP: {@code MingruiLiu-ML-Lab/Single-Loop-bilevel-Optimizer-under-Unbounded-Smoothness},
 *       51b18b0
 *   <li>AdamBO: {@code jhao6/d3x645}, f628044
 *   <li>AccBO: {@code MingruiLiu-ML-Lab/Accelerated-Bilevel-Optimization-Unbounded-Smoothness},
 *       867ada7
 * </ul>
 *
 * <p>Each has scripts of its own method and of those that it is compared with. A name is that of
 * the paper's algorithm, {@code authors}, and the experiment. What belongs to a problem and not to
 * a recursion is an option of the problem.
 */
@NullMarked
package org.stackel.authors;

import org.jspecify.annotations.NullMarked;
