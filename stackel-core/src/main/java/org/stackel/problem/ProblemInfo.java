package org.stackel.problem;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** What the catalogue says about a problem. Without it only the name is known. */
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.TYPE)
public @interface ProblemInfo {
  /** What experiment files call it; the class's name in kebab case if empty. */
  String name() default "";

  /** One line. */
  String summary() default "";

  /** What decides which algorithms run on it. */
  Property[] properties() default {};
}
