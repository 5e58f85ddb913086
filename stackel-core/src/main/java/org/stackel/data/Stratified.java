package org.stackel.data;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;

/**
 * Cuts examples into sets that have the classes in the shares of the whole. A class with enough
 * examples has one in every set, and examples of one group are in one set.
 */
public final class Stratified {
  private final int[] order;
  private final Map<String, List<List<Integer>>> units = new TreeMap<>();
  private final Map<String, Integer> counts = new TreeMap<>();
  private final boolean[] taken;

  private Stratified(List<String> labels, List<?> groups, int[] order) {
    this.order = order;
    taken = new boolean[order.length];
    var members = new LinkedHashMap<Object, List<Integer>>();
    for (int row : order) {
      members.computeIfAbsent(groups.get(row), g -> new ArrayList<>(1)).add(row);
    }
    for (List<Integer> unit : members.values()) {
      String label = labels.get(unit.get(0));
      units.computeIfAbsent(label, l -> new ArrayList<>()).add(unit);
      counts.merge(label, unit.size(), Integer::sum);
    }
  }

  /** Sets of these sizes, and the rest, of examples that are each a group of their own. */
  public static int[][] split(List<String> labels, int[] order, int... sizes) {
    return split(labels, IntStream.range(0, labels.size()).boxed().toList(), order, sizes);
  }

  /**
   * Sets of these sizes, and the rest.
   *
   * @param labels class of each example
   * @param groups group of each example: those of equal groups stay together, so that a set may be
   *     smaller than asked for
   * @param order numbers of all examples in random order
   * @param sizes sizes of the sets, together at most the number of examples
   * @return numbers of the examples of each set, in the random order; the rest is the last
   */
  public static int[][] split(List<String> labels, List<?> groups, int[] order, int... sizes) {
    var split = new Stratified(labels, groups, order);
    int[][] sets = new int[sizes.length + 1][];
    for (int set = 0; set < sizes.length; set++) {
      sets[set] = split.take(sizes[set], sizes.length - set);
    }
    sets[sizes.length] = Arrays.stream(order).filter(row -> !split.taken[row]).toArray();
    return sets;
  }

  /**
   * The next set.
   *
   * @param setsAfter how many sets, the rest included, come after it
   */
  private int[] take(int size, int setsAfter) {
    var set = new ArrayList<Integer>();
    quotas(size, setsAfter).forEach((label, quota) -> fill(label, quota, set));
    for (String label : counts.keySet()) {
      fill(label, size - set.size(), set); // what whole groups left open
    }
    set.forEach(row -> taken[row] = true);
    boolean[] isIn = new boolean[order.length];
    set.forEach(row -> isIn[row] = true);
    return Arrays.stream(order).filter(row -> isIn[row]).toArray();
  }

  private void fill(String label, int quota, List<Integer> set) {
    int open = quota;
    List<List<Integer>> left = units.getOrDefault(label, new ArrayList<>());
    var unused = new ArrayList<List<Integer>>();
    for (List<Integer> unit : left) {
      if (unit.size() <= open) {
        set.addAll(unit);
        open -= unit.size();
        counts.merge(label, -unit.size(), Integer::sum);
      } else {
        unused.add(unit);
      }
    }
    units.put(label, unused);
  }

  /** How many examples of each class: in proportion, at least one where there are enough. */
  private Map<String, Integer> quotas(int size, int setsAfter) {
    int total = counts.values().stream().mapToInt(Integer::intValue).sum();
    var quotas = new TreeMap<String, Integer>();
    var rests = new TreeMap<String, Double>();
    int given = 0;
    for (var count : counts.entrySet()) {
      double share = total == 0 ? 0 : (double) size * count.getValue() / total;
      int whole = (int) Math.floor(share);
      quotas.put(count.getKey(), whole);
      rests.put(count.getKey(), share - whole);
      given += whole;
    }
    List<String> byRest =
        rests.entrySet().stream()
            .sorted(Map.Entry.<String, Double>comparingByValue().reversed())
            .map(Map.Entry::getKey)
            .toList();
    for (int i = 0; given < size && i < byRest.size(); i++, given++) {
      quotas.merge(byRest.get(i), 1, Integer::sum);
    }
    for (String label : byRest) {
      boolean isMissing = quotas.getOrDefault(label, 0) == 0;
      int there = units.getOrDefault(label, List.of()).size();
      String largest =
          quotas.entrySet().stream().max(Map.Entry.comparingByValue()).orElseThrow().getKey();
      if (isMissing && there > setsAfter && quotas.getOrDefault(largest, 0) > 1) {
        quotas.merge(label, 1, Integer::sum);
        quotas.merge(largest, -1, Integer::sum);
      }
    }
    return quotas;
  }
}
