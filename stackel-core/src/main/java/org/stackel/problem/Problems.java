package org.stackel.problem;

import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.stackel.config.InvalidInputException;
import org.stackel.config.Options;

/** The catalogue of problems. */
public final class Problems {
  private static final List<Entry> ALL =
      List.of(
          new Entry(
              "data-cleaning",
              DataCleaning.DEFAULTS,
              "a weight for each training text, so that a classifier does well on trusted ones",
              Set.of(Property.LARGE)),
          new Entry(
              "deep-auc",
              DeepAuc.DEFAULTS,
              "a text classifier trained for the area under the ROC curve, as a saddle point"),
          new Entry(
              "hyper-representation",
              HyperRepresentation.DEFAULTS,
              "an encoder of texts from which tasks are learned from a few examples each",
              Set.of(Property.LARGE)),
          new Entry(
              "logistic-hpo",
              LogisticHpo.DEFAULTS,
              "strengths of a linear model's penalty, from validation examples"),
          new Entry(
              "matrix-sensing",
              MatrixSensing.DEFAULTS,
              "UUᵀ of low rank from measurements: x all columns of U but the last, y the last"),
          new Entry(
              "pl-game",
              PlGame.DEFAULTS,
              "f = ½ xᵀPx + xᵀR₁y, g = ½ yᵀQy + xᵀR₂y with singular P and Q; closed forms"),
          new Entry(
              "quadratic",
              Quadratic.DEFAULTS,
              "g = ½ yᵀAy - yᵀ(Bx + c), f = ½ (y-d)ᵀD(y-d) + ½ xᵀEx + eᵀx + yᵀFx; closed forms",
              Set.of(Property.BOUNDABLE)),
          new Entry(
              "quadratic-sum",
              QuadraticSum.DEFAULTS,
              "means of random quadratics, in minibatches; the optimum is known"),
          new Entry(
              "regularization",
              Regularization.DEFAULTS,
              "strengths of the penalty of a network on texts, from validation texts",
              Set.of(Property.LARGE)),
          new Entry(
              "toy",
              Toy.DEFAULTS,
              "one number at each level: unbounded smoothness, minimax, sine; closed forms"));

  private Problems() {}

  /**
   * One problem.
   *
   * @param name what experiment files call it
   * @param defaults its options with their defaults; an empty list or text must be given
   * @param summary one line
   * @param properties what decides which algorithms run on it
   */
  public record Entry(
      String name, ProblemOptions defaults, String summary, Set<Property> properties) {
    /** One that every algorithm without special needs runs on. */
    public Entry(String name, ProblemOptions defaults, String summary) {
      this(name, defaults, summary, Set.of());
    }

    /** The options with their defaults, as JSON has them. */
    public Map<String, @Nullable Object> options() {
      return Options.toMap((Record) defaults);
    }
  }

  /** All problems by name. */
  public static List<Entry> all() {
    return ALL;
  }

  /**
   * The problem of this name.
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
                        "There is no problem '%s'.".formatted(name),
                        Options.meant(name, names, "known are"))
                    .atKey("type"));
  }

  /**
   * A problem's options with some given and the others at their defaults.
   *
   * @param options values as JSON has them: numbers, words, lists, maps
   * @throws InvalidInputException for an unknown name or key, or a value against the rules
   */
  public static ProblemOptions create(String name, Map<String, ?> options) {
    return (ProblemOptions) Options.bind((Record) named(name).defaults(), options, name);
  }
}
