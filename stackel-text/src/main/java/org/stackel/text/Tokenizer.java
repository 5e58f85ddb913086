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
    return isPlain(text) ? plainWords(text) : anyWords(text);
  }

  /** Whether it is ASCII without apostrophes, which is cut without the pattern. */
  private static boolean isPlain(String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c >= 128 || c == '\'') {
        return false;
      }
    }
    return true;
  }

  private static List<String> plainWords(String text) {
    String lower = text.toLowerCase(Locale.ROOT);
    var words = new ArrayList<String>();
    int begin = 0;
    for (int i = 0; i <= lower.length(); i++) {
      if (i == lower.length() || !isOfWord(lower.charAt(i))) {
        if (i > begin) {
          words.add(lower.substring(begin, i));
        }
        begin = i + 1;
      }
    }
    return words;
  }

  private static boolean isOfWord(char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
  }

  private static List<String> anyWords(String text) {
    String composed = Normalizer.normalize(text, Normalizer.Form.NFC);
    Matcher matcher = WORD.matcher(composed.toLowerCase(Locale.ROOT).replace('’', '\''));
    var words = new ArrayList<String>();
    while (matcher.find()) {
      words.add(matcher.group());
    }
    return words;
  }
}
