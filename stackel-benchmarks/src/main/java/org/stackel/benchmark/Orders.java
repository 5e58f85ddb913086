package org.stackel.benchmark;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.stackel.algorithm.AlgorithmState;
import org.stackel.algorithm.Algorithms;
import org.stackel.algorithm.BilevelAlgorithm;
import org.stackel.oracle.CountingOracle;
import org.stackel.tensor.Blas;
import org.stackel.tensor.Seed;
import org.stackel.tensor.StateScope;

/**
 * Oracle calls until the mean gradient norm is ε, for falling ε: empirical orders beside those of
 * the theory. {@code scripts/orders} prints the table; docs/orders.md says how to read it.
 */
final class Orders {
  /** The grid of the table. */
  static final List<Double> GRID = List.of(0.3, 0.17, 0.1, 0.055, 0.03);

  /** Where the constants were chosen. */
  private static final double REFERENCE = 0.3;

  /** Standard deviation of the noise. */
  private static final double NOISE = 0.2;

  private static final double NEUMANN_STEP = 1 / NoisyQuadratic.SMOOTHNESS;

  private static final int MAX_STEPS = 3_000_000;

  private Orders() {}

  /** What a method is here for. */
  enum Group {
    /** Averages of plain samples. */
    MOMENTUM,
    /** Differences of estimates on the same samples. */
    VARIANCE_REDUCED,
    /** Neither: large minibatches, or two time scales. */
    OTHER,
    /** To see that an order is needed. */
    CONTROL
  }

  /** What is to reach ε: what the analysis of the method bounds. */
  enum Measure {
    /** Mean of |∇Φ| over the iterates. */
    MEAN("mean"),
    /** Root of the mean of |∇Φ|² over the iterates. */
    ROOT_MEAN_SQUARE("root mean square");

    private final String text;

    Measure(String text) {
      this.text = text;
    }

    double term(double norm) {
      return this == MEAN ? norm : norm * norm;
    }

    double of(double sum, long iterates) {
      return this == MEAN ? sum / iterates : Math.sqrt(sum / iterates);
    }
  }

  /**
   * Samples in minibatches.
   *
   * @param renewal in those that renew an estimate
   * @param other in all others
   * @param period steps between renewals
   * @param renewalCalls minibatches of a renewal; 0 if there is none
   */
  record Batches(long renewal, long other, long period, long renewalCalls) {
    static final Batches ONE = new Batches(1, 1, 1, 0);

    /** The same size everywhere. */
    static Batches of(long size) {
      return new Batches(size, size, 1, 0);
    }

    /** Samples of a step with this many minibatches. */
    long samples(long step, long calls) {
      long renewed = step % period == 0 ? renewalCalls : 0;
      return renewal * renewed + other * (calls - renewed);
    }
  }

  /**
   * A method with its hyperparameters for an ε.
   *
   * @param algorithm on minibatches
   * @param batches their sizes
   */
  record Plan(BilevelAlgorithm<?> algorithm, Batches batches) {}

  /** Hyperparameters as functions of {@code r = ε / 0.3}. */
  interface Recipe {
    /** The plan for an ε. */
    Plan at(double r);
  }

  /**
   * A row of the table.
   *
   * @param theory order of the theory: calls are ε to minus this, but for logarithms
   * @param knowsEpsilon whether hyperparameters depend on ε; else one run has every ε
   * @param mostSteps where a run that did not reach ε is given up
   */
  record Method(
      String name,
      Group group,
      double theory,
      Measure measure,
      boolean knowsEpsilon,
      int mostSteps,
      Recipe recipe) {}

