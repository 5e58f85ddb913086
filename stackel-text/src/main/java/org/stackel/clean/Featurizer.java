package org.stackel.clean;

import java.io.Serializable;
import java.util.List;
import java.util.stream.IntStream;

/**
 * From cells to features.
 *
 * @param columns names of the columns that are read
 * @param dense dense columns of features, from the first one on
 * @param sparse sparse columns of features, behind them
 */
record Featurizer(List<String> columns, List<DenseBlock> dense, List<SparseBlock> sparse)
    implements Serializable {
  Featurizer {
    columns = List.copyOf(columns);
    dense = List.copyOf(dense);
    sparse = List.copyOf(sparse);
  }

  int denseWidth() {
    return dense.stream().mapToInt(Block::width).sum();
  }

  int width() {
    return denseWidth() + sparse.stream().mapToInt(Block::width).sum();
  }

  /** Features of all rows. */
  FeatureMatrix features(Fields fields) {
    return features(fields, IntStream.range(0, fields.size()).toArray());
  }

  /** Features of some rows. */
  FeatureMatrix features(Fields fields, int[] rows) {
    int width = denseWidth();
    float[] numbers = new float[Math.multiplyExact(rows.length, width)];
    var entries = new EntryList();
    for (int i = 0; i < rows.length; i++) {
      var row = new RowView(fields, rows[i]);
      int at = i * width;
      for (DenseBlock block : dense) {
        block.write(row, numbers, at);
        at += block.width();
      }
      int shift = 0;
      for (SparseBlock block : sparse) {
        entries.shiftTo(shift);
        block.write(row, entries);
        shift += block.width();
      }
      entries.endRow();
    }
    return new FeatureMatrix(rows.length, width, numbers, entries.rows(width() - width));
  }
}
