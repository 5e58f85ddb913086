package org.stackel.processor;

import java.util.Locale;
import java.util.Set;

/** Javadoc's markup as plain text. */
final class PlainText {
  /** Elements that words on both sides of are apart. */
  private static final Set<String> APART =
      Set.of(
          "p",
          "br",
          "li",
          "ul",
          "ol",
          "dl",
          "dt",
          "dd",
          "div",
          "pre",
          "table",
          "tr",
          "td",
          "th",
          "hr",
          "h1",
          "h2",
          "h3",
          "h4",
          "h5",
          "h6",
          "blockquote");

  private static final String PLAIN = "0123456789+-=()abcdefghijklmnoprstuvwxyzT";
  private static final String RAISED = "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ᵃᵇᶜᵈᵉᶠᵍʰⁱʲᵏˡᵐⁿᵒᵖʳˢᵗᵘᵛʷˣʸᶻᵀ";
  private static final String LOWERED = "₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎ₐ   ₑ  ₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥ ₓ   ";

  private final String source;
  private final StringBuilder out = new StringBuilder();
  private int at;
  private int sentence = -1;

  private PlainText(String source) {
    this.source = source;
    while (at < source.length()) {
      next();
    }
  }

  /**
   * The text on one line: inline tags and entities as a browser shows them, links by their label or
   * simple name, x<sub>0</sub> as x₀.
   */
  static String of(String javadoc) {
    return oneLine(new PlainText(javadoc).out.toString());
  }

  /** The same of the first sentence, which a period ends that white space follows. */
  static String firstSentence(String javadoc) {
    var text = new PlainText(javadoc);
    return oneLine(text.sentence < 0 ? text.out.toString() : text.out.substring(0, text.sentence));
  }

  private static String oneLine(String text) {
    return text.strip().replaceAll("\\s+", " ");
  }

  private void next() {
    char c = source.charAt(at);
    if (source.startsWith("{@", at)) {
      inlineTag();
    } else if (c == '<' && at + 1 < source.length() && isMarkup(source.charAt(at + 1))) {
      element();
    } else if (c == '&') {
      entity();
    } else {
      out.append(c);
      at++;
      if (c == '.' && (at == source.length() || Character.isWhitespace(source.charAt(at)))) {
        endSentence();
      }
    }
  }

  private void endSentence() {
    if (sentence < 0 && !out.toString().isBlank()) {
      sentence = out.length();
    }
  }

  private static boolean isMarkup(char behind) {
    return Character.isLetter(behind) || behind == '/' || behind == '!';
  }

  private void inlineTag() {
    int start = at + 2;
    int depth = 1;
    for (at = start; at < source.length() && depth > 0; at++) {
      depth += source.charAt(at) == '{' ? 1 : source.charAt(at) == '}' ? -1 : 0;
    }
    String[] tag = source.substring(start, depth == 0 ? at - 1 : at).split("\\s+", 2);
    String body = tag.length == 1 ? "" : tag[1].strip();
    switch (tag[0]) {
      case "code", "literal" -> out.append(body);
      case "link", "linkplain", "value" -> out.append(reference(body));
      case "inheritDoc", "docRoot" -> {}
      default -> out.append(of(body));
    }
  }

  /** The label of a link, or the simple name of what it points to. */
  private static String reference(String body) {
    int end = 0;
    int depth = 0;
    while (end < body.length() && (depth > 0 || !Character.isWhitespace(body.charAt(end)))) {
      depth += body.charAt(end) == '(' ? 1 : body.charAt(end) == ')' ? -1 : 0;
      end++;
    }
    String label = of(body.substring(end));
    return label.isEmpty()
        ? body.substring(0, end).replaceAll("\\(.*", "").replaceAll(".*[#.]", "")
        : label;
  }

  private void element() {
    boolean isComment = source.startsWith("<!--", at);
    int end = source.indexOf(isComment ? "-->" : ">", at);
    if (end < 0) {
      out.append(source.charAt(at++));
      return;
    }
    String tag = source.substring(at + 1, end).toLowerCase(Locale.ROOT);
    at = end + (isComment ? 3 : 1);
    String name = tag.replaceAll("^/|[\\s/].*", "");
    if (tag.equals("sub") || tag.equals("sup")) {
      int close = source.toLowerCase(Locale.ROOT).indexOf("</" + tag + ">", at);
      if (close >= 0) {
        out.append(script(tag, of(source.substring(at, close))));
        at = close + tag.length() + 3;
      }
    } else if (APART.contains(name)) {
      if (name.equals("p")) {
        endSentence();
      }
      out.append(' ');
    }
  }

  /** In Unicode's small letters if it has all of them, else behind a mark. */
  private static String script(String tag, String text) {
    String small = tag.equals("sub") ? LOWERED : RAISED;
    var script = new StringBuilder();
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      int index = PLAIN.indexOf(c == '−' ? '-' : c);
      if (index < 0 || small.charAt(index) == ' ') {
        return (tag.equals("sub") ? "_" : "^") + (text.length() > 1 ? "(" + text + ")" : text);
      }
      script.append(small.charAt(index));
    }
    return script.toString();
  }

  private void entity() {
    int end = source.indexOf(';', at);
    String character = end < 0 ? null : Entities.character(source.substring(at + 1, end));
    out.append(character == null ? "&" : character);
    at = character == null ? at + 1 : end + 1;
  }
}
