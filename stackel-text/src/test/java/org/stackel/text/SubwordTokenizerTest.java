package org.stackel.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.stackel.config.InvalidInputException;

class SubwordTokenizerTest {
  static final String WORD_PIECE =
      """
      {"version": "1.0", "truncation": null,
       "padding": {"strategy": {"Fixed": 9}, "direction": "Right", "pad_to_multiple_of": null,
                   "pad_id": 0, "pad_type_id": 0, "pad_token": "[PAD]"},
       "added_tokens": [{"id": 7, "content": "[SEP]", "single_word": false, "lstrip": false,
                         "rstrip": false, "normalized": false, "special": true}],
       "normalizer": {"type": "Lowercase"}, "pre_tokenizer": {"type": "Whitespace"},
       "post_processor": {"type": "TemplateProcessing",
         "single": [{"Sequence": {"id": "A", "type_id": 0}},
                    {"SpecialToken": {"id": "[SEP]", "type_id": 0}}],
         "pair": [{"Sequence": {"id": "A", "type_id": 0}}, {"Sequence": {"id": "B", "type_id": 1}}],
         "special_tokens": {"[SEP]": {"id": "[SEP]", "ids": [7], "tokens": ["[SEP]"]}}},
       "decoder": null,
       "model": {"type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##",
                 "max_input_chars_per_word": 100,
                 "vocab": {"[PAD]": 0, "[UNK]": 1, "play": 2, "##ing": 3, "##ed": 4, "we": 5}}}
      """;
  static final String PAIRS =
      """
      {"version": "1.0", "truncation": null, "padding": null, "added_tokens": [],
       "normalizer": null, "pre_tokenizer": {"type": "Whitespace"}, "post_processor": null,
       "decoder": null,
       "model": {"type": "BPE", "dropout": null, "unk_token": null,
                 "continuing_subword_prefix": null, "end_of_word_suffix": null, "fuse_unk": false,
                 "vocab": {"a": 0, "b": 1, "ab": 2, "abb": 3}, "merges": ["a b", "ab b"]}}
      """;
  static final String SCORES =
      """
      {"version": "1.0", "truncation": null, "padding": null, "added_tokens": [],
       "normalizer": null, "pre_tokenizer": null, "post_processor": null, "decoder": null,
       "model": {"type": "Unigram", "unk_id": 0,
                 "vocab": [["?", 0], ["a", -1.5], ["b", -2], ["ab", -1]]}}
      """;

  @TempDir Path directory;

  @Test
  void cutsWordsIntoPieces() throws IOException {
    Path file = Files.writeString(directory.resolve("tokenizer.json"), WORD_PIECE);
    try (var tokenizer = SubwordTokenizer.read(file, 5)) {
      assertThat(tokenizer.size()).isEqualTo(8);
      List<int[]> ids = tokenizer.ids(List.of("We played", "", "xyz", "we we we we we we playing"));
      assertThat(ids.get(0)).containsExactly(5, 2, 4, 7);
      assertThat(ids.get(1)).containsExactly(7);
      assertThat(ids.get(2)).containsExactly(1, 7);
      assertThat(ids.get(3)).as("cut, with its end").containsExactly(5, 5, 5, 5, 7);
    }
  }

  @Test
  void mergesPairsOfLetters() {
    try (var tokenizer = SubwordTokenizer.of(PAIRS, "here", 9)) {
      assertThat(tokenizer.size()).isEqualTo(4);
      List<int[]> ids = tokenizer.ids(List.of("abba", ""));
      assertThat(ids.get(0)).containsExactly(3, 0);
      assertThat(ids.get(1)).as("a text without a token").containsExactly(0);
    }
  }

  @Test
  void readsVocabulariesWithScores() {
    try (var tokenizer = SubwordTokenizer.of(SCORES, "here", 9)) {
      assertThat(tokenizer.size()).isEqualTo(4);
      assertThat(tokenizer.ids(List.of("abb")).get(0)).containsExactly(3, 2);
    }
  }

  @Test
  void refusesOtherFiles() throws IOException {
    for (String text : List.of("[1]", "{\"a\": 1}", "{", "no JSON")) {
      Path file = Files.writeString(directory.resolve("vocab.json"), text);
      assertThatThrownBy(() -> SubwordTokenizer.read(file, 5))
          .as(text)
          .isInstanceOf(InvalidInputException.class)
          .hasMessageContaining("vocab.json")
          .hasMessageContaining("no tokenizer.json")
          .hasMessageContaining("Maybe");
    }
    String broken = PAIRS.replace("BPE", "XYZ");
    assertThatThrownBy(() -> SubwordTokenizer.of(broken, "here", 5))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("here: This is no tokenizer.json");
  }

  @Test
  void saysWhatIsMissingWithoutTheLibrary() throws Exception {
    Method of;
    try (var loader = new WithoutLibrary()) {
      of =
          loader
              .loadClass(SubwordTokenizer.class.getName())
              .getMethod("of", String.class, String.class, int.class);
      assertThatThrownBy(() -> of.invoke(null, PAIRS, "here", 9))
          .isInstanceOf(InvocationTargetException.class)
          .cause()
          .isInstanceOf(InvalidInputException.class)
          .hasMessageContaining("ai.djl.huggingface:tokenizers")
          .hasMessageContaining("-Ppretrained");
    }
  }

  /** Loads the class anew, and finds nothing of the library. */
  private static final class WithoutLibrary extends ClassLoader implements AutoCloseable {
    WithoutLibrary() {
      super(SubwordTokenizerTest.class.getClassLoader());
    }

    @Override
    protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
      if (name.startsWith("ai.djl")) {
        throw new ClassNotFoundException(name);
      }
      if (!name.startsWith(SubwordTokenizer.class.getName())) {
        return super.loadClass(name, resolve);
      }
      try (InputStream in = getResourceAsStream(name.replace('.', '/') + ".class")) {
        byte[] code = in.readAllBytes();
        return defineClass(name, code, 0, code.length);
      } catch (IOException e) {
        throw new ClassNotFoundException(name, e);
      }
    }

    @Override
    public void close() {}
  }
}
