package org.stackel.text;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One labelled text.
 *
 * @param text the text, or the first of two
 * @param text2 the second text where examples are pairs
 * @param label name of the class
 * @param domain where the text comes from; empty where nothing says so
 */
public record Example(String text, @Nullable String text2, String label, String domain) {
  /** The labels of examples, in their order. */
  public static List<String> labels(List<Example> examples) {
    return examples.stream().map(Example::label).toList();
  }
}
