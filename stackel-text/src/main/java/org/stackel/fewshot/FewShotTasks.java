package org.stackel.fewshot;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.function.IntUnaryOperator;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.stackel.config.InvalidInputException;
import org.stackel.config.Options;
import org.stackel.config.Rules;
import org.stackel.data.Classes;
import org.stackel.tensor.Seed;
import org.stackel.text.Example;

/**
 * Small classification tasks, drawn once out of many labelled examples. A task has some classes; of
 * each, a few examples to learn from (its support set) and a few others to be judged by (its
 * queries).
 *
 * @param shape how large a task is
 * @param outputs outputs that a classifier for these tasks needs
 * @param tasks the tasks
 */
public record FewShotTasks(Shape shape, int outputs, List<Task> tasks) {

  public FewShotTasks {
    tasks = List.copyOf(tasks);
  }

  /**
   * How large a task is.
   *
   * @param ways classes of a task
   * @param shots examples of a class to learn from
   * @param queries examples of a class to be judged by
   */
  public record Shape(int ways, int shots, int queries) {
    public Shape {
      var rules = new Rules("few-shot tasks");
      rules.atLeast("ways", ways, 2);
      rules.atLeast("shots", shots, 1);
      rules.atLeast("queries", queries, 1);
    }

    /** Examples of a class that a task needs. */
    int perClass() {
      return shots + queries;
    }
  }

  /**
   * One task. Its examples stand class after class, in the order of {@code classes}.
   *
   * @param domain where its examples come from; empty if from anywhere
   * @param classes names of its classes
   * @param outputs the output of a classifier that stands for each class
   * @param support numbers of the examples to learn from, {@code ways · shots}
   * @param query numbers of the examples to be judged by, {@code ways · queries}
   */
  @SuppressWarnings("ArrayRecordComponent") // compared nowhere
  public record Task(
      String domain, List<String> classes, int[] outputs, int[] support, int[] query) {}

  /** What training tasks and test tasks have not in common. */
  public enum Split {
    /**
     * The classes. Outputs stand for classes in the order of the task, which is random: what a
     * class means is to be learned from the support set alone.
     */
    CLASSES,
    /** The domains; a task lies in one domain. Outputs stand for the same classes in all tasks. */
    DOMAINS,
    /** The first texts of pairs. Outputs stand for the same classes in all tasks. */
    PREMISES,
    /** Only the examples. Outputs stand for the same classes in all tasks. */
    EXAMPLES;

    private Function<Example, String> key() {
      return this == CLASSES ? Example::label : this == DOMAINS ? Example::domain : Example::text;
    }

    private String plural() {
      return Options.kebab(this);
    }
  }

  /**
   * Numbers of the examples that training tasks and test tasks are drawn from.
   *
   * @param train of training tasks
   * @param test of test tasks
   * @param heldOut classes or domains of the test tasks, sorted; empty if none are apart
   */
  @SuppressWarnings("ArrayRecordComponent") // compared nowhere
  public record Pools(int[] train, int[] test, List<String> heldOut) {}

  /**
   * Cuts examples in two.
   *
   * @param heldOut the classes or domains of test tasks, but for case and signs between letters;
   *     chosen by the seed if empty
   * @param testShare share of classes, domains, premises or examples for test tasks where none are
   *     named
   * @throws InvalidInputException if a name is unknown, or a side has too few classes
   */
  public static Pools split(
      List<Example> examples,
      Shape shape,
      Split split,
      List<String> heldOut,
      double testShare,
      Seed seed) {
    boolean isNamed = split == Split.CLASSES || split == Split.DOMAINS;
    if (!isNamed) {
      if (!heldOut.isEmpty()) {
        throw new Rules("few-shot tasks")
            .broken(
                "heldOut",
                heldOut,
                "must be empty where tasks are split by " + split.plural(),
                "the split by domains was meant.");
      }
      return unnamed(examples, split, testShare, seed);
    }
    List<String> usable = usable(examples, shape, split);
    var named = new TreeSet<String>();
    for (String name : heldOut) {
      List<String> found = usable.stream().filter(u -> letters(u).equals(letters(name))).toList();
      named.addAll(found);
      if (found.isEmpty()) {
        throw new InvalidInputException(
                "There is no '%s' with enough examples for a task among the %s (%s)."
                    .formatted(name, split.plural(), shorten(usable)),
                instead(name, usable, split))
            .atKey("heldOut");
      }
    }
    List<String> test = List.copyOf(named);
    if (test.isEmpty()) {
      int least = split == Split.CLASSES ? shape.ways() : 1;
      requireTwoSides(usable.size(), shape, split);
      int count = Math.max(least, (int) Math.round(testShare * usable.size()));
      test =
          Arrays.stream(seed.permutation(usable.size()))
              .limit(count)
              .mapToObj(usable::get)
              .sorted()
              .toList();
    }
    List<String> apart = test;
    return new Pools(
        where(examples, e -> !apart.contains(split.key().apply(e))),
        where(examples, e -> apart.contains(split.key().apply(e))),
        test);
  }

