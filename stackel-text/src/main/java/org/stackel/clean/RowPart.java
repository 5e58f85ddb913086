package org.stackel.clean;

import java.io.Serializable;

/** Some rows as a linear model reads them. It can be sent to other processes. */
public final class RowPart implements Serializable {
  private static final long serialVersionUID = 1L;

  private final long[] records;
  private final FeatureMatrix features;
  private final int[] labels;

  RowPart(long[] records, FeatureMatrix features, int[] labels) {
    this.records = records;
    this.features = features;
    this.labels = labels;
  }

  /** Number of rows. */
  public int size() {
    return labels.length;
  }

  /** Number of each row. */
  long[] records() {
    return records;
  }

  FeatureMatrix features() {
    return features;
  }

  /** Class of each row, as given. */
  int[] labels() {
    return labels;
  }
}
