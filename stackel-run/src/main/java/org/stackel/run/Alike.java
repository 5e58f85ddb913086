package org.stackel.run;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;
import org.stackel.algorithm.AlgorithmState;
import org.stackel.config.InvalidInputException;
import org.stackel.distributed.Ranks;
import org.stackel.experiment.Experiment;
import org.stackel.oracle.OracleCalls;
import org.stackel.problem.BilevelProblem;
import org.stackel.runfile.Document;
import org.stackel.solver.Solver;
import org.stackel.tensor.StateScope;
import org.stackel.tensor.Tensors;

/**
 * Keeps the ranks of a run alike: they have one experiment and one state, and the first decides. Of
 * one process nothing is asked.
 *
 * @param ranks the processes
 */
record Alike(Ranks ranks) {
  private static final double FINE = 0;
  private static final double BROKEN = 1;
  private static final double GIVEN_UP = 2;

  /** Where the first rank resumes. */
  record Point(long step, OracleCalls calls, double stepSizes) {}

  private boolean isAlone() {
    return ranks.count() == 1;
  }

  /**
   * Compares experiments and data with the first rank's.
   *
   * @throws InvalidInputException on every rank if one differs
   */
  void check(Experiment experiment, BilevelProblem<?> problem) {
    if (isAlone()) {
      return;
    }
    var facts = new LinkedHashMap<String, @Nullable Object>(experiment.toMap());
    facts.remove("threads");
    facts.put("inputs", String.join(" ", new TreeSet<>(problem.inputs().values())));
    facts.put("version", Provenance.version());
    double[] all = ranks.each(Document.line(facts).hashCode());
    for (int rank = 1; rank < all.length; rank++) {
      if (all[rank] != all[0]) {
        throw new InvalidInputException(
            "Rank %s has another experiment, other data or another version than rank 0."
                .formatted(String.valueOf(rank)),
            "the commands differ in more than --rank, or a file on one of the machines.");
      }
    }
  }

  /** Waits for the first rank, which may be writing. */
  void await() {
    if (!isAlone()) {
      ranks.total();
    }
  }

  /** What the first rank says, whose clock counts. */
  boolean asFirst(boolean own) {
    return isAlone() ? own : ranks.total(own && ranks.isFirst() ? 1 : 0)[0] > 0;
  }

  /**
   * The name of the first tensor of a state with a number that is not finite; null if all are.
   *
   * @param hasParts whether another rank may see what this one does not
   */
  @Nullable String notFinite(Record state, boolean hasParts) {
    String found = Solver.notFinite(state);
    if (!hasParts) {
      return found;
    }
    List<String> names = List.copyOf(StateScope.tensors(state).keySet());
    return Arrays.stream(ranks.each(found == null ? 0 : 1 + names.indexOf(found)))
        .filter(number -> number > 0)
        .min()
        .stream()
        .mapToObj(number -> names.get((int) number - 1))
        .findFirst()
        .orElse(null);
  }

  /** Where the first rank resumes; null if it begins. */
  @Nullable Point point(@Nullable ResumePoint from, OracleCalls calls) {
    double[] told = new double[8];
    if (from != null) {
      told =
          new double[] {
            1,
            from.step(),
            calls.gradientF(),
            calls.gradientG(),
            calls.hessianVector(),
            calls.crossVector(),
            calls.samples(),
            from.stepSizes()
          };
    }
    double[] all = ranks.total(told);
    return all[0] == 0
        ? null
        : new Point(
            Math.round(all[1]),
            new OracleCalls(
                Math.round(all[2]),
                Math.round(all[3]),
                Math.round(all[4]),
                Math.round(all[5]),
                Math.round(all[6])),
            all[7]);
  }

  /**
   * Tells all what the first rank found in an evaluation. Where processors round differently,
   * states drift apart: then the others take the first one's.
   *
   * @param found what the first rank found; null on others
   * @param isGivenUp whether the first rank gave the evaluation up; false on others
   * @param parts names of the tensors of which each rank has its own part
   * @throws Interruption.GivenUp on every rank if it did
   */
  Explosion.@Nullable Broken judged(
      Explosion.@Nullable Broken found,
      boolean isGivenUp,
      AlgorithmState state,
      Set<String> parts) {
    if (isAlone() && !isGivenUp) {
      return found;
    }
    int n = ranks.count();
    double[] own = new double[1 + 2 * n];
    own[0] = isGivenUp ? GIVEN_UP : found == null ? FINE : BROKEN;
    try (var scope = StateScope.open()) {
      own[1 + ranks.rank()] = parts.isEmpty() ? sum(state.x()) : 0;
      own[1 + n + ranks.rank()] = sum(state.y());
    }
    double[] all = ranks.total(own);
    if (all[0] == GIVEN_UP) {
      throw new Interruption.GivenUp();
    }
    boolean isSame = true;
    for (int rank = 1; rank < n; rank++) {
      isSame &= same(all[1 + rank], all[1]) && same(all[1 + n + rank], all[1 + n]);
    }
    if (!isSame) {
      Map<String, Tensor> same = StateScope.tensors((Record) state);
      same.keySet().removeAll(parts);
      ranks.copyFromFirst(same.values());
    }
    return found == null && all[0] == BROKEN
        ? new Explosion.Broken("the state", null, null)
        : found;
  }

  private static double sum(Tensor tensor) {
    double sum = Tensors.item(tensor.sum());
    return Double.isFinite(sum) ? sum : 0; // others would not see theirs
  }

  private static boolean same(double a, double b) {
    return Double.compare(a, b) == 0;
  }
}
