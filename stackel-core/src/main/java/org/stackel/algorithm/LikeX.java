package org.stackel.algorithm;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Marks a component of a state whose tensors have a number, or a row, for each number of x.
 *
 * <p>An algorithm that marks x and all such components works with a part of x, where a problem lets
 * each rank have its own ({@link org.stackel.problem.PerExample}): every operation on marked
 * tensors is elementwise, but for what the oracle answers: its {@code normX}, {@code dotX} and
 * {@code normalizedStep} are about all parts. Where x is not marked, every rank has the whole
 * state.
 */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.RECORD_COMPONENT)
public @interface LikeX {}
