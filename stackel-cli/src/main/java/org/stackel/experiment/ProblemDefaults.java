package org.stackel.experiment;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.stackel.algorithm.Algorithms;
import org.stackel.config.InvalidInputException;
import org.stackel.data.WordNetText;
import org.stackel.problem.DataCleaning;
import org.stackel.problem.DeepAuc;
import org.stackel.problem.HyperRepresentation;
import org.stackel.problem.LogisticHpo;
import org.stackel.problem.MatrixSensing;
import org.stackel.problem.PlGame;
import org.stackel.problem.ProblemOptions;
import org.stackel.problem.Problems;
import org.stackel.problem.QuadraticSum;
import org.stackel.problem.Regularization;
import org.stackel.problem.Toy;
import org.stackel.tensor.Device;
import org.stackel.tensor.Seed;
import org.stackel.tensor.StateScope;

/**
 * Defaults that depend on problem and algorithm together: what stands between an algorithm's
 * published defaults and the keys of an experiment file.
 *
 * <p>Cleaning: λ must travel far enough to tell examples apart, or the ranking is right and the
 * weights are useless. A normalised step of length η moves n numbers by about {@code ηT/√n} each in
 * T steps, so {@code η = k√n / T} with k of 4 to 8, after which sd(λ) is about 1.5 to 3. A plain
 * step moves them by {@code η/n} times what does not depend on n, so {@code η = kn / T} there, with
 * k larger where a short series makes the hypergradient small or a decay the steps.
 */
final class ProblemDefaults {
  /** Below this standard deviation of λ the weights hardly differ. */
  private static final double LEAST_LAMBDA_SD = 0.5;

  private static final int NARROW = 32;

  /** The k of those that move x by a plain step. */
  private static final Map<String, Double> PLAIN =
      Map.ofEntries(
          Map.entry("amigo", 30.0),
          Map.entry("bgs-opt", 30.0),
          Map.entry("bvfsm", 30.0),
          Map.entry("f2sa", 30.0),
          Map.entry("galet", 30.0),
          Map.entry("itd", 30.0),
          Map.entry("ma-soba", 30.0),
          Map.entry("mrbo", 1000.0),
          Map.entry("saba", 30.0),
          Map.entry("soba", 30.0),
          Map.entry("stocbio", 300.0),
          Map.entry("sustain", 1000.0),
          Map.entry("ttsa", 300.0),
          Map.entry("vrbo", 100.0));

  /** The same for a network, whose hypergradients are large and whose curvature has no bound. */
  private static final double NETWORK_PLAIN = 30;

  private static final double NETWORK_RECURSIVE = 10;

  private ProblemDefaults() {}

  /**
   * The algorithm of the paper that a script's algorithm is a variant of: {@code slip} for {@code
   * slip-authors-cleaning}. Step sizes suit both. Every other name is its own.
   */
  static String ofPaper(String algorithm) {
    int end = algorithm.indexOf("-authors");
    return end < 0 ? algorithm : algorithm.substring(0, end);
  }

  /** What to say about λ that did not travel; null if it did. */
  static @Nullable String warning(String method, double lambdaSd) {
    return lambdaSd < LEAST_LAMBDA_SD
        ? "The weights of %s hardly differ: sd(λ) is %.2f, less than %.1f. Maybe a larger upperLr or more steps help."
            .formatted(method, lambdaSd, LEAST_LAMBDA_SD)
        : null;
  }

