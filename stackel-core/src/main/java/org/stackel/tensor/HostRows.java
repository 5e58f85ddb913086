package org.stackel.tensor;

import java.nio.DoubleBuffer;
import java.nio.FloatBuffer;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * A matrix of the host whose rows are read where they lie, without a copy of the matrix: for
 * minibatches that are too small for libtorch. Not to be read once the tensor is freed.
 */
public final class HostRows {
  private final Tensor matrix;
  private final int width;
  private final @Nullable FloatBuffer floats;
  private final @Nullable DoubleBuffer doubles;

  private HostRows(Tensor matrix) {
    this.matrix = matrix;
    width = (int) matrix.size(1);
    boolean isDouble = matrix.element_size() == Double.BYTES;
    long size = matrix.numel();
    doubles = isDouble ? matrix.data_ptr_double().capacity(size).asBuffer() : null;
    floats = isDouble ? null : matrix.data_ptr_float().capacity(size).asBuffer();
  }

  /** The rows of a matrix; null if Java cannot read it, as on a device. */
  public static @Nullable HostRows of(Tensor matrix) {
    boolean isReadable =
        matrix.dim() == 2 && Plain.isReadable(matrix) && matrix.numel() <= Integer.MAX_VALUE;
    return isReadable ? new HostRows(matrix) : null;
  }

  /** Numbers of a row. */
  public int width() {
    return width;
  }

  /**
   * These rows in this order, one behind the other.
   *
   * @throws IllegalStateException if the matrix is freed
   */
  public double[] gather(int[] rows) {
    if (matrix.isNull()) {
      throw new IllegalStateException(
          "The examples are freed.\nMaybe a step is made after the problem was closed.");
    }
    double[] numbers = new double[rows.length * width];
    float[] found = new float[width];
    int next = 0;
    for (int row : rows) {
      int from = row * width;
      if (doubles != null) {
        doubles.get(from, numbers, next, width);
        next += width;
      } else if (floats != null) {
        floats.get(from, found, 0, width);
        for (float number : found) {
          numbers[next++] = number;
        }
      }
    }
    return numbers;
  }
}
