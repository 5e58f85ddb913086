package org.stackel.fewshot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.stackel.config.InvalidInputException;
import org.stackel.data.Classes;
import org.stackel.fewshot.FewShotTasks.Pools;
import org.stackel.fewshot.FewShotTasks.Shape;
import org.stackel.fewshot.FewShotTasks.Split;
import org.stackel.tensor.Seed;
import org.stackel.text.Example;

class FewShotTasksTest {
  private static final Shape SHAPE = new Shape(2, 3, 4);

  /** 6 classes in 5 domains; every premise has 3 hypotheses. */
  private static List<Example> examples() {
    var examples = new ArrayList<Example>();
    for (int i = 0; i < 900; i++) {
      examples.add(
          new Example("premise" + i / 3, "hypothesis" + i, "class" + i % 6, "domain" + i / 6 % 5));
    }
    return examples;
  }

  private static FewShotTasks draw(int[] pool, Split split, int count, Seed seed) {
    List<Example> all = examples();
    return FewShotTasks.draw(all, pool, SHAPE, split, Classes.of(Example.labels(all)), count, seed);
  }

  private static int[] everything() {
    return IntStream.range(0, 900).toArray();
  }

  @ParameterizedTest
  @EnumSource
  void aTaskHasItsExamplesClassAfterClassAndAsksOthersThanItShows(Split split) {
    List<Example> all = examples();
    for (FewShotTasks.Task task : draw(everything(), split, 50, new Seed(1)).tasks()) {
      assertThat(task.classes()).hasSize(2).doesNotHaveDuplicates();
      assertThat(task.support()).hasSize(6);
      assertThat(task.query()).hasSize(8);
      assertThat(task.support()).doesNotHaveDuplicates().doesNotContain(task.query());
      for (int i = 0; i < 6; i++) {
        assertThat(all.get(task.support()[i]).label()).isEqualTo(task.classes().get(i / 3));
      }
      for (int i = 0; i < 8; i++) {
        assertThat(all.get(task.query()[i]).label()).isEqualTo(task.classes().get(i / 4));
      }
      if (split == Split.DOMAINS) {
        for (int number : task.support()) {
          assertThat(all.get(number).domain()).isEqualTo(task.domain());
        }
      } else {
        assertThat(task.domain()).isEmpty();
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void trainingAndTestTasksShareNothingOfWhatIsSplit(Split split) {
    List<Example> all = examples();
    Pools pools = FewShotTasks.split(all, SHAPE, split, List.of(), 0.34, new Seed(2));
    var seen = new HashMap<String, Set<String>>();
    for (var side : Map.of("train", pools.train(), "test", pools.test()).entrySet()) {
      var keys = new HashSet<String>();
      for (FewShotTasks.Task task : draw(side.getValue(), split, 60, new Seed(3)).tasks()) {
        for (int number : task.query()) {
          Example example = all.get(number);
          keys.add(
              switch (split) {
                case CLASSES -> example.label();
                case DOMAINS -> example.domain();
                case PREMISES -> example.text();
                case EXAMPLES -> String.valueOf(number);
              });
        }
      }
      seen.put(side.getKey(), keys);
    }
    assertThat(seen.get("train")).isNotEmpty().doesNotContainAnyElementsOf(seen.get("test"));
    assertThat(pools.train().length + pools.test().length).isEqualTo(900);
    assertThat(pools.test().length).isBetween(180, 400);
  }

  @Test
  void theSeedAloneDecides() {
    var one = draw(everything(), Split.CLASSES, 5, new Seed(7));
    var same = draw(everything(), Split.CLASSES, 9, new Seed(7));
    var other = draw(everything(), Split.CLASSES, 5, new Seed(8));
    for (int t = 0; t < 5; t++) {
      assertThat(same.tasks().get(t).support()).isEqualTo(one.tasks().get(t).support());
      assertThat(other.tasks().get(t).support()).isNotEqualTo(one.tasks().get(t).support());
    }
  }

  @Test
  void outputsStandForPlacesInTheTaskOrForClasses() {
    var byClasses = draw(everything(), Split.CLASSES, 30, new Seed(1));
    assertThat(byClasses.outputs()).isEqualTo(2);
    var others = draw(everything(), Split.EXAMPLES, 30, new Seed(1));
    assertThat(others.outputs()).isEqualTo(6);
    for (int t = 0; t < 30; t++) {
      assertThat(byClasses.tasks().get(t).outputs()).containsExactly(0, 1);
      FewShotTasks.Task task = others.tasks().get(t);
      for (int c = 0; c < 2; c++) {
        assertThat("class" + task.outputs()[c]).isEqualTo(task.classes().get(c));
      }
    }
    // Either of two classes comes first, or a place would tell the class.
    assertThat(byClasses.tasks().stream().map(t -> t.classes().get(0)).distinct()).hasSize(6);
  }

  @Test
  void largeDomainsGiveMoreTasks() {
    var examples = new ArrayList<Example>();
    for (int i = 0; i < 1000; i++) {
      examples.add(new Example("text" + i, null, "class" + i % 2, i < 800 ? "large" : "small"));
    }
    int[] all = IntStream.range(0, 1000).toArray();
    var tasks =
        FewShotTasks.draw(
            examples,
            all,
            SHAPE,
            Split.DOMAINS,
            Classes.of(Example.labels(examples)),
            1000,
            new Seed(1));
    assertThat(tasks.tasks().stream().filter(t -> t.domain().equals("large")).count())
        .isBetween(750L, 850L);
  }

  @Test
  void namedClassesAreHeldOut() {
    Pools pools =
        FewShotTasks.split(
            examples(), SHAPE, Split.CLASSES, List.of("Class_5", "class1"), 0.5, new Seed(1));
    assertThat(pools.heldOut()).containsExactly("class1", "class5");
    assertThat(pools.test()).hasSize(300);
    assertThat(Arrays.stream(pools.test()).map(i -> i % 6).distinct().toArray())
        .containsExactlyInAnyOrder(1, 5);
    assertThatThrownBy(
            () ->
                FewShotTasks.split(
                    examples(), SHAPE, Split.DOMAINS, List.of("domain7"), 0.5, new Seed(1)))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("There is no 'domain7'")
        .hasMessageContaining("Maybe 'domain0' was meant");
    assertThatThrownBy(
            () ->
                FewShotTasks.split(
                    examples(), SHAPE, Split.DOMAINS, List.of("books"), 0.5, new Seed(1)))
        .hasMessageContaining("Maybe heldOut was made for other data");
    assertThatThrownBy(
            () ->
                FewShotTasks.split(
                    examples(), SHAPE, Split.PREMISES, List.of("a"), 0.5, new Seed(1)))
        .hasMessageContaining("must be empty where tasks are split by premises");
  }

  @Test
  void classesWithTooFewExamplesAreLeftOutAndTooFewClassesAreAMistake() {
    var examples = new ArrayList<>(examples().subList(0, 60));
    examples.add(new Example("one", "two", "rare", "domain0"));
    int[] all = IntStream.range(0, 61).toArray();
    var tasks =
        FewShotTasks.draw(
            examples,
            all,
            SHAPE,
            Split.CLASSES,
            Classes.of(Example.labels(examples)),
            40,
            new Seed(1));
    assertThat(tasks.tasks()).noneMatch(task -> task.classes().contains("rare"));
    assertThatThrownBy(
            () ->
                FewShotTasks.draw(
                    examples,
                    all,
                    new Shape(7, 3, 4),
                    Split.CLASSES,
                    Classes.of(Example.labels(examples)),
                    1,
                    new Seed(1)))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("No task of 7 classes with 3 + 4 examples each")
        .hasMessageContaining("6 of their 7 classes have as many");
  }

  @Test
  void bothSidesNeedClassesOfTheirOwn() {
    assertThatThrownBy(
            () ->
                FewShotTasks.split(
                    examples(), new Shape(4, 3, 4), Split.CLASSES, List.of(), 0.5, new Seed(1)))
        .isInstanceOf(InvalidInputException.class)
        .hasMessageContaining("need 8 classes with 7 examples; the data have 6")
        .hasMessageContaining("Maybe ways 3 fits");
  }

  @Test
  void numbersCanBeChanged() {
    var tasks = draw(everything(), Split.CLASSES, 3, new Seed(1));
    int[] used = tasks.examples();
    assertThat(used).isSorted().doesNotHaveDuplicates();
    var renumbered = tasks.renumbered(number -> Arrays.binarySearch(used, number));
    for (int t = 0; t < 3; t++) {
      for (int i = 0; i < 6; i++) {
        assertThat(used[renumbered.tasks().get(t).support()[i]])
            .isEqualTo(tasks.tasks().get(t).support()[i]);
      }
    }
  }
}
