package org.stackel.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.stackel.algorithm.Algorithms;
import org.stackel.experiment.Draft;
import org.stackel.experiment.Experiment;
import org.stackel.problem.BilevelProblem;
import org.stackel.problem.Metrics;
import org.stackel.problem.ProblemOptions;
import org.stackel.problem.Shard;
import org.stackel.problem.Start;
import org.stackel.tensor.Device;
import org.stackel.tensor.Layout;
import org.stackel.tensor.Seed;
import org.stackel.tensor.Tensors;

/** What runs of one seed share whatever the algorithm. */
class CommonRandomNumbersTest {
  private static final long STEPS = 4;

  private final List<Seed> data = new ArrayList<>();
  private final List<String> starts = new ArrayList<>();

  /** The draws of every step, by level; step 0 is the initialisation. */
  private record Draws(Map<Long, Set<Seed>> upper, Map<Long, Set<Seed>> lower) {}

  private Draws draws = new Draws(Map.of(), Map.of());
  private long now;

  @BeforeEach
  void nothingYet() {
    data.clear();
    starts.clear();
  }

  private Draws run(String algorithm, Map<String, ?> options, long seed) {
    draws = new Draws(new LinkedHashMap<>(), new LinkedHashMap<>());
    now = 0;
    Experiment like =
        Draft.of(
                "test",
                Map.of(
                    "problem",
                    Map.of("type", "quadratic", "A", List.of(List.of(2)), "B", List.of(List.of(1))),
                    "algorithm",
                    Map.of("type", algorithm),
                    "seed",
                    seed,
                    "steps",
                    STEPS))
            .experiment();
    ProblemOptions recorded = (s, device) -> new Recorder(like.problem(), s, device);
    Runner.run(
        new Experiment(
            "recorded",
            recorded,
            algorithm,
            Algorithms.create(algorithm, options),
            like.settings(),
            null,
            null),
        new RunListener() {
          @Override
          public void stepped(long step, Tensor x, Tensor y) {
            now = step + 1;
          }
        });
    return draws;
  }

  @Test
  void algorithmsSeeTheSameDrawsInTheSameStep() {
    Draws slip = run("slip", Map.of(), 3);
    Draws boRep = run("bo-rep", Map.of("period", 2), 3);
    Draws adamBo = run("adambo", Map.of("warmStartSteps", 3), 3);
    for (long step = 1; step <= STEPS; step++) {
      assertThat(slip.upper().get(step)).hasSize(1);
      assertThat(boRep.upper().get(step)).isEqualTo(slip.upper().get(step));
      assertThat(adamBo.upper().get(step)).isEqualTo(slip.upper().get(step));
      // Hessian, cross product and gradient of slip; Hessian and cross product of bo-rep.
      assertThat(slip.lower().get(step)).hasSize(3);
      Set<Seed> ofBoRep = new HashSet<>(boRep.lower().get(step));
      ofBoRep.retainAll(slip.lower().get(step));
      assertThat(ofBoRep).hasSize(2);
      Set<Seed> common = new HashSet<>(slip.lower().get(step));
      common.retainAll(adamBo.lower().get(step));
      assertThat(common).as("as many as the one of fewer draws has").hasSize(3);
    }
    // Warm starts draw for loops of lower steps: the same, number for number.
    assertThat(slip.lower().get(0L)).hasSize(3).isEqualTo(adamBo.lower().get(0L));
    // Steps and levels share nothing.
    assertThat(slip.upper().get(1L)).doesNotContainAnyElementsOf(slip.upper().get(2L));
    assertThat(slip.lower().get(1L)).doesNotContainAnyElementsOf(slip.upper().get(1L));
  }

  @Test
  void sharedSamplesAreTheFirstOfIndependentOnes() {
    Draws independent = run("slip", Map.of(), 3);
    Draws shared = run("slip", Map.of("sampling", "shared"), 3);
    for (long step = 1; step <= STEPS; step++) {
      assertThat(shared.upper().get(step)).isEqualTo(independent.upper().get(step));
      assertThat(shared.lower().get(step))
          .containsExactly(independent.lower().get(step).iterator().next());
    }
  }

  @Test
  void dataAndStartAreThoseOfTheSeed() {
    run("slip", Map.of(), 3);
    run("adambo", Map.of(), 3);
    run("slip", Map.of(), 4);
    assertThat(data.get(0)).isEqualTo(data.get(1)).isNotEqualTo(data.get(2));
    assertThat(starts.get(0)).isEqualTo(starts.get(1)).isNotEqualTo(starts.get(2));
    assertThat(run("slip", Map.of(), 4).upper()).isNotEqualTo(run("slip", Map.of(), 3).upper());
  }

  /** Writes down every draw; otherwise the problem itself. */
  private final class Recorder implements BilevelProblem<Seed> {
    private final BilevelProblem<Seed> problem;

    @SuppressWarnings("unchecked")
    Recorder(ProblemOptions options, Seed seed, Device device) {
      problem = (BilevelProblem<Seed>) options.open(seed, device);
      data.add(seed);
    }

    @Override
    public Seed upperBatch(Seed draw, Shard shard) {
      draws.upper().computeIfAbsent(now, step -> new LinkedHashSet<>()).add(draw);
      return problem.upperBatch(draw, shard);
    }

    @Override
    public Seed lowerBatch(Seed draw, Shard shard) {
      draws.lower().computeIfAbsent(now, step -> new LinkedHashSet<>()).add(draw);
      return problem.lowerBatch(draw, shard);
    }

    @Override
    public Start start(Seed seed) {
      Start start = problem.start(seed);
      starts.add(seed + " " + Tensors.item(start.x()) + " " + Tensors.item(start.y()));
      return start;
    }

    @Override
    public Layout upperLayout() {
      return problem.upperLayout();
    }

    @Override
    public Layout lowerLayout() {
      return problem.lowerLayout();
    }

    @Override
    public Tensor upperLoss(Tensor x, Tensor y, Seed batch) {
      return problem.upperLoss(x, y, batch);
    }

    @Override
    public Tensor lowerLoss(Tensor x, Tensor y, Seed batch) {
      return problem.lowerLoss(x, y, batch);
    }

    @Override
    public Metrics evaluate(Tensor x, Tensor y) {
      return problem.evaluate(x, y);
    }

    @Override
    public void close() {
      problem.close();
    }
  }

  @Test
  void problemsOfTheCatalogueAreOpenedByTheSeedOfTheData() {
    run("slip", Map.of(), 5);
    assertThat(data).containsExactly(new Seed(5).child("data"));
  }
}
