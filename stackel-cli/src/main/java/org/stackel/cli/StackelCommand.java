package org.stackel.cli;

import org.stackel.run.Provenance;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;

/** The command itself, with the options of all commands; it does nothing without a subcommand. */
@Command(
    name = "stackel",
    description = "Stochastic bilevel optimization: min_x f(x, y*(x)), y*(x) in argmin_y g(x, y).",
    mixinStandardHelpOptions = true,
    versionProvider = StackelCommand.Version.class,
    synopsisSubcommandLabel = "COMMAND",
    footer = {
      "",
      "`stackel COMMAND --help` describes a command.",
      "Exit codes: 0 completed, 1 a defect of Stackel, 2 invalid input, 3 diverged, 4 a check failed, 130 interrupted."
    })
final class StackelCommand {
  @Mixin PluginOptions plugins = new PluginOptions();

  @Option(
      names = Main.STACKTRACE,
      scope = ScopeType.INHERIT,
      description = "Print the stack trace of errors.")
  boolean stacktrace;

  /** The version from the jar's manifest. */
  static final class Version implements IVersionProvider {
    @Override
    public String[] getVersion() {
      return new String[] {"stackel " + Provenance.version()};
    }
  }
}
