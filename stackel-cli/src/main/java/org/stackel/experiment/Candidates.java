package org.stackel.experiment;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;
import org.stackel.algorithm.Estimating;
import org.stackel.algorithm.Itd;
import org.stackel.config.Options;
import org.stackel.config.Rules;
import org.stackel.hypergradient.ConjugateGradient;
import org.stackel.hypergradient.Hypergradient;
import org.stackel.hypergradient.HypergradientEstimator;
import org.stackel.hypergradient.LinearSystem;
import org.stackel.hypergradient.Neumann;
import org.stackel.hypergradient.NormalEquation;
import org.stackel.hypergradient.SpectralInverse;
import org.stackel.hypergradient.Unrolled;
import org.stackel.optim.Schedule;
import org.stackel.oracle.Gradient;
import org.stackel.oracle.SampledObjective;
import org.stackel.tensor.Device;
import org.stackel.tensor.Tensors;

/** Which estimators are looked at: the algorithm's own, and others at equal settings. */
final class Candidates {
  private static final int TERMS = 10;

  /** What is compared with the algorithm's own estimator; one line each. */
  private static final List<Function<Settings, Candidate>> OTHERS =
      List.of(
          s -> neumann(Neumann.Form.A, s),
          s -> neumann(Neumann.Form.B, s),
          s -> neumann(Neumann.Form.C, s),
          s -> of("linear system", s, new LinearSystem(s.terms, s.step), s.series(s.terms)),
          s ->
              of(
                  "normal equation",
                  s,
                  new NormalEquation(s.terms, s.step * s.step),
                  new Expected.Normal(s.step * s.step, s.terms)),
          s -> // moves y first: its formula is the series at y* only
          of("unrolled", s, new Unrolled(s.terms, s.step, null, Unrolled.Memory.KEEP), null),
          s ->
              new Candidate(
                  "conjugate gradients, %d steps".formatted(s.terms),
                  new ConjugateGradient(s.terms, 0, 0)::sample,
                  new Expected.Krylov(s.terms)));

  /**
   * A vector of the size of y that an algorithm carries along as its solution.
   *
   * @param component its name in the state
   * @param sign -1 where the algorithm carries the negative one
   */
  private record Carried(String component, double sign) {}

  private static final Map<String, Carried> CARRIED =
      Map.of(
          "amigo", new Carried("z", 1),
          "bgs-opt", new Carried("a", -1),
          "bo-rep", new Carried("z", 1),
          "galet", new Carried("w", -1),
          "ls-adam", new Carried("z", 1),
          "ma-soba", new Carried("z", 1),
          "saba", new Carried("z", 1),
          "slip", new Carried("z", 1),
          "soba", new Carried("z", 1));

  private Candidates() {}

  /** The solution that a state carries; null if its algorithm carries none. */
  static double @Nullable [] carried(String algorithm, Map<String, Tensor> state) {
    Carried carried = CARRIED.get(ProblemDefaults.ofPaper(algorithm));
    Tensor tensor = carried == null ? null : state.get(carried.component);
    return carried == null || tensor == null
        ? null
        : Vectors.scaled(carried.sign, Tensors.toArray(tensor));
  }

  /**
   * What is equal among the estimators that are compared.
   *
   * @param terms of a series, or steps
   * @param step η or ν
   */
  private record Settings(int terms, double step) {
    Expected series(int count) {
      return new Expected.Series(step, count);
    }

    String text() {
      return "%d × %s".formatted(terms, String.format(Locale.ROOT, "%.3g", step));
    }
  }

  private static Candidate of(
      String name,
      Settings settings,
      HypergradientEstimator estimator,
      @Nullable Expected expected) {
    return new Candidate(name + ", " + settings.text(), estimator::sample, expected);
  }

  private static Candidate neumann(Neumann.Form form, Settings s) {
    int terms = form == Neumann.Form.B ? s.terms + 1 : s.terms;
    return of("Neumann " + form, s, new Neumann(form, s.terms, s.step), s.series(terms));
  }