  /** The given options of a problem over those that suit the algorithm. */
  static Map<String, @Nullable Object> problem(
      String type, Map<String, @Nullable Object> given, String algorithm) {
    var options = new LinkedHashMap<String, @Nullable Object>();
    if (type.equals("data-cleaning")) {
      if (given.get("data") instanceof String data && !isBuiltIn(data)) {
        ownData(data, given, options);
      }
      Object model = given.get("model");
      boolean isRnn = model != null && !model.equals("linear");
      if (isRnn) {
        options.put("batch", 128);
        options.put("upperBatch", 128);
      }
      if (ofPaper(algorithm).equals("adambo")) {
        // Adam takes every coordinate's gradient at face value: no noise from the upper level.
        options.put("upperBatch", 0);
      }
      if ("tfidf".equals(given.get("vectors"))) {
        options.put("regularization", 1e-5);
      }
      if (isRnn && given.get("hidden") instanceof Number hidden && hidden.intValue() > NARROW) {
        options.put("retraining", new HashMap<>(Map.of("steps", 800, "lr", 3e-3)));
      }
    }
    if (type.equals("deep-auc")
        && given.get("data") instanceof String data
        && !isBuiltIn(data)
        && !given.containsKey("trainSize")) {
      options.put("trainSize", 0);
      if (!given.containsKey("testSize") && !given.containsKey("test")) {
        options.put("testSize", Math.max(1, count(source(given), data) / 5));
      }
    }
    if (type.equals("hyper-representation")) {
      FewShotDefaults.problem(ofPaper(algorithm), options);
    }
    options.putAll(given);
    return options;
  }

  private static boolean isBuiltIn(String data) {
    return WordNetText.NAMES.contains(data);
  }

  /**
   * A user's own labels stay as they are, and what is not held out is cleaned. At most a fifth is
   * held out for the test and a tenth to be trusted, where no file is given for them.
   */
  private static void ownData(
      String data, Map<String, @Nullable Object> given, Map<String, @Nullable Object> options) {
    options.put("noise", "none");
    options.put("trainSize", 0);
    if (given.containsKey("testSize") && given.containsKey("trustedSize")) {
      return;
    }
    int all = count(source(given), data);
    options.put("testSize", Math.max(1, Math.min(all / 5, new DataCleaning().testSize())));
    options.put("trustedSize", Math.max(1, Math.min(all / 10, new DataCleaning().trustedSize())));
  }

  /** What the given options say about files, the rest at its defaults. */
  private static DataCleaning source(Map<String, @Nullable Object> given) {
    var options = new LinkedHashMap<>(given);
    options.keySet().retainAll(List.of("format", "text", "text2", "label", "only"));
    return (DataCleaning) Problems.create("data-cleaning", options);
  }

  private static int count(DataCleaning problem, String file) {
    try {
      return problem.source(file).read().entries().size();
    } catch (InvalidInputException e) {
      throw e.atKey("data");
    }
  }

  /** The given hyperparameters over those that suit the problem. */
  static Map<String, @Nullable Object> algorithm(
      ProblemOptions problem, String algorithm, Map<String, @Nullable Object> given, long steps) {
    var options = new LinkedHashMap<String, @Nullable Object>();
    String paper = ofPaper(algorithm);
    if (problem instanceof DataCleaning cleaning) {
      cleaning(cleaning, paper, steps, !given.containsKey("upperLr"), options);
    }
    if (problem instanceof DeepAuc auc) {
      deepAuc(auc, paper, options);
    }
    if (problem instanceof HyperRepresentation tasks) {
      FewShotDefaults.algorithm(tasks, paper, steps, options);
    }
    if (problem instanceof Regularization regularization) {
      regularization(regularization, steps, options);
    }
    Synthetic synthetic = Synthetic.of(problem);
    if (synthetic != null) {
      synthetic(synthetic, paper, steps, options);
    }
    options.keySet().retainAll(Algorithms.named(algorithm).options().keySet());
    options.putAll(given);
    return options;
  }

