package org.stackel.text;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.stackel.config.InvalidInputException;
import org.stackel.tensor.Seed;

/**
 * The texts that a problem names.
 *
 * @param data those to split
 * @param test those for the test; none if they are to be taken from the data
 * @param sources SHA-256 of each file read
 * @param remarks what a reader should know
 */
public record LabelledTexts(
    List<Example> data, List<Example> test, Map<String, String> sources, List<String> remarks) {
  /** The topics of WordNet that data cleaning has too. */
  public static final String WORDNET = "wordnet";

  /** Those with enough texts in each. */
  private static final int TOPICS = 38;

  private static final int TEXTS_A_TOPIC = 400;
  private static final int PREMISES = 5_000;

  /**
   * Reads them.
   *
   * @param data one of {@link WordNetText#NAMES} or a file
   * @param test a file, or nothing
   * @param source how a file is read
   * @param seed of the choice among WordNet's texts
   */
  public static LabelledTexts read(
      String data, String test, Function<String, TextSource> source, Seed seed) {
    var sources = new LinkedHashMap<String, String>();
    var remarks = new ArrayList<String>();
    List<Example> builtIn = builtIn(data, seed);
    List<Example> all = builtIn != null ? builtIn : file(data, "data", source, sources, remarks);
    List<Example> held = test.isEmpty() ? List.of() : file(test, "test", source, sources, remarks);
    return new LabelledTexts(all, held, sources, remarks);
  }

  /**
   * WordNet's texts of this name, of the topics with enough of them; null if it is another name.
   */
  public static @Nullable List<Example> builtIn(String data, Seed seed) {
    return builtIn(data, TOPICS, TEXTS_A_TOPIC, seed);
  }

  /**
   * WordNet's texts of this name; null if it is another name.
   *
   * @param topics how many, the largest
   * @param perTopic most texts of a topic
   */
  public static @Nullable List<Example> builtIn(String data, int topics, int perTopic, Seed seed) {
    return WordNetText.named(data, topics, perTopic, PREMISES, seed.child("topics"));
  }

  private static List<Example> file(
      String name,
      String key,
      Function<String, TextSource> source,
      Map<String, String> sources,
      List<String> remarks) {
    try {
      TextSet set = source.apply(name).read();
      set.requireTwoClasses();
      sources.putAll(set.sources());
      remarks.addAll(set.remarks());
      return set.examples();
    } catch (InvalidInputException e) {
      throw e.atKey(key);
    }
  }
}
