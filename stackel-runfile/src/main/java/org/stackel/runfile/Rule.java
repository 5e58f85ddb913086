package org.stackel.runfile;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Rules of components, for compact constructors. */
final class Rule {
  private static final String NOT_AN_AMOUNT = "must be a finite number of at least 0";
  private static final String EDITED = "the file was edited by hand.";

  private Rule() {}

  /** It must be there. */
  static void given(String key, @Nullable Object value) {
    if (value == null) {
      throw BrokenRule.missing(key);
    }
  }

  /** An unmodifiable copy; empty if the list is left out. */
  static <T> List<T> list(String key, @Nullable List<T> list) {
    if (list == null) {
      return List.of();
    }
    for (T element : list) {
      if (element == null) {
        throw new BrokenRule(key, "must have a value at every place", EDITED);
      }
    }
    return List.copyOf(list);
  }

  /** An unmodifiable copy in the same order, without keys whose value is null. */
  static <V> Map<String, V> map(@Nullable Map<String, V> map) {
    var copy = new LinkedHashMap<String, V>();
    if (map != null) {
      for (Map.Entry<String, V> entry : map.entrySet()) {
        if (entry.getValue() != null) {
          copy.put(entry.getKey(), entry.getValue());
        }
      }
    }
    return Collections.unmodifiableMap(copy);
  }

  /** A finite number of at least 0. */
  static void amount(String key, double value) {
    if (!(value >= 0) || Double.isInfinite(value)) {
      throw new BrokenRule(key, NOT_AN_AMOUNT, EDITED);
    }
  }

  /** A number of at least 0. */
  static void amount(String key, long value) {
    if (value < 0) {
      throw new BrokenRule(key, NOT_AN_AMOUNT, EDITED);
    }
  }
}
