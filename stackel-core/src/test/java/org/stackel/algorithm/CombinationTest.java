package org.stackel.algorithm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.stackel.algorithm.Algorithms.Entry;
import org.stackel.config.InvalidInputException;
import org.stackel.problem.BilevelProblem;
import org.stackel.problem.LossPair;
import org.stackel.problem.Problems;
import org.stackel.problem.Property;
import org.stackel.problem.Trait;
import org.stackel.tensor.Device;
import org.stackel.tensor.Seed;
import org.stackel.tensor.StateScope;

/** Which algorithm runs on which problem: what the catalogue says, and what a run finds. */
class CombinationTest {
  private static final Map<String, Object> FREE =
      Map.of("A", List.of(List.of(2)), "B", List.of(List.of(1)));

  static Stream<Entry> entries() {
    return Algorithms.all().stream();
  }

  private static BilevelProblem<?> quadratic(Map<String, ?> more) {
    var options = new HashMap<String, Object>(FREE);
    options.putAll(more);
    try (var scope = StateScope.open()) {
      return Problems.create("quadratic", options).open(new Seed(0), Device.CPU64);
    }
  }

  @ParameterizedTest
  @MethodSource("entries")
  void whatTheCatalogueSaysIsWhatARunFinds(Entry entry) {
    String fit = entry.fit(Problems.named("quadratic").properties());
    assertThat(fit).isIn("yes", "if x is free");
    try (var free = quadratic(Map.of());
        var bounded =
            quadratic(Map.of("upperBox", Map.of("low", List.of(0), "high", List.of(1))))) {
      assertThatCode(() -> entry.check("quadratic", free)).doesNotThrowAnyException();
      if (fit.equals("yes")) {
        assertThatCode(() -> entry.check("quadratic", bounded)).doesNotThrowAnyException();
      } else {
        assertThatThrownBy(() -> entry.check("quadratic", bounded))
            .isInstanceOf(InvalidInputException.class)
            .hasMessageContaining(entry.name() + " does not project")
            .hasMessageContaining("Maybe the bounds on x can be left out, or one of ")
            .hasMessageContaining("v-pbgd");
      }
    }
  }

  /** There y would follow f upwards without end. */
  @ParameterizedTest
  @MethodSource("entries")
  void whoMinimizesOverBothIsRefusedAtASaddlePoint(Entry entry) {
    var saddle =
        new LossPair(
            new double[1], new double[1], (x, y) -> x.dot(y).sub(y.dot(y)), (x, y) -> y.dot(y)) {
          @Override
          public boolean isSaddle() {
            return true;
          }
        };
    boolean isRefused = Set.of("anil", "bvfsm", "maml").contains(entry.name());
    assertThat(entry.fit(Set.of(Property.SADDLE))).isEqualTo(isRefused ? "no" : "yes");
    if (isRefused) {
      assertThatThrownBy(() -> entry.check("pair", saddle))
          .isInstanceOf(InvalidInputException.class)
          .hasMessageContaining(entry.name() + " also minimises the upper loss over y");
    }
  }

  @ParameterizedTest
  @MethodSource("entries")
  void whatIsTooLargeForMatricesIsRefused(Entry entry) {
    var large = new LossPair(new double[3], new double[257], (x, y) -> y.sum(), (x, y) -> y.dot(y));
    var small = new LossPair(new double[3], new double[256], (x, y) -> y.sum(), (x, y) -> y.dot(y));
    boolean isDense = entry.traits().contains(Trait.NEEDS_DENSE);
    String expected = isDense ? "if small" : "yes";
    assertThat(entry.fit(Set.of(Property.LARGE))).isEqualTo(expected);
    assertThat(entry.fit(Set.of(Property.UNNUMBERED)))
        .isEqualTo(entry.traits().contains(Trait.NEEDS_FINITE_SUM) ? "no" : "yes");
    if (isDense) {
      assertThatThrownBy(() -> entry.check("pair", large))
          .isInstanceOf(InvalidInputException.class)
          .hasMessageContaining(entry.name() + " needs dense second derivatives")
          .hasMessageContaining("dimension of y is 257, the limit is 256.")
          .hasMessageContaining("any algorithm but mgbio, msgbio, saba, vr-msgbio was meant");
      assertThatCode(() -> entry.check("pair", small)).doesNotThrowAnyException();
    } else if (!entry.traits().contains(Trait.NEEDS_FINITE_SUM)) {
      assertThatCode(() -> entry.check("pair", large)).doesNotThrowAnyException();
    }
  }
}
