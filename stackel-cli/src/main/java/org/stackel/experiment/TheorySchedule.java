package org.stackel.experiment;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.stackel.algorithm.Algorithms;
import org.stackel.config.InvalidInputException;
import org.stackel.config.Options;

/**
 * What the analyses ask for, as functions of the constants and of the norm ε of ∇Φ to be reached.
 *
 * <p>The orders in ε are those of the papers; the factors are sufficient ones, derived from
 * descent, momentum and tracking lemmas, and small. docs/check.md has every formula.
 */
final class TheorySchedule {
  /** λ of adambo where it is not given. */
  static final double ADAM_EPSILON = 1e-8;

  private static final List<String> KNOWN =
      List.of("accbo", "adambo", "bo-rep", "mgbio", "msgbio", "slip", "vr-msgbio");

  private final double epsilon;
  private final Constants constants;
  private final List<String> missing = new ArrayList<>();
  private final Map<String, Object> options = new LinkedHashMap<>();
  private final List<String> remarks = new ArrayList<>();

  private TheorySchedule(double epsilon, Constants constants) {
    this.epsilon = epsilon;
    this.constants = constants;
  }

  /**
   * A number of steps or terms, which may be more than a whole number can be.
   *
   * @param value the number, not rounded
   */
  record Length(double value) {}

  /**
   * A schedule.
   *
   * @param options hyperparameters; lengths as {@link Length}
   * @param steps T, not rounded
   * @param remarks what a reader should know
   */
  record Result(Map<String, Object> options, double steps, List<String> remarks) {}

  /**
   * The schedule of an algorithm.
   *
   * @param lambda λ of adambo
   * @throws InvalidInputException naming every constant that is missing
   */
  static Result of(String algorithm, double epsilon, Constants constants, double lambda) {
    var schedule = new TheorySchedule(epsilon, constants);
    double steps =
        switch (ProblemDefaults.ofPaper(algorithm)) {
          case "slip" -> schedule.slip();
          case "bo-rep" -> schedule.boRep();
          case "adambo" -> schedule.adamBo(lambda);
          case "accbo" -> schedule.accBo();
          case "mgbio" -> schedule.mgBio();
          case "msgbio" -> schedule.msgBio();
          case "vr-msgbio" -> schedule.vrMsgBio();
          default ->
              throw new InvalidInputException(
                      "There is no theory schedule for %s.".formatted(algorithm),
                      "one of %s was meant.".formatted(String.join(", ", KNOWN)))
                  .atKey(Theory.KEY);
        };
    if (!schedule.missing.isEmpty()) {
      List<String> order = List.copyOf(Options.toMap(Constants.NONE).keySet());
      schedule.missing.sort(Comparator.comparingInt(order::indexOf));
      throw new InvalidInputException(
              "The theory schedule of %s needs the constant%s %s."
                  .formatted(
                      algorithm,
                      schedule.missing.size() == 1 ? "" : "s",
                      String.join(", ", schedule.missing)),
              "`stackel check --constants` estimates them.")
          .atKey("constants");
    }
    schedule.leaveOutWhatIsUnknownTo(algorithm);
    return new Result(schedule.options, Math.max(1, Math.ceil(steps)), schedule.remarks);
  }

  /** Scripts lack some of what their papers have. */
  private void leaveOutWhatIsUnknownTo(String algorithm) {
    var unknown = new ArrayList<>(options.keySet());
    unknown.removeAll(Algorithms.named(algorithm).options().keySet());
    if (!unknown.isEmpty()) {
      options.keySet().removeAll(unknown);
      remarks.add("%s has no %s: left out.".formatted(algorithm, String.join(", ", unknown)));
    }
  }

  // ---- constants and what follows from them --------------------------------------------------

  private double need(String name, Function<Constants, @Nullable Double> of) {
    Double value = of.apply(constants);
    if (value == null) {
      if (!missing.contains(name)) {
        missing.add(name);
      }
      return Double.NaN;
    }
    return value;
  }

