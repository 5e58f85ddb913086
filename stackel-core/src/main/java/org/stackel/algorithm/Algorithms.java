package org.stackel.algorithm;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.stackel.config.InvalidInputException;
import org.stackel.config.Options;
import org.stackel.problem.BilevelProblem;
import org.stackel.problem.FiniteSum;

/** The catalogue of algorithms. */
public final class Algorithms {
  private static final List<Entry> ALL =
      List.of(
          new Entry(
              "accbo",
              AccBo.DEFAULTS,
              "AccBO",
              "Gong, Hao, Liu, NeurIPS 2024",
              "2 ∇f, 1 ∇g, Q(Q-1) Hv (2Q-2 shared), 2 Jv"),
          new Entry(
              "adambo",
              AdamBo.DEFAULTS,
              "AdamBO",
              "TMLR 2026, arXiv 2503.03908",
              "1 ∇f, 1 ∇g, Q(Q-1)/2 Hv (Q-1 shared), 1 Jv"),
          new Entry(
              "bo-rep",
              BoRep.DEFAULTS,
              "BO-REP",
              "Hao, Gong, Liu, ICLR 2024",
              "1 ∇f, N/I ∇g, 1 Hv, 1 Jv"),
          new Entry(
              "ls-adam", LsAdam.DEFAULTS, "LS-Adam", "ours, unpublished", "1 ∇f, 1 ∇g, 1 Hv, 1 Jv"),
          new Entry(
              "ma-soba",
              MaSoba.DEFAULTS,
              "MA-SOBA",
              "Chen, Xiao, Balasubramanian, 2023",
              "1 ∇f, 1 ∇g, 1 Hv, 1 Jv"),
          new Entry(
              "mrbo",
              Mrbo.DEFAULTS,
              "MRBO",
              "Yang, Ji, Liang, NeurIPS 2021",
              "2 ∇f, 2 ∇g, 2Q Hv, 2 Jv"),
          new Entry(
              "saba",
              Saba.DEFAULTS,
              "SABA",
              "Dagréou, Ablin, Vaiter, Moreau, NeurIPS 2022",
              "1 ∇f, 1 ∇g, 1 Hv, 1 Jv",
              Set.of(Trait.NEEDS_FINITE_SUM, Trait.PROJECTS_X)),
          new Entry(
              "slip", Slip.DEFAULTS, "SLIP", "Gong, Hao, Liu, ICML 2024", "1 ∇f, 1 ∇g, 1 Hv, 1 Jv"),
          new Entry(
              "soba",
              Soba.DEFAULTS,
              "SOBA",
              "Dagréou, Ablin, Vaiter, Moreau, NeurIPS 2022",
              "1 ∇f, 1 ∇g, 1 Hv, 1 Jv",
              Set.of(Trait.PROJECTS_X)),
          new Entry(
              "stocbio",
              StocBio.DEFAULTS,
              "StocBiO",
              "Ji, Yang, Liang, ICML 2021",
              "1 ∇f, N ∇g, Q Hv, 1 Jv",
              Set.of(Trait.PROJECTS_X)),
          new Entry(
              "sustain",
              Sustain.DEFAULTS,
              "SUSTAIN",
              "Khanduri et al., NeurIPS 2021",
              "2 ∇f, 2 ∇g, Q-1 Hv, 2 Jv"),
          new Entry(
              "ttsa",
              Ttsa.DEFAULTS,
              "TTSA",
              "Hong, Wai, Wang, Yang, SIAM J. Optim. 2023",
              "1 ∇f, 1 ∇g, (Q-1)/2 Hv, 1 Jv",
              Set.of(Trait.PROJECTS_X)),
          new Entry(
              "vrbo",
              Vrbo.DEFAULTS,
              "VRBO",
              "Yang, Ji, Liang, NeurIPS 2021",
              "2M+4+1/I ∇f, 2M+4+1/I ∇g, (2M+4+1/I)Q Hv, 2M+4+1/I Jv"));

  private Algorithms() {}

  /**
   * One algorithm.
   *
   * @param name what experiment files call it
   * @param defaults the algorithm with its default hyperparameters
   * @param title what its paper calls it
   * @param paper where it was published
   * @param calls oracle calls a step: gradients, Hessian products, cross products
   * @param traits what it needs of a problem, and what a problem may need of it
   * @param tuned where tuning looks for hyperparameters
   */
  public record Entry(
      String name,
      BilevelAlgorithm<?> defaults,
      String title,
      String paper,
      String calls,
      Set<Trait> traits,
      List<TuningRange> tuned) {
    /** One without traits, of which the step sizes are tuned. */
    public Entry(
        String name, BilevelAlgorithm<?> defaults, String title, String paper, String calls) {
      this(name, defaults, title, paper, calls, Set.of());
    }

    /** An algorithm of which the step sizes are tuned and nothing else. */
    public Entry(
        String name,
        BilevelAlgorithm<?> defaults,
        String title,
        String paper,
        String calls,
        Set<Trait> traits) {
      this(name, defaults, title, paper, calls, traits, TuningRange.ofStepSizes((Record) defaults));
    }

    /** The hyperparameters with their defaults, as JSON has them. */
    public Map<String, @Nullable Object> options() {
      return Options.toMap((Record) defaults);
    }

    /**
     * Looks whether the algorithm can run on a problem.
     *
     * @param type name of the problem in the catalogue
     * @throws InvalidInputException if it cannot
     */
    public void check(String type, BilevelProblem<?> problem) {
      if (problem.isConstrained() && !traits.contains(Trait.PROJECTS_X)) {
        throw refused(
            "%s does not project, but x of this %s must stay in a set.".formatted(name, type),
            "the bounds on x can be left out, or %s was meant.".formatted(with(Trait.PROJECTS_X)));
      }
      if (traits.contains(Trait.NEEDS_FINITE_SUM) && !(problem instanceof FiniteSum)) {
        throw refused(
            "%s remembers every minibatch, but %s is no finite sum of minibatches."
                .formatted(name, type),
            "an algorithm without memories, such as soba, was meant.");
      }
    }

    private static String with(Trait trait) {
      return ALL.stream()
          .filter(e -> e.traits().contains(trait))
          .map(Entry::name)
          .collect(Collectors.joining(", "));
    }

    private static InvalidInputException refused(String problem, String maybe) {
      return new InvalidInputException(problem, maybe).atKey("algorithm.type");
    }
  }

  /** All algorithms by name. */
  public static List<Entry> all() {
    return ALL;
  }

  /**
   * The algorithm of this name.
   *
   * @throws InvalidInputException if there is none
   */
  public static Entry named(String name) {
    List<String> names = ALL.stream().map(Entry::name).toList();
    return ALL.stream()
        .filter(e -> e.name().equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                new InvalidInputException(
                        "There is no algorithm '%s'.".formatted(name),
                        "'%s' was meant; known are %s."
                            .formatted(Options.nearest(name, names), String.join(", ", names)))
                    .atKey("type"));
  }

  /**
   * An algorithm with some hyperparameters given and the others at their defaults.
   *
   * @param options values as JSON has them: numbers, words, lists, maps
   * @throws InvalidInputException for an unknown name or key, or a value against the rules
   */
  public static BilevelAlgorithm<?> create(String name, Map<String, ?> options) {
    return (BilevelAlgorithm<?>) Options.bind((Record) named(name).defaults(), options, name);
  }
}
