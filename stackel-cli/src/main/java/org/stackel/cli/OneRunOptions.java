package org.stackel.cli;

import java.io.PrintWriter;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.stackel.experiment.Draft;
import org.stackel.run.RunDirectory;
import picocli.CommandLine.Option;

/** Options of commands that make one run. */
final class OneRunOptions extends RunOptions {
  @Option(
      names = "--algorithm",
      paramLabel = "NAME",
      description = "Use this algorithm instead of the experiment's.")
  @Nullable String algorithm;

  @Option(
      names = "--seed",
      paramLabel = "N",
      converter = WholeNumber.class,
      description = "Random seed for data, start and sampling.")
  @Nullable Long seed;

  @Option(
      names = "--trace",
      description = "Write every iterate to trace.jsonl; for small problems.")
  boolean trace;

  @Override
  Draft start(String experiment, PrintWriter talk) {
    Draft draft = super.start(experiment, talk);
    if (algorithm != null) {
      List<String> dropped = draft.useAlgorithm(algorithm, "--algorithm");
      if (!dropped.isEmpty()) {
        talk.println(
            (dropped.size() == 1
                    ? "%s has no hyperparameter %s; it is left out."
                    : "%s has no hyperparameters %s; they are left out.")
                .formatted(algorithm, String.join(", ", dropped)));
      }
    }
    put(draft, "seed", seed);
    return draft;
  }

  RunDirectory.Trace trace() {
    return trace ? RunDirectory.Trace.ON : RunDirectory.Trace.OFF;
  }
}
