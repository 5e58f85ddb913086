package org.stackel.cli;

import java.util.List;
import org.stackel.plugin.Plugins;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;

/** The commands of the class path and of plug-ins. */
final class Commands {
  private static final String NAMELESS = new CommandLine(CommandSpec.create()).getCommandName();

  private static final int WIDTH = 100;

  private Commands() {}

  /**
   * The whole command line, with its subcommands.
   *
   * @throws org.stackel.config.InvalidInputException if a plug-in's command cannot be used
   */
  static CommandLine all() {
    var stackel = new CommandLine(new StackelCommand());
    Plugins.inOrder(
            CommandPlugin.class,
            "command",
            command -> List.of(line(command)),
            CommandLine::getCommandName)
        .values()
        .forEach(stackel::addSubcommand);
    return stackel.setUsageHelpWidth(WIDTH);
  }

  private static CommandLine line(CommandPlugin command) {
    var line = new CommandLine(command);
    if (line.getCommandName().equals(NAMELESS)) {
      throw new IllegalArgumentException("its @Command has no name");
    }
    if (line.getCommandSpec().findOption("--help") == null) {
      line.getCommandSpec().mixinStandardHelpOptions(true);
    }
    return line;
  }
}
