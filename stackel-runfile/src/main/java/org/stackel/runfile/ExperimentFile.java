package org.stackel.runfile;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * experiment.json: everything that determines a run. Settings are null where the file leaves them
 * to their defaults; Stackel writes all but the budgets.
 *
 * @param problem the problem's name under "type", and its options, as JSON has them
 * @param algorithm the algorithm's name under "type", and its hyperparameters, as JSON has them
 * @param seed of all randomness, at least 0
 * @param steps of the upper level, at least 1
 * @param evaluateEvery steps between evaluations, at least 1
 * @param checkpointEvery steps between checkpoints, at least 1
 * @param dtype float32 or float64
 * @param precision tf32 or bf16, in which float32 matrices are multiplied; null for float32
 * @param device cpu or cuda
 * @param threads of one operation, at least 1
 * @param pieces slices of a minibatch that are computed one after the other, at least 1
 * @param check none, step or full: how closely the run is watched
 * @param keep which x and y the run ends with; null for the last
 * @param onDivergence rollback, if a run that diverges goes back; null if it ends
 * @param maxSeconds budget of wall-clock seconds; null for none
 * @param maxOracleCalls budget of oracle calls of all kinds; null for none
 * @param maxSamples budget of samples that oracle calls are computed on; null for none
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record ExperimentFile(
    Map<String, @Nullable Object> problem,
    Map<String, @Nullable Object> algorithm,
    @Nullable Long seed,
    @Nullable Long steps,
    @Nullable Long evaluateEvery,
    @Nullable Long checkpointEvery,
    @Nullable String dtype,
    @Nullable String precision,
    @Nullable String device,
    @Nullable Integer threads,
    @Nullable Integer pieces,
    @Nullable String check,
    @Nullable String keep,
    @Nullable String onDivergence,
    @Nullable Double maxSeconds,
    @Nullable Long maxOracleCalls,
    @Nullable Long maxSamples)
    implements WholeFile {
  /** Name of the file. */
  public static final String NAME = "experiment.json";

  private static final String TYPE = "type";

  public ExperimentFile {
    algorithm = block("algorithm", algorithm);
    problem = block("problem", problem);
  }

  /** Name of the problem in the catalogue. */
  public String problemType() {
    return String.valueOf(problem.get(TYPE));
  }

  /** Name of the algorithm in the catalogue. */
  public String algorithmType() {
    return String.valueOf(algorithm.get(TYPE));
  }

  /**
   * The same experiment in the words of this version: options under their present names, without
   * keys that changed no number. Two experiments that compute the same then have equal options.
   */
  public ExperimentFile withPresentKeys() {
    return new ExperimentFile(
        FormerKeys.problem(problemType(), problem),
        FormerKeys.algorithm(algorithmType(), algorithm),
        seed,
        steps,
        evaluateEvery,
        checkpointEvery,
        dtype,
        precision,
        device,
        threads,
        pieces,
        check,
        keep,
        onDivergence,
        maxSeconds,
        maxOracleCalls,
        maxSamples);
  }

  private static Map<String, @Nullable Object> block(
      String key, @Nullable Map<String, @Nullable Object> block) {
    Rule.given(key, block);
    var copy = new LinkedHashMap<String, @Nullable Object>(block);
    Object type = copy.get(TYPE);
    Rule.given(key + "." + TYPE, type);
    if (!(type instanceof String)) {
      throw new BrokenRule(key + "." + TYPE, "must be a text", "quotes around it are missing.");
    }
    return Collections.unmodifiableMap(copy);
  }
}
