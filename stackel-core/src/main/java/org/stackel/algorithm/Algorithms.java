package org.stackel.algorithm;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.stackel.config.InvalidInputException;
import org.stackel.config.Options;
import org.stackel.hypergradient.SpectralInverse;
import org.stackel.problem.BilevelProblem;
import org.stackel.problem.DenseSecondOrder;
import org.stackel.problem.FiniteSum;
import org.stackel.problem.Property;

/** The catalogue of algorithms. */
public final class Algorithms {
  /** Most numbers in y where dense second derivatives are made of products. */
  public static final long MOST_PRODUCTS = 256;

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
              "amigo",
              Amigo.DEFAULTS,
              "AmIGO",
              "Arbel, Mairal, ICLR 2022",
              "1 ∇f, N ∇g, S Hv, 1 Jv"),
          new Entry(
              "anil", Anil.DEFAULTS, "ANIL", "Raghu et al., ICLR 2020", "1 ∇f, K ∇g, K Hv, K Jv"),
          new Entry(
              "bgs-opt",
              BgsOpt.DEFAULTS,
              "BGS-Opt",
              "Arbel, Mairal, NeurIPS 2022",
              "1 ∇f, N ∇g, 2S+U Hv, U+1 Jv"),
          new Entry(
              "bo-rep",
              BoRep.DEFAULTS,
              "BO-REP",
              "Hao, Gong, Liu, ICLR 2024",
              "1 ∇f, N/I ∇g, 1 Hv, 1 Jv"),
          new Entry("bome", Bome.DEFAULTS, "BOME", "Ye et al., NeurIPS 2022", "1 ∇f, N+2 ∇g"),
          new Entry("bvfsm", Bvfsm.DEFAULTS, "BVFSM", "Liu et al., ICML 2021", "N+1 ∇f, 2N+V+4 ∇g"),
          new Entry("f2sa", F2sa.DEFAULTS, "F2SA", "Kwon et al., ICML 2023", "N+1 ∇f, 2N+2 ∇g"),
          new Entry(
              "galet",
              Galet.DEFAULTS,
              "GALET",
              "Xiao, Lu, Chen, NeurIPS 2023",
              "1 ∇f, N ∇g, 2S Hv, 1 Jv"),
          new Entry(
              "itd", Itd.DEFAULTS, "ITD", "Franceschi et al., ICML 2017", "1 ∇f, N ∇g, N Hv, N Jv"),
          new Entry(
              "ls-adam", LsAdam.DEFAULTS, "LS-Adam", "ours, unpublished", "1 ∇f, 1 ∇g, 1 Hv, 1 Jv"),
          new Entry(
              "ma-soba",
              MaSoba.DEFAULTS,
              "MA-SOBA",
              "Chen, Xiao, Balasubramanian, 2023",
              "1 ∇f, 1 ∇g, 1 Hv, 1 Jv"),
          new Entry(
              "maml",
              Maml.DEFAULTS,
              "MAML",
              "Finn, Abbeel, Levine, ICML 2017",
              "1 ∇f, K ∇g, K Hv, K Jv"),
          new Entry(
              "mgbio",
              MgBio.DEFAULTS,
              "MGBiO",
              "Huang, arXiv 2303.03944",
              "1 ∇f, 1 ∇g, p Hv, p Jv",
              Set.of(Trait.NEEDS_DENSE, Trait.PROJECTS_X)),
          new Entry(
              "mrbo",
              Mrbo.DEFAULTS,
              "MRBO",
              "Yang, Ji, Liang, NeurIPS 2021",
              "2 ∇f, 2 ∇g, 2Q Hv, 2 Jv"),
          new Entry(
              "msgbio",
              MsgBio.DEFAULTS,
              "MSGBiO",
              "Huang, arXiv 2303.03944",
              "1 ∇f, 1 ∇g, p Hv, p Jv",
              Set.of(Trait.NEEDS_DENSE, Trait.PROJECTS_X)),
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
              "v-pbgd",
              VPbgd.DEFAULTS,
              "V-PBGD",
              "Shen, Chen, ICML 2023",
              "1 ∇f, N+2 ∇g",
              Set.of(Trait.PROJECTS_X)),
          new Entry(
              "v-pbsgd",
              VPbsgd.DEFAULTS,
              "V-PBSGD",
              "Shen, Chen, ICML 2023",
              "1 ∇f, N+2 ∇g",
              Set.of(Trait.PROJECTS_X)),
          new Entry(
              "vr-msgbio",
              VrMsgBio.DEFAULTS,
              "VR-MSGBiO",
              "Huang, arXiv 2303.03944",
              "2 ∇f, 2 ∇g, 2p Hv, 2p Jv",
              Set.of(Trait.NEEDS_DENSE, Trait.PROJECTS_X)),
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
      String obstacle = obstacle(problem);
      if (obstacle == null) {
        return;
      }
      List<String> fit = names(other -> other.obstacle(problem) == null);
      List<String> unfit = names(other -> other.obstacle(problem) != null);
      String others =
          fit.size() <= unfit.size()
              ? "one of " + String.join(", ", fit)
              : "any algorithm but " + String.join(", ", unfit);
      String bounds = problem.isConstrained() ? "the bounds on x can be left out, or " : "";
      throw new InvalidInputException(
              obstacle.formatted(name, type), bounds + others + " was meant.")
          .atKey("algorithm.type");
    }

    private static List<String> names(Predicate<Entry> condition) {
      return ALL.stream().filter(condition).map(Entry::name).toList();
    }

    /** What keeps the algorithm from running, with places for both names; null if nothing does. */
    private @Nullable String obstacle(BilevelProblem<?> problem) {
      if (problem.isConstrained() && !traits.contains(Trait.PROJECTS_X)) {
        return "%s does not project, but x of this %s must stay in a set.";
      }
      if (traits.contains(Trait.NEEDS_FINITE_SUM) && !(problem instanceof FiniteSum)) {
        return "%s remembers every minibatch, but %s is no finite sum of minibatches.";
      }
      long upper = problem.upperLayout().size();
      long lower = problem.lowerLayout().size();
      boolean isClosed = problem instanceof DenseSecondOrder;
      if (traits.contains(Trait.NEEDS_DENSE) && !isClosed && lower > MOST_PRODUCTS) {
        return "%s needs dense second derivatives. Where they have no closed form, each number in y"
            + " costs a product in every step, and y may have at most %,d of them"
                .formatted(MOST_PRODUCTS)
            + "; this %s has "
            + "%,d.".formatted(lower);
      }
      if (traits.contains(Trait.NEEDS_DENSE) && !SpectralInverse.fits(upper, lower)) {
        return "%s needs dense second derivatives, for at most "
            + "%,d numbers in y and %,d in x times those in y"
                .formatted(SpectralInverse.MOST_LOWER, SpectralInverse.MOST_CROSS)
            + "; this %s has "
            + "%,d in x and %,d in y.".formatted(upper, lower);
      }
      return null;
    }

    /**
     * Whether the algorithm runs on a problem, as far as that is known before it is opened.
     *
     * @return {@code yes}, {@code no}, {@code if small} or {@code if x is free}
     */
    public String fit(Set<Property> problem) {
      if (traits.contains(Trait.NEEDS_FINITE_SUM) && problem.contains(Property.UNNUMBERED)) {
        return "no";
      }
      if (traits.contains(Trait.NEEDS_DENSE) && problem.contains(Property.LARGE)) {
        return "if small";
      }
      if (!traits.contains(Trait.PROJECTS_X) && problem.contains(Property.BOUNDABLE)) {
        return "if x is free";
      }
      return "yes";
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
                        Options.meant(name, names, "known are"))
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
