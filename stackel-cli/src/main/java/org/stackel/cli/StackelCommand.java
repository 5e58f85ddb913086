package org.stackel.cli;

import org.stackel.run.Provenance;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;

/** The command itself; it does nothing without a subcommand. */
@Command(
    name = "stackel",
    description = "Stochastic bilevel optimization: min_x f(x, y*(x)), y*(x) in argmin_y g(x, y).",
    mixinStandardHelpOptions = true,
    versionProvider = StackelCommand.Version.class,
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {
      DemoCommand.class,
      ListCommand.class,
      RunCommand.class,
      CompareCommand.class,
      CheckCommand.class,
      ResumeCommand.class,
      ReportCommand.class,
      DoctorCommand.class,
    },
    footer = {
      "",
      "`stackel COMMAND --help` says more about a command.",
      "Exit codes: 0 completed, 1 a defect of Stackel, 2 wrong input, 3 diverged, 4 a check failed, 130 interrupted."
    })
final class StackelCommand {
  /** The version from the jar's manifest. */
  static final class Version implements IVersionProvider {
    @Override
    public String[] getVersion() {
      return new String[] {"stackel " + Provenance.version()};
    }
  }
}