  /**
   * What the step sizes on a problem of known scales depend on.
   *
   * @param curvature of the lower loss on a minibatch, about the largest
   * @param jointCurvature of both losses in x and y together on a minibatch, about the largest
   * @param curvatureMin of the lower loss in the directions that matter; 0 if not known
   * @param travel how far x has to go, about
   * @param size numbers in x
   * @param isWhole whether every minibatch is the whole
   */
  private record Synthetic(
      double curvature,
      double jointCurvature,
      double curvatureMin,
      double travel,
      double size,
      boolean isWhole) {
    static @Nullable Synthetic of(ProblemOptions problem) {
      if (problem instanceof PlGame p) {
        return new Synthetic(
            p.L() * spread(p.r(), p.batch(), p.n()),
            2 * p.L() * spread(p.r(), p.batch(), p.n()),
            p.mu(),
            Math.sqrt(p.d() * p.startVariance()),
            p.d(),
            p.batch() == 0);
      }
      if (problem instanceof QuadraticSum p) {
        return new Synthetic(
            p.L() * spread(p.p(), p.batch(), p.n()),
            2 * p.L() * spread(p.p() + (double) p.d(), p.batch(), p.n()),
            p.mu(),
            (Math.abs(p.x0()) + 1) * Math.sqrt(p.d()),
            p.d(),
            p.batch() == 0);
      }
      if (problem instanceof MatrixSensing p) {
        int size = p.d() * (p.r() - 1);
        double all = p.trainShare() * (p.samples() == 0 ? 20 * p.d() : p.samples());
        return new Synthetic(
            4 * spread(p.d(), p.batch(), all),
            4 * spread(p.d() * (double) p.r(), p.batch(), all),
            1, // half of what it is at the truth
            p.startDeviation() * Math.sqrt(size),
            size,
            p.batch() == 0);
      }
      if (problem instanceof LogisticHpo p) {
        double size = p.strengths() == LogisticHpo.Strengths.FEATURE ? p.features() : 1;
        return new Synthetic(
            p.loss() == LogisticHpo.Loss.SQUARED ? 5 : 2,
            5,
            0,
            3 * Math.sqrt(size),
            size,
            p.batch() == 0 && p.upperBatch() == 0);
      }
      return problem instanceof Toy ? new Synthetic(2, 2, 0, 10, 1, true) : null;
    }

    /** Largest eigenvalue of a sample covariance, where all are 1. */
    private static double spread(double width, int batch, double all) {
      double root = 1 + Math.sqrt(width / (batch == 0 ? Math.max(1, all) : batch));
      return root * root;
    }
  }

  /** Upper steps fall like {@code 1/√t}, so that normalised ones come to rest. */
  private static void synthetic(
      Synthetic problem, String algorithm, long steps, Map<String, @Nullable Object> options) {
    double lowerLr = rounded(1 / problem.curvature());
    options.put("lowerLr", lowerLr);
    options.put("linearSystemLr", lowerLr);
    options.put("valueLr", lowerLr);
    options.put("adaptLr", lowerLr);
    options.put("neumannStep", lowerLr);
    options.put("neumannTerms", problem.isWhole() ? 10 : 5);
    squareSystemLr(algorithm, options);
    double jointLr = rounded(1 / problem.jointCurvature());
    if (!problem.isWhole()) {
      options.put("upperLr", Math.min(0.05, jointLr / 2));
    }
    if (problem.curvatureMin() > 0) {
      options.put("curvatureMin", problem.curvatureMin());
    }
    switch (algorithm) {
      case "bome" -> options.put("stepSize", jointLr / 5);
      case "bvfsm" -> { // the published penalty is stiff
        options.put("penalty", 1);
        options.put("lowerLr", jointLr / 10);
      }
      case "f2sa" -> options.put("lowerLr", power(lowerLr / 2, 0.7)); // as the multiplier grows
      case "mgbio" -> options.put("upperLr", Math.min(0.1, jointLr / 2));
      case "msgbio", "vr-msgbio" -> { // times η, which starts at 1/3 and 1/2
        double factor = algorithm.equals("msgbio") ? 3 : 2;
        options.put("upperLr", rounded(factor * Math.min(0.05, jointLr / 2)));
        options.put("lowerLr", rounded(factor * lowerLr));
      }
      case "v-pbgd", "v-pbsgd" ->
          options.put("stepSize", jointLr / (problem.isWhole() ? 10 : 30)); // a penalty of 10
      default -> {}
    }
    if (problem.isWhole()) {
      options.put("sampling", "shared"); // the same numbers, computed once
    }
    boolean isAdam = algorithm.equals("adambo") || algorithm.equals("ls-adam");
    boolean isNormalised = List.of("accbo", "bo-rep", "slip").contains(algorithm);
    if (isAdam || isNormalised) {
      double travel = isAdam ? 3 * problem.travel() / Math.sqrt(problem.size()) : problem.travel();
      options.put("upperLr", power(rounded(travel / Math.sqrt((double) steps)), 0.5));
    }
  }

