package org.stackel.data;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.stackel.config.InvalidInputException;
import org.stackel.config.Options;

/**
 * Examples and where they came from.
 *
 * @param path the file
 * @param sha256 SHA-256 of the file as it lies on disk, in lower-case hexadecimal digits
 * @param columns the columns read
 * @param guessed those of {@code columns} that nobody named, to be said aloud
 * @param examples the examples in the order of the file
 * @param lines line of the file, counted from 1, where each example begins
 */
public record ExampleFile(
    Path path,
    String sha256,
    Columns columns,
    Columns guessed,
    List<Example> examples,
    List<Integer> lines) {

  /** Copies the lists. */
  public ExampleFile {
    examples = List.copyOf(examples);
    lines = List.copyOf(lines);
  }

  /** Where an example stands, such as {@code train.csv:17}. */
  public String place(int example) {
    return path + ":" + lines.get(example);
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
    for (int i = 0; i < examples.size() && !once.isEmpty(); i++) {
      if (once.contains(examples.get(i).label())) {
        throw new InvalidInputException(
                "The class '%s' is seen once (of %d classes, %d are); each must be seen at least twice."
                    .formatted(examples.get(i).label(), counts.size(), once.size()),
                "the label is misspelt: '%s' is the nearest other class."
                    .formatted(nearestOther(examples.get(i).label(), counts)))
            .at(place(i));
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
                  .formatted(examples.size(), counts.firstKey()),
              "another column than '%s' holds the label.".formatted(columns.named().get("label")))
          .at(path.toString());
    }
  }

  private TreeMap<String, Integer> counts() {
    var counts = new TreeMap<String, Integer>();
    examples.forEach(example -> counts.merge(example.label(), 1, Integer::sum));
    return counts;
  }

  private static String nearestOther(String label, TreeMap<String, Integer> counts) {
    var others = new TreeMap<String, Integer>(counts);
    others.remove(label);
    return Options.nearest(label, others.keySet());
  }
}