  private double mu() {
    return need("mu", Constants::mu);
  }

  private double lg1() {
    return need("lg1", Constants::lg1);
  }

  private double lf0() {
    return need("lf0", Constants::lf0);
  }

  private double delta() {
    return need("delta", Constants::delta);
  }

  private double lowerDistance() {
    return need("lowerDistance", Constants::lowerDistance);
  }

  /** {@code √(1 + ℓ_g1²/μ²)}: how much faster (x, y*(x)) moves than x. */
  private double stretch() {
    return Math.hypot(1, lg1() / mu());
  }

  /** {@code |D̄f(x,y) - ∇Φ(x)| ≤ (bracket + L_x1 |∇Φ|) |y - y*|}: L̄₀. */
  double bracket() {
    if (constants.L0() != null) {
      return constants.L0() / stretch();
    }
    if (constants.Lx0() == null && constants.Ly0() == null && constants.lg2() == null) {
      return need("L0", Constants::L0); // easier to have than its parts
    }
    double mu = mu();
    double lg1 = lg1();
    double lf0 = lf0();
    double lg2 = need("lg2", Constants::lg2);
    return need("Lx0", Constants::Lx0)
        + need("Lx1", Constants::Lx1) * lg1 * lf0 / mu
        + lg1 / mu * (need("Ly0", Constants::Ly0) + need("Ly1", Constants::Ly1) * lf0)
        + lf0 * (mu * lg2 + lg1 * lg2) / (mu * mu);
  }

  /** L₀ of Φ. */
  double smoothness() {
    return stretch() * bracket();
  }

  /** L₁ of Φ. */
  double relaxedSmoothness() {
    return constants.L1() != null || constants.Lx1() == null
        ? need("L1", Constants::L1)
        : stretch() * constants.Lx1();
  }

  static double smoothness(Constants constants) {
    return new TheorySchedule(1, constants).smoothness();
  }

  static double relaxedSmoothness(Constants constants) {
    return new TheorySchedule(1, constants).relaxedSmoothness();
  }

  static double bracket(Constants constants) {
    return new TheorySchedule(1, constants).bracket();
  }

  /** Variance of a stochastic hypergradient with the exact z. */
  private double variance() {
    double z = lf0() / mu();
    double f = need("sigmaF1", Constants::sigmaF1);
    double g = need("sigmaG2", Constants::sigmaG2);
    return f * f + 2 * g * g * z * z;
  }

  /** {@code 1 - β}. */
  private double renewal() {
    double variance = variance();
    return variance == 0 ? 1 : Math.min(1, epsilon * epsilon / (512 * variance));
  }

  private void momentum(double renewal) {
    double momentum = 1 - renewal;
    if (momentum >= 1) {
      remarks.add("1 - momentum is smaller than the precision of numbers; epsilon is too small.");
      momentum = Math.nextDown(1.0);
    }
    options.put("momentum", momentum);
  }

  /** η over 1 - β. */
  private double move() {
    return Math.min(epsilon / (32 * smoothness()), 1 / (16 * relaxedSmoothness()));
  }

  /** The distance from y* that is small enough: τ. */
  private double target() {
    return epsilon / (64 * bracket());
  }

  /** The step size at which noise keeps y within a distance of y*. */
  private double lowerStep(double distance, double variance) {
    double step = 1 / lg1();
    return variance == 0 ? step : Math.min(step, mu() * distance * distance / (9 * variance));
  }

  private double lowerVariance() {
    double sigma = need("sigmaG1", Constants::sigmaG1);
    return sigma * sigma;
  }

  /** The step of x with which y* moves slowly enough for plain descent. */
  private double tracked(double lowerStep) {
    return lowerStep * mu() * mu() * target() / (Math.sqrt(18) * lg1());
  }

