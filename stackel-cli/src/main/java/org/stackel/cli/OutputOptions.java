package org.stackel.cli;

import picocli.CommandLine.Option;

/** How much a command says. */
final class OutputOptions {
  @Option(names = "--quiet", description = "Print results and errors only.")
  boolean quiet;

  @Option(names = "--json", description = "Print a machine-readable summary as the last line.")
  boolean json;
}
