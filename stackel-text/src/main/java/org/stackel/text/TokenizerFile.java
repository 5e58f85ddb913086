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
          "(?<processor>/post_processor(?:/processors/\\d+)*)"
              + "/(?:special_tokens/(?<key>[^/]*)|(?:single|pair)/\\d+/SpecialToken/id)");
  private static final Pattern TEXT_OF_TEMPLATE =
      Pattern.compile("/post_processor(/processors/\\d+)*/single/\\d+/Sequence/id");
  private static final Pattern PRE_TOKENIZER_LENGTH =
      Pattern.compile("/pre_tokenizer(/pretokenizers/\\d+)*/length");

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
    private final Set<String> seconds = new LinkedHashSet<>();
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
      requirePrefix();
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
      } else if (token == JsonToken.VALUE_STRING && path.matches("/model/merges/\\d+")) {
        String pair = parser.getString();
        seconds.add(pair.substring(pair.indexOf(' ') + 1));
      } else if (token == JsonToken.VALUE_STRING && path.matches("/model/merges/\\d+/1")) {
        seconds.add(parser.getString());
      } else if (token != JsonToken.VALUE_NULL
          && token.isScalarValue()
          && path.matches("/model/\\w+")) {
        values.put(path.substring("/model/".length()), parser.getString());
        if (path.equals("/model/dropout") && token.isNumeric()) {
          switchOff(parser);
        }
      } else if (token == JsonToken.VALUE_STRING
          && path.matches("/pre_tokenizer(/pretokenizers/\\d+)?/type")) {
        isByteLevel |= parser.getString().equals("ByteLevel");
      } else {
        seeTemplate(path, parser, token);
        requireOneText(path, parser);
        requireLength(path, parser);
      }
    }

    private void requireOneText(String path, JsonParser parser) {
      if (TEXT_OF_TEMPLATE.matcher(path).matches() && parser.getString().equals("B")) {
        throw refused(
            "The template of the tokenizer's post_processor has a second text, 'B', in 'single'.",
            "'A' was meant, which is the only one there.");
      }
    }

    private void requireLength(String path, JsonParser parser) {
      if (PRE_TOKENIZER_LENGTH.matcher(path).matches() && parser.getString().equals("0")) {
        throw refused(
            "The length (0) of the tokenizer's pre_tokenizer must be at least 1.",
            "the smallest value, 1, was meant.");
      }
    }

    /** The library takes the prefix off the second part of a merge, whether it is there or not. */
    private void requirePrefix() {
      String prefix = values.getOrDefault("continuing_subword_prefix", "");
      for (String second : seconds) {
        if (!second.startsWith(prefix)) {
          throw refused(
              "The second part of a merge of the tokenizer, '%s', has to begin with its continuing_subword_prefix, '%s'."
                  .formatted(second, prefix),
              "the prefix is that of another tokenizer.");
        }
      }
    }

    private InvalidInputException refused(String what, String maybe) {
      return new InvalidInputException(what, maybe).at(name);
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
          throw refused(
              "The template of the tokenizer's post_processor names the special token '%s', which its special_tokens do not describe."
                  .formatted(named.substring(named.indexOf(' ') + 1)),
              "the token was renamed in one place only; the file that was trained helps.");
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

    /** An added token does not count: the library looks for it in the model's vocabulary. */
    private void requireUnknown() {
      String type = values.getOrDefault("type", "");
      String unknown = values.get("unk_token");
      boolean isUnigram = type.equals("Unigram") || unigrams > 0;
      boolean needsToken = type.equals("WordLevel") || type.equals("WordPiece");
      // Unigram needs it with byte_fallback, too.
      boolean isMissing =
          isUnigram
              ? !values.containsKey("unk_id")
              : unknown == null ? needsToken : !tokens.contains(unknown);
      if (isMissing) {
        throw refused(
            unknown == null
                ? "The tokenizer has no token for unknown words."
                : "The tokenizer has no token for unknown words: '%s' is not in its vocabulary."
                    .formatted(unknown),
            isUnigram
                ? "it was trained without unk_token: train it with one, or set model.unk_id."
                : "it was trained without special tokens: train it with special_tokens=[\"%s\"]."
                    .formatted(unknown == null ? "[UNK]" : unknown));
      }
      boolean dropsUnknown =
          type.equals("BPE")
              && unknown == null
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
        throw refused(
            "The tokenizer has %,d tokens, but their numbers go up to %,d."
                .formatted(count, largest),
            "a token was added with a number far too large.");
      }
    }
  }
}