  /** Steps of plain descent from the start to the distance τ. */
  private double warmStart(double rate) {
    double d = lowerDistance();
    double t = target();
    return Math.max(0, 2 / rate * Math.log(3 * d * d / (t * t)));
  }

  /** Terms of a Neumann series with step 1/ℓ_g1 whose bias is at most ε/8. */
  private double neumannTerms() {
    double lg1 = lg1();
    double mu = mu();
    return Math.max(1, Math.log(lg1 * lf0() / (mu * epsilon / 8)) * lg1 / mu);
  }

  private void put(String name, double value) {
    options.put(name, value);
  }

  private void length(String name, double value) {
    options.put(name, new Length(Math.ceil(value)));
  }

  // ---- relaxed smoothness ----------------------------------------------------------------------

  private double slip() {
    double renewal = renewal();
    double lower = lowerStep(target(), lowerVariance());
    double upper = Math.min(renewal * move(), tracked(lower));
    put("upperLr", upper);
    put("lowerLr", lower);
    put("linearSystemLr", Math.min(renewal, 1 / (2 * lg1())));
    momentum(renewal);
    length("warmStartSteps", warmStart(lower * mu()));
    options.put("sampling", "independent");
    return 8 * delta() / (upper * epsilon);
  }

  private double boRep() {
    double renewal = renewal();
    double t = target();
    double lower = lowerStep(t / 2, lowerVariance());
    double upper = renewal * move();
    double mu = mu();
    double refinement = 1 / (2 * lg1());
    double distance = lowerDistance();
    put("upperLr", upper);
    put("lowerLr", lower);
    put("linearSystemLr", Math.min(renewal, 1 / (2 * lg1())));
    momentum(renewal);
    options.put("period", new Length(Math.max(1, Math.floor(t * mu / (4 * lg1() * upper)))));
    length("lowerSteps", 2 / (lower * mu) * Math.log(12));
    put("lowerRadius", t);
    options.put("lowerOutput", "last");
    var epochs = new LinkedHashMap<String, Object>();
    double halvings = Math.max(0, Math.ceil(2 * Math.log(distance / t) / Math.log(2)));
    epochs.put("lr", refinement);
    epochs.put("steps", (long) Math.min(1e15, Math.ceil(4 / (mu * refinement))));
    if (distance > 0) {
      epochs.put("radius", distance);
    }
    epochs.put("epochs", (long) halvings);
    options.put("refinement", epochs);
    options.put("sampling", "independent");
    return 8 * delta() / (upper * epsilon);
  }

  private double adamBo(double lambda) {
    double renewal = renewal();
    double lower = lowerStep(target(), lowerVariance());
    double upper = Math.min(Math.pow(lambda, 1.5) * renewal, lower * lambda);
    put("upperLr", upper);
    put("lowerLr", lower);
    double beta1 = 1 - renewal;
    put("beta1", Math.min(beta1, Math.nextDown(1.0)));
    put("beta2", Math.max(Math.min(beta1, Math.nextDown(1.0)), 0.999));
    put("epsilon", lambda);
    length("warmStartSteps", warmStart(lower * mu()));
    length("neumannTerms", neumannTerms());
    put("neumannStep", 1 / lg1());
    options.put("neumannForm", "a");
    options.put("sampling", "independent");
    remarks.add(
        "upperLr is at most epsilon^1.5 (1 - beta1), with the epsilon of Adam (%s): a larger one makes steps longer."
            .formatted(lambda));
    return 8 * delta() / (upper * epsilon * epsilon);
  }

