package org.stackel.clean;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.stackel.text.Tokenizer;

/** A row that is read: its cells, and the words of its texts, cut once. */
final class RowView {
  private final Fields fields;
  private final int row;
  private final @Nullable List<String>[] words;

  @SuppressWarnings("unchecked") // an array of lists
  RowView(Fields fields, int row, int columns) {
    this.fields = fields;
    this.row = row;
    words = new List[columns];
  }

  @Nullable String cell(int column) {
    return fields.cell(row, column);
  }

  /** The words of a text; characters too of languages that leave no blanks between words. */
  List<String> words(int column) {
    List<String> found = words[column];
    if (found == null) {
      String text = cell(column);
      found = text == null ? List.of() : cut(text);
      words[column] = found;
    }
    return found;
  }

  private static List<String> cut(String text) {
    List<String> plain = Tokenizer.words(text);
    if (plain.stream().noneMatch(RowView::isUnspaced)) {
      return plain;
    }
    var all = new ArrayList<String>();
    for (String word : plain) {
      if (!isUnspaced(word)) {
        all.add(word);
        continue;
      }
      int[] characters = word.codePoints().toArray();
      for (int i = 0; i < characters.length; i++) {
        all.add(new String(characters, i, 1));
        if (i + 1 < characters.length) {
          all.add(new String(characters, i, 2));
        }
      }
    }
    return all;
  }

  private static boolean isUnspaced(String word) {
    return word.codePoints()
        .mapToObj(Character.UnicodeScript::of)
        .anyMatch(
            script ->
                switch (script) {
                  case HAN, HIRAGANA, KATAKANA, THAI, LAO, KHMER, MYANMAR -> true;
                  default -> false;
                });
  }
}
