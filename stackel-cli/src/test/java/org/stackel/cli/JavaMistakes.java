package org.stackel.cli;

import static java.util.Map.entry;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.stackel.clean.Clean;
import org.stackel.compare.Budget;
import org.stackel.compare.Target;
import org.stackel.data.FileRules;
import org.stackel.experiment.Experiment;
import org.stackel.predict.Predict;
import org.stackel.preset.Presets;
import org.stackel.problem.Problems;
import org.stackel.tune.Tune;

/** Mistakes in calls of the Java interface, by the names that messages.txt gives them. */
final class JavaMistakes {
  private static final Map<String, Runnable> ALL =
      Map.ofEntries(
          entry(
              "Experiment.of: no algorithm",
              () -> Experiment.of(Map.of("problem", Map.of("type", "quadratic")))),
          entry(
              "Experiment.of: a wrong key",
              () -> Experiment.of(Map.of("problm", Map.of("type", "quadratic")))),
          entry("Problems.create: no such problem", () -> Problems.create("quadratik", Map.of())),
          entry(
              "Problems.create: a wrong value",
              () -> Problems.create("data-cleaning", Map.of("noiseRate", 2))),
          entry("Presets.named: no such preset", () -> Presets.named("clean-wordnot")),
          entry(
              "Clean: a negative number of trusted rows",
              () -> Clean.builder().trustedRows(-1).build()),
          entry("Tune: no steps", () -> Tune.builder().data("x.csv").steps(0).build()),
          entry(
              "Predict: no such model",
              () ->
                  Predict.builder()
                      .model("nowhere")
                      .file("pom.xml")
                      .build()
                      .to(Path.of("target", "out.csv"))),
          entry("FileRules: no such encoding", () -> new FileRules().withEncoding("utf-99")),
          entry(
              "FileRules: a label twice",
              () -> new FileRules().withKeepLabel(List.of("a")).withNoLabel(List.of("a"))),
          entry("Budget.parse: a unit", () -> Budget.parse("seconds=3m")),
          entry("Target.parse: no value", () -> Target.parse("upperLoss=")));

  private JavaMistakes() {}

  static String message(String name) {
    Runnable mistake = ALL.get(name);
    if (mistake == null) {
      throw new IllegalArgumentException(
          "There is no '%s', only %s.".formatted(name, List.copyOf(ALL.keySet())));
    }
    return MessagesTest.message(mistake);
  }
}
