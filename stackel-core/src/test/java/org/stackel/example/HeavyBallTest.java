package org.stackel.example;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.stackel.algorithm.AlgorithmContract;
import org.stackel.algorithm.Algorithms;
import org.stackel.plugin.Plugins;
import org.stackel.problem.Metrics;
import org.stackel.problem.Problems;
import org.stackel.tensor.Device;
import org.stackel.tensor.Seed;
import org.stackel.tensor.StateScope;

/** The tests that docs/new-algorithm.md shows. */
final class HeavyBallTest extends AlgorithmContract {
  private final ClassLoader before = Thread.currentThread().getContextClassLoader();

  /**
   * Elsewhere a line in META-INF/services does this; here it would be in every test's catalogue.
   */
  @BeforeAll
  void register() {
    Plugins.add(List.of(Path.of("src/test/plugin")));
  }

  @AfterAll
  void unregister() {
    Thread.currentThread().setContextClassLoader(before);
  }

  // ---- begin: test
  @Override
  protected Stream<Algorithms.Entry> entries() {
    return Stream.of(Algorithms.named("heavy-ball"));
  }

  @Test // min ½(y-3)² + ½x² over x, where y minimises y² - xy
  void findsTheSolutionOfTheQuadratic() {
    List<List<Double>> one = List.of(List.of(1.0));
    var options = Map.of("A", List.of(List.of(2.0)), "B", one, "d", List.of(3.0), "E", one);
    try (var scope = StateScope.open();
        var problem = Problems.create("quadratic", options).open(new Seed(0), Device.CPU64)) {
      Metrics metrics = Loop.run(new HeavyBall(), problem, new Seed(0), 500);
      assertThat(metrics.get("hypergradientNorm")).isLessThan(1e-9);
    }
  }
  // ---- end: test
}
