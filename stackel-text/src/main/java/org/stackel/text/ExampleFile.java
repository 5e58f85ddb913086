package org.stackel.text;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.stackel.data.LabelReader;

/**
 * Examples and where they came from.
 *
 * @param path the file
 * @param sha256 SHA-256 of the file as it lies on disk, in lower-case hexadecimal digits
 * @param columns the columns read
 * @param guessed those of {@code columns} that nobody named, to be said aloud
 * @param examples the examples in the order of the file
 * @param lines line of the file, counted from 1, where each example begins
 * @param remarks what else a reader should know: rows left out, labels changed
 */
public record ExampleFile(
    Path path,
    String sha256,
    Columns columns,
    Columns guessed,
    List<Example> examples,
    List<Integer> lines,
    List<String> remarks) {

  /** Copies the lists. */
  public ExampleFile {
    examples = List.copyOf(examples);
    lines = List.copyOf(lines);
    remarks = List.copyOf(remarks);
  }

  /** Where an example stands, such as {@code train.csv:17}. */
  public String place(int example) {
    return path + ":" + lines.get(example);
  }

  /** The examples with their places, and what was guessed as remarks. */
  public TextSet set() {
    var entries = new ArrayList<TextSet.Entry>(examples.size());
    for (int i = 0; i < examples.size(); i++) {
      entries.add(new TextSet.Entry(examples.get(i), path.toString(), lines.get(i)));
    }
    var all = new ArrayList<String>();
    guessed
        .named()
        .forEach(
            (role, column) ->
                all.add(
                    "%s: column '%s' is taken for the %s; problem.%s names another."
                        .formatted(path, column, role, role)));
    all.addAll(remarks);
    all.addAll(LabelReader.classRemarks(path.toString(), Example.labels(examples)));
    return new TextSet(entries, Map.of(path.toString(), sha256), all, columns.label());
  }
}
