package org.stackel.cli;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.stackel.compare.Comparison;
import org.stackel.experiment.Draft;
import org.stackel.preset.Presets;
import org.stackel.preset.Scale;
import org.stackel.problem.Baselines;

/** The comparison that {@code stackel demo} runs: which methods find wrong labels in real text. */
public final class Demo {
  private static final String PRESET = "clean-wordnet";

  private Demo() {}

  /**
   * Three tables: linear model and class-dependent noise; the network on the same; uniform noise.
   *
   * @param seeds of the first table; the others run the first of them
   */
  public static Comparison comparison(List<Long> seeds) {
    List<Long> first = seeds.subList(0, 1);
    return new Comparison(
        "Finding wrong labels in WordNet definitions",
        List.of(
            "10,000 definitions, 38 topics; 40 % of the training labels were made wrong on purpose;"
                + " 1,000 definitions with right labels are trusted; accuracy is on 3,500 others.",
            "Every cleaning method is followed by training from scratch: bilevel methods with the"
                + " weights σ(λ), the others on what they keep. '+ trusted' trains on the trusted"
                + " texts too.",
            "The noise moves a label to the next class. That kind was chosen because cleaning gains"
                + " much there; the last table has uniform noise, where it only ties.",
            "Pruning is given the true share of wrong labels, which nobody has in practice; given"
                + " that, this two-line baseline ties with the bilevel methods on the linear model."),
        List.of(
            section(
                "linear",
                "Linear model, 40 % of labels moved to the next class",
                Map.of(),
                List.of("bo-rep", "slip", "adambo"),
                seeds,
                Baselines.ALL),
            section(
                "rnn",
                "Recurrent network, 40 % of labels moved to the next class",
                Map.of("problem.encoder", "rnn", "steps", 600),
                List.of("slip", "bo-rep"),
                first,
                Baselines.PLAIN),
            section(
                "uniform",
                "Linear model, 40 % of labels replaced by a random other class",
                Map.of("problem.noise", "uniform"),
                List.of("slip"),
                first,
                Baselines.ALL)));
  }

  private static Comparison.Section section(
      String name,
      String title,
      Map<String, ?> changes,
      List<String> algorithms,
      List<Long> seeds,
      Baselines baselines) {
    var experiments =
        algorithms.stream()
            .map(
                algorithm -> {
                  Draft draft = Presets.named(PRESET).draft(Scale.SMALL);
                  new LinkedHashMap<>(changes).forEach((key, v) -> draft.set(key, v, "the demo"));
                  draft.useAlgorithm(algorithm, "the demo");
                  return draft.experiment();
                })
            .toList();
    return new Comparison.Section(name, title, List.of(), experiments, seeds, baselines);
  }
}
