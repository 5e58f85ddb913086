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
import org.stackel.config.Shown;
import org.stackel.data.InputFile;
import tools.jackson.core.JacksonException;

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
  private final TokenizerFile file;
  private final int maxTokens;

  private SubwordTokenizer(HuggingFaceTokenizer tokenizer, TokenizerFile file, int maxTokens) {
    this.tokenizer = tokenizer;
    this.file = file;
    this.maxTokens = maxTokens;
  }

  /** Where texts are cut, special tokens counted. */
  public int maxTokens() {
    return maxTokens;
  }

  /** What a reader should know, in sentences: what of the file is not done. */
  public List<String> remarks() {
    return file.remarks();
  }

  /** The text of its {@code tokenizer.json}, as it is used: without dropout. */
  public String json() {
    return file.json();
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
      TokenizerFile file = TokenizerFile.check(json, name);
      Map<String, String> options =
          Map.of(
              "addSpecialTokens", "true",
              "padding", "false",
              "truncation", "true",
              "maxLength", Integer.toString(maxTokens),
              "modelMaxLength", Integer.toString(maxTokens));
      var bytes = new ByteArrayInputStream(file.json().getBytes(StandardCharsets.UTF_8));
      return new SubwordTokenizer(
          HuggingFaceTokenizer.newInstance(bytes, options), file, maxTokens);
    } catch (JacksonException e) {
      throw broken(Shown.jsonReason(e.getOriginalMessage())).at(name).causedBy(e);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (RuntimeException e) {
      // The native code throws plain RuntimeException.
      throw e.getClass() == RuntimeException.class
          ? broken(String.valueOf(e.getMessage())).at(name).causedBy(e)
          : e;
    }
  }

  static InvalidInputException broken(String why) {
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

  /** How many tokens there are; all numbers are smaller. */
  public int size() {
    return file.size();
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
