package org.stackel.tune;

import java.util.Arrays;
import java.util.function.IntConsumer;
import java.util.stream.IntStream;

/**
 * A sparse matrix of examples by features, kept by rows and by columns, so that both products are
 * sums in a fixed order: results do not depend on the number of threads.
 */
final class SparseMatrix {
  private static final int BLOCK = 512;

  private final int rows;
  private final int width;
  private final int[] offsets;
  private final int[] columns;
  private final float[] values;
  private final int[] columnOffsets;
  private final int[] columnRows;
  private final float[] columnValues;

  /**
   * @param width number of columns
   * @param offsets where each row begins in the other arrays, then their length
   * @param columns column of each number
   * @param values the numbers
   */
  SparseMatrix(int width, int[] offsets, int[] columns, float[] values) {
    this.rows = offsets.length - 1;
    this.width = width;
    this.offsets = offsets;
    this.columns = columns;
    this.values = values;
    columnOffsets = new int[width + 1];
    for (int column : columns) {
      columnOffsets[column + 1]++;
    }
    for (int j = 0; j < width; j++) {
      columnOffsets[j + 1] += columnOffsets[j];
    }
    columnRows = new int[columns.length];
    columnValues = new float[columns.length];
    int[] next = Arrays.copyOf(columnOffsets, width);
    for (int i = 0; i < rows; i++) {
      for (int k = offsets[i]; k < offsets[i + 1]; k++) {
        int place = next[columns[k]]++;
        columnRows[place] = i;
        columnValues[place] = values[k];
      }
    }
  }

  int rows() {
    return rows;
  }

  int width() {
    return width;
  }

  /** How many numbers are kept. */
  int entries() {
    return values.length;
  }

  /** The rows of these numbers, in this order. */
  SparseMatrix take(int[] chosen) {
    int[] taken = new int[chosen.length + 1];
    for (int i = 0; i < chosen.length; i++) {
      taken[i + 1] = taken[i] + offsets[chosen[i] + 1] - offsets[chosen[i]];
    }
    int[] itsColumns = new int[taken[chosen.length]];
    float[] itsValues = new float[itsColumns.length];
    for (int i = 0; i < chosen.length; i++) {
      int count = taken[i + 1] - taken[i];
      System.arraycopy(columns, offsets[chosen[i]], itsColumns, taken[i], count);
      System.arraycopy(values, offsets[chosen[i]], itsValues, taken[i], count);
    }
    return new SparseMatrix(width, taken, itsColumns, itsValues);
  }

  /** The same with every column brought to mean 0 and deviation 1: no number is left out. */
  SparseMatrix standardised(TuneData.Scale scale) {
    int[] all = new int[rows + 1];
    int[] allColumns = new int[Math.multiplyExact(rows, width)];
    float[] allValues = new float[allColumns.length];
    for (int i = 0; i < rows; i++) {
      all[i + 1] = all[i] + width;
      for (int j = 0; j < width; j++) {
        allColumns[all[i] + j] = j;
        allValues[all[i] + j] = (float) (-scale.mean().get(j) / scale.deviation().get(j));
      }
      for (int k = offsets[i]; k < offsets[i + 1]; k++) {
        int j = columns[k];
        allValues[all[i] + j] =
            (float) ((values[k] - scale.mean().get(j)) / scale.deviation().get(j));
      }
    }
    return new SparseMatrix(width, all, allColumns, allValues);
  }

  /** How many rows have a number in each column. */
  int count(int column) {
    return columnOffsets[column + 1] - columnOffsets[column];
  }

  /**
   * {@code X w + b}, shape [rows, outputs].
   *
   * @param w shape [width + 1, outputs]; its last row is b
   */
  double[] times(double[] w, int outputs) {
    double[] product = new double[rows * outputs];
    blocks(
        rows,
        i -> {
          int at = i * outputs;
          System.arraycopy(w, width * outputs, product, at, outputs);
          for (int k = offsets[i]; k < offsets[i + 1]; k++) {
            int from = columns[k] * outputs;
            for (int o = 0; o < outputs; o++) {
              product[at + o] += values[k] * w[from + o];
            }
          }
        });
    return product;
  }

  /** {@code (X, 1)ᵀ r}, shape [width + 1, outputs], of r with shape [rows, outputs]. */
  double[] transposedTimes(double[] r, int outputs) {
    double[] product = new double[(width + 1) * outputs];
    blocks(
        width,
        j -> {
          int at = j * outputs;
          for (int k = columnOffsets[j]; k < columnOffsets[j + 1]; k++) {
            int from = columnRows[k] * outputs;
            for (int o = 0; o < outputs; o++) {
              product[at + o] += columnValues[k] * r[from + o];
            }
          }
        });
    for (int i = 0; i < r.length; i++) {
      product[width * outputs + i % outputs] += r[i];
    }
    return product;
  }

  /** The same with squares of the matrix's numbers. */
  double[] transposedSquaresTimes(double[] r, int outputs) {
    double[] product = new double[(width + 1) * outputs];
    blocks(
        width,
        j -> {
          int at = j * outputs;
          for (int k = columnOffsets[j]; k < columnOffsets[j + 1]; k++) {
            int from = columnRows[k] * outputs;
            double square = (double) columnValues[k] * columnValues[k];
            for (int o = 0; o < outputs; o++) {
              product[at + o] += square * r[from + o];
            }
          }
        });
    for (int i = 0; i < r.length; i++) {
      product[width * outputs + i % outputs] += r[i];
    }
    return product;
  }

  /** In the pool of the calling thread: each number is written by one thread. */
  private static void blocks(int count, IntConsumer each) {
    int blocks = (count + BLOCK - 1) / BLOCK;
    IntStream.range(0, blocks)
        .parallel()
        .forEach(
            block -> {
              int end = Math.min(count, (block + 1) * BLOCK);
              for (int i = block * BLOCK; i < end; i++) {
                each.accept(i);
              }
            });
  }
}
