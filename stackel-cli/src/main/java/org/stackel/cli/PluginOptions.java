package org.stackel.cli;

import java.io.File;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.stackel.config.InvalidInputException;
import org.stackel.plugin.Plugins;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;

/**
 * Which plug-ins there are. They are added before the command line is parsed, since they may offer
 * commands.
 */
final class PluginOptions {
  /** Environment variable with more places. */
  static final String VARIABLE = "STACKEL_PLUGINS";

  private static final String OPTION = "--plugins";
  private static final Set<String> FREE = Set.of("", "doctor", "report", "review");
  private static final Set<String> HELP = Set.of("-h", "--help", "-V", "--version");

  @Option(
      names = OPTION,
      paramLabel = "DIR|JAR",
      scope = ScopeType.INHERIT,
      description = {
        "Jars, or directories of jars, with algorithms, problems, presets and commands of your own.",
        "Repeatable; several are separated as on a class path. Adds to those of the environment"
            + " variable "
            + VARIABLE
            + "."
      })
  List<String> plugins = new ArrayList<>();

  /** The option alone. */
  @Command
  private static final class Alone {
    @Option(names = OPTION)
    List<String> plugins = new ArrayList<>();
  }

  /**
   * Adds the plug-ins of a command line and of the environment to this thread.
   *
   * @param variable value of the environment variable; null if it is not set
   * @throws InvalidInputException if one of them cannot be used
   */
  static void load(String[] args, @Nullable String variable) {
    add(variable == null ? List.of() : List.of(variable), VARIABLE);
    add(given(args), OPTION);
  }

  /** Whether a command line asks for nothing that a plug-in could have. */
  static boolean canDoWithout(String[] args) {
    return FREE.contains(command(args)) || Arrays.stream(args).anyMatch(HELP::contains);
  }

  /** The command in a command line; empty if there is none. */
  static String command(String[] args) {
    for (int i = 0; i < args.length; i++) {
      if (args[i].equals(OPTION)) {
        i++;
      } else if (!args[i].startsWith("-")) {
        return args[i];
      }
    }
    return "";
  }

  private static List<String> given(String[] args) {
    var alone = new Alone();
    try {
      new CommandLine(alone).setUnmatchedArgumentsAllowed(true).parseArgs(args);
    } catch (ParameterException e) {
      return List.of(); // the whole command line says it better
    }
    return alone.plugins;
  }

  /** The places of a command line and of the environment. */
  static List<Path> places(List<String> args) {
    var lists = new ArrayList<>(given(args.toArray(String[]::new)));
    String variable = System.getenv(VARIABLE);
    if (variable != null) {
      lists.add(0, variable);
    }
    return parsed(lists);
  }

  private static List<Path> parsed(List<String> lists) {
    var places = new ArrayList<Path>();
    for (String list : lists) {
      for (String place : list.split(File.pathSeparator, -1)) {
        if (!place.isBlank()) {
          places.add(Path.of(place));
        }
      }
    }
    return places;
  }

  private static void add(List<String> lists, String origin) {
    try {
      List<Path> places = parsed(lists);
      if (!places.isEmpty()) {
        Plugins.add(places);
      }
    } catch (InvalidPathException e) {
      throw new InvalidInputException(
              "'%s' is not a valid path: %s.".formatted(e.getInput(), e.getReason()),
              "it is misspelled.")
          .at(origin);
    } catch (InvalidInputException e) {
      throw e.at(origin);
    }
  }
}
