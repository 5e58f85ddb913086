package org.stackel.check;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.stackel.config.Options;
import org.stackel.hypergradient.Formula;
import org.stackel.hypergradient.Hypergradient;
import org.stackel.optim.Iterations;
import org.stackel.oracle.CountingOracle;
import org.stackel.oracle.OracleCalls;
import org.stackel.oracle.SampledObjective;
import org.stackel.oracle.Sampling;
import org.stackel.oracle.StochasticOracle;
import org.stackel.reference.ExactPoint;
import org.stackel.reference.Finding;
import org.stackel.reference.LowerSystem;
import org.stackel.reference.Reference;
import org.stackel.reference.Vectors;
import org.stackel.tensor.Seed;
import org.stackel.tensor.StateScope;
import org.stackel.tensor.Tensors;

/**
 * Estimators of the hypergradient against what they must give, and against the exact hypergradient.
 *
 * <p>Judged: on one batch, where an estimate is its formula to rounding; and the mean of
 * independent estimates, which must be the formula of the means within six standard errors; of
 * fewer than 8 estimates that differ, no verdict but unclear follows. Told: bias, standard
 * deviation and error of the estimates against the exact hypergradient, which show how good the
 * estimator's settings are.
 *
 * @param reference exact means, and samples
 * @param sampling whether an estimate shares its samples, as the algorithm's steps do
 * @param samples estimates, at least 2
 */
record EstimatorCheck(Reference<?> reference, Sampling sampling, int samples) {
  private static final double RELATIVE = 1e-7;
  private static final double STANDARD_ERRORS = 6;

  /** Fewer estimates than that know too little of their variance. */
  private static final int MIN_SAMPLES = 8;

  /**
   * One estimator at one point. Norms are absolute; divide by that of the exact hypergradient.
   *
   * @param name of the estimator
   * @param isOwn whether it is the algorithm's
   * @param bias {@code |mean of the estimates - exact|}
   * @param biasError standard error of the mean of the estimates: the bias is known up to it
   * @param deviation square root of the estimates' total variance
   * @param error square root of the mean of {@code |estimate - exact|²}
   * @param cosine mean cosine of the angle between an estimate and the exact hypergradient
   * @param solutionError mean of {@code |v - exact v| / |exact v|}
   * @param calls oracle calls of one estimate, on average
   * @param findings what was judged
   */
  record Row(
      String name,
      boolean isOwn,
      double bias,
      double biasError,
      double deviation,
      double error,
      double cosine,
      double solutionError,
      Map<String, Double> calls,
      List<Finding> findings) {
    Row {
      calls = Collections.unmodifiableMap(new LinkedHashMap<>(calls)); // in their order
      findings = List.copyOf(findings);
    }

    /** With one more finding. */
    Row with(Finding finding) {
      var all = new ArrayList<>(findings);
      all.add(finding);
      return new Row(
          name, isOwn, bias, biasError, deviation, error, cosine, solutionError, calls, all);
    }

    double allCalls() {
      return calls.values().stream().mapToDouble(Double::doubleValue).sum();
    }
  }

  /** Looks at one estimator. */
  Row row(
      Candidate candidate, boolean isOwn, ExactPoint at, LowerSystem.Solution exact, Seed seed) {
    double[] truth = at.direction(exact.v());
    double[] mean = new double[truth.length];
    double squares = 0; // of distances from the mean
    double errors = 0;
    double cosines = 0;
    double solutionErrors = 0;
    OracleCalls calls = OracleCalls.NONE;
    for (int i = 0; i < samples; i++) {
      Iterations.next("samples", i, samples);
      try (var scope = StateScope.open()) {
        var oracle = new CountingOracle(reference.draws(seed.child(i), sampling));
        Hypergradient found = candidate.sampler().sample(oracle).at(at.x(), at.y());
        double[] direction = Tensors.toArray(found.direction());
        double[] before = Vectors.minus(direction, mean);
        mean = Vectors.plus(mean, 1.0 / (i + 1), before);
        squares += Vectors.dot(before, Vectors.minus(direction, mean));
        double error = Vectors.distance(direction, truth);
        errors += error * error;
        cosines += Vectors.dot(direction, truth) / (Vectors.norm(direction) * Vectors.norm(truth));
        solutionErrors +=
            Vectors.distance(Tensors.toArray(found.solution()), exact.v())
                / Vectors.norm(exact.v());
        calls = calls.plus(oracle.calls());
      }
    }
    double variance = squares / (samples - 1);
    return new Row(
        candidate.name(),
        isOwn,
        Vectors.distance(mean, truth),
        Math.sqrt(variance / samples),
        Math.sqrt(variance),
        Math.sqrt(errors / samples),
        cosines / samples,
        solutionErrors / samples,
        average(calls),
        findings(candidate, at, mean, variance));
  }

