package org.stackel.cli;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.stackel.config.InvalidInputException;
import org.stackel.preset.Presets;
import org.stackel.preset.Scale;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Prints what is in the catalogues. Loads no native library. */
@Command(
    name = "list",
    description = "List algorithms, problems and presets, and describe their options.",
    mixinStandardHelpOptions = true,
    versionProvider = StackelCommand.Version.class)
public final class ListCommand implements CommandPlugin {
  @Parameters(
      arity = "0..2",
      paramLabel = "WHAT",
      description = {
        "algorithms, problems, presets, combinations: all of them.",
        "A name, such as slip or data-cleaning: its options, with defaults and descriptions.",
        "A name and an option, such as data-cleaning.noise: that option.",
        "preset NAME: a preset; with --json an experiment file.",
        "settings: the settings of an experiment.",
        "Nothing: an overview; with --json everything."
      })
  List<String> what = new ArrayList<>();

  @Option(names = "--json", description = "Print JSON.")
  boolean json;

  @Option(
      names = "--scale",
      paramLabel = "SCALE",
      description = "Size of a preset: tiny, small (default) or paper.")
  @Nullable String scale;

  @Spec
  @SuppressWarnings("NullAway.Init") // picocli sets it
  CommandSpec spec;

  @Override
  public Integer call() {
    Page page = Pages.find(what, scale());
    PrintWriter out = spec.commandLine().getOut();
    if (json) {
      out.println(page.json());
    } else {
      page.print(out);
    }
    return ExitCode.COMPLETED;
  }

  private @Nullable Scale scale() {
    try {
      return scale == null ? null : Presets.scale(scale);
    } catch (InvalidInputException e) {
      throw e.at("--scale");
    }
  }
}
