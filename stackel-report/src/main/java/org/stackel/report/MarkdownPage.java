package org.stackel.report;

import java.io.IOException;
import java.time.Instant;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.stackel.runfile.RunFiles;

/** The tables and figures of a report as Markdown: for documents that are kept with the code. */
final class MarkdownPage {
  /** Heading of the last part. */
  static final String SOURCES = "## Where the numbers come from";

  private MarkdownPage() {}

  static String render(List<Comparison> comparisons, List<Run> runs, Figures figures)
      throws IOException {
    var text = new StringBuilder();
    for (Comparison comparison : comparisons) {
      text.append("## ").append(comparison.title()).append("\n\n");
      comparison.notes().forEach(note -> text.append(note).append("\n\n"));
      List<Section> sections = comparison.sections();
      for (int i = 0; i < sections.size(); i++) {
        Section section = sections.get(i);
        if (!section.title().equals(comparison.title())) {
          text.append("### ").append(section.title()).append("\n\n");
        }
        section.notes().forEach(note -> text.append(note).append("\n\n"));
        text.append(MarkdownTable.of(section, null));
        section.fairness().tables().stream()
            .filter(table -> table.title().equals(Fairness.TUNING))
            .forEach(table -> text.append(MarkdownTable.of(table)));
        String name =
            i == 0
                ? comparison.name()
                : String.format(Locale.ROOT, "%s-%d", comparison.name(), i + 1);
        text.append(figures.of(name, section, null));
      }
    }
    if (!runs.isEmpty()) {
      text.append("## Runs\n\n").append(MarkdownTable.of(runs, null));
      List<Section> sections = Page.sections(runs);
      for (int i = 0; i < sections.size(); i++) {
        String name = sections.size() == 1 ? "runs" : String.format(Locale.ROOT, "runs-%d", i + 1);
        String figure = figures.of(name, sections.get(i), null);
        if (!figure.isEmpty() && sections.size() > 1) {
          text.append("### ").append(sections.get(i).title()).append("\n\n");
        }
        text.append(figure);
      }
    }
    text.append(SOURCES).append("\n\n").append(provenance(comparisons, runs));
    return text.toString();
  }

  /** What produced the numbers: every answer that the runs gave. */
  static String provenance(List<Comparison> comparisons, List<Run> single) {
    List<Run> runs =
        Stream.concat(
                comparisons.stream()
                    .flatMap(comparison -> comparison.sections().stream())
                    .flatMap(section -> section.groups().stream())
                    .flatMap(group -> group.runs().stream()),
                single.stream())
            .toList();
    var text = new StringBuilder();
    for (String key :
        List.of(
            "stackel",
            "commit",
            "libtorch",
            "blas",
            "jvm",
            "os",
            "cpu",
            "processors",
            "threads",
            "device")) {
      Set<String> answers = answers(runs, key);
      if (!answers.isEmpty()) {
        text.append("- ").append(key).append(": ").append(String.join(", ", answers)).append('\n');
      }
    }
    text.append("- runs at a time: up to ").append(atATime(runs)).append('\n');
    var days = new LinkedHashSet<String>();
    answers(runs, "start").forEach(start -> days.add(start.replaceFirst("T.*", "")));
    text.append("- runs: ").append(Numbers.count(runs.size()));
    return text.append(days.isEmpty() ? "\n" : ", of " + String.join(", ", days) + "\n").toString();
  }

  /** The most runs whose steps were made at the same time, as far as their starts tell. */
  private static int atATime(List<Run> runs) {
    var changes = new TreeMap<Instant, Integer>();
    for (Run run : runs) {
      String start = run.provenance().start();
      if (start != null) {
        Instant begin = Instant.parse(start);
        Instant end = begin.plusMillis((long) (1000 * run.outcome().seconds()));
        changes.merge(begin, 1, Integer::sum);
        changes.merge(end, -1, Integer::sum);
      }
    }
    int now = 0;
    int most = 1;
    for (int change : changes.values()) {
      now += change;
      most = Math.max(most, now);
    }
    return most;
  }

  private static Set<String> answers(List<Run> runs, String key) {
    var answers = new LinkedHashSet<String>();
    for (Run run : runs) {
      String text = Group.flat(RunFiles.toMap(run.provenance())).get(key);
      if (text != null) {
        // The rest of a kernel's version names its maker's builds.
        answers.add(key.equals("os") ? text.replaceFirst("(\\d+\\.\\d+)\\S*", "$1") : text);
      }
    }
    return answers;
  }
}
