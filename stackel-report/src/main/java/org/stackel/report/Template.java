package org.stackel.report;

import java.io.IOException;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.stackel.config.InvalidInputException;
import org.stackel.report.Section.Column;
import org.stackel.report.Section.Row;
import org.stackel.report.Section.Value;

/**
 * A Markdown text with places for what runs say.
 *
 * <pre>
 * {{NAME: table}}                                      the methods of the comparison in directory NAME
 * {{NAME: table of KEY, KEY}}                          with these metrics only
 * {{NAME: figure}}, {{NAME: figure of KEY}}            curves
 * {{NAME: KEY of METHOD}}                              a mean and its standard error
 * {{NAME: KEY of METHOD minus KEY of METHOD}}          a difference, paired over seeds
 * {{NAME: KEY of METHOD &gt;= NUMBER}}                     whether it holds, of the mean; also &lt;=, and of a difference
 * {{runs: table}}, {{runs: table of KEY, KEY}}         single runs
 * {{provenance}}
 * {{absent}}                                           names of the parts that are left out
 * &lt;!-- needs NAME --&gt; … &lt;!-- end of needs --&gt;           a part that is left out if NAME was not run
 * </pre>
 *
 * <p>Of a comparison with several sections it is the first. What was not run is said not to have
 * been.
 */
final class Template {
  private static final Pattern PLACE = Pattern.compile("\\{\\{([^{}]+)}}");
  private static final Pattern NEEDS =
      Pattern.compile("(?s)<!-- needs ([\\w-]+) -->\n(.*?)<!-- end of needs -->\n");
  private static final Pattern BOUND = Pattern.compile("(.*) (>=|<=) ([0-9.eE-]+)");
  private static final Pattern MINUS = Pattern.compile("(.+ of .+) minus (.+ of .+)");
  private static final Pattern OF = Pattern.compile("(\\w+) of (.+)");
  private static final String RUNS = "runs";
  private static final String ABSENT = "not run";
  private static final String DIVERGED = "diverged";

  private final List<Comparison> comparisons;
  private final List<Run> runs;
  private final Figures figures;
  private final String file;

  private Template(List<Comparison> comparisons, List<Run> runs, Figures figures, String file) {
    this.comparisons = comparisons;
    this.runs = runs;
    this.figures = figures;
    this.file = file;
  }

  /**
   * The text with every place filled.
   *
   * @param file where it is from, for messages
   * @throws InvalidInputException if a place asks for what there cannot be
   */
  static String fill(
      String text, String file, List<Comparison> comparisons, List<Run> runs, Figures figures)
      throws IOException {
    var template = new Template(comparisons, runs, figures, file);
    var absent = new LinkedHashSet<String>();
    String present =
        NEEDS
            .matcher(text)
            .replaceAll(
                part -> {
                  boolean isThere = template.wasRun(part.group(1));
                  if (!isThere) {
                    absent.add("`" + part.group(1) + "`");
                  }
                  return isThere ? Matcher.quoteReplacement(part.group(2)) : "";
                });
    String names = absent.isEmpty() ? "nothing" : String.join(", ", absent);
    Matcher matcher = PLACE.matcher(present.replace("{{absent}}", names));
    var filled = new StringBuilder();
    while (matcher.find()) {
      String place = matcher.group(1).strip();
      matcher.appendReplacement(filled, Matcher.quoteReplacement(template.answer(place).strip()));
    }
    return matcher.appendTail(filled).toString();
  }

  private boolean wasRun(String name) {
    return name.equals(RUNS) ? !runs.isEmpty() : section(name) != null;
  }

  private @Nullable Section section(String name) {
    return comparisons.stream()
        .filter(c -> c.name().equals(name) && !c.sections().isEmpty())
        .map(c -> c.sections().get(0))
        .findFirst()
        .orElse(null);
  }