  private static Map<String, @Nullable Object> power(double initial, double exponent) {
    var falling = new LinkedHashMap<String, @Nullable Object>();
    falling.put("type", "power");
    falling.put("initial", initial);
    falling.put("exponent", exponent);
    return falling;
  }

  /** Descent on |Hv - b|² has the square of the curvature. */
  static void squareSystemLr(String algorithm, Map<String, @Nullable Object> options) {
    if (List.of("bgs-opt", "galet").contains(algorithm)
        && options.get("linearSystemLr") instanceof Number lr) {
      options.put("linearSystemLr", rounded(lr.doubleValue() * lr.doubleValue() / 2));
    }
  }

  /** Two digits: this is a rule of thumb. */
  private static double rounded(double number) {
    return new BigDecimal(number).round(new MathContext(2)).doubleValue();
  }

  private static void cleaning(
      DataCleaning problem,
      String algorithm,
      long steps,
      boolean needsUpperLr,
      Map<String, @Nullable Object> options) {
    boolean isRnn = problem.model().encoder() != null;
    boolean isNarrow = problem.hidden() <= NARROW;
    boolean isSparse = problem.vectors().equals("tfidf");
    double lowerLr = isRnn ? (isNarrow ? 0.7 : 0.5) : isSparse ? 20 : 5;
    if (problem.model() == DataCleaning.Model.PAIR) {
      lowerLr = 0.2; // products of features have more curvature
    }
    options.put("lowerLr", lowerLr);
    options.put("sampling", isRnn ? "shared" : "independent");
    options.put("valueLr", lowerLr);
    options.put("adaptLr", lowerLr);
    options.put("neumannStep", isRnn ? 0.4 : lowerLr);
    options.put("linearSystemLr", isRnn ? Math.min(lowerLr / 2, isNarrow ? 0.15 : 0.1) : lowerLr);
    options.put("warmStartSteps", isRnn && algorithm.equals("adambo") ? 300 : 3);
    if (needsUpperLr) {
      options.put("upperLr", upperLr(problem, algorithm, steps));
    }
    switch (algorithm) {
      case "soba", "ttsa" -> {
        // Falling steps would not go far.
        options.put("lowerExponent", 0);
        options.put("upperExponent", 0);
      }
      case "mrbo", "sustain" -> options.put("lowerLr", 2 * lowerLr); // times ½ at the start
      case "f2sa" -> { // the multiplier grows from 1 to 10
        options.put("multiplierStep", 9.0 / steps);
        options.put("lowerLr", lowerLr / 10);
      }
      case "bvfsm" -> options.put("lowerLr", lowerLr / 100); // the penalty is stiff
      // x and y have one step size, and it must suit y: the weights hardly move.
      case "bome" -> options.put("stepSize", lowerLr / 2);
      case "v-pbgd", "v-pbsgd" -> options.put("stepSize", lowerLr / 10);
      case "anil", "maml" -> options.put("upperLr", lowerLr);
      default -> {}
    }
    squareSystemLr(algorithm, options);
    if (isRnn && (algorithm.equals("soba") || algorithm.equals("saba"))) {
      options.put("lowerLr", 0.15); // it is the step size of the linear system too
    }
    if (isRnn) {
      // The Hessian is indefinite along the way: the terms of a series grow.
      options.put("neumannTerms", 3);
      // So does z, and unbounded it may overflow.
      options.put("linearSystemRadius", 100.0);
    }
  }

