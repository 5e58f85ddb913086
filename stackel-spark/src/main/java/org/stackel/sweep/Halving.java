package org.stackel.sweep;

import java.util.List;
import java.util.stream.LongStream;
import org.stackel.config.InvalidInputException;
import org.stackel.config.Rules;
import org.stackel.experiment.Settings;

/**
 * Successive halving: all points begin with few steps, the best go on with more. The last round has
 * the steps of the experiment, each one before it the kept share of the next one's, rounded up to
 * an evaluation.
 *
 * @param rounds number of rounds, at least 2
 * @param keep share of the points that go on after a round, between 0 and 1
 */
public record Halving(long rounds, double keep) {
  /** Three rounds, a half each. */
  static final Halving DEFAULTS = new Halving(3, 0.5);

  private static final long MAX_ROUNDS = 64;

  public Halving {
    var rules = new Rules();
    rules.atLeast("rounds", rounds, 2);
    if (rounds > MAX_ROUNDS) {
      throw rules.broken(
          "rounds", rounds, "must be at most " + MAX_ROUNDS, "a number such as 3 was meant.");
    }
    if (!(keep > 0 && keep < 1)) {
      throw rules.broken(
          "keep", keep, "must be greater than 0 and less than 1", "a share such as 0.5 was meant.");
    }
  }

  /** How many of so many points go on. */
  int kept(int points) {
    return Math.max(1, (int) Math.ceil(points * keep - 1e-9));
  }

  /**
   * The steps of a run at the end of every round.
   *
   * @throws InvalidInputException if a round would have no more steps than the one before it
   */
  List<Long> steps(Settings settings) {
    long every = settings.evaluateEvery();
    List<Long> steps =
        LongStream.range(0, rounds)
            .mapToObj(
                round -> {
                  double share = Math.pow(keep, rounds - 1.0 - round);
                  long evaluations =
                      Math.max(1, (long) Math.ceil(settings.steps() * share / every - 1e-9));
                  return Math.min(settings.steps(), evaluations * every);
                })
            .toList();
    if (steps.stream().distinct().count() < rounds) {
      throw new InvalidInputException(
          "%d rounds cannot differ: the experiment has %d steps, and an evaluation every %d."
              .formatted(rounds, settings.steps(), every),
          "fewer rounds, more steps or a smaller evaluateEvery were meant.");
    }
    return steps;
  }
}
