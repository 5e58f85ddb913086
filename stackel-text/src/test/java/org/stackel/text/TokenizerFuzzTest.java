package org.stackel.text;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.stackel.fuzz.Fuzzer;
import org.stackel.fuzz.Fuzzer.Kind;

/** Damaged tokenizers: on what the native library does not know it ends the process. */
class TokenizerFuzzTest {
  private static final int CASES = 400;

  @TempDir Path temp;

  @Test
  void damagedTokenizersAreReadOrRefused() throws Exception {
    var kinds = new ArrayList<Kind>();
    add(kinds, "WordPiece", SubwordTokenizerTest.WORD_PIECE);
    add(kinds, "BPE", SubwordTokenizerTest.PAIRS);
    add(kinds, "Unigram", SubwordTokenizerTest.SCORES);
    new Fuzzer(temp).run("tokenizers", CASES, kinds);
  }

  private static void add(List<Kind> kinds, String name, String json) {
    kinds.add(
        new Kind(
            name,
            "tokenizer.json",
            json,
            true,
            file -> {
              try (var tokenizer = SubwordTokenizer.read(file, 9)) {
                tokenizer.ids(List.of("We played with caf\u00e9 \ud83d\ude00", "", "abba"));
                return Fuzzer.End.READ;
              }
            }));
  }
}
