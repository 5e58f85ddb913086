package org.stackel.clean;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.stackel.text.Tokenizer;

/** A row that is read: its cells, and the words of its texts, cut once. */
final class RowView {
  private final Fields fields;
  private final int row;
  private final Map<Integer, List<String>> words = new HashMap<>(2);

  RowView(Fields fields, int row) {
    this.fields = fields;
    this.row = row;
  }

  @Nullable String cell(int column) {
    return fields.cell(row, column);
  }

  /** Where it stands. */
  String place() {
    return fields.place(row);
  }

  /** The words of a text; characters too of languages that leave no blanks between words. */
  List<String> words(int column) {
    List<String> found = words.get(column);
    if (found == null) {
      String text = cell(column);
      found = text == null ? List.of() : cut(text);
      words.put(column, found);
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
