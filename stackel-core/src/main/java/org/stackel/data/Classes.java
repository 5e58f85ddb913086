package org.stackel.data;

import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.TreeSet;
import org.stackel.config.InvalidInputException;
import org.stackel.config.Options;

/**
 * Names of classes and their numbers 0 … size-1.
 *
 * @param names the names, different, sorted as {@link String#compareTo} sorts
 */
public record Classes(List<String> names) {

  /** Sorts the names and drops repetitions. */
  public Classes {
    names = List.copyOf(new TreeSet<>(names));
  }

  /** The classes that a collection of labels shows. */
  public static Classes of(Collection<String> labels) {
    return new Classes(List.copyOf(labels));
  }

  /** How many there are. */
  public int size() {
    return names.size();
  }

  /** The name of a number. */
  public String name(int id) {
    return names.get(id);
  }

  /**
   * The number of a name.
   *
   * @throws InvalidInputException if no class has this name
   */
  public int id(String name) {
    int id = Collections.binarySearch(names, name);
    if (id < 0) {
      throw new InvalidInputException(
          "The class '%s' is unknown; there are %d others.".formatted(name, names.size()),
          Options.meant(name, names));
    }
    return id;
  }

  /** The numbers of labels. */
  public int[] ids(List<String> labels) {
    return labels.stream().mapToInt(this::id).toArray();
  }
}
