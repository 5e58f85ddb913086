package org.stackel.data;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.stackel.tensor.Seed;

class StratifiedTest {
  private static List<String> labels(int yes, int no) {
    return Stream.concat(
            Stream.generate(() -> "yes").limit(yes), Stream.generate(() -> "no").limit(no))
        .toList();
  }

  private static long count(int[] set, List<String> labels, String label) {
    return Arrays.stream(set).filter(i -> labels.get(i).equals(label)).count();
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 3, 4, 5, 6, 7})
  void everySetHasARareClass(int seed) {
    List<String> labels = labels(3, 57);
    int[][] sets = Stratified.split(labels, new Seed(seed).permutation(60), 6, 12);
    assertThat(sets).hasNumberOfRows(3);
    for (int[] set : sets) {
      assertThat(count(set, labels, "yes")).isEqualTo(1);
    }
    assertThat(sets[0]).hasSize(6);
    assertThat(sets[1]).hasSize(12);
    assertThat(Arrays.stream(sets).flatMapToInt(Arrays::stream).sorted())
        .containsExactlyElementsOf(IntStream.range(0, 60).boxed().toList());
  }

  @Test
  void sharesAreKept() {
    List<String> labels = labels(40, 60);
    int[][] sets = Stratified.split(labels, new Seed(1).permutation(100), 10, 35);
    assertThat(count(sets[0], labels, "yes")).isEqualTo(4);
    assertThat(count(sets[1], labels, "yes")).isEqualTo(14);
    assertThat(sets[2]).hasSize(55);
  }

  @Test
  void groupsStayTogether() {
    List<String> labels = labels(30, 30);
    List<Integer> groups = IntStream.range(0, 60).mapToObj(i -> i / 5).toList();
    int[][] sets = Stratified.split(labels, groups, new Seed(2).permutation(60), 10, 13);
    for (int group = 0; group < 12; group++) {
      int number = group;
      assertThat(List.of(sets))
          .filteredOn(set -> Arrays.stream(set).anyMatch(i -> groups.get(i) == number))
          .hasSize(1);
    }
    assertThat(sets[0]).hasSize(10);
    assertThat(sets[1]).as("a group of five more would be too many").hasSize(10);
  }

  @Test
  void repeatedExamplesAreCounted() {
    var places = List.of("a.csv:2", "a.csv:3", "a.csv:4", "a.csv:5");
    var set =
        new Duplicates.Keyed(
            "a.csv", List.of("x", "x", "x", "y"), List.of("1", "1", "2", "1"), places);
    Duplicates counted = Duplicates.within(set, Duplicates.Handling.COUNT);
    assertThat(counted.rows()).hasSize(4);
    assertThat(counted.remarks())
        .containsExactly(
            "a.csv: 1 example repeats another with the same label; --drop-duplicates leaves it out.",
            "a.csv: 1 example is there with different labels, the first at a.csv:2 and a.csv:4.");
    assertThat(Duplicates.within(set, Duplicates.Handling.DROP).rows()).containsExactly(0, 2, 3);
    var trusted = new Duplicates.Keyed("t.csv", List.of("y", "z"), List.of("1", "2"), places);
    Duplicates leaked = Duplicates.across(set, trusted, Duplicates.Handling.COUNT);
    assertThat(leaked.rows()).hasSize(4);
    assertThat(leaked.remarks())
        .singleElement()
        .asString()
        .startsWith(
            "t.csv: 1 of 2 examples are in a.csv too (a.csv:5), so results on them are too good");
    assertThat(Duplicates.across(set, trusted, Duplicates.Handling.DROP).rows())
        .containsExactly(0, 1, 2);
  }

  @Test
  void missingClassesAreSaid() {
    assertThat(Coverage.remarks("t.csv", List.of("a"), List.of("a", "b", "b")))
        .containsExactly(
            "t.csv: no example of the class 'b' (2), whose 2 training examples cannot be judged by it.");
    assertThat(Coverage.remarks("t.csv", List.of("a", "b"), List.of("a", "b", "b"))).isEmpty();
  }
}
