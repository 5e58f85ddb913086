package org.stackel.sweep;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.stackel.experiment.Settings;
import org.stackel.runfile.Document;

class SweepFileTest {
  private static SweepFile parse(String json) {
    return SweepFile.of(Document.parse(json.replace('\'', '"'), "grid.json"));
  }

  @Test
  void aGridHasEveryCombinationInOrder() {
    SweepFile file =
        parse("{'experiment': 'toy', 'grid': {'a.b': [1, 2], 'c': ['x', null]}, 'seeds': [3, 4]}");
    assertThat(file.points().stream().map(Map::toString))
        .containsExactly("{a.b=1, c=x}", "{a.b=1, c=null}", "{a.b=2, c=x}", "{a.b=2, c=null}");
    assertThat(file.seeds()).containsExactly(3L, 4L);
    assertThat(file.places()).containsEntry("a.b", "grid.json:1");
  }

  @Test
  void withoutValuesThereIsOnePoint() {
    assertThat(parse("{'experiment': 'toy'}").points()).containsExactly(Map.of());
  }

  @Test
  void randomValuesAreWithinTheirRangesAndDependOnTheirKeyOnly() {
    String ranges =
        "'x': {'log': [1e-4, 1.0]}, 'n': {'linear': [2, 4]}, 'm': {'log': [1, 100]}, 'c': {'choice': ['u', 'v']}";
    String both = "{'experiment': 'toy', 'random': {'runs': 400, 'seed': 7, 'ranges': {%s}}}";
    List<Map<String, Object>> points = parse(both.formatted(ranges)).points();
    assertThat(points).hasSize(400);
    var x = points.stream().map(each -> (double) each.get("x")).toList();
    assertThat(x).allMatch(each -> each >= 1e-4 && each <= 1);
    assertThat(x.stream().filter(each -> each < 1e-2).count()).isBetween(160L, 240L);
    assertThat(counts(points, "n").keySet()).containsExactlyInAnyOrder(2L, 3L, 4L);
    assertThat(counts(points, "n").values()).allMatch(count -> count > 100);
    assertThat(counts(points, "c").keySet()).containsExactlyInAnyOrder("u", "v");
    assertThat(points.stream().map(each -> (long) each.get("m")))
        .allMatch(each -> each >= 1 && each <= 100)
        .contains(1L);
    var alone = parse(both.formatted("'x': {'log': [1e-4, 1.0]}")).points();
    assertThat(alone.stream().map(each -> each.get("x"))).containsExactlyElementsOf(x);
  }

  private static Map<Object, Long> counts(List<Map<String, Object>> points, String key) {
    return points.stream()
        .collect(Collectors.groupingBy(each -> each.get(key), Collectors.counting()));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '§',
      value = {
        "[]|A sweep must be a JSON object.",
        "{'grid': {}}|needs an experiment",
        "{'experiment': 'toy', 'gird': {}}|The key 'gird' is unknown to the sweep.",
        "{'experiment': 'toy', 'grid': []}|This must be an object, found [].",
        "{'experiment': 'toy', 'grid': {'a': 3}}|Values must be a list with at least one of them, found 3.",
        "{'experiment': 'toy', 'grid': {'a': []}}|Values must be a list",
        "{'experiment': 'toy', 'grid': {'a': [1, 1]}}|Values must differ, found [1,1].",
        "{'experiment': 'toy', 'grid': {'seed': [1]}}|Seeds are no values of a sweep",
        "{'experiment': 'toy', 'seeds': []}|[0, 1, 2] was meant",
        "{'experiment': 'toy', 'seeds': [0.5]}|whole numbers of at least 0, found 0.5.",
        "{'experiment': 'toy', 'ranks': 0}|The ranks (0) of the sweep must be at least 1.",
        "{'experiment': 'toy', 'ranks': 1001}|must be at most 1000",
        "{'experiment': 'toy', 'halving': {'rounds': 1}}|The rounds (1) of halving must be at least 2.",
        "{'experiment': 'toy', 'halving': {'keep': 1}}|The keep (1.0) of halving must be greater than 0 and less than 1",
        "{'experiment': 'toy', 'halving': {'kept': 1}}|The key 'kept' is unknown to halving.",
        "{'experiment': 'toy', 'random': {'runs': 2}}|A random search needs runs and ranges.",
        "{'experiment': 'toy', 'random': {'runs': 0, 'ranges': {}}}|The runs (0) of random must be at least 1.",
        "{'experiment': 'toy', 'random': {'runs': 2, 'ranges': {'a': [1, 2]}}}|A range must be an object with one key",
        "{'experiment': 'toy', 'random': {'runs': 2, 'ranges': {'a': {'lin': [1, 2]}}}}|The key 'lin' is unknown to a range.",
        "{'experiment': 'toy', 'random': {'runs': 2, 'ranges': {'a': {'log': [0, 2]}}}}|two numbers greater than 0",
        "{'experiment': 'toy', 'random': {'runs': 2, 'ranges': {'a': {'linear': [2, 1]}}}}|the smaller first",
        "{'experiment': 'toy', 'random': {'runs': 1000001, 'ranges': {'a': {'linear': [0, 1]}}}}|more than 100,000 runs",
        "{'experiment': 'toy', 'grid': {'a': [1]}, 'random': {'runs': 2, 'ranges': {'a': {'linear': [0, 1]}}}}|both in the grid and drawn",
      })
  void mistakesHaveTheirPlace(String json, String message) {
    assertThatThrownBy(() -> parse(json.replace("{", "{\n")))
        .message()
        .contains(message, "\nMaybe ")
        .startsWith("grid.json:");
  }

  @Test
  void aMistakeIsToldWithTheLineOfItsKey() {
    assertThatThrownBy(() -> parse("{'experiment': 'toy',\n 'grid': {\n  'a.b': 3}}"))
        .message()
        .startsWith("grid.json:3: ");
  }

  @Test
  void roundsEndAtEvaluationsAndTheLastWithAllSteps() {
    Settings settings = Settings.builder().steps(100).evaluateEvery(20).build();
    assertThat(new Halving(3, 0.5).steps(settings)).containsExactly(40L, 60L, 100L);
    assertThat(new Halving(3, 0.5).kept(5)).isEqualTo(3);
    assertThatThrownBy(() -> new Halving(8, 0.5).steps(settings))
        .message()
        .contains(
            "8 rounds cannot differ: the experiment has 100 steps, and an evaluation every 20");
  }
}
