package org.stackel.algorithm;

import java.util.HashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads what the catalogue says about oracle calls, such as {@code "1 ∇f, N/I ∇g, Q(Q-1)/2 Hv (Q-1
 * shared), 1 Jv"}: numbers, variables, + - /, and products by juxtaposition.
 */
final class CallFormula {
  private static final Pattern ITEM =
      Pattern.compile("(\\S.*?) (∇f|∇g|Hv|Jv)(?: \\((.+) shared\\))?");

  private final String text;
  private final Map<String, Double> variables;
  private int at;

  private CallFormula(String text, Map<String, Double> variables) {
    this.text = text.replace(" ", "");
    this.variables = variables;
  }

  /** Calls a step by kind; kinds that the text does not name are not there. */
  static Map<String, Double> read(
      String calls, Map<String, Double> variables, boolean sharesSamples) {
    var counts = new HashMap<String, Double>();
    for (String item : calls.split(", ")) {
      Matcher matcher = ITEM.matcher(item);
      if (!matcher.matches()) {
        throw new AssertionError("What is '" + item + "' in '" + calls + "'?");
      }
      String shared = matcher.group(3);
      String formula = sharesSamples && shared != null ? shared : matcher.group(1);
      counts.put(matcher.group(2), new CallFormula(formula, variables).all());
    }
    return counts;
  }

  private double all() {
    double value = sum();
    if (at < text.length()) {
      throw new AssertionError("What is '" + text.substring(at) + "' in '" + text + "'?");
    }
    return value;
  }

  private boolean eat(char symbol) {
    if (at < text.length() && text.charAt(at) == symbol) {
      at++;
      return true;
    }
    return false;
  }

  private double sum() {
    double value = product();
    while (at < text.length()) {
      if (eat('+')) {
        value += product();
      } else if (eat('-')) {
        value -= product();
      } else {
        break;
      }
    }
    return value;
  }

  private double product() {
    double value = factor();
    while (at < text.length() && "+-)".indexOf(text.charAt(at)) < 0) {
      value = eat('/') ? value / factor() : value * factor();
    }
    return value;
  }

  private double factor() {
    if (eat('(')) {
      double value = sum();
      if (!eat(')')) {
        throw new AssertionError("A bracket is missing in '" + text + "'.");
      }
      return value;
    }
    int start = at;
    if (Character.isDigit(text.charAt(at))) {
      while (at < text.length() && Character.isDigit(text.charAt(at))) {
        at++;
      }
      return Double.parseDouble(text.substring(start, at));
    }
    at++;
    Double value = variables.get(text.substring(start, at));
    if (value == null) {
      throw new AssertionError("What is " + text.charAt(start) + " in '" + text + "'?");
    }
    return value;
  }
}
