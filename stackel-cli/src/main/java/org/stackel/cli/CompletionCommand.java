package org.stackel.cli;

import picocli.AutoComplete;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Prints a script that completes commands and options in bash and zsh. */
@Command(
    name = "completion",
    description = {
      "Print a script for bash and zsh that completes commands and options.",
      "Use it with: source <(stackel completion)"
    },
    mixinStandardHelpOptions = true,
    versionProvider = StackelCommand.Version.class)
public final class CompletionCommand implements CommandPlugin {
  @Spec
  @SuppressWarnings("NullAway.Init") // picocli sets it
  CommandSpec spec;

  @Override
  public Integer call() {
    spec.commandLine()
        .getOut()
        .print(AutoComplete.bash("stackel", spec.root().commandLine()).replace("\r\n", "\n"));
    spec.commandLine().getOut().flush();
    return ExitCode.COMPLETED;
  }
}
