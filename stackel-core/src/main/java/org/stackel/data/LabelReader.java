package org.stackel.data;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.stackel.config.InvalidInputException;

/**
 * Reads the labels of one file, row by row, and counts what it changes. Every file's labels come
 * from here, so that a class has the same name wherever it is read.
 */
public final class LabelReader {
  private static final int SHOWN = 3;

  private final Path file;
  private final FileRules rules;
  private final TreeMap<String, Integer> none = new TreeMap<>();
  private final Map<String, TreeMap<String, Integer>> spellings = new TreeMap<>();

  /** Labels in their one spelling: there are few of them and many rows. */
  private final Map<String, String> known = new HashMap<>();

  private int firstNone;
  private int labelled;
  private int trimmed;

  /** A reader for one file. */
  public LabelReader(Path file, FileRules rules) {
    this.file = file;
    this.rules = rules;
  }

  /**
   * The class of a row; null if the row has no label and is to be left out.
   *
   * @param raw what the file says; null where it says nothing
   * @param line where it says so
   */
  public @Nullable String read(@Nullable String raw, int line) {
    String label = known.computeIfAbsent(raw == null ? "" : raw, Labels::normal);
    if (rules.isNone(label)) {
      return leaveOut(label, line);
    }
    labelled++;
    String plain = raw == null ? "" : raw.strip();
    if (!plain.equals(label) && Labels.trimmed(plain).equals(label)) {
      trimmed++;
    }
    String name = rules.className(label);
    spellings
        .computeIfAbsent(name, n -> new TreeMap<>())
        .merge(Labels.trimmed(plain), 1, Integer::sum);
    return name;
  }

  /** Counts a row as one without a label, because the file's format says so. */
  public @Nullable String leaveOut(String label, int line) {
    if (none.isEmpty()) {
      firstNone = line;
    }
    none.merge(label, 1, Integer::sum);
    return null;
  }

  /** How a class is written in the file, most of the time. */
  public String spelling(String name) {
    return spellings.getOrDefault(name, new TreeMap<>()).entrySet().stream()
        .max(Map.Entry.comparingByValue())
        .map(Map.Entry::getKey)
        .orElse(name);
  }

  /** Complains unless some row has a label. */
  public void requireLabels() {
    if (labelled == 0) {
      throw new InvalidInputException(
              "No row has a label: %s.".formatted(listed(none)),
              "another column holds the label; --keep-label VALUE makes a class of such a label.")
          .at(file + ":" + firstNone);
    }
  }

  /** What was left out and changed, in sentences. */
  public List<String> remarks() {
    var remarks = new ArrayList<String>();
    int left = none.values().stream().mapToInt(Integer::intValue).sum();
    if (left > 0) {
      remarks.add(
          "%s: %,d %s left out, having no label (%s); the first is in line %d. --keep-label VALUE keeps a class of such a name."
              .formatted(file, left, left == 1 ? "row is" : "rows are", listed(none), firstNone));
    }
    if (trimmed > 0) {
      remarks.add(
          "%s: %,d %s read without the blanks and invisible characters around."
              .formatted(file, trimmed, trimmed == 1 ? "label is" : "labels are"));
    }
    List<String> others =
        spellings.entrySet().stream()
            .filter(spelled -> spelled.getValue().size() > 1)
            .map(spelled -> "'%s' (%s)".formatted(spelled.getKey(), listed(spelled.getValue())))
            .toList();
    if (!others.isEmpty()) {
      remarks.add(
          "%s: labels of several spellings are one class: %s%s."
              .formatted(
                  file,
                  String.join(", ", others.subList(0, Math.min(SHOWN, others.size()))),
                  others.size() > SHOWN ? ", …" : ""));
    }
    return remarks;
  }

  private static String listed(Map<String, Integer> counts) {
    return counts.entrySet().stream()
        .sorted(Comparator.comparing((Map.Entry<String, Integer> e) -> -e.getValue()))
        .limit(5)
        .map(e -> (e.getKey().isEmpty() ? "empty" : "'" + e.getKey() + "'") + " " + e.getValue())
        .collect(Collectors.joining(", "));
  }

  /**
   * The classes with their counts, and those that look alike, in sentences.
   *
   * @param place the file
   * @param labels the labels as {@link #read} gave them
   */
  public static List<String> classRemarks(String place, List<String> labels) {
    var counts = new TreeMap<String, Integer>();
    labels.forEach(label -> counts.merge(label, 1, Integer::sum));
    var remarks = new ArrayList<String>();
    remarks.add(
        "%s: %,d %s in %d %s: %s."
            .formatted(
                place,
                labels.size(),
                labels.size() == 1 ? "example" : "examples",
                counts.size(),
                counts.size() == 1 ? "class" : "classes",
                counted(counts)));
    remarks.addAll(alike(place, counts));
    return remarks;
  }

  private static String counted(Map<String, Integer> counts) {
    List<String> all =
        counts.entrySet().stream()
            .sorted(Comparator.comparing((Map.Entry<String, Integer> e) -> -e.getValue()))
            .map(e -> "%s (%,d)".formatted(shortened(e.getKey()), e.getValue()))
            .toList();
    int most = 12;
    return all.size() <= most
        ? String.join(", ", all)
        : String.join(", ", all.subList(0, most / 2))
            + ", … "
            + String.join(", ", all.subList(all.size() - 2, all.size()));
  }

  private static String shortened(String label) {
    return label.length() <= 40 ? label : label.substring(0, 39) + "…";
  }

  private static List<String> alike(String place, Map<String, Integer> counts) {
    var groups = new TreeMap<String, List<String>>();
    for (String label : counts.keySet()) {
      String likeness = Labels.likeness(label);
      if (!likeness.isEmpty()) {
        groups.computeIfAbsent(likeness, l -> new ArrayList<>()).add(label);
      }
    }
    return groups.values().stream()
        .filter(group -> group.size() > 1)
        .limit(5)
        .map(
            group ->
                "%s: the classes %s look alike; they are different classes%s."
                    .formatted(
                        place,
                        group.stream()
                            .map(label -> "'%s' (%,d)".formatted(label, counts.get(label)))
                            .collect(Collectors.joining(" and ")),
                        group.stream()
                                    .map(label -> label.toLowerCase(Locale.ROOT))
                                    .distinct()
                                    .count()
                                == 1
                            ? " unless --merge-classes case makes them one"
                            : ""))
        .toList();
  }
}
