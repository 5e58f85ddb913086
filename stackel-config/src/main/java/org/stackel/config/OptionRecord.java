package org.stackel.config;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * A record whose components are options. The annotation processor {@code stackel-processor} makes a
 * builder and copying methods for it, and keeps the {@code @param} texts of its Javadoc for {@link
 * OptionDocs}. With
 *
 * <pre>
 * &#64;OptionRecord
 * public record Slip(Schedule upperLr, long steps) implements SlipBuilder.With {
 *   public static SlipBuilder builder() {
 *     return SlipBuilder.of(new Slip());
 *   }
 * }
 * </pre>
 *
 * <p>users write {@code Slip.builder().upperLr(0.05).steps(3).build()} and {@code
 * slip.withSteps(5)}. There is
 *
 * <ul>
 *   <li>a setter for each component, and for each component of an {@linkplain Inline inlined} group
 *   <li>one with a {@code double}, where the type has a {@code public static T constant(double)}
 *   <li>one with any number of arguments for a list, unless it is a list of lists
 *   <li>one with a function of the nested record's builder, where that is an option record too:
 *       {@code noise(n -> n.gradient(0.1))}
 * </ul>
 *
 * <p>The builder of a nested record {@code Regularization.Texts} is {@code
 * RegularizationTextsBuilder}. Every component needs a {@code @param} text.
 *
 * <p>On an enum the annotation keeps the Javadoc of its constants. It is needed where records of
 * other modules, or of files that are compiled at other times, have options of that enum.
 */
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.TYPE)
public @interface OptionRecord {}