  /**
   * AUC: published step sizes are for the script's losses. The lower level has curvature 2p(1-p),
   * or 1 where its loss is scaled, and then a step of size 1 solves it.
   */
  private static void deepAuc(
      DeepAuc problem, String algorithm, Map<String, @Nullable Object> options) {
    boolean isExact = problem.lower() == DeepAuc.Lower.EXACT;
    double lowerLr = isExact ? 1 : 0.5;
    options.put("lowerLr", lowerLr);
    options.put("adaptLr", lowerLr);
    options.put("valueLr", lowerLr);
    options.put("linearSystemLr", lowerLr);
    options.put("neumannStep", 1.0);
    options.put("neumannTerms", isExact ? 1 : 3);
    options.put("sampling", "shared");
    switch (algorithm) {
      case "adambo", "ls-adam" -> options.put("upperLr", 3e-3);
      case "accbo" -> options.put("upperLr", 0.01);
      case "bo-rep", "slip" -> options.put("upperLr", 0.02);
      case "mrbo", "sustain" -> options.put("upperLr", 5.0); // times what falls
      case "amigo",
          "anil",
          "bgs-opt",
          "galet",
          "itd",
          "ma-soba",
          "maml",
          "mgbio",
          "saba",
          "stocbio",
          "vrbo" ->
          options.put("upperLr", 1.0);
      case "bome" -> options.put("stepSize", 0.5);
      case "bvfsm" -> { // the published penalty is stiff
        options.put("penalty", 1);
        options.put("lowerLr", 0.05);
      }
      case "f2sa" -> options.put("upperLr", 0.5);
      case "msgbio", "vr-msgbio" -> { // times η, which starts at 1/3 and 1/2
        options.put("upperLr", 3.0);
        options.put("lowerLr", 2 * lowerLr);
      }
      case "v-pbgd", "v-pbsgd" -> options.put("stepSize", 0.3);
      case "soba", "ttsa" -> {
        options.put("upperLr", 1.0);
        options.put("lowerExponent", 0);
        options.put("upperExponent", 0);
      }
      default -> {}
    }
  }

  /**
   * Strengths: the network must be trained before they move, or less penalty looks like faster
   * progress. Then logarithms have about five to go, ever slower, so that they come to rest.
   */
  private static void regularization(
      Regularization problem, long steps, Map<String, @Nullable Object> options) {
    options.put("lowerLr", 0.3);
    options.put("linearSystemLr", 0.1);
    options.put("linearSystemRadius", 100.0);
    options.put("neumannStep", 0.4);
    options.put("neumannTerms", 10);
    options.put("warmStartSteps", 200);
    options.put("refinement", new HashMap<>(Map.of("steps", 100)));
    options.put("sampling", "shared");
    double travel = problem.form() == Regularization.Form.PLAIN ? 0.02 : 5;
    options.put("upperLr", power(rounded(travel / (2 * Math.sqrt((double) steps))), 0.5));
  }

  private static double upperLr(DataCleaning problem, String algorithm, long steps) {
    boolean isRnn = problem.model().encoder() != null;
    if (algorithm.equals("adambo") || algorithm.equals("ls-adam")) {
      // Adam moves each number by about its rate.
      return (isRnn ? (algorithm.equals("adambo") ? 20.0 : 40.0) : 50.0) / steps;
    }
    double n = examples(problem);
    if (PLAIN.containsKey(algorithm)) {
      boolean isRecursive = algorithm.equals("mrbo") || algorithm.equals("sustain");
      double network = isRecursive ? NETWORK_RECURSIVE : NETWORK_PLAIN;
      return (isRnn ? network : PLAIN.get(algorithm)) * n / steps;
    }
    double k = isRnn ? 8 : problem.vectors().equals("tfidf") ? 4 : 5;
    return k * Math.sqrt(n) / steps;
  }

  /** Lower minibatches in a pass through the training set. */
  static long stepsPerEpoch(ProblemOptions problem) {
    if (problem instanceof DataCleaning cleaning) {
      return (examples(cleaning) + cleaning.batch() - 1L) / cleaning.batch();
    }
    try (var scope = StateScope.open();
        var opened = problem.open(new Seed(0), Device.CPU)) {
      if (opened.stepsPerEpoch() > 0) {
        return opened.stepsPerEpoch();
      }
    }
    throw new InvalidInputException(
            "--epochs needs a problem with a training set.", "--steps was meant.")
        .at("--epochs");
  }

  private static int examples(DataCleaning problem) {
    if (problem.trainSize() > 0) {
      return problem.trainSize();
    }
    if (isBuiltIn(problem.data())) {
      return new DataCleaning().trainSize();
    }
    int all = count(problem, problem.data());
    int trusted = problem.trusted().isEmpty() ? problem.trustedSize() : 0;
    int test = problem.test().isEmpty() ? problem.testSize() : 0;
    return Math.max(2, all - trusted - test);
  }
}
