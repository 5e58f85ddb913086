package org.stackel.algorithm;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.stackel.config.InvalidInputException;
import org.stackel.config.Options;

/** The catalogue of algorithms. */
public final class Algorithms {
  private static final List<Entry> ALL =
      List.of(
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
              "1 ∇f, 1 ∇g, p Hv, p Jv"),
          new Entry(
              "msgbio",
              MsgBio.DEFAULTS,
              "MSGBiO",
              "Huang, arXiv 2303.03944",
              "1 ∇f, 1 ∇g, p Hv, p Jv"),
          new Entry(
              "slip", Slip.DEFAULTS, "SLIP", "Gong, Hao, Liu, ICML 2024", "1 ∇f, 1 ∇g, 1 Hv, 1 Jv"),
          new Entry("v-pbgd", VPbgd.DEFAULTS, "V-PBGD", "Shen, Chen, ICML 2023", "1 ∇f, N+2 ∇g"),
          new Entry("v-pbsgd", VPbsgd.DEFAULTS, "V-PBSGD", "Shen, Chen, ICML 2023", "1 ∇f, N+2 ∇g"),
          new Entry(
              "vr-msgbio",
              VrMsgBio.DEFAULTS,
              "VR-MSGBiO",
              "Huang, arXiv 2303.03944",
              "2 ∇f, 2 ∇g, 2p Hv, 2p Jv"));

  private Algorithms() {}

  /**
   * One algorithm.
   *
   * @param name what experiment files call it
   * @param defaults the algorithm with its default hyperparameters
   * @param title what its paper calls it
   * @param paper where it was published
   * @param calls oracle calls a step: gradients, Hessian products, cross products
   */
  public record Entry(
      String name, BilevelAlgorithm<?> defaults, String title, String paper, String calls) {
    /** The hyperparameters with their defaults, as JSON has them. */
    public Map<String, @Nullable Object> options() {
      return Options.toMap((Record) defaults);
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
