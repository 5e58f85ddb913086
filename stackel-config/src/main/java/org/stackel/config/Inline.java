package org.stackel.config;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * A component whose type is a group: an {@link OptionRecord} whose components are keys of the owner
 * in JSON, at the place of the group, and options of the owner's builder. A group may have groups.
 * All keys of an owner must differ.
 *
 * <p>A group checks its options in its own compact constructor, by {@link Rules#Rules() rules
 * without an owner}:
 *
 * <pre>
 * &#64;OptionRecord
 * public record Minibatches(int batch) {
 *   public Minibatches {
 *     new Rules().atLeast("batch", batch, 1);
 *   }
 * }
 * </pre>
 *
 * <p>{@link Options#bind} names the owner when it refuses a value, so that several owners can share
 * a group: "The batch (0) of data-cleaning must be at least 1." In Java, where a group is made
 * without an owner, it is "The batch (0) must be at least 1." A rule about several groups is the
 * owner's.
 */
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.RECORD_COMPONENT)
public @interface Inline {}