  private String answer(String place) throws IOException {
    if (place.equals("provenance")) {
      return MarkdownPage.provenance(comparisons, runs);
    }
    String[] parts = place.split(": ", 2);
    if (parts.length < 2) {
      throw wrong(place, "has no name with a colon behind it");
    }
    String what = parts[1].strip();
    if (parts[0].equals(RUNS)) {
      if (!what.matches("table( of .+)?")) {
        throw wrong(place, "asks for what single runs do not have: they have a table");
      }
      return runs.isEmpty() ? "*" + ABSENT + "*" : MarkdownTable.of(runs, keys(what));
    }
    Section section = section(parts[0]);
    if (what.matches("table( of .+)?")) {
      return section == null ? "*" + ABSENT + "*" : MarkdownTable.of(section, keys(what));
    }
    if (what.matches("figure( of .+)?")) {
      List<String> keys = keys(what);
      return section == null
          ? ""
          : figures.of(parts[0], section, keys == null ? null : keys.get(0));
    }
    return number(place, what, section);
  }

  private static @Nullable List<String> keys(String what) {
    String[] parts = what.split(" of ", 2);
    return parts.length < 2 ? null : Arrays.stream(parts[1].split(",")).map(String::strip).toList();
  }

  private String number(String place, String what, @Nullable Section section) {
    Matcher bound = BOUND.matcher(what);
    boolean isBound = bound.matches();
    String expression = isBound ? bound.group(1) : what;
    Matcher minus = MINUS.matcher(expression);
    boolean isDifference = minus.matches();
    String first = isDifference ? minus.group(1) : expression;
    if (!OF.matcher(first).matches()) {
      throw wrong(place, "is neither a table, a figure nor 'METRIC of METHOD'");
    }
    if (section == null) {
      return ABSENT;
    }
    Quantity number = Quantity.of(this, place, section, first);
    if (isDifference) {
      number = number.minus(Quantity.of(this, place, section, minus.group(2)));
    }
    if (number.value == null) {
      return DIVERGED;
    }
    if (!isBound) {
      return number.column.show(number.value);
    }
    double limit = Double.parseDouble(bound.group(3));
    double mean = number.value.mean();
    return (bound.group(2).equals(">=") ? mean >= limit : mean <= limit) ? "yes" : "**no**";
  }

  /**
   * A number of a method.
   *
   * @param value null where no run completed
   * @param seeds empty where only the mean is known
   */
  private record Quantity(Column column, @Nullable Value value, Map<String, Double> seeds) {
    static Quantity of(Template template, String place, Section section, String expression) {
      Matcher matcher = OF.matcher(expression.strip());
      if (!matcher.matches()) {
        throw template.wrong(place, "has no 'METRIC of METHOD' behind minus");
      }
      String key = matcher.group(1);
      String method = matcher.group(2);
      Row row =
          section.rows().stream()
              .filter(each -> each.method().equals(method))
              .findFirst()
              .orElseThrow(
                  () ->
                      template.wrong(
                          place,
                          "names no method of the comparison, which has "
                              + section.rows().stream()
                                  .map(Row::method)
                                  .collect(Collectors.joining(", "))));
      Value value = row.values().get(key);
      if (value == null && !row.values().isEmpty()) {
        throw template.wrong(
            place, "names no metric of the method, which has " + row.values().keySet());
      }
      return new Quantity(section.column(key), value, row.seeds().getOrDefault(key, Map.of()));
    }

    /** Over the seeds that both have; of means alone there is no standard error. */
    Quantity minus(Quantity other) {
      if (value == null || other.value == null) {
        return new Quantity(column, null, Map.of());
      }
      List<Double> differences =
          seeds.entrySet().stream()
              .filter(seed -> other.seeds.containsKey(seed.getKey()))
              .map(seed -> seed.getValue() - other.seeds.getOrDefault(seed.getKey(), 0.0))
              .toList();
      Value difference =
          differences.isEmpty()
              ? new Value(value.mean() - other.value.mean(), Double.NaN, 1)
              : Value.of(differences);
      return new Quantity(column, difference, Map.of());
    }
  }

  private InvalidInputException wrong(String place, String what) {
    return new InvalidInputException(
            "The place {{%s}} %s.".formatted(place, what), "a word is misspelled.")
        .at(file);
  }
}
