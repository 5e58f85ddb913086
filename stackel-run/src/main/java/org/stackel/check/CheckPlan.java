package org.stackel.check;

import java.util.List;
import java.util.stream.LongStream;
import org.stackel.config.InvalidInputException;
import org.stackel.config.Rules;
import org.stackel.experiment.Settings;

/**
 * How closely {@link Check} looks.
 *
 * @param points how many points of the run, evenly spaced from its start to its end, at least 1
 * @param at steps after which to look, in place of {@code points}; empty for these
 * @param samples estimates an estimator makes at a point, at least 2
 * @param reference most minibatches that an exact quantity is a mean over, at least 1
 * @param pairs pairs of neighbouring iterates for the smoothness of Φ; 0 for no constants
 * @param candidates more estimators to look at
 */
public record CheckPlan(
    int points, List<Long> at, int samples, int reference, int pairs, List<Candidate> candidates) {
  /** Three points, 16 estimates, 16 minibatches, no constants. */
  public static final CheckPlan DEFAULTS = new CheckPlan(3, List.of(), 16, 16, 0, List.of());

  /** Pairs where constants are asked for. */
  public static final int PAIRS = 10;

  public CheckPlan {
    var rules = new Rules("check");
    rules.atLeast("points", points, 1);
    at.forEach(step -> rules.atLeast("step", step, 0));
    rules.atLeast("samples", samples, 2);
    rules.atLeast("reference", reference, 1);
    rules.atLeast("pairs", pairs, 0);
    at = List.copyOf(at);
    candidates = List.copyOf(candidates);
  }

  /** Refuses steps that a run of this length does not reach, and a run without a length. */
  public void checkWithin(long length) {
    if (at.isEmpty() && length >= Settings.NO_LIMIT) {
      throw new InvalidInputException(
          "A check needs the number of steps of the run.", "--steps or --at was meant.");
    }
    for (long step : at) {
      if (step > length) {
        throw new Rules("check")
            .broken(
                "step",
                step,
                "must be at most the number of steps, " + length,
                "--steps is too small.");
      }
    }
  }

  /** The steps to look at in a run of this length. */
  List<Long> steps(long length) {
    if (!at.isEmpty()) {
      return at.stream().filter(step -> step <= length).distinct().sorted().toList();
    }
    return spread(points, length);
  }

  /** Steps from which to look one step ahead, for the smoothness of Φ. */
  List<Long> pairSteps(long length) {
    return pairs == 0 ? List.of() : spread(pairs, length - 1);
  }

  private static List<Long> spread(int count, long last) {
    return LongStream.range(0, count)
        .map(i -> count == 1 ? last : Math.round((double) last * i / (count - 1)))
        .distinct()
        .boxed()
        .toList();
  }

  /** The same with other estimators to look at besides. */
  public CheckPlan with(List<Candidate> more) {
    return new CheckPlan(points, at, samples, reference, pairs, more);
  }

  /** The same with constants. */
  public CheckPlan withConstants() {
    return new CheckPlan(points, at, samples, reference, PAIRS, candidates);
  }
}
