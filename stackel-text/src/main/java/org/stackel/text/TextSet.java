package org.stackel.text;

import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.stackel.config.InvalidInputException;
import org.stackel.config.Options;
import org.stackel.data.Duplicates;
import org.stackel.data.Labels;

/**
 * Labelled texts out of one or more files, in the order of the files. Sets that are sorted by class
 * stay so: whoever splits them shuffles.
 *
 * @param entries the examples with their places
 * @param sources SHA-256 of each file as it lies on disk
 * @param remarks what a reader should know, in sentences: the format found, columns guessed, rows
 *     left out
 * @param labelColumn the column that the labels come from; null where the format says it
 */
public record TextSet(
    List<Entry> entries,
    Map<String, String> sources,
    List<String> remarks,
    @Nullable String labelColumn) {
  private static final Pattern BLANKS = Pattern.compile("\\s+");

  /**
   * One example and where it stands.
   *
   * @param example the example
   * @param file the file, or the name of an embedded set
   * @param line where it begins, counted from 1
   */
  public record Entry(Example example, String file, int line) {
    /** The place, such as {@code train.csv:17}. */
    public String place() {
      return file + ":" + line;
    }
  }

  public TextSet {
    entries = List.copyOf(entries);
    sources = Collections.unmodifiableMap(new LinkedHashMap<>(sources));
    remarks = List.copyOf(remarks);
  }

  /** The examples alone. */
  public List<Example> examples() {
    return entries.stream().map(Entry::example).toList();
  }

  /** What makes texts the same: their words with all blanks alike, in either case. */
  public static List<?> keys(List<Example> examples) {
    return examples.stream().map(TextSet::key).toList();
  }

  private static Object key(Example example) {
    String text2 = example.text2();
    return text2 == null ? key(example.text()) : List.of(key(example.text()), key(text2));
  }

  private static String key(String text) {
    boolean isPlain = true;
    for (int i = 0; i < text.length() && isPlain; i++) {
      char c = text.charAt(i);
      isPlain = c > ' ' ? c < 127 : c == ' ' && i > 0 && text.charAt(i - 1) != ' ';
    }
    return (isPlain ? text : BLANKS.matcher(Labels.trimmed(text)).replaceAll(" "))
        .toLowerCase(Locale.ROOT);
  }

  /** The texts as {@link Duplicates} takes them. */
  public Duplicates.Keyed keyed() {
    return new Duplicates.Keyed(
        name(),
        keys(examples()),
        Example.labels(examples()),
        entries.stream().map(Entry::place).toList());
  }

  /** What messages call them: their file, or the first of their files. */
  public String name() {
    return entries.isEmpty() ? "" : entries.get(0).file();
  }

  /** Some of the texts. */
  public TextSet rows(int[] rows) {
    return rows.length == entries.size()
        ? this
        : new TextSet(
            Arrays.stream(rows).mapToObj(entries::get).toList(), sources, remarks, labelColumn);
  }

  /** The same texts with more remarks. */
  public TextSet remarked(List<String> more) {
    return new TextSet(
        entries, sources, Stream.of(remarks, more).flatMap(List::stream).toList(), labelColumn);
  }

  /** Whether the texts are somebody's own and not a published set, whose order and split stay. */
  public boolean isOwn() {
    return labelColumn != null;
  }

  /**
   * Checks that the labels can be learned and tested: at least two classes, each seen at least
   * twice.
   *
   * @throws InvalidInputException naming the class, and its line if it was seen once
   */
  public void requireClasses() {
    requireTwoClasses();
    TreeMap<String, Integer> counts = counts();
    List<String> once =
        counts.entrySet().stream()
            .filter(entry -> entry.getValue() == 1)
            .map(Map.Entry::getKey)
            .toList();
    for (int i = 0; i < entries.size() && !once.isEmpty(); i++) {
      String label = entries.get(i).example().label();
      if (once.contains(label)) {
        throw new InvalidInputException(
                "The class '%s' is seen once (of %d classes, %d are); each must be seen at least twice."
                    .formatted(label, counts.size(), once.size()),
                "the label is misspelt: '%s' is the nearest other class."
                    .formatted(nearestOther(label, counts)))
            .at(entries.get(i).place());
      }
    }
  }

  /**
   * Checks that there are at least two classes.
   *
   * @throws InvalidInputException naming the only class
   */
  public void requireTwoClasses() {
    TreeMap<String, Integer> counts = counts();
    if (counts.size() == 1) {
      throw new InvalidInputException(
              "All %d examples are labelled '%s'; there must be at least two classes."
                  .formatted(entries.size(), counts.firstKey()),
              labelColumn == null
                  ? "a part of the file is missing."
                  : "another column than '%s' holds the label.".formatted(labelColumn))
          .at(entries.get(0).file());
    }
  }

  private TreeMap<String, Integer> counts() {
    var counts = new TreeMap<String, Integer>();
    entries.forEach(entry -> counts.merge(entry.example().label(), 1, Integer::sum));
    return counts;
  }

  private static String nearestOther(String label, TreeMap<String, Integer> counts) {
    var others = new TreeMap<String, Integer>(counts);
    others.remove(label);
    return Options.nearest(label, others.keySet());
  }

  /** Remarks as a command says them, whose options stand for those of an experiment's problem. */
  public static List<String> inCommand(List<String> remarks) {
    return remarks.stream().map(TextSet::inCommand).toList();
  }

  /** The same of a complaint. */
  public static InvalidInputException inCommand(InvalidInputException complaint) {
    return complaint.worded(TextSet::inCommand);
  }

  private static String inCommand(String text) {
    return text.replaceAll("problem\\.(text2?|label|domain)\\b", "--$1");
  }
}
