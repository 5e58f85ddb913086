package org.stackel.algorithm;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.stackel.problem.Trait;

/** What the catalogue says about an algorithm. Without it only the name is known. */
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.TYPE)
public @interface AlgorithmInfo {
  /** What experiment files call it; the class's name in kebab case if empty. */
  String name() default "";

  /** What its paper calls it; the class's name if empty. */
  String title() default "";

  /** Authors, venue and year. */
  String paper() default "";

  /** Oracle calls of a step: gradients, Hessian-vector and cross-vector products. */
  String calls() default "";

  /** What it needs of a problem, and what a problem may need of it. */
  Trait[] traits() default {};
}
