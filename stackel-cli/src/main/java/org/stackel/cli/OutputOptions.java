package org.stackel.cli;

import picocli.CommandLine.Option;

/** How much a command says. */
final class OutputOptions {
  @Option(names = "--quiet", description = "Results and errors only.")
  boolean quiet;

  @Option(names = "--json", description = "A machine-readable summary as the last line of stdout.")
  boolean json;

  @Option(names = "--stacktrace", description = "Everything about an error.")
  boolean stacktrace;
}
