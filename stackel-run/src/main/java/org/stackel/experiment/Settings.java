package org.stackel.experiment;

import java.util.ArrayList;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.stackel.config.OptionRecord;
import org.stackel.config.Options;
import org.stackel.config.Rules;
import org.stackel.oracle.OracleCalls;
import org.stackel.problem.ProblemOptions;
import org.stackel.problem.RunDefaults;
import org.stackel.tensor.Arithmetic;
import org.stackel.tensor.Device;

/**
 * What an experiment is besides its problem and its algorithm.
 *
 * <pre>{@code
 * Settings.ofSteps(1_000)
 * Settings.builder().steps(1_000).seed(3).evaluateEvery(50).build()
 * }</pre>
 *
 * @param seed random seed for data, start and sampling; at least 0
 * @param steps number of upper-level steps, at least 1
 * @param evaluateEvery steps between evaluations, at least 1
 * @param checkpointEvery steps between checkpoints, at least 1
 * @param dtype type of all numbers; by default that of the problem: float32 for networks and data
 *     sets, float64 for closed forms
 * @param precision how float32 matrices are multiplied: {@code tf32} needs a GPU, and neither it
 *     nor {@code bf16} touches float64
 * @param device where tensors are: the CPU, or the first NVIDIA GPU
 * @param threads CPU threads of one operation, from 1 to 1024
 * @param pieces slices of every minibatch that are computed one after the other, at least 1: memory
 *     for one slice only, the same numbers but for rounding, and more work
 * @param check how closely the run is watched
 * @param keep which x and y the run ends with
 * @param onDivergence what the run does when it has diverged
 * @param maxSeconds budget in seconds of initialisation and steps, greater than 0: the run ends
 *     with the first step at whose end it is spent; no such budget if left out
 * @param maxOracleCalls budget in oracle calls of all kinds together, at least 1; no such budget if
 *     left out. Such a run repeats bit for bit
 * @param maxSamples budget in samples that oracle calls are computed on, at least 1: a call on a
 *     minibatch of b samples counts b; no such budget if left out. Such a run repeats bit for bit
 */
@OptionRecord
public record Settings(
    long seed,
    long steps,
    long evaluateEvery,
    long checkpointEvery,
    Device.@Nullable Precision dtype,
    Arithmetic precision,
    Device.Kind device,
    int threads,
    int pieces,
    CheckLevel check,
    Keep keep,
    OnDivergence onDivergence,
    @Nullable Double maxSeconds,
    @Nullable Long maxOracleCalls,
    @Nullable Long maxSamples)
    implements SettingsBuilder.With {

  /** As many steps as no run makes: for runs that another budget ends. */
  public static final long NO_LIMIT = RunDefaults.NO_LIMIT;

  private static final int MAX_THREADS = 1024;

  public Settings {
    var rules = new Rules(Experiment.OWNER);
    rules.atLeast("seed", seed, 0);
    rules.atLeast("steps", steps, 1);
    rules.atLeast("evaluateEvery", evaluateEvery, 1);
    rules.atLeast("checkpointEvery", checkpointEvery, 1);
    rules.atLeast("threads", threads, 1);
    rules.atLeast("pieces", pieces, 1);
    rules.positiveIfGiven("maxSeconds", maxSeconds);
    if (maxOracleCalls != null) {
      rules.atLeast("maxOracleCalls", maxOracleCalls, 1);
    }
    if (maxSamples != null) {
      rules.atLeast("maxSamples", maxSamples, 1);
    }
    if (precision == Arithmetic.TF32 && device == Device.Kind.CPU) {
      throw rules.broken("precision", "tf32", "needs the device cuda", "fp32 was meant.");
    }
    if (precision != Arithmetic.FP32 && dtype == Device.Precision.FLOAT64) {
      throw rules.broken(
          "precision",
          Options.kebab(precision),
          "has no effect on float64",
          "the dtype float32 was meant.");
    }
    if (threads > MAX_THREADS) {
      throw rules.broken(
          "threads",
          threads,
          "must be at most " + MAX_THREADS,
          String.format(
              Locale.ROOT,
              "the number of processors, %d, was meant.",
              Runtime.getRuntime().availableProcessors()));
    }
  }

  /** Those of a short run, in the problem's own precision. */
  public Settings() {
    this(RunDefaults.EXACT, null);
  }

  /**
   * One thread: at these sizes a second one gains little, and where another process is busy it
   * makes everything several times slower.
   */
  private Settings(RunDefaults defaults, Device.@Nullable Precision dtype) {
    this(
        0,
        defaults.steps(),
        defaults.evaluateEvery(),
        defaults.checkpointEvery(),
        dtype,
        Arithmetic.FP32,
        Device.Kind.CPU,
        1,
        1,
        CheckLevel.STEP,
        Keep.LAST,
        OnDivergence.STOP,
        null,
        null,
        null);
  }

  /** The defaults on a problem. */
  public static Settings defaults(ProblemOptions problem) {
    RunDefaults defaults = problem.runDefaults();
    return new Settings(defaults, defaults.precision());
  }

  /** Starts from seed 0, 100 steps and an evaluation every 10, in the problem's own precision. */
  public static SettingsBuilder builder() {
    return SettingsBuilder.of(new Settings());
  }

  /**
   * A run with this number of steps, and defaults otherwise.
   *
   * @param steps number of upper-level steps, at least 1
   */
  public static Settings ofSteps(long steps) {
    return builder().steps(steps).build();
  }

  /** The same with the problem's own precision if none is given. */
  Settings on(ProblemOptions problem) {
    return dtype == null ? withDtype(problem.runDefaults().precision()) : this;
  }

  /** Whether the run is at its end: all steps are done, or a budget is spent. */
  public boolean isSpent(long step, double seconds, OracleCalls calls) {
    return step >= steps
        || (maxSeconds != null && seconds >= maxSeconds)
        || (maxOracleCalls != null && calls.total() >= maxOracleCalls)
        || (maxSamples != null && calls.samples() >= maxSamples);
  }

  /** How long a run is, in words: "100 steps", or "4,000 oracle calls". */
  public String length() {
    var ends = new ArrayList<String>();
    if (steps < NO_LIMIT) {
      ends.add(String.format(Locale.ROOT, "%,d steps", steps));
    }
    if (maxSeconds != null) {
      ends.add(maxSeconds + " seconds");
    }
    if (maxOracleCalls != null) {
      ends.add(String.format(Locale.ROOT, "%,d oracle calls", maxOracleCalls));
    }
    if (maxSamples != null) {
      ends.add(String.format(Locale.ROOT, "%,d samples", maxSamples));
    }
    return ends.isEmpty() ? "until it is stopped" : String.join(" or ", ends);
  }
}
