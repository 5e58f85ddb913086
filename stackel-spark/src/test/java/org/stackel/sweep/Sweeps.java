package org.stackel.sweep;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.stackel.compare.ComparisonListener;
import org.stackel.experiment.Draft;
import org.stackel.run.RunDirectory;
import org.stackel.runfile.Document;

/** Small sweeps. */
public final class Sweeps {
  /** One number each, with noise, so that seeds matter. */
  private static final String EXPERIMENT =
      """
      {"problem": {"type": "quadratic", "A": [[2]], "B": [[1]], "c": [0], "d": [3],
                   "x0": [1], "y0": [0], "noise": {"gradient": 0.1, "hessian": 0.1}},
       "algorithm": {"type": "soba", "upperLr": 0.05, "lowerLr": 0.1},
       "steps": 40, "evaluateEvery": 10, "checkpointEvery": 10}
      """;

  private Sweeps() {}

  /** A sweep of that experiment, with these keys of its file besides. */
  @SuppressWarnings("unchecked") // keys of JSON are texts
  public static Sweep of(String keys) {
    String json = "{\"experiment\": " + EXPERIMENT + ", " + keys.replace('\'', '"') + "}";
    SweepFile file = SweepFile.of(Document.parse(json, "grid.json"));
    return new Sweep(
        file,
        () -> Draft.of("grid.json", (Map<String, ?>) file.experiment()),
        new Sweep.Terms(0, 3, List.of()));
  }

  /** Makes its runs. */
  public static Sweep.Result run(Sweep sweep, Path directory, Workers workers) {
    return run(sweep, directory, workers, RunDirectory.IfExists.REFUSE);
  }

  static Sweep.Result run(
      Sweep sweep, Path directory, Workers workers, RunDirectory.IfExists ifExists) {
    return sweep.run(directory, ifExists, workers, ComparisonListener.NOBODY, () -> false);
  }

  /** The table without seconds. */
  public static String table(Path directory) throws IOException {
    return Files.readString(directory.resolve("sweep.csv"))
        .replaceAll("(completed|diverged|failed),(\\d+),[^,]*,", "$1,$2,");
  }
}
