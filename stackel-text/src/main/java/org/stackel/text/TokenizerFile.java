package org.stackel.text;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.stackel.config.InvalidInputException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.json.JsonFactory;

/**
 * A {@code tokenizer.json}, looked through before the native library gets it: on what it does not
 * know that library ends the process.
 *
 * @param json its text, without dropout
 * @param size one more than the largest number of a token
 * @param remarks what a reader should know
 */
record TokenizerFile(String json, int size, List<String> remarks) {
  private static final Pattern TEMPLATE =
      Pattern.compile(
          "(?<processor>/post_processor(?:/processors/\\d+)?)"
              + "/(?:special_tokens/(?<key>[^/]*)|(?:single|pair)/\\d+/SpecialToken/id)");

  /** Numbers without a token that are let pass; each is a row of a table of vectors. */
  private static final int MAX_GAPS = 10_000;

  TokenizerFile {
    remarks = List.copyOf(remarks);
  }

  /**
   * Looks through the text of a {@code tokenizer.json}.
   *
   * @param name where it is from, for messages
   * @throws InvalidInputException if a text could not be cut into tokens
   */
  static TokenizerFile check(String json, String name) {
    return new Scan(json, name).run();
  }

  /** The parts of the file that matter. */
  private static final class Scan {
    private final String json;
    private final String name;
    private final Map<String, String> values = new HashMap<>();
    private final Set<String> tokens = new HashSet<>();
    private final Set<String> described = new HashSet<>();
    private final Set<String> inTemplates = new LinkedHashSet<>();
    private final List<String> remarks = new ArrayList<>();
    private String used;
    private int largest = -1;
    private int count;
    private int unigrams;
    private boolean isByteLevel;

    Scan(String json, String name) {
      this.json = json;
      this.name = name;
      used = json;
    }

    TokenizerFile run() {
      try (JsonParser parser = new JsonFactory().createParser(ObjectReadContext.empty(), json)) {
        JsonToken token = parser.nextToken();
        if (token != JsonToken.START_OBJECT) {
          throw SubwordTokenizer.broken("it is no JSON object");
        }
        for (; token != null; token = parser.nextToken()) {
          see(parser, token);
        }
      }
      if (largest < 0 && unigrams == 0) {
        throw SubwordTokenizer.broken("it has no vocabulary");
      }
      requireUnknown();
      requireTemplates();
      requireNumbers();
      return new TokenizerFile(used, Math.max(largest + 1, unigrams), remarks);
    }

    private void see(JsonParser parser, JsonToken token) {
      String path = parser.streamReadContext().pathAsPointer().toString();
      if (token == JsonToken.END_ARRAY) {
        // Pairs of a piece and its score, in the order of their numbers.
        unigrams += path.matches("/model/vocab/\\d+") ? 1 : 0;
      } else if (token == JsonToken.VALUE_NUMBER_INT && path.matches("/model/vocab/[^/]+")) {
        seeNumber(parser.getIntValue());
        tokens.add(parser.currentName());
      } else if (token == JsonToken.VALUE_NUMBER_INT && path.matches("/added_tokens/\\d+/id")) {
        seeNumber(parser.getIntValue());
      } else if (token == JsonToken.VALUE_STRING && path.matches("/added_tokens/\\d+/content")) {
        tokens.add(parser.getString());
      } else if (token.isScalarValue() && path.matches("/model/\\w+")) {
        values.put(path.substring("/model/".length()), parser.getString());
        if (path.equals("/model/dropout") && token.isNumeric()) {
          switchOff(parser);
        }
      } else if (token == JsonToken.VALUE_STRING
          && path.matches("/pre_tokenizer(/pretokenizers/\\d+)?/type")) {
        isByteLevel |= parser.getString().equals("ByteLevel");
      } else {
        seeTemplate(path, parser, token);
      }
    }

    /** Special tokens of a post-processor: those it describes, and those its templates name. */
    private void seeTemplate(String path, JsonParser parser, JsonToken token) {
      Matcher matcher = TEMPLATE.matcher(path);
      if (matcher.matches()) {
        String processor = matcher.group("processor");
        if (token == JsonToken.START_OBJECT && matcher.group("key") != null) {
          described.add(
              processor + " " + matcher.group("key").replace("~1", "/").replace("~0", "~"));
        } else if (token == JsonToken.VALUE_STRING && matcher.group("key") == null) {
          inTemplates.add(processor + " " + parser.getString());
        }
      }
    }

    private void requireTemplates() {
      for (String named : inTemplates) {
        if (!described.contains(named)) {
          throw new InvalidInputException(
                  "The template of the tokenizer's post_processor names the special token '%s', which its special_tokens do not describe."
                      .formatted(named.substring(named.indexOf(' ') + 1)),
                  "the token was renamed in one place only; the file that was trained helps.")
              .at(name);
        }
      }
    }

    private void seeNumber(int number) {
      if (number < 0) {
        throw SubwordTokenizer.broken("a token has the number " + number);
      }
      largest = Math.max(largest, number);
      count++;
    }

    /** A text must always be cut in the same way, or a run could not be repeated. */
    private void switchOff(JsonParser parser) {
      String rate = parser.getString();
      if (Double.parseDouble(rate) == 0) {
        return;
      }
      int from = (int) parser.currentTokenLocation().getCharOffset();
      used = json.substring(0, from) + "null" + json.substring(from + rate.length());
      remarks.add(
          "%s: its dropout (%s) is switched off, so that a text is always cut in the same way."
              .formatted(name, rate));
    }

    private void requireUnknown() {
      String type = values.getOrDefault("type", "");
      String unknown = values.getOrDefault("unk_token", "null");
      boolean needsToken = type.equals("WordLevel") || type.equals("WordPiece");
      boolean isNamed = !unknown.equals("null");
      boolean isMissing =
          type.equals("Unigram")
              ? values.getOrDefault("unk_id", "null").equals("null")
                  && !values.getOrDefault("byte_fallback", "false").equals("true")
              : (needsToken || isNamed) && !tokens.contains(unknown);
      if (isMissing) {
        throw new InvalidInputException(
                isNamed
                    ? "The tokenizer has no token for unknown words: '%s' is not in its vocabulary."
                        .formatted(unknown)
                    : "The tokenizer has no token for unknown words.",
                type.equals("Unigram")
                    ? "it was trained without unk_token: train it with one, or set model.unk_id."
                    : "it was trained without special tokens: train it with special_tokens=[\"%s\"]."
                        .formatted(isNamed ? unknown : "[UNK]"))
            .at(name);
      }
      boolean dropsUnknown =
          type.equals("BPE")
              && !isNamed
              && !isByteLevel
              && !values.getOrDefault("byte_fallback", "false").equals("true");
      if (dropsUnknown) {
        remarks.add(
            "%s: it has no token for unknown characters, which are left out of the texts."
                .formatted(name));
      }
    }

    private void requireNumbers() {
      int gaps = largest + 1 - count;
      if (gaps > MAX_GAPS && gaps > count) {
        throw new InvalidInputException(
                "The tokenizer has %,d tokens, but their numbers go up to %,d."
                    .formatted(count, largest),
                "a token was added with a number far too large.")
            .at(name);
      }
    }
  }
}
