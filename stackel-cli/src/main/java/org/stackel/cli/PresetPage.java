package org.stackel.cli;

import java.io.PrintWriter;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.stackel.config.InvalidInputException;
import org.stackel.config.Options;
import org.stackel.preset.Preset;
import org.stackel.preset.Scale;
import org.stackel.runfile.RunFiles;

/**
 * A preset; for programs, an experiment file.
 *
 * @param scale which experiment
 */
record PresetPage(Preset preset, Scale scale) implements Page {
  @Override
  public void print(PrintWriter out) {
    Map<String, @Nullable Object> experiment = experiment();
    out.println(preset.name());
    line(out, "summary: " + preset.summary());
    if (!preset.papers().isEmpty()) {
      line(out, "papers: " + String.join(", ", preset.papers()));
    }
    line(out, "scales: " + scales());
    preset.needs().forEach(file -> line(out, "needs %s: %s".formatted(file.path(), file.what())));
    out.println();
    out.println("The experiment at scale %s:".formatted(Options.kebab(scale)));
    print(out, "", experiment);
    out.println();
    out.println("`stackel list preset %s --json` prints it as a file.".formatted(preset.name()));
  }

  private static void line(PrintWriter out, String text) {
    Wrapped.lines(text, 2).forEach(out::println);
  }

  private static void print(PrintWriter out, String prefix, Map<?, ?> values) {
    values.forEach(
        (key, value) -> {
          if (value instanceof Map<?, ?> nested) {
            print(out, prefix + key + ".", nested);
          } else {
            line(out, "%s%s: %s".formatted(prefix, key, CataloguePage.text(value)));
          }
        });
  }

  @Override
  public String json() {
    return RunFiles.pretty(experiment()).stripTrailing();
  }

  private Map<String, @Nullable Object> experiment() {
    Map<String, @Nullable Object> experiment = preset.scales().get(scale);
    if (experiment == null) {
      throw new InvalidInputException(
              "The preset %s has no scale %s.".formatted(preset.name(), Options.kebab(scale)),
              "one of %s was meant.".formatted(scales()))
          .at("--scale");
    }
    return experiment;
  }

  private String scales() {
    return String.join(", ", preset.scales().keySet().stream().map(Options::kebab).toList());
  }
}