  /** Every row. Constants are those that were best at ε = 0.3, and orders in r the theory's. */
  static List<Method> methods() {
    return List.of(
        given("adambo", Group.MOMENTUM, 4, Measure.ROOT_MEAN_SQUARE, Orders::adamBo),
        given("bo-rep", Group.MOMENTUM, 4, Measure.MEAN, Orders::boRep),
        given("ma-soba", Group.MOMENTUM, 4, Measure.ROOT_MEAN_SQUARE, Orders::maSoba),
        falling("msgbio", Group.MOMENTUM, 4, Measure.MEAN, huang("msgbio", 0.33, 1.3, 2.4)),
        given("slip", Group.MOMENTUM, 4, Measure.MEAN, r -> slip(r * r * r, r * r, r * r)),
        given("accbo", Group.VARIANCE_REDUCED, 3, Measure.MEAN, Orders::accBo),
        falling(
            "mrbo", Group.VARIANCE_REDUCED, 3, Measure.ROOT_MEAN_SQUARE, storm("mrbo", 0.38, 1.7)),
        falling(
            "sustain",
            Group.VARIANCE_REDUCED,
            3,
            Measure.ROOT_MEAN_SQUARE,
            storm("sustain", 0.33, 1.3)),
        falling(
            "vr-msgbio",
            Group.VARIANCE_REDUCED,
            3,
            Measure.MEAN,
            huang("vr-msgbio", 0.54, 1.7, 1.3)),
        given("vrbo", Group.VARIANCE_REDUCED, 3, Measure.ROOT_MEAN_SQUARE, Orders::vrbo),
        given("stocbio", Group.OTHER, 4, Measure.ROOT_MEAN_SQUARE, Orders::stocBio),
        falling("ttsa", Group.OTHER, 5, Measure.ROOT_MEAN_SQUARE, Orders::ttsa),
        new Method(
            "slip, steps of accbo's orders",
            Group.CONTROL,
            Double.NaN,
            Measure.MEAN,
            true,
            30_000,
            r -> slip(r * r, r * r, r)));
  }

  private static Method given(
      String name, Group group, double theory, Measure measure, Recipe recipe) {
    return new Method(name, group, theory, measure, true, MAX_STEPS, recipe);
  }

  private static Method falling(
      String name, Group group, double theory, Measure measure, Recipe recipe) {
    return new Method(name, group, theory, measure, false, MAX_STEPS, recipe);
  }

  private static long atLeast(double value) {
    return Math.max(1, (long) Math.ceil(value - 1e-9));
  }

  private static Plan plan(String name, Map<String, Object> options) {
    return new Plan(Algorithms.create(name, options), Batches.ONE);
  }

  /** Each factor is 1 at the reference. */
  private static Plan slip(double upper, double renewal, double lower) {
    return plan(
        "slip",
        Map.of(
            "upperLr", 0.022 * upper,
            "momentum", 1 - 0.6 * renewal,
            "linearSystemLr", 0.6 * lower,
            "lowerLr", 0.41 * lower,
            "warmStartSteps", atLeast(2 / lower)));
  }

  private static Plan boRep(double r) {
    double square = r * r;
    return plan(
        "bo-rep",
        Map.of(
            "upperLr",
            0.026 * square * r,
            "momentum",
            1 - 0.6 * square,
            "linearSystemLr",
            0.6 * square,
            "lowerLr",
            0.23 * square,
            "period",
            atLeast(2 / square),
            "lowerSteps",
            atLeast(2 / square),
            "refinement",
            Map.of("lr", 0.5, "steps", 2, "epochs", atLeast(1 - 2 * Math.log(r) / Math.log(2)))));
  }

  private static Plan adamBo(double r) {
    double square = r * r;
    return plan(
        "adambo",
        Map.of(
            "upperLr",
            0.069 * square,
            "beta1",
            1 - 0.25 * square,
            "beta2",
            1 - 0.25 * square,
            "epsilon",
            0.52,
            "lowerLr",
            0.47 * square,
            "neumannTerms",
            3,
            "neumannStep",
            NEUMANN_STEP,
            "warmStartSteps",
            atLeast(2 / square)));
  }

  private static Plan maSoba(double r) {
    double square = r * r;
    return plan(
        "ma-soba",
        Map.of(
            "upperLr", 0.045 * square,
            "averaging", 0.24 * square,
            "lowerLr", 0.72 * square,
            "linearSystemLr", 0.72 * square));
  }

