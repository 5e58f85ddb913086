package org.stackel.text;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Locale;
import org.junit.jupiter.api.Test;

class TokenizerTest {
  @Test
  void cutsWordsAndNumbers() {
    assertThat(Tokenizer.words("The U.S. (in 1990s): well-known, 3.5%!"))
        .containsExactly("the", "u", "s", "in", "1990s", "well", "known", "3", "5");
    assertThat(Tokenizer.words(" — ...\n")).isEmpty();
  }

  /** Texts of ASCII are cut without the pattern. */
  @Test
  void cutsAsciiAsOtherTexts() {
    for (char c = 0; c < 128; c++) {
      String text = "Ab%c9 z%c%c Q%c".formatted(c, c, c, c);
      var words = new ArrayList<>(Tokenizer.words(text));
      words.add("é");
      assertThat(words).as("between words: %d", (int) c).isEqualTo(Tokenizer.words(text + " é"));
    }
  }

  @Test
  void cutsShortForms() {
    assertThat(Tokenizer.words("Don't! The dog’s can't; they'll do n't o'clock 'round n'th"))
        .containsExactly(
            "do", "n't", "the", "dog", "'s", "ca", "n't", "they", "'ll", "do", "n't", "o", "clock",
            "round", "n", "th");
  }

  @Test
  void keepsOtherAlphabets() {
    assertThat(Tokenizer.words("Écoute Ångström हिन्दी"))
        .containsExactly("écoute", "ångström", "हिन्दी");
  }

  @Test
  void doesNotDependOnTheLocale() {
    Locale before = Locale.getDefault();
    try {
      Locale.setDefault(Locale.forLanguageTag("tr"));
      assertThat(Tokenizer.words("TITLE")).containsExactly("title");
    } finally {
      Locale.setDefault(before);
    }
  }
}
