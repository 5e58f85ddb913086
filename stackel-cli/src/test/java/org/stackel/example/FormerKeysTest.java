package org.stackel.example;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.stackel.algorithm.Algorithms;
import org.stackel.problem.Problems;
import org.stackel.runfile.ExperimentFile;

/** Reports know the keys of version 0.1 as the catalogues do. */
class FormerKeysTest {
  /** The algorithms of version 0.1; those that follow scripts are younger. */
  static Stream<Algorithms.Entry> entries() {
    return Algorithms.all().stream().filter(entry -> !entry.name().contains("-authors"));
  }

  @ParameterizedTest
  @MethodSource("entries")
  void whatAnAlgorithmIgnoresIsDropped(Algorithms.Entry entry) {
    var former = new HashMap<String, @Nullable Object>(entry.options());
    former.put("type", entry.name());
    former.put("mode", "paper");
    former.put("script", null);
    former.putIfAbsent("sampling", "independent");
    var present = new HashMap<String, @Nullable Object>(entry.options());
    present.put("type", entry.name());
    assertThat(file(Map.of("type", "toy"), former).withPresentKeys().algorithm())
        .isEqualTo(present);
  }

  @Test
  void whatWasRenamedHasThePresentName() {
    present("data-cleaning", Map.of("model", "gru", "startWeight", 2.0));
    present("hyper-representation", Map.of("regularizer", "norm"));
  }

  private static void present(String type, Map<String, ?> former) {
    var named = new HashMap<String, @Nullable Object>(former);
    named.put("type", type);
    var present = new HashMap<>(file(named, Map.of("type", "slip")).withPresentKeys().problem());
    assertThat(present).doesNotContainKeys(former.keySet().toArray(String[]::new));
    present.remove("type");
    assertThat(Problems.create(type, present)).isEqualTo(Problems.create(type, former));
  }

  private static ExperimentFile file(
      Map<String, @Nullable Object> problem, Map<String, @Nullable Object> algorithm) {
    return new ExperimentFile(
        problem, algorithm, 0L, 1L, null, null, null, null, null, null, null, null, null, null,
        null, null, null);
  }
}
