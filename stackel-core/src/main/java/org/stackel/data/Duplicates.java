package org.stackel.data;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * Examples that repeat others, in a set or from set to set.
 *
 * @param rows numbers of the examples that stay
 * @param remarks what was found, in sentences
 */
@SuppressWarnings("ArrayRecordComponent") // compared nowhere
public record Duplicates(int[] rows, List<String> remarks) {

  /**
   * The examples of a set.
   *
   * @param name what messages call it, such as its file
   * @param keys what makes an example the same as another, apart from the label
   * @param labels its label
   * @param places where it stands
   */
  public record Keyed(String name, List<?> keys, List<String> labels, List<String> places) {
    int size() {
      return keys.size();
    }
  }

  /** Whether repeated examples stay. */
  public enum Handling {
    /** They stay. */
    COUNT,
    /** Of examples that are the same the first stays. */
    DROP;

    /** What the rules say. */
    public static Handling of(FileRules rules) {
      return rules.dropDuplicates() ? DROP : COUNT;
    }
  }

  /** Looks for examples that repeat others of the same set. */
  public static Duplicates within(Keyed set, Handling handling) {
    var firsts = new HashMap<Object, Integer>(2 * set.size());
    var others = new HashMap<Object, Map<String, Integer>>();
    var kept = new Ints();
    int conflicts = 0;
    String conflict = "";
    for (int i = 0; i < set.size(); i++) {
      Object key = set.keys().get(i);
      Integer first = firsts.putIfAbsent(key, i);
      if (first == null) {
        kept.add(i);
        continue;
      }
      Map<String, Integer> labels = others.computeIfAbsent(key, k -> new HashMap<>(2));
      labels.putIfAbsent(set.labels().get(first), first);
      if (labels.putIfAbsent(set.labels().get(i), i) == null) {
        kept.add(i);
        if (labels.size() == 2) {
          conflicts++;
          conflict =
              conflict.isEmpty()
                  ? "%s and %s".formatted(set.places().get(first), set.places().get(i))
                  : conflict;
        }
      }
    }
    var remarks = new ArrayList<String>();
    int repeated = set.size() - kept.size();
    boolean isDropped = handling == Handling.DROP;
    if (repeated > 0) {
      remarks.add(
          "%s: %,d %s with the same label%s."
              .formatted(
                  set.name(),
                  repeated,
                  repeated == 1 ? "example repeats another" : "examples repeat others",
                  isDropped
                      ? " and %s left out".formatted(repeated == 1 ? "is" : "are")
                      : "; --drop-duplicates leaves %s out"
                          .formatted(repeated == 1 ? "it" : "them")));
    }
    if (conflicts > 0) {
      remarks.add(
          "%s: %,d %s with different labels, the first at %s."
              .formatted(
                  set.name(),
                  conflicts,
                  conflicts == 1 ? "example is there" : "examples are there",
                  conflict));
    }
    return new Duplicates(
        isDropped ? kept.toArray() : IntStream.range(0, set.size()).toArray(), remarks);
  }

  /**
   * Looks for training examples that are in another set too, so that what is measured there is too
   * good.
   *
   * @return the training examples that stay
   */
  public static Duplicates across(Keyed training, Keyed other, Handling handling) {
    Set<Object> others = new HashSet<>(other.keys());
    int[] apart =
        IntStream.range(0, training.size())
            .filter(i -> !others.contains(training.keys().get(i)))
            .toArray();
    if (apart.length == training.size()) {
      return new Duplicates(apart, List.of());
    }
    Set<Object> known = new HashSet<>(training.keys());
    long leaked = other.keys().stream().filter(known::contains).count();
    int first =
        IntStream.range(0, training.size())
            .filter(i -> others.contains(training.keys().get(i)))
            .findFirst()
            .orElseThrow();
    boolean isDropped = handling == Handling.DROP;
    String remark =
        "%s: %,d of %,d examples are in %s too (%s)%s."
            .formatted(
                other.name(),
                leaked,
                other.size(),
                training.name(),
                training.places().get(first),
                isDropped
                    ? " and are left out there"
                    : ", so results on them are too good; --drop-duplicates leaves them out there");
    return new Duplicates(
        isDropped ? apart : IntStream.range(0, training.size()).toArray(), List.of(remark));
  }
}
