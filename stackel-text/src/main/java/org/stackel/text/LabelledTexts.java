package org.stackel.text;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.stackel.config.InvalidInputException;
import org.stackel.data.Coverage;
import org.stackel.data.Duplicates;
import org.stackel.data.Stratified;
import org.stackel.tensor.Seed;

/**
 * The texts that a problem names.
 *
 * @param data those to split
 * @param test those for the test; none if they are to be taken from the data
 * @param sources SHA-256 of each file read
 * @param remarks what a reader should know
 * @param division how the data are split
 */
public record LabelledTexts(
    List<Example> data,
    List<Example> test,
    Map<String, String> sources,
    List<String> remarks,
    Division division) {

  /** How data are split into sets. */
  public enum Division {
    /** At random: embedded and published sets, whose numbers stay. */
    RANDOM,
    /** With the classes in the same shares: somebody's own data. */
    BY_CLASS
  }

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
    var reader = new Reader(source);
    List<Example> builtIn = builtIn(data, seed);
    TextSet held = test.isEmpty() ? null : reader.read(test, "test");
    if (builtIn != null) {
      return reader.texts(builtIn, held, Division.RANDOM);
    }
    TextSet read = reader.read(data, "data");
    TextSet all = held == null ? read : reader.apart(read, held);
    return reader.texts(all.examples(), held, all.isOwn() ? Division.BY_CLASS : Division.RANDOM);
  }

  /**
   * Cuts the data into sets of these sizes, and the rest.
   *
   * @return numbers of the examples of each set; the rest is the last
   */
  public int[][] split(Seed seed, int... sizes) {
    int[] order = seed.permutation(data.size());
    if (division == Division.BY_CLASS) {
      return Stratified.split(Example.labels(data), order, sizes);
    }
    int[][] sets = new int[sizes.length + 1][];
    int from = 0;
    for (int set = 0; set < sets.length; set++) {
      int to = set < sizes.length ? from + sizes[set] : order.length;
      sets[set] = Arrays.copyOfRange(order, from, to);
      from = to;
    }
    return sets;
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

  /** Reads files and keeps what is to be said about them. */
  private static final class Reader {
    private final Function<String, TextSource> source;
    private final Map<String, String> sources = new LinkedHashMap<>();
    private final List<String> remarks = new ArrayList<>();

    Reader(Function<String, TextSource> source) {
      this.source = source;
    }

    TextSet read(String name, String key) {
      try {
        TextSet set = source.apply(name).read();
        set.requireTwoClasses();
        sources.putAll(set.sources());
        remarks.addAll(set.remarks());
        return set;
      } catch (InvalidInputException e) {
        throw e.atKey(key);
      }
    }

    /** The data without what is in the test set too, if that is asked for. */
    TextSet apart(TextSet data, TextSet test) {
      Duplicates found = Duplicates.across(data.keyed(), test.keyed(), source.apply("").handling());
      remarks.addAll(found.remarks());
      remarks.addAll(
          Coverage.remarks(
              test.name(), Example.labels(test.examples()), Example.labels(data.examples())));
      return data.rows(found.rows());
    }

    LabelledTexts texts(List<Example> data, @Nullable TextSet test, Division division) {
      List<Example> held = test == null ? List.of() : test.examples();
      return new LabelledTexts(data, held, sources, remarks, division);
    }
  }
}
