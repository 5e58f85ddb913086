package org.stackel.model;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** What the catalogue says about an encoder. Without it only the name is known. */
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.TYPE)
public @interface EncoderInfo {
  /** What experiment files call it; the class's name in kebab case if empty. */
  String name() default "";

  /** One sentence. */
  String summary() default "";
}
