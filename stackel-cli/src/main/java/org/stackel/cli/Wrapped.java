package org.stackel.cli;

import java.util.ArrayList;
import java.util.List;

/** Text in lines that fit a screen. */
final class Wrapped {
  private static final int WIDTH = 100;

  private Wrapped() {}

  /**
   * Breaks a text between words.
   *
   * @param indent blanks before every line
   */
  static List<String> lines(String text, int indent) {
    var lines = new ArrayList<String>();
    var line = new StringBuilder();
    for (String word : text.strip().split("\\s+", -1)) {
      if (line.length() > 0 && indent + line.length() + 1 + word.length() > WIDTH) {
        lines.add(" ".repeat(indent) + line);
        line.setLength(0);
      }
      line.append(line.length() == 0 ? "" : " ").append(word);
    }
    lines.add(" ".repeat(indent) + line);
    return lines;
  }
}
