package org.stackel.text;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Which columns (keys, in JSON) hold what.
 *
 * @param text column of the text; null to guess it from the header
 * @param text2 column of the second text; null for none, or to guess it together with the text
 * @param label column of the class; null to guess it
 * @param domain column of the domain; null for a column called "domain" or none
 */
public record Columns(
    @Nullable String text,
    @Nullable String text2,
    @Nullable String label,
    @Nullable String domain) {

  /** Everything guessed. */
  public static final Columns GUESSED = new Columns(null, null, null, null);

  /** The columns that have a name, by what they hold: text, text2, label, domain. */
  public Map<String, String> named() {
    var named = new LinkedHashMap<String, String>();
    put(named, "text", text);
    put(named, "text2", text2);
    put(named, "label", label);
    put(named, "domain", domain);
    return named;
  }

  private static void put(Map<String, String> named, String role, @Nullable String column) {
    if (column != null) {
      named.put(role, column);
    }
  }
}
