package org.stackel.check;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;
import org.stackel.algorithm.Carried;
import org.stackel.distributed.Ranks;
import org.stackel.experiment.Experiment;
import org.stackel.optim.Iterations;
import org.stackel.problem.BilevelProblem;
import org.stackel.reference.Derivatives;
import org.stackel.reference.DescentCheck;
import org.stackel.reference.ExactPoint;
import org.stackel.reference.Finding;
import org.stackel.reference.Iterate;
import org.stackel.reference.LowerSystem;
import org.stackel.reference.Reference;
import org.stackel.reference.Rounding;
import org.stackel.reference.SampleDiscipline;
import org.stackel.reference.SharedAnswers;
import org.stackel.reference.ValueFunction;
import org.stackel.reference.Vectors;
import org.stackel.run.RunListener;
import org.stackel.run.RunOutcome;
import org.stackel.run.Runner;
import org.stackel.runfile.Descent;
import org.stackel.tensor.Device;
import org.stackel.tensor.Seed;
import org.stackel.tensor.StateScope;
import org.stackel.tensor.Tensors;

/**
 * Runs an experiment and looks closely at some of its iterates, on its own problem, opened a second
 * time in float64: are the derivatives right, are the estimators of the hypergradient what they
 * must be, how far are they from the exact hypergradient, and what do they cost.
 */
public final class Check {
  private static final Duration PATIENCE = Duration.ofSeconds(5);

  private Experiment experiment; // complete once the run has opened its problem
  private final CheckPlan plan;
  private final Ranks ranks;
  private final Consumer<String> talk;
  private long said;

  private Check(Experiment experiment, CheckPlan plan, Ranks ranks, Consumer<String> talk) {
    this.experiment = experiment;
    this.plan = plan;
    this.ranks = ranks;
    this.talk = talk;
  }

  /**
   * A run and what was found along it.
   *
   * @param outcome how the run ended
   * @param result what was found at the points that it reached; null if it was told to stop, and on
   *     other ranks than the first
   */
  public record Checked(RunOutcome outcome, @Nullable CheckResult result) {}

  /**
   * Runs and checks.
   *
   * @param listener of the run
   * @param talk takes a sentence before each point, and before each part of one that takes long
   */
  public static Checked run(
      Experiment experiment, CheckPlan plan, RunListener listener, Consumer<String> talk) {
    return run(experiment, plan, Ranks.ONE, listener, talk);
  }

  /**
   * Runs and checks as one of several processes, which all call this with the same experiment and
   * plan. They share the run, and compare what they answer together with what each answers alone;
   * the rest is for the first.
   *
   * @throws org.stackel.distributed.RankLostException if one is lost after the run
   */
  public static Checked run(
      Experiment experiment,
      CheckPlan plan,
      Ranks ranks,
      RunListener listener,
      Consumer<String> talk) {
    return ranks.telling(() -> new Check(experiment, plan, ranks, talk).run(listener));
  }

  private Checked run(RunListener listener) {
    var recorder = new Recorder();
    try {
      return run(recorder, listener);
    } finally {
      recorder.release();
    }
  }

  private Checked run(Recorder recorder, RunListener listener) {
    RunOutcome outcome = Runner.run(experiment, ranks, RunListener.all(recorder, listener));
    if (outcome instanceof RunOutcome.Stopped
        || ranks.total(listener.stopRequested() ? 1 : 0)[0] > 0) {
      return new Checked(outcome, null);
    }
    Experiment fine = experiment.withSettings(Map.of("dtype", "float64"));
    try (var scope = StateScope.open();
        var problem = fine.open()) {
      List<Finding> shared = shared(problem, fine.device(), recorder);
      Checked checked =
          ranks.isFirst()
              ? Iterations.unless(
                  listener::stopRequested,
                  () ->
                      new Checked(
                          outcome, look(problem, fine.device(), recorder, shared, listener)))
              : null;
      return checked == null ? new Checked(outcome, null) : checked;
    }
  }

  /** What the ranks answer together at the first iterate; all of them have the same. */
  private List<Finding> shared(BilevelProblem<?> problem, Device device, Recorder recorder) {
    Recorder.Recorded at =
        plan.steps(experiment.settings().steps()).stream()
            .map(recorder::at)
            .filter(Objects::nonNull)
            .findFirst()
            .orElse(null);
    if (ranks.count() == 1 || at == null) {
      return List.of();
    }
    Seed seed = new Seed(experiment.settings().seed()).child("check").child("ranks");
    return new SharedAnswers(problem, ranks, seed).compare(at.iterate.x(), at.iterate.y(), device);
  }