  private double accBo() {
    double renewal = renewal();
    double variance = Math.min(lowerVariance(), epsilon);
    double lower = lowerStep(target(), variance);
    double upper = Math.min(Math.sqrt(renewal) * move(), tracked(lower));
    double root = Math.sqrt(mu() * lower);
    options.put("variant", "every-step");
    put("upperLr", upper);
    put("lowerLr", lower);
    momentum(renewal);
    put("extrapolation", (1 - root) / (1 + root));
    put("averaging", Math.min(1, root));
    length("warmStartSteps", warmStart(root));
    length("neumannTerms", neumannTerms());
    put("neumannStep", 1 / lg1());
    options.put("neumannForm", "a");
    options.put("sampling", "independent");
    double batches = Math.ceil(lowerVariance() / epsilon);
    if (batches > 1) {
      remarks.add(
          "The analysis wants a variance of ∇y G of at most epsilon: lower minibatches %,.0f times as large as those that sigmaG1 was measured on."
              .formatted(batches));
    }
    return 8 * delta() / (upper * epsilon);
  }

  // ---- PL lower level
  // -----------------------------------------------------------------------------

  /** Bounds of Huang's estimator, and what they give. */
  private final class Clipped {
    private final double mu = mu();
    private final double lg = lg1();
    private final double lf = need("Lf", Constants::Lf);
    private final double lg2 = need("lg2", Constants::lg2);
    private final double fy = lf0();
    private final double gxy = need("crossBound", Constants::crossBound);
    private final double gap = need("lowerGap", Constants::lowerGap);

    /** L_Φ. */
    double smoothness() {
      return (1 + gxy / mu) * (lf + lf * gxy / mu + lg2 * fy / mu + lg2 * gxy * fy / (mu * mu));
    }

    /** L̂: how the estimator's error grows with the distance from y*. */
    double error() {
      double a = lf;
      double b = lg2 * fy / mu;
      double c = lg2 * gxy * fy / (mu * mu);
      double d = lf * gxy / mu;
      return 2 * Math.sqrt(a * a + b * b + c * c + d * d);
    }

    double lower(double eta) {
      return 1 / (eta * lg);
    }

    double upper(double eta) {
      return Math.min(1 / (2 * eta * smoothness()), lower(eta) * mu * mu / (9 * error() * lg));
    }

    /** {@code 2 (Δ + c h₁)}, the bound of {@code γ η T} times the mean of |∇Φ|². */
    double budget(double eta) {
      double error = error();
      double c = 4 * upper(eta) * error * error / (lower(eta) * mu * mu);
      return 2 * (delta() + c * gap);
    }

    void put(double eta) {
      options.put("upperLr", upper(eta));
      options.put("lowerLr", lower(eta));
      options.put("curvatureMin", mu);
      options.put("curvatureMax", lg);
      if (fy > 0) {
        options.put("upperGradientBound", fy);
      }
      if (gxy > 0) {
        options.put("crossBound", gxy);
      }
    }
  }

  private double mgBio() {
    var clipped = new Clipped();
    clipped.put(1);
    put("relaxation", 1);
    return clipped.budget(1) / (clipped.upper(1) * epsilon * epsilon);
  }

  private double msgBio() {
    double c = 2;
    return stochastic(c, Math.max(1, c * c), 2);
  }

  private double vrMsgBio() {
    double c = 2.0 / 3 + 2;
    return stochastic(c, Math.max(1, c * c * c), 3);
  }

  /** {@code η_t = k/(m+t)^(1/root)} with k = 1. */
  private double stochastic(double coefficient, double m, int root) {
    var clipped = new Clipped();
    double eta = Math.pow(m + 1, -1.0 / root);
    clipped.put(eta);
    put("k", 1);
    put("m", Math.ceil(m));
    var coefficients = new LinkedHashMap<String, Object>();
    for (String name : List.of("upperX", "upperY", "lowerY", "cross", "hessian")) {
      coefficients.put(name, coefficient);
    }
    options.put("coefficients", coefficients);
    // (m + T)^(1/root) ≤ (2T)^(1/root) from T = m on.
    double exponent = root / (root - 1.0);
    double base =
        Math.pow(2, 1.0 / root) * clipped.budget(eta) / (clipped.upper(eta) * epsilon * epsilon);
    return Math.max(m, Math.pow(base, exponent));
  }
}
