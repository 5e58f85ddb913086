package org.stackel.report;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.stackel.runfile.Document;
import org.stackel.runfile.RunFiles;

/**
 * Runs that differ in nothing but the seed: one line of a chart.
 *
 * @param label the algorithm and, where several configurations of it are there, what differs
 */
record Group(String label, List<Run> runs) {

  static List<Group> of(List<Run> runs) {
    var bySetting = new LinkedHashMap<Map<String, @Nullable Object>, List<Run>>();
    for (Run run : runs) {
      Map<String, @Nullable Object> setting = RunFiles.toMap(run.experiment().withPresentKeys());
      setting.remove("seed");
      bySetting.computeIfAbsent(setting, key -> new ArrayList<>()).add(run);
    }
    var settings = List.copyOf(bySetting.values());
    List<String> labels =
        labels(
            settings.stream().map(group -> group.get(0).algorithm()).toList(),
            bySetting.keySet().stream().map(Group::flat).toList());
    var groups = new ArrayList<Group>();
    for (int i = 0; i < labels.size(); i++) {
      groups.add(new Group(labels.get(i), List.copyOf(settings.get(i))));
    }
    return groups;
  }

  /**
   * Names made distinct by what differs between those that share one: "slip (upperLr 0.1)". What
   * more than half of them have is not said.
   */
  static List<String> labels(List<String> names, List<Map<String, String>> settings) {
    var labels = new ArrayList<String>();
    for (int i = 0; i < names.size(); i++) {
      Map<String, String> own = settings.get(i);
      var named = new ArrayList<Map<String, String>>();
      for (int j = 0; j < names.size(); j++) {
        if (names.get(j).equals(names.get(i))) {
          named.add(settings.get(j));
        }
      }
      Set<String> differing = new LinkedHashSet<>();
      named.forEach(other -> differing.addAll(differences(own, other)));
      differing.removeIf(key -> isUsual(key, own, named));
      List<String> shown =
          differing.stream()
              .limit(3)
              .map(
                  key ->
                      key.replaceFirst("^(algorithm|problem)\\.", "")
                          + " "
                          + own.getOrDefault(key, "absent"))
              .toList();
      labels.add(
          shown.isEmpty() ? names.get(i) : names.get(i) + " (" + String.join(", ", shown) + ")");
    }
    return labels;
  }

  private static boolean isUsual(
      String key, Map<String, String> own, List<Map<String, String>> all) {
    long same = all.stream().filter(s -> Objects.equals(s.get(key), own.get(key))).count();
    return 2 * same > all.size();
  }

  /** Every number, text and list by its dotted path. */
  static Map<String, String> flat(Map<String, ?> map) {
    var flat = new LinkedHashMap<String, String>();
    map.forEach((key, value) -> flatten(key, value, flat));
    return flat;
  }

  private static void flatten(String path, @Nullable Object value, Map<String, String> flat) {
    if (value instanceof Map<?, ?> map && !map.isEmpty()) {
      map.forEach((key, inner) -> flatten(path + "." + key, inner, flat));
    } else {
      flat.put(path, value instanceof String text ? text : Document.line(value));
    }
  }

  private static Set<String> differences(Map<String, String> a, Map<String, String> b) {
    Set<String> keys = new LinkedHashSet<>(a.keySet());
    keys.addAll(b.keySet());
    keys.removeIf(key -> a.containsKey(key) && a.get(key).equals(b.get(key)));
    return keys;
  }
}