  private <B> @Nullable CheckResult look(
      BilevelProblem<B> problem,
      Device device,
      Recorder recorder,
      List<Finding> shared,
      RunListener listener) {
    Seed seed = new Seed(experiment.settings().seed()).child("check");
    Reference<B> reference = Reference.of(problem, seed.child("reference"), plan.reference());
    var points = new ArrayList<CheckResult.Point>();
    var looked = new ArrayList<Iterate>();
    for (long step : plan.steps(experiment.settings().steps())) {
      Recorder.Recorded at = recorder.at(step);
      if (at == null) {
        continue; // the run did not get there
      }
      if (listener.stopRequested()) {
        return null;
      }
      say("checking the iterate after step %,d".formatted(step));
      looked.add(at.iterate);
      var told = new ArrayList<Finding>();
      if (looked.size() == 1) {
        told.addAll(shared);
        told.addAll(rounding(problem, at.iterate, seed));
      }
      points.add(
          point(problem, reference, device, seed.child(step), at, recorder.at(step - 1), told));
    }
    ConstantsEstimate constants = null;
    if (plan.pairs() > 0 && !looked.isEmpty()) {
      say("estimating constants");
      constants = constants(problem, reference, device, seed.child("constants"), looked, recorder);
    }
    return new CheckResult(reference.description(), plan.samples(), points, constants);
  }

  private void say(String what) {
    talk.accept(what);
    said = System.nanoTime();
  }

  /** Reports progress if nothing was reported for a while. */
  private void sayWhenLong(String what) {
    if (System.nanoTime() - said > PATIENCE.toNanos()) {
      say("  " + what);
    }
  }

  private CheckResult.Point point(
      BilevelProblem<?> problem,
      Reference<?> reference,
      Device device,
      Seed seed,
      Recorder.Recorded recorded,
      Recorder.@Nullable Recorded before,
      List<Finding> told) {
    double[] x = recorded.iterate.x();
    double[] y = recorded.iterate.y();
    try (var scope = StateScope.open()) {
      var derivatives =
          new ArrayList<Finding>(
              FactsCheck.of(problem, Tensors.of(device, x), Tensors.of(device, y)));
      derivatives.addAll(
          new Derivatives(reference, device, seed.child("derivatives"))
              .compare(
                  Tensors.of(device, x),
                  Tensors.of(device, y),
                  problem.upperLayout(),
                  problem.lowerLayout()));
      derivatives.addAll(told);
      if (experiment.algorithm().reusesSamples() && recorded.state != null) {
        derivatives.add(
            new SampleDiscipline(reference, device, seed.child("discipline"))
                .compare(experiment.algorithm(), recorded.iterate.step(), recorded.state));
      }
      var at = new ExactPoint(reference, device, x, y);
      sayWhenLong("solving the lower system");
      LowerSystem.Solution exact = LowerSystem.solve(at, seed.child("system"), null);
      Candidates.Choice choice =
          Candidates.of(
              experiment, recorded.iterate.step(), recorded.solution, exact.curvature().largest());
      var check = new EstimatorCheck(reference, experiment.algorithm().sampling(), plan.samples());
      var rows = new ArrayList<EstimatorCheck.Row>();
      Seed draws = seed.child("draws"); // the same for all: what differs is the estimator
      Stream.concat(choice.all(), plan.candidates().stream())
          .forEach(
              candidate -> {
                sayWhenLong(candidate.name());
                boolean isOwn = candidate.equals(choice.own());
                rows.add(check.row(candidate, isOwn, at, exact, draws));
              });
      Finding carried =
          carried(reference, device, seed.child("carried"), recorded, before, at, exact);
      if (carried != null && choice.own() != null) {
        rows.set(0, rows.get(0).with(carried));
      }
      sayWhenLong("looking for y*");
      double[] surrogate = at.direction(exact.v());
      ValueFunction.LowerError error =
          new ValueFunction(reference, device, seed.child("value")).at(x, y, surrogate);
      return new CheckResult.Point(
          recorded.iterate.step(),
          derivatives,
          exact,
          Vectors.norm(surrogate),
          rows,
          error,
          descent(reference, device, seed.child("descent"), recorded),
          remarks(exact, choice));
    }
  }

  /** Of a run that does not compute in float64 itself. */
  private List<Finding> rounding(BilevelProblem<?> fine, Iterate at, Seed seed) {
    if (experiment.device().precision() == Device.Precision.FLOAT64) {
      return List.of();
    }
    try (var own = experiment.open()) {
      return new Rounding(fine, own, experiment.settings().precision(), seed.child("rounding"))
          .compare(at.x(), at.y(), experiment.device());
    }
  }

  private Descent descent(
      Reference<?> reference, Device device, Seed seed, Recorder.Recorded recorded) {
    long step = recorded.iterate.step();
    if (recorded.state == null) {
      return Descent.notJudged(step, "the state was not kept");
    }
    sayWhenLong("the next step");
    return new DescentCheck(reference, device, seed, plan.samples())
        .judge(experiment.algorithm(), step, recorded.state);
  }

  /** The solution that the algorithm carries; null if it carries none, or none is exact. */
  private @Nullable Finding carried(
      Reference<?> reference,
      Device device,
      Seed seed,
      Recorder.Recorded recorded,
      Recorder.@Nullable Recorded before,
      ExactPoint at,
      LowerSystem.Solution exact) {
    Carried<?> carried = experiment.algorithm().carried();
    if (carried == null || recorded.solution == null) {
      return null;
    }
    return new CarriedCheck(reference, experiment.algorithm().sampling(), plan.samples(), seed)
        .compare(
            experiment.algorithmType() + ": z of the run",
            recorded.solution,
            carried.step().applyAsDouble(recorded.iterate.step()),
            at,
            exact,
            () -> before == null ? null : exactPoint(reference, device, before.iterate));
  }

