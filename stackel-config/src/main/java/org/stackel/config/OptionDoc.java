package org.stackel.config;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One option in words.
 *
 * @param key dotted path: {@code noise.gradient} is an option inside the object {@code noise}
 * @param kind what it takes, such as "whole number", "list of numbers" or "one of paper, authors"
 * @param isOptional whether it may be null, which means left out; its description says what then
 *     happens. Others have a default
 * @param fallback default as JSON has it; null if it is left out, or if no instance is known
 * @param description what it is; empty if the record was compiled without the annotation processor
 * @param values the words that it can be, if it is one of several or a list of these; else empty
 * @param options the options inside an object; else empty
 */
public record OptionDoc(
    String key,
    String kind,
    boolean isOptional,
    @Nullable Object fallback,
    String description,
    List<Value> values,
    List<OptionDoc> options) {

  /**
   * A word that an option can be.
   *
   * @param word as in JSON
   * @param description a sentence; empty if it is not known
   */
  public record Value(String word, String description) {}
}
