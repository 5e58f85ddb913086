package org.stackel.config;

/**
 * A value of an option that is no plain number, word, list or record. Its class also has {@code
 * static T fromOption(Rules rules, String name, Object value)}, which reads what {@link
 * #toOption()} writes.
 */
public interface Option {
  /** A number, a word, a list or a map of these: what stands in the experiment file. */
  Object toOption();
}
