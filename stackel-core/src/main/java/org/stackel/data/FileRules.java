package org.stackel.data;

import java.io.Serializable;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.stackel.config.InvalidInputException;
import org.stackel.config.OptionRecord;
import org.stackel.config.Options;

/**
 * How files of examples are read, whatever the examples are.
 *
 * @param encoding encoding of the files, such as {@code windows-1252}; found from their bytes if
 *     left out
 * @param noLabel labels that stand for no label, beside empty ones, {@code NaN}, {@code null},
 *     {@code None}, {@code N/A} and the like; their rows are left out
 * @param keepLabel labels that are classes although they look like no label
 * @param mergeClasses classes that are taken for one
 * @param dropDuplicates whether examples that repeat others with the same label are left out, and
 *     training examples that are trusted, validation or test examples too
 */
@OptionRecord
public record FileRules(
    @Nullable String encoding,
    List<String> noLabel,
    List<String> keepLabel,
    MergeClasses mergeClasses,
    boolean dropDuplicates)
    implements FileRulesBuilder.With, Serializable {

  /** Which classes are taken for one. */
  @OptionRecord
  public enum MergeClasses {
    /** None. */
    NONE,
    /** Those that differ in upper and lower case only; they are written in lower case. */
    CASE
  }

  public FileRules {
    noLabel = List.copyOf(noLabel);
    keepLabel = List.copyOf(keepLabel);
    if (encoding != null) {
      FileText.charset(encoding);
    }
    for (String kept : keepLabel) {
      if (noLabel.contains(kept)) {
        throw new InvalidInputException(
                "The label '%s' stands in noLabel and in keepLabel.".formatted(kept),
                "one of them can be left out.")
            .atKey("keepLabel");
      }
    }
  }

  /** Nothing out of the ordinary. */
  public FileRules() {
    this(null, List.of(), List.of(), MergeClasses.NONE, false);
  }

  /** The rules that are out of the ordinary, as experiment files have them. */
  public Map<String, Object> given() {
    var given = new LinkedHashMap<String, Object>();
    if (encoding != null) {
      given.put("encoding", encoding);
    }
    if (!noLabel.isEmpty()) {
      given.put("noLabel", noLabel);
    }
    if (!keepLabel.isEmpty()) {
      given.put("keepLabel", keepLabel);
    }
    if (mergeClasses != MergeClasses.NONE) {
      given.put("mergeClasses", Options.kebab(mergeClasses));
    }
    if (dropDuplicates) {
      given.put("dropDuplicates", true);
    }
    return given;
  }

  /** Whether a label in its one spelling stands for none. */
  boolean isNone(String label) {
    boolean isKept = keepLabel.stream().anyMatch(kept -> Labels.normal(kept).equals(label));
    return (Labels.NONE.contains(label) && (!isKept || label.isEmpty()))
        || noLabel.stream().anyMatch(none -> Labels.normal(none).equals(label));
  }

  /** The name of the class that a label in its one spelling stands for. */
  public String className(String label) {
    return mergeClasses == MergeClasses.CASE ? label.toLowerCase(Locale.ROOT) : label;
  }
}
