package org.stackel.compare;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.stackel.algorithm.Slip;
import org.stackel.experiment.Experiment;
import org.stackel.experiment.Settings;
import org.stackel.problem.BilevelProblem;
import org.stackel.problem.ProblemOptions;
import org.stackel.tensor.Device;
import org.stackel.tensor.Layout;
import org.stackel.tensor.Seed;

class SameProblemTest {
  private static Experiment experiment(String algorithm, long seed, int batch) {
    return Experiment.of(
        Map.of(
            "problem",
            Map.of("type", "quadratic-sum", "d", 3, "p", 2, "n", 16, "batch", batch),
            "algorithm",
            Map.of("type", algorithm),
            "seed",
            seed,
            "steps",
            2));
  }

  @Test
  void isOpenedOnceForRunsOnTheSameDataOnly() {
    try (var same = new SameProblem()) {
      BilevelProblem<?> first = same.of(experiment("slip", 1, 8));
      assertThat(same.of(experiment("soba", 1, 8))).isSameAs(first);
      BilevelProblem<?> seed = same.of(experiment("soba", 2, 8));
      assertThat(seed).isNotSameAs(first);
      assertThat(same.of(experiment("soba", 2, 4))).isNotSameAs(seed);
    }
  }

  /** A problem of which only opening and closing are looked at. */
  private record Noted(String data, int batch, List<String> notes) implements ProblemOptions {
    @Override
    public BilevelProblem<?> open(Seed seed, Device device) {
      notes.add("read " + data);
      return opened();
    }

    private BilevelProblem<?> opened() {
      Class<?>[] type = {BilevelProblem.class};
      return (BilevelProblem<?>)
          Proxy.newProxyInstance(
              getClass().getClassLoader(), type, (p, m, given) -> answer(m, given));
    }

    private @Nullable Object answer(Method method, Object[] given) {
      if (method.getName().equals("onSameData")) {
        return given[0] instanceof Noted other && other.data.equals(data) ? other.opened() : null;
      }
      if (method.getName().equals("close")) {
        notes.add("close " + data + batch);
      }
      if (method.getReturnType() == Layout.class) {
        return Layout.vector("numbers", 1);
      }
      return method.getReturnType() == boolean.class ? false : null;
    }
  }

  /** Algorithms may have minibatches of their own. */
  @Test
  void readsTheDataOnceForOptionsThatShareThem() {
    var notes = new ArrayList<String>();
    IntFunction<Experiment> batch =
        size -> Experiment.of(new Noted("a", size, notes), new Slip(), Settings.ofSteps(1));
    try (var same = new SameProblem()) {
      BilevelProblem<?> first = same.of(batch.apply(1));
      BilevelProblem<?> other = same.of(batch.apply(2));
      assertThat(other).isNotSameAs(first);
      assertThat(same.of(batch.apply(1))).isSameAs(first);
      assertThat(same.of(batch.apply(2))).isSameAs(other);
      same.of(Experiment.of(new Noted("b", 1, notes), new Slip(), Settings.ofSteps(1)));
    }
    assertThat(notes).containsExactly("read a", "close a2", "close a1", "read b", "close b1");
  }
}