  private static ExactPoint exactPoint(Reference<?> reference, Device device, Iterate iterate) {
    return new ExactPoint(reference, device, iterate.x(), iterate.y());
  }

  private List<String> remarks(LowerSystem.Solution exact, Candidates.Choice choice) {
    var remarks = new ArrayList<String>();
    LowerSystem.Curvature curvature = exact.curvature();
    if (exact.method() == LowerSystem.Method.DAMPED) {
      remarks.add(
          text(
              "The lower Hessian is indefinite: smallest curvature found %.3g, largest %.3g. There is no exact hypergradient here; \"exact\" is the damped solve (H + %.3g I) v = ∇y f.",
              curvature.smallest(), curvature.largest(), exact.damping()));
    } else if (exact.method() == LowerSystem.Method.LEAST_SQUARES) {
      remarks.add(
          text(
              "The lower Hessian is %s: eigenvalues from %.3g to %.3g. There is no exact hypergradient here; \"exact\" is the least-squares solve of H v = ∇y f.",
              curvature.smallest() < -1e-9 * curvature.largest() ? "indefinite" : "singular",
              curvature.smallest(),
              curvature.largest()));
    }
    if (exact.residual() > 1e-8) {
      remarks.add(text("The exact solve has a relative residual of %.2g.", exact.residual()));
    }
    if (choice.step() >= 2 / curvature.largest()) {
      remarks.add(
          text(
              "The step of the linear system (%.3g) is not below 2 over the largest curvature (%.3g): series and iterations diverge.",
              choice.step(), 2 / curvature.largest()));
    }
    if (choice.own() == null) {
      remarks.add(
          experiment.algorithmType()
              + " has no estimator of [∇²yy g]⁻¹ ∇y f that is known here: skipped.");
    }
    return remarks;
  }

  private static String text(String format, Object... values) {
    return String.format(Locale.ROOT, format, values);
  }

  private ConstantsEstimate constants(
      BilevelProblem<?> problem,
      Reference<?> reference,
      Device device,
      Seed seed,
      List<Iterate> looked,
      Recorder recorder) {
    double[] start;
    try (var scope = StateScope.open()) {
      Seed run = new Seed(experiment.settings().seed());
      start = Tensors.toArray(problem.start(run.child("start")).y());
    }
    return new ConstantsEstimator(reference, device, seed, plan.samples(), this::sayWhenLong)
        .estimate(start, looked, recorder.pairs());
  }

  /** Keeps the iterates that will be looked at. */
  private final class Recorder implements RunListener {
    private final Map<Long, Recorded> kept = new TreeMap<>();
    private final List<Long> steps = plan.steps(experiment.settings().steps());
    private final List<Long> pairSteps = plan.pairSteps(experiment.settings().steps());

    /**
     * @param iterate where
     * @param solution the vector that the algorithm carries as its solution; null if there is none
     * @param state a copy of the whole state where it is looked at; null elsewhere
     */
    @SuppressWarnings("ArrayRecordComponent") // nobody compares them
    private record Recorded(
        Iterate iterate, double @Nullable [] solution, @Nullable Record state) {}

    @Override
    public void opened(Experiment complete, BilevelProblem<?> problem) {
      experiment = complete;
    }

    @Override
    public boolean looksAtStates() {
      return true;
    }

    @Override
    public void reached(long step, Record state) {
      boolean isLookedAt = steps.contains(step) || steps.contains(step + 1);
      if (!isLookedAt && !pairSteps.contains(step) && !pairSteps.contains(step - 1)) {
        return;
      }
      Map<String, Tensor> tensors = StateScope.tensors(state);
      Tensor x = Objects.requireNonNull(tensors.get("x"));
      Tensor y = Objects.requireNonNull(tensors.get("y"));
      kept.put(
          step,
          new Recorded(
              new Iterate(step, Tensors.toArray(x), Tensors.toArray(y)),
              Candidates.carried(experiment.algorithm(), state),
              steps.contains(step) ? StateScope.map(state, Tensors::copy) : null));
    }

    void release() {
      kept.values().stream()
          .map(Recorded::state)
          .filter(Objects::nonNull)
          .forEach(StateScope::release);
      kept.clear();
    }

    @Nullable Recorded at(long step) {
      return kept.get(step);
    }

    List<ConstantsEstimator.Pair> pairs() {
      var pairs = new ArrayList<ConstantsEstimator.Pair>();
      for (long step : pairSteps) {
        Recorded before = kept.get(step);
        Recorded after = kept.get(step + 1);
        if (before != null && after != null) {
          pairs.add(new ConstantsEstimator.Pair(before.iterate, after.iterate));
        }
      }
      return pairs;
    }
  }
}
