package org.stackel.text;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.stackel.config.InvalidInputException;
import org.stackel.config.Rules;
import org.stackel.data.InputFile;

/** Words and their numbers. Number 0 pads short texts, number 1 stands for every other word. */
public final class Vocabulary {
  /** The number that fills a text up to the common length. */
  public static final int PADDING = 0;

  /** The number of all words that have none of their own. */
  public static final int UNKNOWN = 1;

  private static final int FIRST = 2;

  private final List<String> words;
  private final Map<String, Integer> ids = new HashMap<>();

  private Vocabulary(List<String> words) {
    this.words = List.copyOf(words);
    for (String word : words) {
      ids.put(word, ids.size() + FIRST);
    }
  }

  /** A vocabulary of these words in this order; a repeated word counts once. */
  public static Vocabulary of(List<String> words) {
    return new Vocabulary(words.stream().distinct().toList());
  }

  /**
   * The words of texts, the most frequent first, equally frequent ones in alphabetical order.
   *
   * @param minCount how often a word must be seen
   * @param maxWords how many words are kept, padding and unknown not counted
   */
  public static Vocabulary of(List<List<String>> texts, int minCount, int maxWords) {
    var rules = new Rules("vocabulary");
    rules.atLeast("minCount", minCount, 1);
    rules.atLeast("maxWords", maxWords, 1);
    var counts = new HashMap<String, Integer>();
    texts.forEach(text -> text.forEach(word -> counts.merge(word, 1, Integer::sum)));
    return new Vocabulary(
        counts.entrySet().stream()
            .filter(entry -> entry.getValue() >= minCount)
            .sorted(Vocabulary::byCountThenName)
            .limit(maxWords)
            .map(Map.Entry::getKey)
            .toList());
  }

  private static int byCountThenName(Map.Entry<String, Integer> a, Map.Entry<String, Integer> b) {
    int counts = Integer.compare(b.getValue(), a.getValue());
    return counts == 0 ? a.getKey().compareTo(b.getKey()) : counts;
  }

  /**
   * Reads what {@link #save} wrote.
   *
   * @throws InvalidInputException naming file and line, if a line is empty or repeats a word
   */
  public static Vocabulary load(Path file) {
    var words = new ArrayList<String>();
    var lines = new HashMap<String, Integer>();
    for (String word : InputFile.text(file, InputFile.bytes(file)).lines().toList()) {
      int line = words.size() + 1;
      Integer before = lines.put(word, line);
      if (word.isBlank() || before != null) {
        throw new InvalidInputException(
                before == null
                    ? "The word is empty; each line of a vocabulary must hold one."
                    : "The word '%s' stands in line %d already.".formatted(word, before),
                "the file was edited; the run that wrote it can write it again.")
            .at(file + ":" + line);
      }
      words.add(word);
    }
    return new Vocabulary(words);
  }

  /** Writes the words as UTF-8, one a line: line 1 is the word with number 2. */
  public void save(Path file) {
    try {
      Files.writeString(file, words.isEmpty() ? "" : String.join("\n", words) + "\n");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The number of a word, {@link #UNKNOWN} if it has none. */
  public int id(String word) {
    return ids.getOrDefault(word, UNKNOWN);
  }

  /** How many numbers there are, padding and unknown among them. */
  public int size() {
    return words.size() + FIRST;
  }

  /** The words; the first has number 2. */
  public List<String> words() {
    return words;
  }
}
