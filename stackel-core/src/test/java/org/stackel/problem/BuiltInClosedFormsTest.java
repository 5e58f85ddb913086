package org.stackel.problem;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.stackel.oracle.ClosedFormsContract;
import org.stackel.tensor.Device;
import org.stackel.tensor.Seed;
import org.stackel.tensor.StateScope;
import org.stackel.tensor.Tensors;

/** What core's problems know in closed form is what autograd finds, options by options. */
class BuiltInClosedFormsTest {
  private static final Map<String, Object> QUADRATIC =
      Map.of(
          "A", List.of(List.of(2, .5), List.of(.5, 3)),
          "B", List.of(List.of(1, -1, .2), List.of(.3, 2, 0)),
          "c", List.of(.1, -.2),
          "d", List.of(1, 2),
          "D", List.of(List.of(1, .4), List.of(0, 2)),
          "E", List.of(List.of(1, 0, .3), List.of(0, 2, 0), List.of(.1, 0, 1)),
          "e", List.of(1, -1, .5),
          "F", List.of(List.of(.2, 0, 1), List.of(0, -.7, .4)));

  static Stream<Arguments> problems() {
    return Stream.of(
        Arguments.of("quadratic", QUADRATIC),
        Arguments.of("quadratic", with(QUADRATIC, "coupling", "tanh", "quartic", .5)),
        Arguments.of("quadratic", large()),
        Arguments.of("toy", Map.of("name", "unbounded-polynomial")),
        Arguments.of("toy", Map.of("name", "unbounded-exponential")),
        Arguments.of("toy", Map.of("name", "minimax")),
        Arguments.of("toy", Map.of("name", "sine")),
        Arguments.of("logistic-hpo", Map.of("examples", 40, "features", 6, "most", .1)),
        Arguments.of("logistic-hpo", Map.of("examples", 40, "loss", "squared", "batch", 7)),
        Arguments.of("logistic-hpo", Map.of("examples", 40, "strengths", "single", "batch", 7)),
        Arguments.of("logistic-hpo", Map.of("examples", 40, "loss", "softmax", "batch", 7)),
        Arguments.of(
            "logistic-hpo",
            Map.of("examples", 9_000, "features", 6, "most", .1, "batch", 4_000)), // not plain
        Arguments.of(
            "logistic-hpo",
            Map.of("examples", 40, "loss", "softmax", "strengths", "class", "form", "plain")));
  }

  /** Beyond what is computed over plain arrays. */
  private static Map<String, Object> large() {
    int size = 130;
    var a = new ArrayList<List<Double>>();
    var b = new ArrayList<List<Double>>();
    for (int i = 0; i < size; i++) {
      var row = new ArrayList<Double>(Collections.nCopies(size, 0.0));
      row.set(i, 1 + i % 3.0);
      a.add(row);
      b.add(List.of(1.0, i % 5 - 2.0));
    }
    return Map.of("A", a, "B", b, "coupling", "tanh", "quartic", .5);
  }

  private static Map<String, Object> with(Map<String, Object> options, Object... more) {
    var all = new HashMap<String, Object>(options);
    for (int i = 0; i < more.length; i += 2) {
      all.put((String) more[i], more[i + 1]);
    }
    return all;
  }

  @ParameterizedTest
  @MethodSource("problems")
  void answerAsAutogradDoes(String name, Map<String, Object> options) {
    try (var scope = StateScope.open();
        var problem = Problems.create(name, options).open(new Seed(3), Device.CPU64)) {
      long y = problem.lowerLayout().size();
      ClosedFormsContract.check(
          problem,
          new Start(
              Tensors.randn(new Seed(5), Device.CPU64, problem.upperLayout().size()),
              Tensors.randn(new Seed(6), Device.CPU64, y)));
    }
  }
}
