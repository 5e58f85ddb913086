package org.stackel.config;

/**
 * A value of an option that is no plain number, word, list or record. Its class {@code T} also has
 *
 * <ul>
 *   <li>{@code public static T fromOption(Rules rules, String name, Object value)}, which reads
 *       what {@link #toOption()} writes
 *   <li>if a number alone is a value, {@code public static T constant(double value)}; builders then
 *       take numbers, too
 *   <li>if its name does not say what is written, {@code public static String kind()}, which does
 *       in words: "text of the form column=value"
 *   <li>if it is one of several words, {@code public static List<OptionDoc.Value> values()}, which
 *       describes each
 * </ul>
 */
public interface Option {
  /** A number, a word, a list or a map of these: what stands in the experiment file. */
  Object toOption();
}