  private static String instead(String name, List<String> usable, Split split) {
    if (usable.stream().allMatch(String::isBlank)) {
      return "smaller shots and queries fit, or the data name no %s: then heldOut must be empty, and split another."
          .formatted(split.plural());
    }
    return Options.isNear(name, Options.nearest(name, usable))
        ? Options.meant(name, usable)
        : "heldOut was made for other data: [] leaves the choice to the seed.";
  }

  private static void requireTwoSides(int classes, Shape shape, Split split) {
    if (split == Split.CLASSES && classes < 2 * shape.ways()) {
      throw new InvalidInputException(
              "Training and test tasks of %d classes each need %d classes with %d examples; the data have %d."
                  .formatted(shape.ways(), 2 * shape.ways(), shape.perClass(), classes),
              classes >= 4
                  ? "ways %d fits, or the split by examples.".formatted(classes / 2)
                  : "the split by examples fits, or smaller shots and queries.")
          .atKey("ways");
    }
  }

  /**
   * Letters and digits, lower case: {@code kitchen_&_housewares} is kitchen_housewares elsewhere.
   */
  private static String letters(String name) {
    return name.toLowerCase(Locale.ROOT).replaceAll("[^\\p{L}\\p{N}]", "");
  }

  private static Pools unnamed(List<Example> examples, Split split, double testShare, Seed seed) {
    List<String> keys =
        split == Split.PREMISES
            ? examples.stream().map(Example::text).distinct().sorted().toList()
            : List.of();
    if (split == Split.EXAMPLES) {
      int[] order = seed.permutation(examples.size());
      int test = (int) Math.round(testShare * order.length);
      return new Pools(
          Arrays.stream(order, test, order.length).sorted().toArray(),
          Arrays.stream(order, 0, test).sorted().toArray(),
          List.of());
    }
    var apart = new HashSet<String>();
    Arrays.stream(seed.permutation(keys.size()))
        .limit(Math.round(testShare * keys.size()))
        .mapToObj(keys::get)
        .forEach(apart::add);
    return new Pools(
        where(examples, e -> !apart.contains(e.text())),
        where(examples, e -> apart.contains(e.text())),
        List.of());
  }

  private static int[] where(List<Example> examples, Predicate<Example> condition) {
    return IntStream.range(0, examples.size())
        .filter(i -> condition.test(examples.get(i)))
        .toArray();
  }

  /** Classes with enough examples, or domains with enough such classes; sorted. */
  private static List<String> usable(List<Example> examples, Shape shape, Split split) {
    int[] all = IntStream.range(0, examples.size()).toArray();
    if (split == Split.CLASSES) {
      return List.copyOf(classes(examples, all, shape).keySet());
    }
    return domains(examples, all, shape, split).keySet().stream().toList();
  }

  /** Examples of each class that has enough of them. */
  private static TreeMap<String, int[]> classes(List<Example> examples, int[] pool, Shape shape) {
    TreeMap<String, int[]> groups = group(examples, pool, Example::label);
    groups.values().removeIf(numbers -> numbers.length < shape.perClass());
    return groups;
  }

  /** Classes and examples of each domain that has enough classes; one domain if all are one. */
  private static TreeMap<String, TreeMap<String, int[]>> domains(
      List<Example> examples, int[] pool, Shape shape, Split split) {
    var domains = new TreeMap<String, TreeMap<String, int[]>>();
    group(examples, pool, split == Split.DOMAINS ? Example::domain : e -> "")
        .forEach((domain, numbers) -> domains.put(domain, classes(examples, numbers, shape)));
    domains.values().removeIf(classes -> classes.size() < shape.ways());
    return domains;
  }

  private static TreeMap<String, int[]> group(
      List<Example> examples, int[] pool, Function<Example, String> key) {
    var groups = new TreeMap<String, List<Integer>>();
    for (int number : pool) {
      groups
          .computeIfAbsent(key.apply(examples.get(number)), name -> new ArrayList<>())
          .add(number);
    }
    var arrays = new TreeMap<String, int[]>();
    groups.forEach((k, list) -> arrays.put(k, list.stream().mapToInt(Integer::intValue).toArray()));
    return arrays;
  }

