package org.stackel.compare;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.stackel.experiment.Experiment;
import org.stackel.problem.BaselineResult;
import org.stackel.problem.Metrics;
import org.stackel.run.RunDirectory;
import org.stackel.runfile.BaselinesFile;
import org.stackel.runfile.BudgetKind;
import org.stackel.runfile.ExperimentFile;
import org.stackel.runfile.FileErrors;
import org.stackel.runfile.RunFiles;
import org.stackel.runfile.TuneFile;

/**
 * What a comparison that was stopped left in its directory.
 *
 * @param directory of the comparison; null if it starts anew
 */
record Earlier(@Nullable Path directory) {
  /**
   * The run of this name, to be used or resumed; null if there is none, or nothing of it.
   *
   * @param experiment what it must have been
   * @throws org.stackel.config.InvalidInputException if it was another one, or its data have
   *     changed since
   */
  @Nullable RunDirectory run(String name, Experiment experiment) {
    return directory == null ? null : RunDirectory.earlier(directory.resolve(name), experiment);
  }

  /** The budget that was measured then; null if none of the runs has one. */
  @Nullable Double budget(BudgetKind kind, List<String> names) {
    for (String name : names) {
      ExperimentFile file = read(name + "/" + ExperimentFile.NAME, ExperimentFile.class);
      Number amount =
          file == null
              ? null
              : switch (kind) {
                case SECONDS -> file.maxSeconds();
                case ORACLE -> file.maxOracleCalls();
                case SAMPLES -> file.maxSamples();
                case STEPS -> null;
              };
      if (amount != null) {
        return amount.doubleValue();
      }
    }
    return null;
  }

  /** The results of baselines; null if they did not come to their end. */
  @Nullable List<BaselineResult> baselines(String name) {
    BaselinesFile file = read(name, BaselinesFile.class);
    return file == null
        ? null
        : file.results().stream()
            .map(r -> new BaselineResult(r.method(), new Metrics(r.metrics()), r.seconds()))
            .toList();
  }

  /** The search of a section; null if it did not come to its end. */
  TuneFile.@Nullable Section tuning(String title) {
    TuneFile file = read(TuneFile.NAME, TuneFile.class);
    return file == null
        ? null
        : file.sections().stream()
            .filter(section -> section.section().equals(title))
            .findFirst()
            .orElse(null);
  }

  private <T extends org.stackel.runfile.WholeFile> @Nullable T read(String name, Class<T> type) {
    if (directory == null || !Files.exists(directory.resolve(name))) {
      return null;
    }
    try {
      return RunFiles.read(directory.resolve(name), type);
    } catch (IOException e) {
      throw FileErrors.reading(directory.resolve(name), e);
    }
  }

  /** As a file has them. */
  static BaselinesFile file(List<BaselineResult> results) {
    return new BaselinesFile(
        results.stream()
            .map(r -> new BaselinesFile.Result(r.method(), r.metrics().values(), r.seconds()))
            .toList());
  }
}
