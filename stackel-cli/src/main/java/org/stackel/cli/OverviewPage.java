package org.stackel.cli;

import java.io.PrintWriter;
import java.util.List;
import org.stackel.algorithm.Algorithms;
import org.stackel.preset.Preset;
import org.stackel.preset.Presets;
import org.stackel.problem.Problems;

/** Names of everything, and how to see more. */
record OverviewPage() implements Page {
  private static final List<String> HINTS =
      List.of(
          "stackel list slip                 options of an algorithm or a problem, with defaults",
          "stackel list data-cleaning.noise  one option and its values",
          "stackel list settings             settings of an experiment, such as steps and seed",
          "stackel list preset hr-snli       a preset; with --json an experiment file to edit and run",
          "stackel list algorithms           all algorithms with papers (also: problems, presets)",
          "stackel list combinations         which algorithm runs on which problem");

  @Override
  public void print(PrintWriter out) {
    names(out, "algorithms", Algorithms.all().stream().map(Algorithms.Entry::name).toList());
    names(out, "problems", Problems.all().stream().map(Problems.Entry::name).toList());
    names(out, "presets", Presets.all().stream().map(Preset::name).toList());
    out.println();
    HINTS.forEach(out::println);
  }

  private static void names(PrintWriter out, String what, List<String> names) {
    out.println("%d %s".formatted(names.size(), what));
    Wrapped.lines(String.join(", ", names), 2).forEach(out::println);
  }

  @Override
  public String json() {
    return new CataloguePage(CataloguePage.TOPICS).json();
  }
}
