package org.stackel.experiment;

import java.util.List;
import java.util.Map;

/** The means of a comparison's one table. */
record Means(Map<String, Object> json) {
  double get(String method, String key) {
    var section = (Map<?, ?>) ((List<?>) json.get("sections")).get(0);
    for (Object row : (List<?>) section.get("rows")) {
      if (((Map<?, ?>) row).get("method").equals(method)) {
        var values = (Map<?, ?>) ((Map<?, ?>) row).get("values");
        return ((Number) ((Map<?, ?>) values.get(key)).get("mean")).doubleValue();
      }
    }
    throw new AssertionError("no method " + method);
  }

  /** All methods of a seed share it, so the difference of means is the mean paired gain. */
  double gain(String method, String other) {
    return get(method, "testAccuracy") - get(other, "testAccuracy");
  }
}