  /**
   * Draws tasks. A domain is chosen with its number of examples as weight, classes of it evenly,
   * examples of these without replacement.
   *
   * @param pool numbers of the examples that tasks may have
   * @param classes of all examples: their numbers are outputs, unless the split is by classes
   * @param count how many tasks
   * @throws InvalidInputException if not one task can be drawn
   */
  public static FewShotTasks draw(
      List<Example> examples,
      int[] pool,
      Shape shape,
      Split split,
      Classes classes,
      int count,
      Seed seed) {
    TreeMap<String, TreeMap<String, int[]>> domains = domains(examples, pool, shape, split);
    if (domains.isEmpty()) {
      throw tooFew(examples, pool, shape, split);
    }
    var all = List.copyOf(domains.entrySet());
    int[] sizes = all.stream().mapToInt(domain -> size(domain.getValue().values())).toArray();
    var tasks = new ArrayList<Task>(count);
    for (int t = 0; t < count; t++) {
      Seed draw = seed.child(t);
      Map.Entry<String, TreeMap<String, int[]>> domain =
          all.get(weighted(sizes, draw.child("domain")));
      tasks.add(task(domain.getKey(), domain.getValue(), shape, split, classes, draw));
    }
    int outputs = split == Split.CLASSES ? shape.ways() : classes.size();
    return new FewShotTasks(shape, outputs, tasks);
  }

  private static Task task(
      String domain,
      TreeMap<String, int[]> byClass,
      Shape shape,
      Split split,
      Classes classes,
      Seed draw) {
    List<Map.Entry<String, int[]>> known = List.copyOf(byClass.entrySet());
    List<Map.Entry<String, int[]>> drawn =
        Arrays.stream(draw.child("classes").sample(known.size(), shape.ways()))
            .mapToObj(known::get)
            .toList();
    List<String> names = drawn.stream().map(Map.Entry::getKey).toList();
    int[] outputs = new int[shape.ways()];
    int[] support = new int[shape.ways() * shape.shots()];
    int[] query = new int[shape.ways() * shape.queries()];
    for (int c = 0; c < outputs.length; c++) {
      outputs[c] = split == Split.CLASSES ? c : classes.id(names.get(c));
      int[] numbers = drawn.get(c).getValue();
      int[] chosen = draw.child("examples").child(c).sample(numbers.length, shape.perClass());
      for (int k = 0; k < shape.shots(); k++) {
        support[c * shape.shots() + k] = numbers[chosen[k]];
      }
      for (int k = 0; k < shape.queries(); k++) {
        query[c * shape.queries() + k] = numbers[chosen[shape.shots() + k]];
      }
    }
    return new Task(domain, names, outputs, support, query);
  }

  private static int size(Collection<int[]> groups) {
    return groups.stream().mapToInt(numbers -> numbers.length).sum();
  }

  private static int weighted(int[] sizes, Seed seed) {
    int at = seed.generator().nextInt(Arrays.stream(sizes).sum());
    int i = 0;
    for (; at >= sizes[i]; i++) {
      at -= sizes[i];
    }
    return i;
  }

  private static InvalidInputException tooFew(
      List<Example> examples, int[] pool, Shape shape, Split split) {
    Map<String, int[]> all = group(examples, pool, Example::label);
    boolean isByDomain = split == Split.DOMAINS;
    return new InvalidInputException(
            "No task of %d classes with %d + %d examples each can be drawn from %,d examples: %s."
                .formatted(
                    shape.ways(),
                    shape.shots(),
                    shape.queries(),
                    pool.length,
                    isByDomain
                        ? "no domain has as many classes with as many examples"
                        : "%d of their %d classes have as many"
                            .formatted(classes(examples, pool, shape).size(), all.size())),
            isByDomain && all.size() >= shape.ways()
                ? "smaller shots and queries fit, heldOut takes every domain, or the column of the domain is another."
                : "fewer ways, shots or queries fit, or heldOut and testShare leave too little.")
        .atKey("ways");
  }

  private static String shorten(List<String> names) {
    return names.size() <= 12
        ? String.join(", ", names)
        : String.join(", ", names.subList(0, 12)) + ", …";
  }

  /** Numbers of all examples in any task, sorted, each once. */
  public int[] examples() {
    return tasks.stream()
        .flatMapToInt(t -> IntStream.concat(Arrays.stream(t.support()), Arrays.stream(t.query())))
        .distinct()
        .sorted()
        .toArray();
  }

  /** The tasks with other numbers for their examples. */
  public FewShotTasks renumbered(IntUnaryOperator numbers) {
    return new FewShotTasks(
        shape,
        outputs,
        tasks.stream()
            .map(
                t ->
                    new Task(
                        t.domain(),
                        t.classes(),
                        t.outputs(),
                        Arrays.stream(t.support()).map(numbers).toArray(),
                        Arrays.stream(t.query()).map(numbers).toArray()))
            .toList());
  }
}
