package org.stackel.problem;

import java.util.List;
import java.util.Map;
import java.util.Set;
import org.stackel.config.Options;
import org.stackel.tensor.Device;
import org.stackel.tensor.Seed;

/**
 * From which a problem is opened. In the catalogue and in experiment files it is a record, whose
 * components are the problem's options.
 */
public interface ProblemOptions {
  /**
   * What experiment files, messages and tables call it: the name in {@link ProblemInfo} or, without
   * one, the name of the class in lower case with hyphens.
   */
  default String typeName() {
    ProblemInfo info = getClass().getAnnotation(ProblemInfo.class);
    String simple = getClass().getSimpleName();
    return info != null && !info.name().isEmpty()
        ? info.name()
        : simple.isEmpty() ? "problem" : Options.kebab(simple);
  }

  /**
   * Reads or makes the data and opens the problem. The caller closes it.
   *
   * @param data the seed of everything drawn once: splits, noise
   * @param device where the problem's tensors are, and their type
   * @throws org.stackel.config.InvalidInputException for options or data that are wrong
   */
  BilevelProblem<?> open(Seed data, Device device);

  /**
   * These defaults, changed to what suits the algorithm and the options that are given. Reads no
   * data.
   *
   * @param given options by their present names, with values as an experiment file has them; they
   *     will be put over the result
   * @param algorithm what the algorithm is like
   */
  default ProblemOptions suitedTo(Map<String, ?> given, Set<Trait> algorithm) {
    return this;
  }

  /**
   * Options that say something about certain data: sizes, label noise, columns. Those of a preset
   * do not outlive its data: they go when a user names a file of her own.
   *
   * @param data what the user puts in the place of the preset's data
   */
  default List<String> madeFor(String data) {
    return List.of();
  }

  /** Settings of a run where nobody gives any. */
  default RunDefaults runDefaults() {
    return RunDefaults.EXACT;
  }

  /** Whether the opened problem has {@link BilevelProblem#baselines baselines}. */
  default boolean hasBaselines() {
    return false;
  }

  /** How a comparison shows the metrics. */
  default Presentation presentation() {
    return Presentation.ALL;
  }

  /**
   * What a reader should know about the metrics of a completed run, in sentences: a warning, and
   * what to do about it.
   *
   * @param method name of the algorithm
   * @param lowerLr the algorithm's step sizes of the lower level that do not change, by name
   */
  default List<String> remarks(String method, Map<String, Double> lowerLr, Metrics metrics) {
    return List.of();
  }

  /**
   * What a reader of a comparison should know about a method, in sentences.
   *
   * @param method name of the algorithm
   * @param means of the metrics over seeds
   */
  default List<String> notes(String method, Metrics means) {
    return List.of();
  }

  /** By which metrics runs are judged. */
  default Goal goal() {
    return Goal.UPPER_LOSS;
  }
}
