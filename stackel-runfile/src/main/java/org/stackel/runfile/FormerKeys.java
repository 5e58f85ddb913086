package org.stackel.runfile;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Keys of the experiment files of version 0.1 that have another name now, or none. */
final class FormerKeys {
  private static final Map<String, Map<String, String>> RENAMED =
      Map.of(
          "data-cleaning", Map.of("model", "encoder", "startWeight", "x0"),
          "hyper-representation", Map.of("regularizer", "penalty"));

  private static final Set<String> WITHOUT_SAMPLING =
      Set.of(
          "anil",
          "bome",
          "itd",
          "maml",
          "msgbio",
          "saba",
          "soba",
          "v-pbgd",
          "v-pbsgd",
          "vr-msgbio");

  private FormerKeys() {}

  /** The options under their present names; a present name wins over a former one. */
  static Map<String, @Nullable Object> problem(String type, Map<String, @Nullable Object> options) {
    Map<String, String> renamed = RENAMED.getOrDefault(type, Map.of());
    var present = new LinkedHashMap<String, @Nullable Object>();
    options.forEach(
        (key, value) -> {
          String name = renamed.getOrDefault(key, key);
          if (name.equals(key) || !options.containsKey(name)) {
            present.put(name, value);
          }
        });
    return present;
  }

  /** The hyperparameters without those that changed no number. */
  static Map<String, @Nullable Object> algorithm(
      String type, Map<String, @Nullable Object> options) {
    var present = new LinkedHashMap<String, @Nullable Object>(options);
    present.remove("mode", "paper");
    present.remove("script", null);
    if (WITHOUT_SAMPLING.contains(type)) {
      present.remove("sampling");
    }
    return present;
  }
}