  private static Plan accBo(double r) {
    double lower = 0.35 * r;
    double root = Math.sqrt(NoisyQuadratic.MU * lower);
    return plan(
        "accbo",
        Map.of(
            "upperLr",
            0.028 * r * r,
            "momentum",
            1 - 0.34 * r * r,
            "lowerLr",
            lower,
            "extrapolation",
            (1 - root) / (1 + root),
            "averaging",
            root,
            "neumannTerms",
            3,
            "neumannStep",
            NEUMANN_STEP,
            "warmStartSteps",
            atLeast(2 / Math.sqrt(r))));
  }

  private static Plan vrbo(double r) {
    var options =
        Map.<String, Object>of(
            "upperLr",
            0.18,
            "lowerLr",
            0.71,
            "innerSteps",
            0,
            "period",
            atLeast(0.78 / r),
            "neumannTerms",
            3,
            "neumannStep",
            NEUMANN_STEP);
    var batches = new Batches(atLeast(7.8 / (r * r)), atLeast(1 / r), atLeast(0.78 / r), 6);
    return new Plan(Algorithms.create("vrbo", options), batches);
  }

  private static Plan stocBio(double r) {
    var options =
        Map.<String, Object>of(
            "upperLr",
            0.09,
            "lowerLr",
            0.3,
            "lowerSteps",
            2,
            "neumannTerms",
            3,
            "neumannStep",
            NEUMANN_STEP);
    return new Plan(Algorithms.create("stocbio", options), Batches.of(atLeast(1.2 / (r * r))));
  }

  private static Plan ttsa(double r) {
    return plan(
        "ttsa",
        Map.of("upperLr", 0.24, "lowerLr", 0.9, "neumannTerms", 3, "neumannStep", NEUMANN_STEP));
  }

  private static Recipe storm(String name, double upperLr, double lowerLr) {
    return r ->
        plan(
            name,
            Map.of(
                "upperLr",
                upperLr,
                "lowerLr",
                lowerLr,
                "upperRate",
                1.3,
                "lowerRate",
                1.3,
                "neumannTerms",
                3,
                "neumannStep",
                NEUMANN_STEP));
  }

  private static Recipe huang(String name, double upperLr, double lowerLr, double c) {
    return r ->
        plan(
            name,
            Map.of(
                "upperLr",
                upperLr,
                "lowerLr",
                lowerLr,
                "coefficients",
                Map.of("upperX", c, "upperY", c, "lowerY", c, "cross", c, "hessian", c)));
  }

  /**
   * Oracle calls until the measure is at most ε, for each ε; NaN where it was not reached.
   *
   * @param grid falling
   */
  static double[] calls(Method method, List<Double> grid, Seed seed) {
    if (!method.knowsEpsilon()) {
      return run(method, method.recipe().at(1), grid, seed);
    }
    return grid.stream()
        .mapToDouble(e -> run(method, method.recipe().at(e / REFERENCE), List.of(e), seed)[0])
        .toArray();
  }

  private static double[] run(Method method, Plan plan, List<Double> grid, Seed seed) {
    return run(plan.algorithm(), plan.batches(), method, grid, seed);
  }

  private static <S extends Record & AlgorithmState> double[] run(
      BilevelAlgorithm<S> algorithm, Batches batches, Method method, List<Double> grid, Seed seed) {
    double sd = NOISE / Math.sqrt((double) batches.renewal());
    var problem = new NoisyQuadratic(sd, sd);
    double[] reached = new double[grid.size()];
    Arrays.fill(reached, Double.NaN);
    long samples;
    S state;
    try (var scope = StateScope.open()) {
      var oracle = new CountingOracle(problem.oracle(seed.child("init")));
      state = scope.keep(algorithm.init(problem.start(), oracle));
      samples = batches.other() * oracle.calls().total();
    }
    double sum = 0;
    int next = 0;
    for (long t = 0; t < method.mostSteps(); t++) {
      sum += method.measure().term(NoisyQuadratic.hypergradientNorm(state.x()));
      double mean = method.measure().of(sum, t + 1);
      while (next < reached.length && mean <= grid.get(next)) {
        reached[next++] = samples;
      }
      if (next == reached.length) {
        break;
      }
      S old = state;
      try (var scope = StateScope.open()) {
        var oracle = new CountingOracle(problem.oracle(seed.child("step").child(t)));
        state = scope.keep(algorithm.step(t, old, oracle));
        samples += batches.samples(t, oracle.calls().total());
      }
      StateScope.release(old);
    }
    StateScope.release(state);
    return reached;
  }

