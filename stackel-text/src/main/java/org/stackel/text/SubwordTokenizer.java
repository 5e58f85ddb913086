package org.stackel.text;

import ai.djl.huggingface.tokenizers.Encoding;
import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.stackel.config.InvalidInputException;
import org.stackel.config.Rules;
import org.stackel.data.InputFile;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.json.JsonFactory;

/**
 * Cuts texts into pieces of words (WordPiece, BPE, Unigram) as a {@code tokenizer.json} of the
 * library Tokenizers says, special tokens such as {@code [CLS]} included. Padding is left to
 * batches.
 *
 * <p>Needs {@code ai.djl.huggingface:tokenizers} on the class path, which brings native code.
 */
public final class SubwordTokenizer implements AutoCloseable {
  /** What to add for tokenizers, to the class path. */
  private static final String LIBRARY = "ai.djl.huggingface:tokenizers";

  private static final int CHUNK = 1000;

  private final HuggingFaceTokenizer tokenizer;
  private final int size;
  private final String json;
  private final int maxTokens;

  private SubwordTokenizer(HuggingFaceTokenizer tokenizer, int size, String json, int maxTokens) {
    this.tokenizer = tokenizer;
    this.size = size;
    this.json = json;
    this.maxTokens = maxTokens;
  }

  /** Where texts are cut, special tokens counted. */
  public int maxTokens() {
    return maxTokens;
  }

  /** The text of its {@code tokenizer.json}. */
  public String json() {
    return json;
  }

  /**
   * A tokenizer from a user's file.
   *
   * @param file a {@code tokenizer.json}, also as .gz
   * @param maxTokens where texts are cut, special tokens counted
   * @throws InvalidInputException if the file is none, or the library is not there
   */
  public static SubwordTokenizer read(Path file, int maxTokens) {
    return of(InputFile.text(file, InputFile.bytes(file)), file.toString(), maxTokens);
  }

  /**
   * A tokenizer from the text of a {@code tokenizer.json}.
   *
   * @param json the text
   * @param name where it is from, for messages
   * @param maxTokens where texts are cut, special tokens counted
   * @throws InvalidInputException if it is none, or the library is not there
   */
  public static SubwordTokenizer of(String json, String name, int maxTokens) {
    new Rules("tokenizer").atLeast("maxTokens", maxTokens, 1);
    requireLibrary();
    try {
      int size = size(json);
      Map<String, String> options =
          Map.of(
              "addSpecialTokens", "true",
              "padding", "false",
              "truncation", "true",
              "maxLength", Integer.toString(maxTokens),
              "modelMaxLength", Integer.toString(maxTokens));
      var bytes = new ByteArrayInputStream(json.getBytes(StandardCharsets.UTF_8));
      return new SubwordTokenizer(
          HuggingFaceTokenizer.newInstance(bytes, options), size, json, maxTokens);
    } catch (JacksonException e) {
      throw broken(e.getOriginalMessage()).at(name).causedBy(e);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (RuntimeException e) {
      // The native code throws plain RuntimeException.
      throw e.getClass() == RuntimeException.class
          ? broken(String.valueOf(e.getMessage())).at(name).causedBy(e)
          : e;
    }
  }

  private static InvalidInputException broken(String why) {
    return new InvalidInputException(
        "This is no tokenizer.json: %s.".formatted(why),
        "the file is another one of the model's directory, such as vocab.json.");
  }

  private static void requireLibrary() {
    // Nothing may be looked for in the network, and the CPU's library is the one in the jar.
    setUnlessSet("ai.djl.offline", "true");
    setUnlessSet("RUST_FLAVOR", "cpu");
    try {
      Class.forName(
          "ai.djl.huggingface.tokenizers.HuggingFaceTokenizer",
          false,
          SubwordTokenizer.class.getClassLoader());
    } catch (ClassNotFoundException e) {
      throw new InvalidInputException(
              "A tokenizer.json needs the library %s, which is not here.".formatted(LIBRARY),
              "building with -Ppretrained helps: see \"Pretrained encoders\" in docs/own-data.md.")
          .causedBy(e);
    }
  }

  private static void setUnlessSet(String property, String value) {
    if (System.getProperty(property) == null) {
      System.setProperty(property, value);
    }
  }

  /** One more than the largest number in {@code model.vocab} and {@code added_tokens}. */
  private static int size(String json) {
    int largest = -1;
    int unigrams = 0;
    try (JsonParser parser = new JsonFactory().createParser(ObjectReadContext.empty(), json)) {
      JsonToken token = parser.nextToken();
      if (token != JsonToken.START_OBJECT) {
        throw broken("it is no JSON object");
      }
      for (; token != null; token = parser.nextToken()) {
        if (token != JsonToken.VALUE_NUMBER_INT && token != JsonToken.END_ARRAY) {
          continue;
        }
        String path = parser.streamReadContext().pathAsPointer().toString();
        if (token == JsonToken.END_ARRAY) {
          // Pairs of a piece and its score, in the order of their numbers.
          unigrams += path.matches("/model/vocab/\\d+") ? 1 : 0;
        } else if (path.startsWith("/model/vocab/") || path.matches("/added_tokens/\\d+/id")) {
          largest = Math.max(largest, parser.getIntValue());
        }
      }
    }
    if (largest < 0 && unigrams == 0) {
      throw broken("it has no vocabulary");
    }
    return Math.max(largest + 1, unigrams);
  }

  /** How many tokens there are; all numbers are smaller. */
  public int size() {
    return size;
  }

  /**
   * The numbers of the tokens of each text. A text without any, which a tokenizer without special
   * tokens makes of an empty text, becomes token 0.
   */
  public List<int[]> ids(List<String> texts) {
    var all = new ArrayList<int[]>(texts.size());
    for (int from = 0; from < texts.size(); from += CHUNK) {
      List<String> some = texts.subList(from, Math.min(texts.size(), from + CHUNK));
      for (Encoding encoding : tokenizer.batchEncode(some, true, false)) {
        long[] ids = encoding.getIds();
        int[] narrow = new int[Math.max(1, ids.length)];
        for (int t = 0; t < ids.length; t++) {
          narrow[t] = Math.toIntExact(ids[t]);
        }
        all.add(narrow);
      }
    }
    return all;
  }

  @Override
  public void close() {
    tokenizer.close();
  }
}
