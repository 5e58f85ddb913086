package org.stackel.algorithm;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.stackel.config.InvalidInputException;
import org.stackel.config.Options;
import org.stackel.hypergradient.SpectralInverse;
import org.stackel.plugin.Plugins;
import org.stackel.problem.BilevelProblem;
import org.stackel.problem.DenseSecondOrder;
import org.stackel.problem.FiniteSum;
import org.stackel.problem.Property;
import org.stackel.problem.Scales;
import org.stackel.problem.Trait;

/** The catalogue of algorithms. */
public final class Algorithms {
  /** Largest dimension of y where dense second derivatives are made of products. */
  public static final long MAX_PRODUCTS = 256;

  private static final String WHAT = "algorithm";

  private Algorithms() {}

  /**
   * What commands on somebody's own data run where the problem, not the algorithm, is asked for: a
   * single loop, with solved heads where the problem has them.
   */
  public static BilevelAlgorithm<?> usual() {
    return new Slip();
  }

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
    /**
     * The entry of an algorithm: what its {@link AlgorithmInfo} says.
     *
     * @param defaults the algorithm with its default hyperparameters
     * @throws InvalidInputException if it is no record
     */
    public static Entry of(BilevelAlgorithm<?> defaults) {
      Class<?> type = defaults.getClass();
      if (!(defaults instanceof Record options)) {
        throw new InvalidInputException(
            "The algorithm %s must be a record, whose components are its hyperparameters."
                .formatted(type.getName()),
            "`record %s(double upperLr, …) implements BilevelAlgorithm<…>` was meant."
                .formatted(type.getSimpleName()));
      }
      AlgorithmInfo info = type.getAnnotation(AlgorithmInfo.class);
      String simple = type.getSimpleName();
      return new Entry(
          info == null || info.name().isEmpty() ? Options.kebab(simple) : info.name(),
          defaults,
          info == null || info.title().isEmpty() ? simple : info.title(),
          info == null ? "" : info.paper(),
          info == null ? "" : info.calls(),
          info == null ? Set.of() : Set.of(info.traits()),
          TuningRange.ofStepSizes(options));
    }

    /** The hyperparameters with their defaults, as JSON has them. */
    public Map<String, @Nullable Object> options() {
      return Options.toMap((Record) defaults);
    }

    /**
     * The hyperparameters that are given, as the algorithm has them now: keys of version 0.1 that
     * changed no number are dropped.
     *
     * @param given values as JSON has them
     * @throws InvalidInputException if dropping a key would change numbers
     */
    public Map<String, @Nullable Object> current(Map<String, ?> given) {
      return FormerKeys.dropped(name, options().keySet(), given);
    }

    /**
     * Whether {@link Algorithms#create} knows the key: as a hyperparameter, or as one that files of
     * version 0.1 have.
     */
    public boolean knows(String key) {
      return options().containsKey(key) || FormerKeys.contains(key);
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
      return all().stream().filter(condition).map(Entry::name).toList();
    }

    /** What keeps the algorithm from running, with places for both names; null if nothing does. */
    private @Nullable String obstacle(BilevelProblem<?> problem) {
      if (problem.isConstrained() && !traits.contains(Trait.PROJECTS_X)) {
        return "%s does not project, but x of this %s must stay in a set.";
      }
      if (problem.isSaddle() && traits.contains(Trait.MINIMIZES_F_OVER_Y)) {
        return "%s also minimises the upper loss over y, but y of this %s maximises it.";
      }
      if (traits.contains(Trait.NEEDS_FINITE_SUM) && !(problem instanceof FiniteSum)) {
        return "%s remembers every minibatch, but %s is no finite sum of minibatches.";
      }
      long upper = problem.upperLayout().size();
      long lower = problem.lowerLayout().size();
      boolean isClosed = problem instanceof DenseSecondOrder;
      if (traits.contains(Trait.NEEDS_DENSE) && !isClosed && lower > MAX_PRODUCTS) {
        return "%s needs dense second derivatives. %s has no closed form of them, so each component"
            + " of y costs a product in every step: dimension of y is "
            + "%,d, the limit is %,d.".formatted(lower, MAX_PRODUCTS);
      }
      if (traits.contains(Trait.NEEDS_DENSE) && !SpectralInverse.fits(upper, lower)) {
        return "%s needs dense second derivatives, which are too large for this %s: dimension of y is "
            + "%,d, the limit is %,d; dimension of x times that of y is %,d, the limit is %,d."
                .formatted(
                    lower, SpectralInverse.MAX_LOWER, upper * lower, SpectralInverse.MAX_CROSS);
      }
      return null;
    }

    /**
     * Whether the algorithm runs on a problem, as far as that is known before it is opened.
     *
     * @return {@code yes}, {@code no}, {@code if small} or {@code if x is free}
     */
    public String fit(Set<Property> problem) {
      if ((traits.contains(Trait.NEEDS_FINITE_SUM) && problem.contains(Property.UNNUMBERED))
          || (traits.contains(Trait.MINIMIZES_F_OVER_Y) && problem.contains(Property.SADDLE))) {
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

  /**
   * All algorithms, by name: those of the class path and of plug-ins.
   *
   * @throws InvalidInputException if a plug-in is broken
   */
  public static List<Entry> all() {
    return List.copyOf(byName().values());
  }

  private static Map<String, Entry> byName() {
    return Plugins.entries(BilevelAlgorithm.class, WHAT, e -> List.of(Entry.of(e)), Entry::name);
  }

  /** Whether the catalogue makes this kind of algorithm by its name. */
  public static boolean contains(BilevelAlgorithm<?> algorithm) {
    Entry entry = byName().get(Entry.of(algorithm).name());
    return entry != null && entry.defaults().getClass() == algorithm.getClass();
  }

  /**
   * The algorithm of this name.
   *
   * @throws InvalidInputException if there is none
   */
  public static Entry named(String name) {
    return Plugins.find(byName(), name, WHAT);
  }

  /**
   * An algorithm with some hyperparameters given and the others at their defaults. Keys of version
   * 0.1 that changed no number may be there: {@code "mode": "paper"}, {@code "script": null}, and
   * {@code sampling} where it has no effect.
   *
   * @param options values as JSON has them: numbers, words, lists, maps
   * @throws InvalidInputException for an unknown name or key, or a value against the rules
   */
  public static BilevelAlgorithm<?> create(String name, Map<String, ?> options) {
    Entry entry = named(name);
    return bind(entry, entry.defaults(), options);
  }

  /**
   * An algorithm with some hyperparameters given and the others as they suit a problem.
   *
   * @param scales of the problem
   * @param options values as JSON has them: numbers, words, lists, maps
   * @throws InvalidInputException for an unknown name or key, or a value against the rules
   */
  public static BilevelAlgorithm<?> create(String name, Scales scales, Map<String, ?> options) {
    Entry entry = named(name);
    return bind(entry, entry.defaults().suitedTo(scales), options);
  }

  private static BilevelAlgorithm<?> bind(
      Entry entry, BilevelAlgorithm<?> defaults, Map<String, ?> options) {
    return (BilevelAlgorithm<?>)
        Options.bind((Record) defaults, entry.current(options), entry.name());
  }
}