  /** Least-squares slope of log calls against log 1/ε; NaN if an ε was not reached. */
  static double slope(List<Double> grid, double[] calls) {
    double[] x = grid.stream().mapToDouble(e -> -Math.log(e)).toArray();
    double[] y = Arrays.stream(calls).map(Math::log).toArray();
    double meanX = Arrays.stream(x).average().orElseThrow();
    double meanY = Arrays.stream(y).average().orElseThrow();
    double xy =
        IntStream.range(0, x.length).mapToDouble(i -> (x[i] - meanX) * (y[i] - meanY)).sum();
    double xx = Arrays.stream(x).map(v -> (v - meanX) * (v - meanX)).sum();
    return xy / xx;
  }

  /** Slopes of a method, one a seed. */
  static double[] slopes(Method method, List<Double> grid, long seeds) {
    return LongStream.range(0, seeds)
        .mapToDouble(s -> slope(grid, calls(method, grid, new Seed(s))))
        .toArray();
  }

  /**
   * Prints the table.
   *
   * @param args how many seeds
   */
  public static void main(String[] args) {
    Blas.setThreads(1);
    int seeds = Integer.parseInt(args[0]);
    System.out.println(
        "| | theory | ≤ ε | "
            + GRID.stream().map(e -> "ε = " + e).collect(Collectors.joining(" | "))
            + " | slope |\n|---|---:|---"
            + "|---:".repeat(GRID.size() + 1)
            + "|");
    var groups = new EnumMap<Group, List<Double>>(Group.class);
    for (Method method : methods()) {
      double[][] calls =
          LongStream.range(0, seeds)
              .mapToObj(s -> calls(method, GRID, new Seed(s)))
              .toArray(double[][]::new);
      double[] slopes = Arrays.stream(calls).mapToDouble(c -> slope(GRID, c)).toArray();
      groups.computeIfAbsent(method.group(), g -> new ArrayList<>()).add(mean(slopes));
      System.out.println(row(method, calls, slopes));
    }
    for (Group group : List.of(Group.MOMENTUM, Group.VARIANCE_REDUCED)) {
      System.out.printf(
          Locale.ROOT,
          "%nMean slope, %s: %.2f",
          group == Group.MOMENTUM ? "momentum" : "variance reduction",
          groups.getOrDefault(group, List.of()).stream()
              .mapToDouble(d -> d)
              .average()
              .orElseThrow());
    }
    System.out.println();
  }

  private static String row(Method method, double[][] calls, double[] slopes) {
    String cells =
        IntStream.range(0, GRID.size())
            .mapToDouble(i -> mean(Arrays.stream(calls).mapToDouble(c -> c[i]).toArray()))
            .mapToObj(c -> Double.isNaN(c) ? "–" : String.format(Locale.ROOT, "%,.0f", c))
            .collect(Collectors.joining(" | "));
    return "| %s | %s | %s | %s | %s |"
        .formatted(
            method.name(),
            Double.isNaN(method.theory()) ? "" : String.valueOf((int) method.theory()),
            method.measure().text,
            cells,
            Double.isNaN(mean(slopes))
                ? "–"
                : String.format(Locale.ROOT, "%.2f ± %.2f", mean(slopes), error(slopes)));
  }

  private static double mean(double[] numbers) {
    return DoubleStream.of(numbers).average().orElseThrow();
  }

  private static double error(double[] numbers) {
    double mean = mean(numbers);
    double square = DoubleStream.of(numbers).map(v -> (v - mean) * (v - mean)).sum();
    return Math.sqrt(square / (numbers.length - 1.0) / numbers.length);
  }
}