  private Map<String, Double> average(OracleCalls calls) {
    var average = new LinkedHashMap<String, Double>();
    Options.toMap(calls)
        .forEach(
            (name, count) ->
                average.put(
                    name, count instanceof Number n ? n.doubleValue() / samples : Double.NaN));
    average.remove("samples"); // those of the whole reference
    return average;
  }

  private List<Finding> findings(
      Candidate candidate, ExactPoint at, double[] mean, double variance) {
    Formula expected = candidate.expected();
    var findings = new ArrayList<Finding>();
    if (expected == null) {
      return findings;
    }
    OneBatchResult one = onOneBatch(candidate, expected, at);
    findings.add(one.finding);
    if (expected.isMultilinear() && !reference.sharesSamples(sampling)) {
      double[] formula = at.direction(expected.solution(at::hessian, at.upperY()));
      double size = Vectors.norm(formula);
      double error = Vectors.distance(mean, formula);
      double unit = size == 0 ? 1 : size;
      double chance = STANDARD_ERRORS * Math.sqrt(Math.max(variance, one.variance) / samples);
      boolean isKnown = samples >= MIN_SAMPLES || chance == 0;
      double bound = RELATIVE + chance / unit;
      findings.add(
          new Finding(
              candidate.name() + ", mean of estimates",
              error / unit,
              isKnown ? bound : Math.max(bound, Math.max(1, error / unit))));
    }
    return findings;
  }

  /**
   * What one batch tells.
   *
   * @param finding the estimate against its formula
   * @param variance that a random length alone gives: few estimates may miss a rare length that
   *     carries the mean, and seem to have no variance at all
   */
  private record OneBatchResult(Finding finding, double variance) {}

  private OneBatchResult onOneBatch(Candidate candidate, Formula expected, ExactPoint near) {
    String what = candidate.name() + ", on one batch";
    try (var scope = StateScope.open()) {
      var batch = reference.first();
      var at =
          new ExactPoint(
              batch, near.device(), Tensors.toArray(near.x()), Tensors.toArray(near.y()));
      double[] solution = expected.solution(at::hessian, at.upperY());
      double[] formula = at.direction(solution);
      Estimate found = estimate(candidate, batch, at);
      double size = Vectors.norm(formula) + Vectors.norm(at.upperX());
      double error = Vectors.distance(found.direction, formula);
      double sizeOfV = Vectors.norm(solution);
      double errorOfV = Vectors.distance(found.solution, solution);
      var finding =
          new Finding(
              what,
              Math.max(
                  size == 0 ? error : error / size, sizeOfV == 0 ? errorOfV : errorOfV / sizeOfV),
              RELATIVE + expected.doubt(at::hessian, at.upperY()));
      return new OneBatchResult(finding, found.variance);
    }
  }

  /**
   * An estimate.
   *
   * @param variance of the direction over the lengths
   */
  @SuppressWarnings("ArrayRecordComponent") // nobody compares them
  private record Estimate(double[] direction, double[] solution, double variance) {}

  /** On one batch; averaged over all lengths if the estimator's is random. */
  private Estimate estimate(Candidate candidate, Reference<?> batch, ExactPoint at) {
    double[] sum = new double[0];
    double[] sumOfV = new double[0];
    double squares = 0;
    int choices = 1;
    for (int choice = 0; choice < choices; choice++) {
      try (var scope = StateScope.open()) {
        var oracle =
            new OneBatch(
                batch.oneUpper(), batch.oneLower(), reference.sharesSamples(sampling), choice);
        Hypergradient found = candidate.sampler().sample(oracle).at(at.x(), at.y());
        double[] direction = Tensors.toArray(found.direction());
        double[] v = Tensors.toArray(found.solution());
        sum = choice == 0 ? direction : Vectors.plus(sum, 1, direction);
        sumOfV = choice == 0 ? v : Vectors.plus(sumOfV, 1, v);
        squares += Vectors.dot(direction, direction);
        choices = Math.max(choices, oracle.choices);
      }
    }
    double[] mean = Vectors.scaled(1.0 / choices, sum);
    double variance = choices == 1 ? 0 : Math.max(0, squares / choices - Vectors.dot(mean, mean));
    return new Estimate(mean, Vectors.scaled(1.0 / choices, sumOfV), variance);
  }

  /** Every sample is the same, every random number is given. */
  private static final class OneBatch implements StochasticOracle {
    private final SampledObjective upper;
    private final SampledObjective lower;
    private final boolean sharesSamples;
    private final int choice;
    private int choices = 1;

    OneBatch(SampledObjective upper, SampledObjective lower, boolean sharesSamples, int choice) {
      this.upper = upper;
      this.lower = lower;
      this.sharesSamples = sharesSamples;
      this.choice = choice;
    }

    @Override
    public SampledObjective upper() {
      return upper;
    }

    @Override
    public SampledObjective lower() {
      return lower;
    }

    @Override
    public SampledObjective freshLower() {
      return lower;
    }

    @Override
    public boolean sharesSamples() {
      return sharesSamples;
    }

    @Override
    public int uniform(int bound) {
      choices = bound;
      return choice;
    }
  }
}
