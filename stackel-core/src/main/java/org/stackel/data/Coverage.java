package org.stackel.data;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.TreeMap;

/** Whether a set of examples has all classes. */
public final class Coverage {
  private static final int SHOWN = 5;

  private Coverage() {}

  /**
   * The classes that a set lacks, in a sentence; none if it has all.
   *
   * @param name what messages call the set
   * @param labels its labels
   * @param training labels of the training examples, which are judged by the set
   */
  public static List<String> remarks(
      String name, Collection<String> labels, Collection<String> training) {
    var missing = new TreeMap<String, Integer>();
    training.forEach(label -> missing.merge(label, 1, Integer::sum));
    missing.keySet().removeAll(List.copyOf(labels));
    if (missing.isEmpty()) {
      return List.of();
    }
    var names = new ArrayList<String>();
    int rows = 0;
    for (var each : missing.entrySet()) {
      rows += each.getValue();
      if (names.size() < SHOWN) {
        names.add("'%s' (%,d)".formatted(each.getKey(), each.getValue()));
      }
    }
    return List.of(
        "%s: no example of the %s %s%s, whose %,d training %s cannot be judged by it."
            .formatted(
                name,
                missing.size() == 1 ? "class" : "classes",
                String.join(", ", names),
                missing.size() > SHOWN ? ", …" : "",
                rows,
                rows == 1 ? "example" : "examples"));
  }
}
