package org.stackel.text;

import java.text.Normalizer;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Cuts a text into lower-case words.
 *
 * <p>A word is a run of letters, marks and digits; everything else separates. English short forms
 * are cut as in the Penn Treebank, whose words GloVe knows: "don't" gives "do" and "n't", "dog's"
 * gives "dog" and "'s". Nothing depends on the locale.
 */
public final class Tokenizer {
  private static final Pattern WORD =
      Pattern.compile(
          "[\\p{L}\\p{M}\\p{N}]+?(?=n't(?![\\p{L}\\p{N}]))"
              + "|n't(?![\\p{L}\\p{N}])"
              + "|'(?:s|re|ll|ve|m|d)(?![\\p{L}\\p{N}])"
              + "|[\\p{L}\\p{M}\\p{N}]+");

  private Tokenizer() {}

  /** The words of a text in order; none if it has no letter or digit. */
  public static List<String> words(String text) {
    String composed = Normalizer.normalize(text, Normalizer.Form.NFC);
    Matcher matcher = WORD.matcher(composed.toLowerCase(Locale.ROOT).replace('’', '\''));
    var words = new ArrayList<String>();
    while (matcher.find()) {
      words.add(matcher.group());
    }
    return words;
  }
}