  /**
   * The candidates of an algorithm at a point of its run.
   *
   * @param own the algorithm's own estimator; null if it has none that is known here
   * @param others at equal settings
   * @param step η or ν of both
   */
  record Choice(@Nullable Candidate own, List<Candidate> others, double step) {
    Stream<Candidate> all() {
      return Stream.concat(own == null ? Stream.empty() : Stream.of(own), others.stream());
    }
  }

  /**
   * What to look at.
   *
   * @param carried the vector that the algorithm carries along as its solution; null if none
   * @param largest the greatest curvature of g: steps are its reciprocal where the algorithm has
   *     none of its own
   */
  static Choice of(Experiment experiment, long t, double @Nullable [] carried, double largest) {
    Map<String, @Nullable Object> options = Options.toMap((Record) experiment.algorithm());
    Settings settings = settings(experiment.algorithmType(), options, t, largest);
    Candidate own =
        experiment.algorithm() instanceof Itd itd
            ? unrolled(itd, settings)
            : own(experiment, options, settings, carried);
    var others = new ArrayList<Candidate>();
    for (Function<Settings, Candidate> other : OTHERS) {
      Candidate candidate = other.apply(settings);
      if (own == null || !own.name().endsWith(candidate.name())) {
        others.add(candidate);
      }
    }
    return new Choice(own, others, settings.step);
  }

  private static Settings settings(
      String type, Map<String, @Nullable Object> options, long t, double largest) {
    // These two take their step on the square of the Hessian.
    boolean isSquared = type.equals("galet") || type.equals("bgs-opt");
    Object step =
        options.containsKey("neumannStep") || isSquared
            ? options.get("neumannStep")
            : options.get("linearSystemLr");
    boolean isUnrolled = type.equals("itd");
    Object given = isUnrolled ? options.get("lowerLr") : step;
    Object count = options.get(isUnrolled ? "lowerSteps" : "neumannTerms");
    double length =
        given == null ? 1 / largest : Schedule.fromOption(new Rules(type), "step", given).at(t);
    return new Settings(count instanceof Number terms ? terms.intValue() : TERMS, length);
  }

  /** Moves y first, so that its formula is that of a series at y* only: not judged. */
  private static Candidate unrolled(Itd itd, Settings s) {
    String last = itd.truncate() == null ? "" : ", the last " + itd.truncate();
    var estimator = new Unrolled(s.terms, s.step, itd.truncate(), Unrolled.Memory.RECOMPUTE);
    return of("itd: unrolled" + last, s, estimator, null);
  }

  private static @Nullable Candidate own(
      Experiment experiment,
      Map<String, @Nullable Object> options,
      Settings settings,
      double @Nullable [] carried) {
    String type = experiment.algorithmType();
    if (options.get("neumannForm") instanceof String form) {
      Candidate candidate = neumann(Neumann.Form.valueOf(form.toUpperCase(Locale.ROOT)), settings);
      return new Candidate(
          type + ": " + candidate.name(), candidate.sampler(), candidate.expected());
    }
    if (experiment.algorithm() instanceof Estimating estimating) {
      return new Candidate(
          type + ": own estimator, " + settings.text(), estimating::estimate, null);
    }
    if (options.containsKey("curvatureMin")) {
      return new Candidate(
          type + ": spectral inverse",
          new SpectralInverse(
                  number(options.get("curvatureMin")),
                  number(options.get("curvatureMax")),
                  number(options.get("upperGradientBound")),
                  number(options.get("crossBound")))
              ::sample,
          null);
    }
    return carried == null
        ? null
        : new Candidate(type + ": z of the run", holding(carried), new Expected.Carried(carried));
  }

  private static @Nullable Double number(@Nullable Object option) {
    return option instanceof Number number ? number.doubleValue() : null;
  }

  private static Candidate.Sampler holding(double[] z) {
    return oracle -> {
      SampledObjective upper = oracle.upper();
      SampledObjective lower = oracle.lower();
      return (x, y) -> {
        Gradient f = upper.gradient(x, y);
        Tensor v = Tensors.of(Device.CPU64, z).to(y);
        return new Hypergradient(f.x().sub(lower.linearize(x, y).crossVector(v)), v);
      };
    };
  }
}
