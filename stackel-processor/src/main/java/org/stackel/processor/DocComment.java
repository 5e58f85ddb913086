package org.stackel.processor;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A Javadoc comment.
 *
 * @param main what stands before the first block tag, as written
 * @param params the plain text of each {@code @param}
 */
record DocComment(String main, Map<String, String> params) {
  private static final String PARAM = "@param";

  /**
   * Reads a comment.
   *
   * @param comment as {@code Elements.getDocComment} returns it; null if there is none
   */
  static DocComment of(@Nullable String comment) {
    var main = new StringBuilder();
    var params = new LinkedHashMap<String, String>();
    StringBuilder block = main;
    int depth = 0; // of braces: a line inside an inline tag starts no block tag
    for (String line : comment == null ? new String[0] : comment.split("\\R", -1)) {
      String text = line.strip();
      if (depth == 0 && text.startsWith("@") && block != main) {
        keep(block, params);
      }
      if (depth == 0 && text.startsWith("@")) {
        block = new StringBuilder();
      }
      block.append(text).append('\n');
      depth = depth(line, depth);
    }
    if (block != main) {
      keep(block, params);
    }
    return new DocComment(main.toString(), params);
  }

  private static void keep(StringBuilder block, Map<String, String> params) {
    String[] words = block.toString().split("\\s+", 3);
    if (words[0].equals(PARAM) && words.length == 3) {
      params.put(words[1], PlainText.of(words[2]));
    }
  }

  private static int depth(String line, int before) {
    int depth = before;
    for (int i = 0; i < line.length(); i++) {
      if (line.charAt(i) == '{' && (depth > 0 || line.startsWith("{@", i))) {
        depth++;
      } else if (line.charAt(i) == '}' && depth > 0) {
        depth--;
      }
    }
    return depth;
  }
}
