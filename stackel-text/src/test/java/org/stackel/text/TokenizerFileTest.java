package org.stackel.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.stackel.config.InvalidInputException;

class TokenizerFileTest {
  private static String json(String model, String preTokenizer) {
    return "{\"version\": \"1.0\", \"added_tokens\": [{\"id\": 1, \"content\": \"[ADDED]\"}], \"pre_tokenizer\": {\"type\": \"%s\"}, \"model\": {%s}}"
        .formatted(preTokenizer, model.replace('\'', '"'));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "'type': 'WordLevel', 'vocab': {'a': 0}, 'unk_token': '[UNK]'|'[UNK]' is not in its vocabulary",
        "'type': 'WordPiece', 'vocab': {'a': 0}, 'unk_token': '[UNK]'|'[UNK]' is not in its vocabulary",
        "'type': 'BPE', 'unk_token': '<unk>', 'vocab': {'a': 0}, 'merges': []|'<unk>' is not in its vocabulary",
        "'type': 'Unigram', 'unk_id': null, 'vocab': [['a', -1.0], ['b', -2.0]]|no token for unknown words.",
        "'type': 'Unigram', 'byte_fallback': true, 'vocab': [['a', -1.0], ['b', -2.0]]|no token for unknown words.",
        "'vocab': [['a', -1.0], ['b', -2.0]]|no token for unknown words.",
        "'type': 'BPE', 'unk_token': 'null', 'vocab': {'a': 0}, 'merges': []|'null' is not in its vocabulary",
        "'type': 'WordLevel', 'vocab': {'a': 0}, 'unk_token': '[ADDED]'|'[ADDED]' is not in its vocabulary",
        "'type': 'BPE', 'continuing_subword_prefix': '##', 'vocab': {'a': 0, 'b': 1, 'ab': 2}, 'merges': ['a b']|'b', has to begin with",
        "'type': 'BPE', 'vocab': {'a': 0, 'b c': 1}, 'merges': [['a', 'b c']], 'continuing_subword_prefix': '#'|'b c', has to begin with",
        "'type': 'WordLevel', 'vocab': {'[UNK]': 0, 'a': 900000000}, 'unk_token': '[UNK]'|3 tokens, but their numbers go up to 900,000,000",
        "'type': 'WordLevel', 'vocab': {'[UNK]': -1}, 'unk_token': '[UNK]'|a token has the number -1"
      })
  void isRefusedBeforeTheLibraryGetsIt(String model, String message) {
    assertThatThrownBy(() -> TokenizerFile.check(json(model, "Whitespace"), "t.json"))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining(message)
        .hasMessageContaining("\nMaybe ");
  }

  /** On a token that its template names and nothing describes the library ends the process. */
  @Test
  void templatesNameWhatIsDescribed() {
    String model = json("'type': 'WordLevel', 'vocab': {'[UNK]': 0}, 'unk_token': '[UNK]'", "Bert");
    String template =
        """
        {"type": "TemplateProcessing",
         "single": [{"SpecialToken": {"id": "</s>", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}}],
         "special_tokens": {"</s>": {"id": "</s>", "ids": [0], "tokens": ["</s>"]}}}
        """;
    for (String processor : List.of(template, sequence(template), sequence(sequence(template)))) {
      String file = model.replaceFirst("\\{", "{\"post_processor\": " + processor + ", ");
      assertThat(TokenizerFile.check(file, "t.json").size()).isEqualTo(2);
      String broken = file.replace("{\"</s>\": {\"id\"", "{\"<s>\": {\"id\"");
      assertThatThrownBy(() -> TokenizerFile.check(broken, "t.json"))
          .isInstanceOf(InvalidInputException.class)
          .hasMessageContaining("names the special token '</s>', which its special_tokens do not")
          .hasMessageContaining("\nMaybe ");
      String second =
          file.replace("{\"Sequence\": {\"id\": \"A\"", "{\"Sequence\": {\"id\": \"B\"");
      assertThatThrownBy(() -> TokenizerFile.check(second, "t.json"))
          .isInstanceOf(InvalidInputException.class)
          .hasMessageContaining("has a second text, 'B', in 'single'.\nMaybe ");
    }
  }

  private static String sequence(String processor) {
    return "{\"type\": \"Sequence\", \"processors\": [" + processor + "]}";
  }

  @Test
  void piecesHaveALength() {
    String file =
        json("'type': 'WordLevel', 'vocab': {'[UNK]': 0}, 'unk_token': '[UNK]'", "FixedLength")
            .replace("\"FixedLength\"", "\"FixedLength\", \"length\": 0");
    assertThatThrownBy(() -> TokenizerFile.check(file, "t.json"))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining(
            "The length (0) of the tokenizer's pre_tokenizer must be at least 1.\n");
  }

  @Test
  void dropoutIsSwitchedOff() {
    String model =
        "'type': 'BPE', 'dropout': 0.1, 'unk_token': '<unk>', 'vocab': {'<unk>': 0, 'dropout': 1}";
    TokenizerFile file = TokenizerFile.check(json(model, "Whitespace"), "t.json");
    assertThat(file.json())
        .isEqualTo(json(model, "Whitespace").replace("\"dropout\": 0.1", "\"dropout\": null"));
    assertThat(file.size()).isEqualTo(2);
    assertThat(file.remarks())
        .containsExactly(
            "t.json: its dropout (0.1) is switched off, so that a text is always cut in the same way.");
  }

  @Test
  void charactersThatAreLeftOutAreSaid() {
    String model = "'type': 'BPE', 'dropout': null, 'unk_token': null, 'vocab': {'a': 0}";
    assertThat(TokenizerFile.check(json(model, "Whitespace"), "t.json").remarks()).hasSize(1);
    assertThat(TokenizerFile.check(json(model, "ByteLevel"), "t.json").remarks()).isEmpty();
  }
}
