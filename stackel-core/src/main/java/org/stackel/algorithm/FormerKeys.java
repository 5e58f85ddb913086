package org.stackel.algorithm;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.stackel.config.InvalidInputException;
import org.stackel.config.Options;
import org.stackel.config.Rules;
import org.stackel.oracle.Sampling;

/**
 * Keys that experiment files of version 0.1 have and that are no hyperparameters any more. What
 * changes no number is dropped; everything else is refused with the name of what replaces it.
 *
 * <ul>
 *   <li>{@code "mode": "paper"} is dropped. {@code "mode": "authors"} is refused: the recursions of
 *       published scripts are algorithms of their own, named {@code slip-authors-cleaning} and the
 *       like.
 *   <li>{@code "script": null} is dropped. Another script is refused where an algorithm of the
 *       catalogue follows one.
 *   <li>{@code "sampling"}, {@code "independent"} or {@code "shared"}, is dropped: its algorithm
 *       makes no use of it. Any other value is refused.
 *   <li>A {@code neumannForm} that only a script has is refused.
 * </ul>
 *
 * <p>The first three hold for every algorithm whose record has no such component, plug-ins
 * included. A record that has one reads it itself.
 */
final class FormerKeys {
  private static final String MODE = "mode";
  private static final String SCRIPT = "script";
  private static final String SAMPLING = "sampling";
  private static final String FORM = "neumannForm";

  /** What comes between the name of an algorithm and that of a script. */
  private static final String AUTHORS = "-authors";

  private FormerKeys() {}

  /** Whether files may have the key although it is no hyperparameter. */
  static boolean contains(String key) {
    return Set.of(MODE, SCRIPT, SAMPLING).contains(key);
  }

  /**
   * The options without former keys.
   *
   * @param known keys of the algorithm
   * @throws InvalidInputException if dropping a key would change numbers
   */
  static Map<String, @Nullable Object> dropped(
      String algorithm, Set<String> known, Map<String, ?> options) {
    var kept = new LinkedHashMap<String, @Nullable Object>(options);
    var rules = new Rules(algorithm);
    Object script = options.get(SCRIPT);
    if (options.containsKey(MODE) && !known.contains(MODE)) {
      Object mode = kept.remove(MODE);
      if ("authors".equals(mode)) {
        throw authors(rules, algorithm, script);
      }
      rules.oneOf(MODE, String.valueOf(mode), List.of("paper"));
    }
    if (options.containsKey(SCRIPT) && !known.contains(SCRIPT)) {
      if (script == null) {
        kept.remove(SCRIPT);
      } else if (!scripts(algorithm).isEmpty()) {
        String maybe = oneOf(chosen(algorithm, script)) + " was meant.";
        throw rules.broken(SCRIPT, script, "is now part of the algorithm's name", maybe);
      }
    }
    if (options.containsKey(SAMPLING) && !known.contains(SAMPLING)) {
      List<String> words = Arrays.stream(Sampling.values()).map(Options::kebab).toList();
      rules.oneOf(SAMPLING, String.valueOf(kept.remove(SAMPLING)), words);
    }
    if (known.contains(FORM) && options.get(FORM) instanceof String form && isScript(form)) {
      List<String> names = scripts(algorithm);
      throw rules.broken(
          FORM,
          form,
          "is the series of a published script, not an estimator",
          names.isEmpty() ? "one of a, b, c was meant." : oneOf(names) + " has it.");
    }
    return kept;
  }

  private static boolean isScript(String form) {
    return List.of("script", "script-random", "script-shifted", "script-unscaled").contains(form);
  }

  private static InvalidInputException authors(
      Rules rules, String algorithm, @Nullable Object script) {
    String rule = "is now part of the algorithm's name";
    if (!scripts(algorithm).isEmpty()) {
      return rules.broken(MODE, "authors", rule, oneOf(chosen(algorithm, script)) + " was meant.");
    }
    return Algorithms.all().stream().anyMatch(entry -> entry.name().contains(AUTHORS))
        ? rules.broken(
            MODE,
            "authors",
            "must be paper: no script of it can be followed",
            "the key can be left out.")
        : rules.broken(
            MODE,
            "authors",
            rule,
            "the module stackel-authors, which has these algorithms, is missing on the class path.");
  }

  /** The algorithms of the catalogue that follow scripts of this one. */
  private static List<String> scripts(String algorithm) {
    return Algorithms.all().stream()
        .map(Algorithms.Entry::name)
        .filter(name -> name.startsWith(algorithm + AUTHORS))
        .toList();
  }

  /** The same, or the one for the named script. */
  private static List<String> chosen(String algorithm, @Nullable Object script) {
    List<String> names = scripts(algorithm);
    String exact = algorithm + AUTHORS + "-" + script;
    return names.contains(exact) ? List.of(exact) : names;
  }

  private static String oneOf(List<String> names) {
    return names.size() == 1 ? names.get(0) : "one of " + String.join(", ", names);
  }
}
